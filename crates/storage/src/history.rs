//! The uploads of a tenant, as a list one can search and sort.

use crate::{
    Sender, StorageError, TenantTx,
    convert::{plain, set, signed, unsigned},
    uploads::{Row, Upload, UploadState, columns},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use types::Page;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    #[default]
    Seq,
    FileName,
    Size,
    State,
    UpdatedAt,
    /// Records of the file; without a result last.
    Rows,
    /// Refused records; without a result last.
    Rejected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: SortBy,
    pub descending: bool,
}

impl Default for Sort {
    /// The newest first.
    fn default() -> Self {
        Self {
            by: SortBy::Seq,
            descending: true,
        }
    }
}

#[derive(Clone, Debug)]
pub struct UploadFilter {
    /// Empty: all.
    pub states: Vec<UploadState>,
    /// `None`: all.
    pub data_set: Option<String>,
    /// Part of the file's name, in either case. Empty: all.
    pub text: String,
    /// Begun at or after.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub before: Option<Timestamp>,
    /// `None`: by anybody.
    pub by: Option<Sender>,
    pub sort: Sort,
    pub offset: u64,
    pub limit: u32,
}

impl Default for UploadFilter {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            data_set: None,
            text: String::new(),
            from: None,
            before: None,
            by: None,
            sort: Sort::default(),
            offset: 0,
            limit: 50,
        }
    }
}

impl TenantTx {
    pub async fn uploads(&mut self, filter: &UploadFilter) -> Result<Page<Upload>, StorageError> {
        // The sought text is lowered here, the name by the database: SQLite lowers ASCII only, so names are
        // compared as they are too.
        const WHERE: &str = "where tenant_id = $1
            and ($2 = ',' or replace($2, ',' || state || ',', '') <> $2)
            and ($3 = '' or data_set = $3)
            and ($4 = '' or replace(lower(file_name), $4, '') <> lower(file_name)
                         or replace(file_name, $5, '') <> file_name)
            and created_at >= $6 and created_at < $7
            and ($8 = '' or ($8 = 'user' and created_by = $9)
                 or (sent_by = $8 and ($8 = 'command' or sent_by_id = $9)))";
        let states = set(filter.states.iter().map(|state| state.as_str()));
        let data_set = filter.data_set.as_deref().unwrap_or_default();
        let text = plain(&filter.text);
        let lowered = text.to_lowercase();
        let from = filter.from.map_or(i64::MIN, Timestamp::as_microsecond);
        let before = filter.before.map_or(i64::MAX, Timestamp::as_microsecond);
        let (sender, by) = Sender::asked(filter.by);
        let (total,) = sql!(self.connection => fetch_one (i64,),
            AssertSqlSafe(format!("select count(*) from uploads {WHERE}")),
            self.tenant.0, &states, data_set, &lowered, &*text, from, before, sender, by)?;
        let column = match filter.sort.by {
            SortBy::Seq => "seq",
            SortBy::FileName => "lower(file_name)",
            SortBy::Size => "size",
            SortBy::State => "state",
            SortBy::UpdatedAt => "updated_at",
            SortBy::Rows => "row_count is null, row_count",
            SortBy::Rejected => "rejected is null, rejected",
        };
        let direction = if filter.sort.descending {
            "desc"
        } else {
            "asc"
        };
        // Only the constants above enter the text.
        let query = format!(
            concat!(
                "select ",
                columns!(),
                " from uploads {} order by {} {}, seq desc limit $10 offset $11"
            ),
            WHERE, column, direction
        );
        let items = sql!(self.connection => fetch_all Row, AssertSqlSafe(query),
            self.tenant.0, &states, data_set, &lowered, &*text, from, before, sender, by,
            i64::from(filter.limit), signed(filter.offset))?
        .into_iter()
        .map(Upload::try_from)
        .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            total: unsigned(total),
            offset: filter.offset,
        })
    }
}
