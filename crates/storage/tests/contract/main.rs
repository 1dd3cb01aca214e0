//! What the rest of the product may rely on, held against both databases.
//! PostgreSQL takes part where `SR360_TEST_POSTGRES_URL` names one (`script/postgres-for-tests`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Runs each function of a module on each database.
macro_rules! contract {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("new/test.db").display());
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(crate::world::World::new(storage).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(url) = storage::scratch::postgres_url() else { return };
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(crate::world::World::new(storage).await).await;
            })*
        }
    };
}

mod events;
mod isolation;
mod jobs;
mod parts;
mod quality;
mod schedules;
mod sessions;
mod tenants;
mod transactions;
mod uploads;
mod watches;
mod world;
