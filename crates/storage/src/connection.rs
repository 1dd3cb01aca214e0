use crate::error::StorageError;
use sqlx::{Postgres, Sqlite, Transaction};

/// An open transaction on whichever database it is. Dropped, it rolls back.
pub(crate) enum Connection {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Connection {
    pub(crate) async fn commit(self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    pub(crate) async fn rollback(self) -> Result<(), StorageError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// Expands one query for both databases.
///
/// `sql!(connection => execute, "...", binds...)` gives the number of rows touched;
/// `sql!(connection => fetch_optional Row, "...", binds...)` and its like give rows.
/// Where the text must differ: `sql!(connection => fetch_optional Row, sqlite "...", postgres "..."; binds...)`.
macro_rules! sql {
    ($connection:expr => execute, $sql:expr $(, $bind:expr)* $(,)?) => {
        match &mut $connection {
            $crate::connection::Connection::Sqlite(tx) => ::sqlx::query::<::sqlx::Sqlite>($sql)
                $(.bind($bind))*
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            $crate::connection::Connection::Postgres(tx) => ::sqlx::query::<::sqlx::Postgres>($sql)
                $(.bind($bind))*
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err($crate::error::StorageError::from)
    };
    ($connection:expr => $fetch:ident $row:ty, sqlite $sqlite:expr, postgres $postgres:expr; $($bind:expr),* $(,)?) => {
        match &mut $connection {
            $crate::connection::Connection::Sqlite(tx) => {
                ::sqlx::query_as::<::sqlx::Sqlite, $row>($sqlite)
                    $(.bind($bind))*
                    .$fetch(&mut **tx)
                    .await
            }
            $crate::connection::Connection::Postgres(tx) => {
                ::sqlx::query_as::<::sqlx::Postgres, $row>($postgres)
                    $(.bind($bind))*
                    .$fetch(&mut **tx)
                    .await
            }
        }
        .map_err($crate::error::StorageError::from)
    };
    ($connection:expr => $fetch:ident $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        sql!($connection => $fetch $row, sqlite $sql, postgres $sql; $($bind),*)
    };
}
