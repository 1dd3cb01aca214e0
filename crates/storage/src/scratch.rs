//! Empty databases for tests, here and in the crates above.

use crate::{Storage, StorageError};
use access::Randomness;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A migrated, empty database within the one the URL names: on PostgreSQL a schema of its own, so that tests
/// run side by side. A `sqlite:` URL is opened as it is.
pub async fn open(url: &str) -> Result<Storage, StorageError> {
    let storage = if url.starts_with("postgres") {
        let schema = format!("test_{}", u128::from_be_bytes(Randomness::System.bytes()));
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query(AssertSqlSafe(format!("create schema {schema}")))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        let separator = if url.contains('?') { '&' } else { '?' };
        Storage::open(&format!("{url}{separator}options[search_path]={schema}")).await?
    } else {
        Storage::open(url).await?
    };
    storage.migrate().await?;
    Ok(storage)
}

/// The PostgreSQL that tests may use, from `SR360_TEST_POSTGRES_URL`. Says so where there is none.
pub fn postgres_url() -> Option<String> {
    let url = std::env::var("SR360_TEST_POSTGRES_URL").ok();
    if url.is_none() {
        eprintln!("skipped: PostgreSQL not configured");
    }
    url
}
