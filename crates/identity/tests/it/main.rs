//! Signing up, in and out over real tables: SQLite always, PostgreSQL where `SR360_TEST_POSTGRES_URL` names one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Each test on both databases.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(crate::world::World::new(storage)).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let Some(url) = storage::scratch::postgres_url() else { return };
                let storage = storage::scratch::open(&url).await.unwrap();
                super::$name(crate::world::World::new(storage)).await;
            })*
        }
    };
}

mod accounts;
mod guessing;
mod sessions;
mod world;
