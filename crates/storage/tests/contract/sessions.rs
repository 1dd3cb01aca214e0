//! Sessions, refresh tokens and slowed attempts.

use crate::world::World;
use access::Role;
use jiff::SignedDuration;
use storage::{Attempt, Delay, NewSession, Rotated, StorageError};
use types::SessionId;

contract! {
    sessions_end
    refresh_tokens_are_exchanged_once
    parallel_refreshes_have_one_winner
    first_admin_tokens_work_once
    attempts_are_slowed
    parallel_attempts_are_all_counted
}

async fn session(w: &World) -> SessionId {
    let id = SessionId(w.random.uuid(w.clock.now()));
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.insert_session(&NewSession {
        id,
        tenant: w.a.tenant,
        user: w.a.principal.user().unwrap(),
        user_agent: "Browser\0".to_owned(),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn sessions_end(w: World) {
    let user = w.a.principal.user().unwrap();
    let (first, second) = (session(&w).await, session(&w).await);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let standing = tx.session_standing(first).await.unwrap().unwrap();
    assert_eq!(
        (standing.tenant, standing.user, standing.role),
        (w.a.tenant, user, Role::TenantAdmin)
    );
    tx.put_membership(w.a.tenant, user, Role::Analyst)
        .await
        .unwrap();
    let standing = tx.session_standing(first).await.unwrap().unwrap();
    assert_eq!(standing.role, Role::Analyst);
    assert_eq!(tx.live_sessions(user).await.unwrap().len(), 2);
    tx.revoke_session(first).await.unwrap();
    assert_eq!(tx.session_standing(first).await.unwrap(), None);
    assert!(
        tx.session(first)
            .await
            .unwrap()
            .unwrap()
            .revoked_at
            .is_some()
    );
    assert_eq!(tx.revoke_sessions_of(user).await.unwrap(), 1);
    assert_eq!(tx.session_standing(second).await.unwrap(), None);
    // Only who belongs to a tenant has a session in it.
    let error = tx
        .insert_session(&NewSession {
            id: SessionId(w.random.uuid(w.clock.now())),
            tenant: w.b.tenant,
            user,
            user_agent: String::new(),
        })
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Reference));
}

async fn refresh_tokens_are_exchanged_once(w: World) {
    let session = session(&w).await;
    let expires = w.clock.now() + SignedDuration::from_secs(100);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.insert_refresh_token(&[1; 32], session, expires)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let rotated = tx
        .rotate_refresh_token(&[1; 32], &[2; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(rotated, Some(Rotated { session }));
    tx.insert_refresh_token(&[2; 32], session, expires)
        .await
        .unwrap();
    let again = tx
        .rotate_refresh_token(&[1; 32], &[3; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(again, None);
    let used = tx.refresh_token(&[1; 32]).await.unwrap().unwrap();
    assert_eq!(used.used_at, Some(w.clock.now()));
    assert_eq!(used.replaced_by.as_deref(), Some([2_u8; 32].as_slice()));
    assert_eq!(used.salt.as_deref(), Some([9_u8; 32].as_slice()));
    assert_eq!(tx.live_refresh_tokens(session).await.unwrap(), 1);
    tx.commit().await.unwrap();

    w.pass(101);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let expired = tx
        .rotate_refresh_token(&[2; 32], &[4; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(expired, None);
    assert_eq!(tx.forget_refresh_tokens(w.clock.now()).await.unwrap(), 2);
    let expires = w.clock.now() + SignedDuration::from_secs(100);
    tx.insert_refresh_token(&[5; 32], session, expires)
        .await
        .unwrap();
    tx.revoke_session(session).await.unwrap();
    let revoked = tx
        .rotate_refresh_token(&[5; 32], &[6; 32], &[9; 32])
        .await
        .unwrap();
    assert_eq!(revoked, None);
}

async fn parallel_refreshes_have_one_winner(w: World) {
    let session = session(&w).await;
    let expires = w.clock.now() + SignedDuration::from_secs(100);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.insert_refresh_token(&[1; 32], session, expires)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tasks = Vec::new();
    for n in 0..50_u8 {
        let (storage, clock) = (w.storage.clone(), w.clock.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = storage.platform(&clock).await.unwrap();
            let successor = [100 + n; 32];
            let rotated = tx
                .rotate_refresh_token(&[1; 32], &successor, &[0; 32])
                .await
                .unwrap();
            if rotated.is_some() {
                tx.insert_refresh_token(&successor, session, expires)
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
            rotated.is_some()
        }));
    }
    let mut winners = 0;
    for task in tasks {
        winners += u32::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(tx.live_refresh_tokens(session).await.unwrap(), 1);
}

async fn first_admin_tokens_work_once(w: World) {
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let expires = w.clock.now() + SignedDuration::from_secs(10);
    tx.insert_first_admin_token(&[1; 32], expires)
        .await
        .unwrap();
    w.pass(10);
    assert!(!tx.use_first_admin_token(&[1; 32]).await.unwrap());
    let expires = w.clock.now() + SignedDuration::from_secs(10);
    for token in [[2; 32], [3; 32]] {
        tx.insert_first_admin_token(&token, expires).await.unwrap();
    }
    assert!(!tx.use_first_admin_token(&[4; 32]).await.unwrap());
    assert!(tx.use_first_admin_token(&[2; 32]).await.unwrap());
    assert!(!tx.use_first_admin_token(&[2; 32]).await.unwrap());
    // Issued at another start of the server: there is a first administrator now.
    assert!(!tx.use_first_admin_token(&[3; 32]).await.unwrap());
}

const DELAY: Delay = Delay {
    free: 3,
    first: SignedDuration::from_secs(1),
    longest: SignedDuration::from_secs(8),
    forgotten_after: SignedDuration::from_hours(1),
};

async fn attempts_are_slowed(w: World) {
    let attempt = async || {
        let mut tx = w.storage.platform(&w.clock).await.unwrap();
        let attempt = tx.count_attempt("key", DELAY).await.unwrap();
        tx.commit().await.unwrap();
        match attempt {
            Attempt::Counted => 0,
            Attempt::Blocked { until } => until.duration_since(w.clock.now()).as_secs(),
        }
    };
    for _ in 0..3 {
        assert_eq!(attempt().await, 0);
    }
    for wait in [1, 2, 4, 8, 8, 8] {
        assert_eq!(attempt().await, wait);
        // Asking again does not make it longer.
        assert_eq!(attempt().await, wait);
        w.pass(wait);
        assert_eq!(attempt().await, 0);
    }
    w.pass(3601);
    for _ in 0..3 {
        assert_eq!(attempt().await, 0);
    }
    assert_eq!(attempt().await, 1);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.refund_attempt("key").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(attempt().await, 0);
    assert_eq!(attempt().await, 1);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.forget_attempts("key").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(attempt().await, 0);
    w.pass(60);
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let now = w.clock.now();
    assert_eq!(tx.forget_attempts_before(now).await.unwrap(), 1);
}

async fn parallel_attempts_are_all_counted(w: World) {
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let (storage, clock) = (w.storage.clone(), w.clock.clone());
        tasks.push(tokio::spawn(async move {
            let mut tx = storage.platform(&clock).await.unwrap();
            let attempt = tx.count_attempt("key", DELAY).await.unwrap();
            tx.commit().await.unwrap();
            attempt == Attempt::Counted
        }));
    }
    let mut counted = 0;
    for task in tasks {
        counted += u32::from(task.await.unwrap());
    }
    assert_eq!(counted, 3);
}
