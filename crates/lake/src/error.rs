use thiserror::Error;

#[derive(Debug, Error)]
pub enum LakeError {
    #[error("delta table: {0}")]
    Delta(#[from] deltalake::DeltaTableError),
    #[error("frame: {0}")]
    Frame(#[from] polars::error::PolarsError),
    #[error("objects: {0}")]
    Objects(#[from] objects::ObjectError),
    #[error(transparent)]
    Read(#[from] ingest::ReadError),
    #[error("what was met in a file could not be kept: {0}")]
    Seen(std::io::Error),
    #[error("statistics: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the lake's address `{0}` cannot hold tables")]
    BadUrl(String),
    #[error("the import was cancelled")]
    Cancelled,
    #[error("a task of the lake was stopped: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error(
        "the lake's table {0} was made by an earlier version of the product: import the files again into an empty data folder"
    )]
    Outdated(&'static str),
    #[error("version {0} of the table is no longer kept")]
    Gone(u64),
    #[error("the lake holds what it should not: {0}")]
    Corrupt(String),
}

impl LakeError {
    /// Whether files are asked for that were removed: of a version that is no longer kept.
    pub fn is_gone(&self) -> bool {
        matches!(
            self,
            Self::Gone(_) | Self::Objects(objects::ObjectError::NotFound { .. })
        )
    }
}
