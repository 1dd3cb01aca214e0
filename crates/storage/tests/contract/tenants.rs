//! Tenants, users and who belongs where.

use crate::world::World;
use access::Role;
use storage::{NewTenant, NewUser, StorageError};
use types::{Currency, TenantId, UserId};

contract! {
    tenants_and_users_are_found
    names_are_unique
}

async fn tenants_and_users_are_found(w: World) {
    let mut tx = w.storage.platform_read(&w.clock).await.unwrap();
    let tenant = tx.tenant_by_slug("a").await.unwrap().unwrap();
    assert_eq!((tenant.id, tenant.currency), (w.a.tenant, Currency::EUR));
    assert_eq!(tenant.created_at, w.clock.now());
    assert_eq!(
        tx.tenant_by_id(w.a.tenant).await.unwrap(),
        Some(tenant.clone())
    );
    assert_eq!(tx.tenant_by_slug("c").await.unwrap(), None);
    assert_eq!(tx.tenants().await.unwrap().len(), 2);
    assert!(!tx.any_platform_admin().await.unwrap());
    let user = tx.user_by_email("A@EXAMPLE.COM").await.unwrap().unwrap();
    assert_eq!(user.email, "a@example.com");
    assert_eq!(tx.user_by_id(user.id).await.unwrap().unwrap(), user);
    let memberships = tx.memberships(user.id).await.unwrap();
    assert_eq!(memberships.len(), 1);
    assert_eq!(
        (memberships[0].tenant, memberships[0].role),
        (w.a.tenant, Role::TenantAdmin)
    );
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tx.set_password(user.id, "other").await.unwrap();
    tx.set_preferences(user.id, Some("ar"), None).await.unwrap();
    tx.set_preferences(user.id, None, Some("dark"))
        .await
        .unwrap();
    let changed = tx.user_by_id(user.id).await.unwrap().unwrap();
    assert_eq!(changed.password_hash, "other");
    assert_eq!(
        (changed.locale.as_deref(), changed.theme.as_deref()),
        (Some("ar"), Some("dark"))
    );
    let nobody = UserId(w.random.uuid(w.clock.now()));
    assert!(matches!(
        tx.set_password(nobody, "x").await,
        Err(StorageError::NotFound)
    ));
    tx.commit().await.unwrap();

    let mut tx = w.storage.tenant(&w.a).await.unwrap();
    tx.update_own_tenant("Renamed", "UTC", Currency::USD, "en")
        .await
        .unwrap();
    let own = tx.own_tenant().await.unwrap();
    assert_eq!(
        (own.id, own.name.as_str(), own.currency),
        (w.a.tenant, "Renamed", Currency::USD)
    );
}

async fn names_are_unique(w: World) {
    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let mut tenant = NewTenant {
        id: TenantId(w.random.uuid(w.clock.now())),
        slug: "a".to_owned(),
        name: String::new(),
        timezone: "UTC".to_owned(),
        currency: Currency::USD,
        locale: "en".to_owned(),
        is_sample: false,
    };
    let error = tx.insert_tenant(&tenant).await.unwrap_err();
    assert!(error.is_conflict("tenants_slug"), "{error}");
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    tenant.slug = "other".to_owned();
    tenant.id = w.a.tenant;
    let error = tx.insert_tenant(&tenant).await.unwrap_err();
    assert!(error.is_conflict("tenants_id"), "{error}");
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let error = tx
        .insert_user(&NewUser {
            id: UserId(w.random.uuid(w.clock.now())),
            email: "A@example.com".to_owned(),
            name: String::new(),
            password_hash: String::new(),
            locale: None,
            theme: None,
            is_platform_admin: false,
        })
        .await
        .unwrap_err();
    assert!(error.is_conflict("users_email"), "{error}");
    drop(tx);

    let mut tx = w.storage.platform(&w.clock).await.unwrap();
    let nobody = UserId(w.random.uuid(w.clock.now()));
    let error = tx
        .put_membership(w.a.tenant, nobody, Role::Analyst)
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Reference), "{error}");
}
