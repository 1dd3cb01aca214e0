use sqlx::error::ErrorKind;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum StorageError {
    /// A unique constraint: the row is there already. Named `<table>_<columns>` on both databases.
    #[error("conflict with `{constraint}`")]
    Conflict { constraint: String },
    /// A foreign key: what the row refers to is not there.
    #[error("a row refers to one that does not exist")]
    Reference,
    /// A check or not-null constraint.
    #[error("a value is not permitted by the database: {0}")]
    NotPermitted(String),
    /// The row to change is not there, or belongs to somebody else: the two look the same.
    #[error("no such row")]
    NotFound,
    /// The job was claimed by another worker since, or is no longer running: its effects must not be kept.
    #[error("the job is no longer this worker's")]
    Fenced,
    /// Another transaction was in the way. Trying the whole transaction again may work.
    #[error("the database is busy")]
    Busy(#[source] sqlx::Error),
    /// No connection, no free connection, no disk space.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// A stored value that cannot be what it should be.
    #[error("stored value not understood: {0}")]
    Corrupt(String),
    #[error("not a database URL: {0}. Use `sqlite:PATH`, `sqlite::memory:` or `postgres://...`")]
    Url(String),
    #[error("the tables could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
}

impl StorageError {
    /// True where the same again, a little later, may succeed.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_))
    }

    /// True where this unique constraint was in the way.
    pub fn is_conflict(&self, name: &str) -> bool {
        matches!(self, Self::Conflict { constraint } if constraint == name)
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(database) => {
                let code = database.code().unwrap_or_default();
                match database.kind() {
                    ErrorKind::UniqueViolation => Self::Conflict {
                        constraint: database.constraint().map_or_else(
                            || sqlite_constraint(database.message()),
                            ToOwned::to_owned,
                        ),
                    },
                    ErrorKind::ForeignKeyViolation => Self::Reference,
                    ErrorKind::CheckViolation | ErrorKind::NotNullViolation => {
                        Self::NotPermitted(database.message().to_owned())
                    }
                    _ if is_busy(&code) => Self::Busy(error),
                    _ if is_unavailable(&code) => Self::Unavailable(error),
                    _ => Self::Database(error),
                }
            }
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(error)
            }
            E::RowNotFound => Self::NotFound,
            E::ColumnDecode { .. } | E::Decode(_) => Self::Corrupt(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// "UNIQUE constraint failed: uploads.tenant_id, uploads.seq" -> "uploads_tenant_id_seq".
fn sqlite_constraint(message: &str) -> String {
    let columns = message.rsplit(": ").next().unwrap_or(message);
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.').unwrap_or((column, ""));
        if name.is_empty() {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name
}

/// SQLite: BUSY (5) and LOCKED (6) with their extended codes. PostgreSQL: serialisation, deadlock, lock not available.
fn is_busy(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6),
        _ => matches!(code, "40001" | "40P01" | "55P03"),
    }
}

/// SQLite: IOERR (10), FULL (13), CANTOPEN (14). PostgreSQL: connection exceptions, shutdown, out of resources.
fn is_unavailable(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 10 | 13 | 14),
        _ => {
            code.len() == 5
                && (code.starts_with("08") || code.starts_with("53") || code.starts_with("57P"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_names_constraints_as_postgresql_does() {
        for (message, name) in [
            ("UNIQUE constraint failed: tenants.slug", "tenants_slug"),
            (
                "UNIQUE constraint failed: uploads.tenant_id, uploads.seq",
                "uploads_tenant_id_seq",
            ),
        ] {
            assert_eq!(sqlite_constraint(message), name);
        }
    }

    #[test]
    fn codes_of_both_databases_are_told_apart() {
        assert!(is_busy("5") && is_busy("517") && is_busy("40P01"));
        assert!(!is_busy("23505") && !is_busy("1"));
        assert!(is_unavailable("13") && is_unavailable("08006") && is_unavailable("57P01"));
        assert!(!is_unavailable("42P01"));
    }
}
