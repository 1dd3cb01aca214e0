//! Who has an account: signing up, the first administrator, accounts from the command line, passwords.

use crate::world::{OTHER, PASSWORD, World, client, form, is_unauthenticated};
use access::Role;
use identity::{IdentityError, NewAccount};
use jiff::SignedDuration;
use serde_json::json;
use storage::{NewUpload, UploadFilter};
use types::Currency;

on_both! {
    a_shop_signs_up_and_in
    a_form_is_told_all_that_is_wrong
    shops_of_one_name_have_two_slugs
    parallel_sign_ups_of_one_address_make_one_account
    the_first_administrator_has_a_link
    accounts_from_the_command_line
    a_new_password_ends_sessions
    two_tenants_never_meet
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
