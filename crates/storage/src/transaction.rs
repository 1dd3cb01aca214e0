use crate::{Sender, connection::Connection, error::StorageError, storage::Signals};
use access::{Clock, Ctx, Principal, Randomness};
use jiff::Timestamp;
use std::collections::BTreeMap;
use types::{TenantId, UserId};

/// One transaction on the rows of one tenant. Dropped without [`TenantTx::commit`], nothing of it stays.
pub struct TenantTx {
    pub(crate) connection: Connection,
    pub(crate) tenant: TenantId,
    pub(crate) effects: Effects,
    principal: Principal,
    clock: Clock,
    randomness: Randomness,
    signals: Signals,
}

/// One transaction on what crosses tenants: users and sessions, claiming jobs, relaying events.
pub struct PlatformTx {
    pub(crate) connection: Connection,
    pub(crate) effects: Effects,
    clock: Clock,
    signals: Signals,
}

/// What others are told once the transaction is committed.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) events: BTreeMap<TenantId, i64>,
    pub(crate) jobs: bool,
}

/// What a commit made known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The seq of the last event the transaction appended.
    pub last_event: Option<i64>,
}

impl Effects {
    fn tell(self, signals: &Signals) -> Committed {
        let last_event = self.events.values().next_back().copied();
        for (tenant, seq) in self.events {
            signals.ring(tenant, seq);
        }
        if self.jobs {
            // One is woken now, or the next to look finds a permit.
            signals.jobs.notify_one();
        }
        Committed { last_event }
    }
}

impl TenantTx {
    pub(crate) fn new(connection: Connection, ctx: &Ctx, signals: Signals) -> Self {
        Self {
            connection,
            tenant: ctx.tenant,
            effects: Effects::default(),
            principal: ctx.principal.clone(),
            clock: ctx.clock.clone(),
            randomness: ctx.randomness.clone(),
            signals,
        }
    }

    pub fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// The user on whose behalf, if any.
    pub fn user(&self) -> Option<UserId> {
        self.principal.user()
    }

    pub(crate) fn sender(&self) -> Sender {
        Sender::of(&self.principal)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn new_id(&self) -> uuid::Uuid {
        self.randomness.uuid(self.now())
    }

    /// Makes it durable, then rings the doorbells.
    pub async fn commit(self) -> Result<Committed, StorageError> {
        self.connection.commit().await?;
        Ok(self.effects.tell(&self.signals))
    }

    pub async fn rollback(self) -> Result<(), StorageError> {
        self.connection.rollback().await
    }
}

impl PlatformTx {
    pub(crate) fn new(connection: Connection, clock: &Clock, signals: Signals) -> Self {
        Self {
            connection,
            effects: Effects::default(),
            clock: clock.clone(),
            signals,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes it durable, then rings the doorbells.
    pub async fn commit(self) -> Result<Committed, StorageError> {
        self.connection.commit().await?;
        Ok(self.effects.tell(&self.signals))
    }

    pub async fn rollback(self) -> Result<(), StorageError> {
        self.connection.rollback().await
    }
}
