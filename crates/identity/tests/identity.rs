//! Signing up, in and out over real tables: SQLite always, PostgreSQL where `SR360_TEST_POSTGRES_URL` names one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use access::{Clock, Ctx, Principal, Randomness, Role};
use identity::{
    Client, Config, Identity, IdentityError, Keys, NewAccount, Session, SignUp, SignedIn,
};
use jiff::SignedDuration;
use serde_json::json;
use std::time::{Duration, Instant};
use storage::{NewUpload, Storage, UploadFilter};
use types::Currency;

const PASSWORD: &str = "velvet-otter-19-quilt";
const OTHER: &str = "amber teapot walks north";

struct World {
    storage: Storage,
    clock: Clock,
    identity: Identity,
}

impl World {
    fn new(storage: Storage) -> Self {
        let clock = Clock::manual("2026-03-31T12:00:00Z".parse().unwrap());
        let identity = Self::identity(&storage, &clock, 1);
        Self {
            storage,
            clock,
            identity,
        }
    }

    /// As another process (of other `keys`, another deployment) would have it.
    fn identity(storage: &Storage, clock: &Clock, keys: u64) -> Identity {
        Identity::new(
            storage.clone(),
            Keys::generate(&Randomness::seeded(keys)),
            Config::new("https://shop.example"),
            clock.clone(),
            Randomness::System,
        )
        .unwrap()
    }

    async fn sign_up(&self, shop: &str) -> SignedIn {
        self.identity.sign_up(&form(shop), &client()).await.unwrap()
    }

    async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, IdentityError> {
        self.identity.sign_in(email, password, &client()).await
    }

    fn pass(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    fn ctx(&self, session: &Session) -> Ctx {
        Ctx {
            principal: Principal::User {
                id: session.user,
                session: session.id,
                role: session.role,
            },
            tenant: session.tenant,
            clock: self.clock.clone(),
            randomness: Randomness::System,
        }
    }
}

fn form(shop: &str) -> SignUp {
    SignUp {
        shop: shop.to_owned(),
        name: "Ana López".to_owned(),
        email: format!("Owner@{}.example", shop.to_lowercase()),
        password: PASSWORD.to_owned(),
        currency: Currency::EUR,
        timezone: "Europe/Madrid".to_owned(),
        locale: "es".to_owned(),
        first_admin_token: None,
    }
}

fn client() -> Client {
    from("192.0.2.7")
}

fn from(address: &str) -> Client {
    Client {
        address: address.parse().unwrap(),
        user_agent: "Browser".to_owned(),
    }
}

fn is_unauthenticated<T>(result: Result<T, IdentityError>) -> bool {
    matches!(result, Err(IdentityError::Unauthenticated))
}

macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(super::World::new(storage)).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(url) = storage::scratch::postgres_url() else { return };
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(super::World::new(storage)).await;
            })*
        }
    };
}

on_both! {
    a_shop_signs_up_and_in
    a_form_is_told_all_that_is_wrong
    shops_of_one_name_have_two_slugs
    parallel_sign_ups_of_one_address_make_one_account
    unknown_and_wrong_look_the_same
    guessing_is_slowed_and_ends
    guessing_at_once_gains_nothing
    one_address_trying_many_accounts_is_slowed
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
    the_first_administrator_has_a_link
    accounts_from_the_command_line
    a_new_password_ends_sessions
    two_tenants_never_meet
    old_rows_are_cleaned_up
}

async fn a_shop_signs_up_and_in(w: World) {
    let up = w.sign_up("Tea").await;
    assert_eq!(up.session.role, Role::TenantAdmin);
    assert!(!up.session.is_platform_admin);
    assert_eq!(
        w.identity.authenticate(&up.access).await.unwrap(),
        up.session
    );

    let again = w.sign_in(" OWNER@tea.example ", PASSWORD).await.unwrap();
    assert_eq!(
        (again.session.user, again.session.tenant),
        (up.session.user, up.session.tenant)
    );
    assert_ne!(again.session.id, up.session.id);
    assert!(w.identity.is_live(&up.session).await.unwrap());
    assert_eq!(again.access_lifetime, SignedDuration::from_mins(10));

    let mut tx = w.storage.tenant_read(&w.ctx(&up.session)).await.unwrap();
    let tenant = tx.own_tenant().await.unwrap();
    assert_eq!(
        (
            tenant.slug.as_str(),
            tenant.currency,
            tenant.timezone.as_str()
        ),
        ("tea", Currency::EUR, "Europe/Madrid")
    );
    assert_eq!(tx.members().await.unwrap()[0].email, "owner@tea.example");
    drop(tx);

    // Nothing that opens a door is stored as it is, nor printed.
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    let user = tx
        .user_by_email("owner@tea.example")
        .await
        .unwrap()
        .unwrap();
    assert!(user.password_hash.starts_with("$argon2id$"));
    let printed = format!("{up:?} {user:?}");
    for secret in [&up.access, &up.refresh, &user.password_hash, &user.email] {
        assert!(!printed.contains(secret.as_str()), "{printed}");
    }
}

async fn a_form_is_told_all_that_is_wrong(w: World) {
    let mut new = form("Tea");
    new.shop = " ".to_owned();
    new.name = "a".repeat(101);
    new.email = "owner".to_owned();
    new.password = "short".to_owned();
    new.timezone = "Mars/Olympus".to_owned();
    new.first_admin_token = Some("garbage".to_owned());
    let error = w.identity.sign_up(&new, &client()).await.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(|p| (p.field, p.key)).collect();
    assert_eq!(
        problems,
        [
            ("shop", "shop_name_missing"),
            ("name", "name_too_long"),
            ("email", "email_invalid"),
            ("password", "password_too_short"),
            ("timezone", "timezone_invalid"),
            ("token", "link_used"),
        ]
    );
    let mut new = form("Marchetti");
    new.password = "Marchetti2026".to_owned();
    let error = w.identity.sign_up(&new, &client()).await.unwrap_err();
    assert_eq!(error.key(), "password_too_weak");
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(tx.user_by_email(&new.email).await.unwrap(), None);
}

async fn shops_of_one_name_have_two_slugs(w: World) {
    let mut slugs = Vec::new();
    for n in 0..3 {
        let mut new = form("Tea");
        new.email = format!("owner{n}@tea.example");
        let up = w.identity.sign_up(&new, &client()).await.unwrap();
        let mut tx = w.storage.tenant_read(&w.ctx(&up.session)).await.unwrap();
        slugs.push(tx.own_tenant().await.unwrap().slug);
    }
    assert_eq!(slugs, ["tea", "tea-2", "tea-3"]);
}

async fn parallel_sign_ups_of_one_address_make_one_account(w: World) {
    let mut tasks = Vec::new();
    for _ in 0..6 {
        let identity = w.identity.clone();
        tasks.push(tokio::spawn(async move {
            identity.sign_up(&form("Tea"), &client()).await
        }));
    }
    let mut made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert_eq!(error.key(), "email_taken"),
        }
    }
    assert_eq!(made, 1);
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    assert_eq!(
        tx.tenants().await.unwrap().len(),
        1,
        "what is refused leaves no tenant"
    );
}

async fn unknown_and_wrong_look_the_same(w: World) {
    w.sign_up("Tea").await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..5 {
        // Neither delay nor lock may tell them apart either.
        w.pass(4000);
        for (times, email) in times
            .iter_mut()
            .zip(["owner@tea.example", "nobody@tea.example"])
        {
            let begun = Instant::now();
            let error = w.sign_in(email, "wrong password").await.unwrap_err();
            if round > 0 {
                times.push(begun.elapsed());
            }
            assert!(
                matches!(error, IdentityError::WrongCredentials),
                "{error:?}"
            );
            assert_eq!(error.key(), "wrong_email_or_password");
        }
    }
    // The quickest of each is the least disturbed.
    let [wrong, unknown] = times.map(|times| times.into_iter().min().unwrap().as_secs_f64());
    assert!(
        (0.6..1.6).contains(&(unknown / wrong)),
        "unknown {unknown} s, wrong {wrong} s"
    );

    let answers = async |email: &str| {
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(w.sign_in(email, "wrong").await.unwrap_err().to_string());
        }
        answers
    };
    w.pass(4000);
    let known = answers("owner@tea.example").await;
    w.pass(4000);
    assert_eq!(known, answers("nobody@tea.example").await);
    assert!(known.last().unwrap().contains("too many"), "{known:?}");
}

async fn guessing_is_slowed_and_ends(w: World) {
    w.sign_up("Tea").await;
    let email = "owner@tea.example";
    for _ in 0..5 {
        let error = w.sign_in(email, "wrong").await.unwrap_err();
        assert!(matches!(error, IdentityError::WrongCredentials));
    }
    // Now even the right password has to wait: it is not looked at.
    let error = w.sign_in(email, PASSWORD).await.unwrap_err();
    let IdentityError::TooManyAttempts { retry_after } = error else {
        panic!("{error:?}");
    };
    assert!((1..=2).contains(&retry_after.as_secs()));
    w.clock.advance(retry_after);
    w.sign_in(email, PASSWORD).await.unwrap();
    // Success forgets.
    for _ in 0..5 {
        let error = w.sign_in(email, "wrong").await.unwrap_err();
        assert!(matches!(error, IdentityError::WrongCredentials));
    }
    // However long somebody goes on, the owner waits a minute at most.
    for _ in 0..20 {
        w.pass(61);
        let error = w.sign_in(email, "wrong").await.unwrap_err();
        assert!(
            matches!(error, IdentityError::WrongCredentials),
            "{error:?}"
        );
        w.pass(3000);
    }
    w.pass(61);
    w.sign_in(email, PASSWORD).await.unwrap();
}

async fn guessing_at_once_gains_nothing(w: World) {
    w.sign_up("Tea").await;
    let mut tasks = Vec::new();
    for n in 0..30 {
        let identity = w.identity.clone();
        tasks.push(tokio::spawn(async move {
            let guess = format!("guess {n}");
            let client = from(&format!("198.51.100.{n}"));
            identity.sign_in("owner@tea.example", &guess, &client).await
        }));
    }
    let mut looked_at = 0;
    for task in tasks {
        match task.await.unwrap().unwrap_err() {
            IdentityError::WrongCredentials => looked_at += 1,
            IdentityError::TooManyAttempts { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(looked_at, 5);
}

async fn one_address_trying_many_accounts_is_slowed(w: World) {
    w.sign_up("Tea").await;
    let attacker = from("2001:db8::1");
    let mut looked_at = 0;
    for n in 0..40 {
        let email = format!("nobody{n}@tea.example");
        // A new address of the same network each time.
        let attacker = from(&format!("2001:db8::{n:x}"));
        match w.identity.sign_in(&email, "wrong", &attacker).await {
            Err(IdentityError::WrongCredentials) => looked_at += 1,
            Err(IdentityError::TooManyAttempts { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(looked_at, 30);
    // An own account does not wash it off.
    w.pass(2);
    w.identity
        .sign_in("owner@tea.example", PASSWORD, &attacker)
        .await
        .unwrap();
    let error = w
        .identity
        .sign_in("x@tea.example", "wrong", &attacker)
        .await;
    assert!(matches!(error, Err(IdentityError::WrongCredentials)));
    let error = w
        .identity
        .sign_in("x@tea.example", "wrong", &attacker)
        .await;
    assert!(matches!(error, Err(IdentityError::TooManyAttempts { .. })));
    // Others are not disturbed.
    w.sign_in("owner@tea.example", PASSWORD).await.unwrap();
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

async fn the_first_administrator_has_a_link(w: World) {
    // A sample store, or a shop that was quicker, administers itself and nothing else.
    w.sign_up("Bakery").await;
    let old = w.identity.issue_first_admin_token().await.unwrap().unwrap();
    w.pass(24 * 3600);
    let token = w.identity.issue_first_admin_token().await.unwrap().unwrap();
    let sibling = w.identity.issue_first_admin_token().await.unwrap().unwrap();
    let mut new = form("Tea");
    for refused in [&old, &token.replace(|c: char| c.is_ascii_digit(), "x")] {
        if *refused == token {
            continue;
        }
        new.first_admin_token = Some(refused.clone());
        let error = w.identity.sign_up(&new, &client()).await.unwrap_err();
        assert_eq!(error.key(), "link_used");
    }
    new.first_admin_token = Some(token.clone());
    let admin = w.identity.sign_up(&new, &client()).await.unwrap();
    assert!(admin.session.is_platform_admin);
    let session = w.identity.authenticate(&admin.access).await.unwrap();
    assert!(session.is_platform_admin);
    assert_eq!(w.identity.issue_first_admin_token().await.unwrap(), None);
    let mut second = form("Coffee");
    for used in [token, sibling] {
        second.first_admin_token = Some(used);
        let error = w.identity.sign_up(&second, &client()).await.unwrap_err();
        assert_eq!(error.key(), "link_used");
    }
    let up = w.sign_up("Coffee").await;
    assert!(!up.session.is_platform_admin);
}

async fn accounts_from_the_command_line(w: World) {
    let tea = w.sign_up("Tea").await;
    let mut account = NewAccount {
        name: "Ben".to_owned(),
        email: "ben@tea.example".to_owned(),
        password: OTHER.to_owned(),
        tenant: tea.session.tenant,
        role: Role::Analyst,
        is_platform_admin: false,
    };
    let id = w.identity.create_user(&account).await.unwrap();
    let ben = w.sign_in("ben@tea.example", OTHER).await.unwrap();
    assert_eq!(
        (ben.session.user, ben.session.tenant, ben.session.role),
        (id, tea.session.tenant, Role::Analyst)
    );
    let error = w.identity.create_user(&account).await.unwrap_err();
    assert_eq!(error.key(), "email_taken");
    account.email = "x".to_owned();
    account.password = "ben".to_owned();
    let error = w.identity.create_user(&account).await.unwrap_err();
    assert_eq!(error.problems().len(), 2);
}

async fn a_new_password_ends_sessions(w: World) {
    let tea = w.sign_up("Tea").await;
    w.identity.authenticate(&tea.access).await.unwrap();
    let weak = w.identity.set_password("owner@tea.example", "short").await;
    assert_eq!(weak.unwrap_err().key(), "password_too_short");
    let unknown = w.identity.set_password("nobody@tea.example", OTHER).await;
    assert!(matches!(unknown, Err(IdentityError::UnknownUser)));
    w.identity
        .set_password("Owner@Tea.example", OTHER)
        .await
        .unwrap();
    assert!(is_unauthenticated(
        w.identity.authenticate(&tea.access).await
    ));
    assert!(is_unauthenticated(w.identity.refresh(&tea.refresh).await));
    assert!(w.sign_in("owner@tea.example", PASSWORD).await.is_err());
    w.sign_in("owner@tea.example", OTHER).await.unwrap();
}

/// From the token to the row: what one shop stores, the other never sees.
async fn two_tenants_never_meet(w: World) {
    const CANARY: &str = "canary-7f3a";
    let tea = w.sign_up("Tea").await;
    let mut new = form("Coffee");
    new.shop = format!("Coffee {CANARY}");
    new.name = CANARY.to_owned();
    new.email = format!("{CANARY}@coffee.example");
    let coffee = w.identity.sign_up(&new, &client()).await.unwrap();
    let ctx = w.ctx(&w.identity.authenticate(&coffee.access).await.unwrap());
    let mut tx = w.storage.tenant(&ctx).await.unwrap();
    let upload = NewUpload {
        id: ctx.new_upload_id(),
        data_set: "orders".to_owned(),
        file_name: CANARY.to_owned(),
        size: 1,
        parent: None,
        parts: Vec::new(),
    };
    tx.insert_upload(&upload).await.unwrap();
    tx.append_event("x", &json!(CANARY)).await.unwrap();
    tx.put_mapping("f", &json!(CANARY)).await.unwrap();
    tx.commit().await.unwrap();

    let ctx = w.ctx(&w.identity.authenticate(&tea.access).await.unwrap());
    let mut tx = w.storage.tenant_read(&ctx).await.unwrap();
    let seen = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        tx.own_tenant().await.unwrap(),
        tx.members().await.unwrap(),
        tx.uploads(&UploadFilter::default()).await.unwrap(),
        tx.upload(upload.id).await.unwrap(),
        tx.events_after(0, 100).await.unwrap(),
        tx.mapping("f").await.unwrap(),
    );
    assert!(seen.contains("owner@tea.example"));
    assert!(!seen.contains(CANARY), "{seen}");
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
