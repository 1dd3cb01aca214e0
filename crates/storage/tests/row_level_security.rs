//! PostgreSQL holds the line a second time: what a query forgets, the policies do not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use access::{Clock, Ctx, Randomness};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use storage::{NewTenant, NewUpload};
use types::{Currency, TenantId};

/// Tables that hold nothing of any tenant, and the reason.
const WITHOUT_TENANT: [(&str, &str); 1] = [("_sqlx_migrations", "what was migrated, and when")];

struct Database {
    connection: PgConnection,
    tenants: [TenantId; 2],
}

async fn database() -> Option<Database> {
    let url = storage::scratch::postgres_url()?;
    let storage = storage::scratch::open(&url).await.unwrap();
    let clock = Clock::manual("2026-03-31T12:00:00Z".parse().unwrap());
    let random = Randomness::System;
    let tenants = [(); 2].map(|()| TenantId(random.uuid(clock.now())));
    let mut tx = storage.platform(&clock).await.unwrap();
    for id in tenants {
        tx.insert_tenant(&NewTenant {
            id,
            slug: id.to_string(),
            name: String::new(),
            timezone: "UTC".to_owned(),
            currency: Currency::EUR,
            locale: "en".to_owned(),
            is_sample: false,
        })
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    for tenant in tenants {
        let ctx = Ctx::system("test", tenant, clock.clone(), random.clone());
        let mut tx = storage.tenant(&ctx).await.unwrap();
        tx.insert_upload(&NewUpload {
            id: ctx.new_upload_id(),
            data_set: "orders".to_owned(),
            file_name: "orders.csv".to_owned(),
            size: 1,
            parent: None,
            parts: Vec::new(),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
    // The schema the tenant is found in.
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let schemas: Vec<(String,)> = sqlx::query_as(
        "select schemaname::text from pg_tables where tablename = 'tenants' and schemaname like 'test\\_%'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    for (schema,) in schemas {
        set(&mut connection, "search_path", &schema).await;
        set(&mut connection, "app.platform", "on").await;
        let found = sqlx::query("select 1 from tenants where id = $1")
            .bind(tenants[0].0)
            .fetch_optional(&mut connection)
            .await;
        if matches!(found, Ok(Some(_))) {
            set(&mut connection, "app.platform", "").await;
            return Some(Database {
                connection,
                tenants,
            });
        }
    }
    panic!("the scratch schema was not found");
}

async fn set(connection: &mut PgConnection, name: &str, value: &str) {
    sqlx::query("select set_config($1, $2, false)")
        .bind(name)
        .bind(value)
        .execute(connection)
        .await
        .unwrap();
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    sqlx::query(AssertSqlSafe(format!("select count(*) from {table}")))
        .fetch_one(connection)
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn every_table_is_under_forced_policies() {
    let Some(mut database) = database().await else {
        return;
    };
    let tables: Vec<(String, bool, bool, bool, bool)> = sqlx::query_as(
        "select c.relname::text, c.relrowsecurity, c.relforcerowsecurity,
                exists (select 1 from pg_policy p where p.polrelid = c.oid),
                exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'
                        and not a.attisdropped)
         from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut database.connection)
    .await
    .unwrap();
    assert!(tables.len() >= 15, "{}", tables.len());
    for (table, enabled, forced, has_policy, has_tenant) in tables {
        let exempt = WITHOUT_TENANT.iter().any(|(name, _)| *name == table);
        assert!(!(exempt && has_tenant), "{table} has rows of tenants");
        assert!(
            exempt || (enabled && forced && has_policy),
            "{table} lacks forced row-level security"
        );
    }
}

#[tokio::test]
async fn primary_keys_of_tenant_tables_begin_with_the_tenant() {
    let Some(mut database) = database().await else {
        return;
    };
    let loose: Vec<(String,)> = sqlx::query_as(
        "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
           and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary
                           and i.indkey[0] = a.attnum)",
    )
    .fetch_all(&mut database.connection)
    .await
    .unwrap();
    assert_eq!(loose, []);
}

#[tokio::test]
async fn a_query_that_forgets_the_tenant_sees_only_its_own() {
    let Some(Database {
        mut connection,
        tenants,
    }) = database().await
    else {
        return;
    };
    let connection = &mut connection;
    let (superuser, bypass): (bool, bool) =
        sqlx::query_as("select rolsuper, rolbypassrls from pg_roles where rolname = current_user")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    assert!(
        !superuser && !bypass,
        "this role is not bound by policies: the test would say nothing"
    );
    for table in ["tenants", "uploads", "counters"] {
        assert_eq!(count(connection, table).await, 0, "{table}, no context");
    }
    for tenant in tenants {
        set(connection, "app.tenant_id", &tenant.to_string()).await;
        for table in ["tenants", "uploads", "counters"] {
            assert_eq!(count(connection, table).await, 1, "{table}");
        }
    }
    // tenants[1] is set: nothing of tenants[0] can be written, changed or given away.
    let write = sqlx::query(
        "insert into mappings (tenant_id, fingerprint, decisions, used_at) values ($1, 'f', '{}', 0)",
    )
    .bind(tenants[0].0)
    .execute(&mut *connection)
    .await;
    assert!(
        write
            .unwrap_err()
            .to_string()
            .contains("row-level security")
    );
    let give = sqlx::query("update uploads set tenant_id = $1")
        .bind(tenants[0].0)
        .execute(&mut *connection)
        .await;
    assert!(give.is_err());
    let touched = sqlx::query("delete from uploads where tenant_id = $1")
        .bind(tenants[0].0)
        .execute(&mut *connection)
        .await
        .unwrap();
    assert_eq!(touched.rows_affected(), 0);
    // Across tenants only where the worker and sign-in need it.
    set(connection, "app.tenant_id", "").await;
    set(connection, "app.platform", "on").await;
    assert_eq!(count(connection, "tenants").await, 2);
    assert_eq!(count(connection, "uploads").await, 0);
}

#[tokio::test]
async fn a_tenant_reaches_no_credentials() {
    let Some(Database {
        mut connection,
        tenants,
    }) = database().await
    else {
        return;
    };
    let connection = &mut connection;
    set(connection, "app.platform", "on").await;
    sqlx::query("insert into sign_in_attempts values ('k', 1, 0, 0)")
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("insert into first_admin_tokens values ('\\x01', 0, 0, null)")
        .execute(&mut *connection)
        .await
        .unwrap();
    set(connection, "app.platform", "").await;
    set(connection, "app.tenant_id", &tenants[0].to_string()).await;
    for table in ["sign_in_attempts", "first_admin_tokens", "refresh_tokens"] {
        assert_eq!(count(connection, table).await, 0, "{table}");
    }
}
