//! What the tests stand on.

use access::{Clock, Ctx, Principal, Randomness, Role};
use jiff::SignedDuration;
use storage::{Enqueued, Job, NewJob, NewTenant, NewUpload, NewUser, Storage};
use types::{Currency, SessionId, TenantId, UploadId, UserId};

/// Two tenants that know nothing of each other, and a clock that stands still.
pub struct World {
    pub storage: Storage,
    pub clock: Clock,
    pub random: Randomness,
    pub a: Ctx,
    pub b: Ctx,
}

impl World {
    pub async fn new(storage: Storage) -> Self {
        let clock = Clock::manual("2026-03-31T12:00:00Z".parse().unwrap());
        let random = Randomness::seeded(360);
        let mut contexts = Vec::new();
        let mut tx = storage.platform(&clock).await.unwrap();
        for name in ["a", "b"] {
            let tenant = TenantId(random.uuid(clock.now()));
            let user = UserId(random.uuid(clock.now()));
            tx.insert_tenant(&NewTenant {
                id: tenant,
                slug: name.to_owned(),
                name: format!("Shop {name}"),
                timezone: "Europe/Madrid".to_owned(),
                currency: Currency::EUR,
                locale: "es".to_owned(),
                is_sample: false,
            })
            .await
            .unwrap();
            tx.insert_user(&NewUser {
                id: user,
                email: format!("{name}@Example.com"),
                name: format!("User {name}"),
                password_hash: "hash".to_owned(),
                locale: None,
                theme: None,
                is_platform_admin: false,
            })
            .await
            .unwrap();
            tx.put_membership(tenant, user, Role::TenantAdmin)
                .await
                .unwrap();
            contexts.push(Ctx {
                principal: Principal::User {
                    id: user,
                    session: SessionId(random.uuid(clock.now())),
                    role: Role::TenantAdmin,
                },
                tenant,
                clock: clock.clone(),
                randomness: random.clone(),
            });
        }
        tx.commit().await.unwrap();
        let b = contexts.remove(1);
        let a = contexts.remove(0);
        Self {
            storage,
            clock,
            random,
            a,
            b,
        }
    }

    pub async fn upload(&self, ctx: &Ctx) -> UploadId {
        let mut tx = self.storage.tenant(ctx).await.unwrap();
        let new = NewUpload {
            id: ctx.new_upload_id(),
            data_set: "orders".to_owned(),
            file_name: "orders.csv".to_owned(),
            size: 100,
            parent: None,
            parts: Vec::new(),
        };
        tx.insert_upload(&new).await.unwrap();
        tx.commit().await.unwrap();
        new.id
    }

    pub async fn enqueue(&self, ctx: &Ctx, job: NewJob) -> Enqueued {
        let mut tx = self.storage.tenant(ctx).await.unwrap();
        let enqueued = tx.enqueue_job(&job).await.unwrap();
        tx.commit().await.unwrap();
        enqueued
    }

    pub async fn claim(&self) -> Option<Job> {
        let mut tx = self.storage.platform(&self.clock).await.unwrap();
        let job = tx
            .claim_job(&["import"], "worker", SignedDuration::from_secs(30))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        job
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }
}
