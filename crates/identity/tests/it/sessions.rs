//! How long a session lasts, and what ends it.

use crate::world::{PASSWORD, World, client, form, is_unauthenticated};
use access::{Clock, Randomness, Role};
use identity::{Identity, IdentityError};
use std::time::Duration;

on_both! {
    signing_out_ends_the_session
    sessions_end_with_time
    a_changed_role_counts_at_once
    another_deployments_tokens_are_not_ours
    refreshing_changes_both_tokens
    a_double_click_gets_the_same_successor
    a_replay_ends_the_family
    a_successor_in_use_ends_the_grace
    parallel_refreshes_leave_one_branch
    a_session_does_not_last_for_ever
    old_rows_are_cleaned_up
}

async fn signing_out_ends_the_session(w: World) {
    let tea = w.sign_up("Tea").await;
    let other = w.sign_in("owner@tea.example", PASSWORD).await.unwrap();
    w.identity.authenticate(&tea.access).await.unwrap();
    w.identity
        .sign_out(Some(&tea.access), Some(&tea.refresh))
        .await
        .unwrap();
    assert!(is_unauthenticated(
        w.identity.authenticate(&tea.access).await
    ));
    assert!(is_unauthenticated(w.identity.refresh(&tea.refresh).await));
    assert!(!w.identity.is_live(&tea.session).await.unwrap());
    w.identity.authenticate(&other.access).await.unwrap();

    // The refresh token alone will do, and an expired access token, and nothing at all.
    let third = w.sign_in("owner@tea.example", PASSWORD).await.unwrap();
    w.pass(3600);
    w.identity
        .sign_out(None, Some(&third.refresh))
        .await
        .unwrap();
    assert!(is_unauthenticated(w.identity.refresh(&third.refresh).await));
    w.identity
        .sign_out(Some(&other.access), None)
        .await
        .unwrap();
    assert!(is_unauthenticated(w.identity.refresh(&other.refresh).await));
    w.identity.sign_out(Some("x"), Some("y")).await.unwrap();
    w.identity.sign_out(None, None).await.unwrap();

    let (one, two) = (
        w.sign_in("owner@tea.example", PASSWORD).await.unwrap(),
        w.sign_in("owner@tea.example", PASSWORD).await.unwrap(),
    );
    w.identity.authenticate(&one.access).await.unwrap();
    w.identity
        .sign_out_everywhere(one.session.user)
        .await
        .unwrap();
    for ended in [one, two] {
        assert!(is_unauthenticated(
            w.identity.authenticate(&ended.access).await
        ));
        assert!(is_unauthenticated(w.identity.refresh(&ended.refresh).await));
    }
}

async fn sessions_end_with_time(w: World) {
    let tea = w.sign_up("Tea").await;
    // Another replica has looked a moment ago; a revocation reaches it within a second.
    let replica = World::identity(&w.storage, &w.clock, 1);
    replica.authenticate(&tea.access).await.unwrap();
    w.identity.sign_out(Some(&tea.access), None).await.unwrap();
    w.pass(1);
    assert!(is_unauthenticated(replica.authenticate(&tea.access).await));

    let again = w.sign_in("owner@tea.example", PASSWORD).await.unwrap();
    w.pass(599);
    w.identity.authenticate(&again.access).await.unwrap();
    w.pass(1);
    assert!(is_unauthenticated(
        w.identity.authenticate(&again.access).await
    ));
    w.pass(30 * 24 * 3600 - 600);
    assert!(is_unauthenticated(w.identity.refresh(&again.refresh).await));
}

async fn a_changed_role_counts_at_once(w: World) {
    let tea = w.sign_up("Tea").await;
    w.identity.authenticate(&tea.access).await.unwrap();
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.put_membership(tea.session.tenant, tea.session.user, Role::Analyst)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    w.pass(1);
    let session = w.identity.authenticate(&tea.access).await.unwrap();
    assert_eq!(session.role, Role::Analyst);
    assert!(!w.identity.is_live(&tea.session).await.unwrap());
}

async fn another_deployments_tokens_are_not_ours(w: World) {
    let tea = w.sign_up("Tea").await;
    let other = World::identity(&w.storage, &w.clock, 2);
    assert!(is_unauthenticated(other.authenticate(&tea.access).await));
    for wrong in ["", "a.b.c", &tea.refresh] {
        assert!(is_unauthenticated(w.identity.authenticate(wrong).await));
    }
    for wrong in ["", "AAAA", &tea.access, &"A".repeat(43)] {
        assert!(is_unauthenticated(w.identity.refresh(wrong).await));
    }
    // Wrong guesses end nobody's session.
    w.identity.refresh(&tea.refresh).await.unwrap();
}

async fn refreshing_changes_both_tokens(w: World) {
    let mut current = w.sign_up("Tea").await;
    for _ in 0..5 {
        w.pass(600);
        assert!(is_unauthenticated(
            w.identity.authenticate(&current.access).await
        ));
        let next = w.identity.refresh(&current.refresh).await.unwrap();
        assert_ne!(next.refresh, current.refresh);
        assert_eq!(
            (next.session.id, next.session.user),
            (current.session.id, current.session.user)
        );
        w.identity.authenticate(&next.access).await.unwrap();
        current = next;
    }
}

async fn a_double_click_gets_the_same_successor(w: World) {
    let tea = w.sign_up("Tea").await;
    let first = w.identity.refresh(&tea.refresh).await.unwrap();
    w.pass(9);
    let second = w.identity.refresh(&tea.refresh).await.unwrap();
    assert_eq!(first.refresh, second.refresh);
    w.identity.authenticate(&second.access).await.unwrap();
    // A replica with the same key agrees.
    let replica = World::identity(&w.storage, &w.clock, 1);
    let third = replica.refresh(&tea.refresh).await.unwrap();
    assert_eq!(first.refresh, third.refresh);
    // The next generation differs from the last, and works.
    let next = w.identity.refresh(&first.refresh).await.unwrap();
    assert_ne!(next.refresh, first.refresh);
    w.identity.refresh(&next.refresh).await.unwrap();
}

async fn a_replay_ends_the_family(w: World) {
    let tea = w.sign_up("Tea").await;
    let bystander = w.sign_in("owner@tea.example", PASSWORD).await.unwrap();
    let next = w.identity.refresh(&tea.refresh).await.unwrap();
    w.pass(10);
    assert!(is_unauthenticated(w.identity.refresh(&tea.refresh).await));
    // Thief and owner are both out; the session of another device is not.
    assert!(is_unauthenticated(w.identity.refresh(&next.refresh).await));
    assert!(is_unauthenticated(
        w.identity.authenticate(&next.access).await
    ));
    w.identity.refresh(&bystander.refresh).await.unwrap();
}

async fn a_successor_in_use_ends_the_grace(w: World) {
    let tea = w.sign_up("Tea").await;
    let next = w.identity.refresh(&tea.refresh).await.unwrap();
    let third = w.identity.refresh(&next.refresh).await.unwrap();
    // Within the ten seconds, but the owner has moved on: this is somebody else.
    assert!(is_unauthenticated(w.identity.refresh(&tea.refresh).await));
    assert!(is_unauthenticated(w.identity.refresh(&third.refresh).await));
}

async fn parallel_refreshes_leave_one_branch(w: World) {
    let tea = w.sign_up("Tea").await;
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let (identity, refresh) = (w.identity.clone(), tea.refresh.clone());
        tasks.push(tokio::spawn(
            async move { identity.refresh(&refresh).await },
        ));
    }
    let mut successors = Vec::new();
    for task in tasks {
        successors.push(task.await.unwrap().unwrap().refresh);
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(tx.live_refresh_tokens(tea.session.id).await.unwrap(), 1);
    drop(tx);
    w.identity.refresh(&successors[0]).await.unwrap();
}

async fn a_session_does_not_last_for_ever(w: World) {
    let mut current = w.sign_up("Tea").await;
    let mut days = 0;
    loop {
        w.pass(20 * 24 * 3600);
        days += 20;
        match w.identity.refresh(&current.refresh).await {
            Ok(next) => current = next,
            Err(error) => {
                assert!(matches!(error, IdentityError::Unauthenticated));
                break;
            }
        }
    }
    assert_eq!(days, 100);
}

async fn old_rows_are_cleaned_up(w: World) {
    let tea = w.sign_up("Tea").await;
    w.sign_in("owner@tea.example", "wrong").await.unwrap_err();
    w.identity.clean_up().await.unwrap();
    let next = w.identity.refresh(&tea.refresh).await.unwrap();
    w.pass(61 * 24 * 3600);
    w.identity.clean_up().await.unwrap();
    assert!(is_unauthenticated(w.identity.refresh(&next.refresh).await));
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let now = w.clock.now();
    assert_eq!(tx.forget_attempts_before(now).await.unwrap(), 0);
    assert_eq!(tx.forget_refresh_tokens(now).await.unwrap(), 0);
}

#[tokio::test]
async fn opens_with_a_key_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let storage = storage::scratch::open("sqlite::memory:").await.unwrap();
    let open = || {
        Identity::open(
            storage.clone(),
            folder.path(),
            "http://127.0.0.1:3000",
            None,
            Clock::System,
            Randomness::System,
        )
        .unwrap()
    };
    let up = open().sign_up(&form("Tea"), &client()).await.unwrap();
    // After a restart the session goes on.
    let session = open().authenticate(&up.access).await.unwrap();
    assert_eq!(session.id, up.session.id);
    let [access, refresh] = open().cookies().set(&up);
    assert!(access.starts_with("sr360-access=") && refresh.starts_with("sr360-refresh="));
    let header = format!("a=b; {}; {}", cut(&access), cut(&refresh));
    let identity = open();
    let presented = identity.presented([header.as_str()]);
    assert_eq!(presented.access, Some(up.access.as_str()));
    assert_eq!(presented.refresh, Some(up.refresh.as_str()));
    tokio::time::timeout(
        Duration::from_secs(5),
        identity.refresh(presented.refresh.unwrap()),
    )
    .await
    .unwrap()
    .unwrap();
}

fn cut(cookie: &str) -> &str {
    cookie.split(';').next().unwrap()
}
