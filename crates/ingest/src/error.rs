//! Why a file cannot be imported at all. Each message says what happened and what to do next.

use crate::field::Field;
use crate::record::Params;
use thiserror::Error;

#[derive(Clone, Debug, Error)]
pub enum NotImportable {
    #[error("The file is empty. Export it again from your shop and upload the new file.")]
    Empty,
    #[error("This is {what}, not a table of text. {next}")]
    Binary {
        what: &'static str,
        next: &'static str,
    },
    #[error(
        "No table was found in this file: its lines have no columns in common. Upload a CSV file with one order line a row and a header row."
    )]
    NotATable,
    #[error(
        "The file has a header row but no data below it. Check the date range of the export and upload it again."
    )]
    NoData,
    #[error("The file holds no records. Check the date range of the export and upload it again.")]
    NoRecords,
    #[error(
        "The gzip file ends too early: part of it is missing. Upload it again; if it fails once more, make a new export."
    )]
    TruncatedGzip,
    #[error(
        "The gzip file is damaged and cannot be unpacked. Upload it again, or upload the unpacked file."
    )]
    DamagedGzip,
    #[error(
        "The zip archive is damaged, or part of it is missing. Upload it again, or upload the file in it by itself."
    )]
    DamagedZip,
    #[error("The zip archive is encrypted. Unpack it with its password and upload the file in it.")]
    EncryptedZip,
    #[error("The zip archive holds {what}. {next}")]
    Archive {
        what: String,
        /// Of the files that are meant.
        names: Vec<String>,
        next: &'static str,
    },
    /// Chosen together, they are not one upload.
    #[error("These are {what}. {next}")]
    Apart {
        what: String,
        names: Vec<String>,
        next: &'static str,
    },
    #[error("{what} is damaged: {reason}. {next}")]
    Damaged {
        what: &'static str,
        reason: String,
        next: &'static str,
    },
    #[error("{what}, which takes more memory than an import may use. {next}")]
    TooHeavy { what: String, next: &'static str },
    #[error("{what} cannot be read by this import. {next}")]
    Unsupported { what: String, next: &'static str },
    #[error(
        "The file has {} MB and an import takes at most {} MB. Split it, for example by year, and upload the parts: orders are never counted twice.",
        megabytes(*bytes), megabytes(*limit)
    )]
    TooLarge { bytes: u64, limit: u64 },
    #[error(
        "The packed file grows more than {limit} times when unpacked, which no real export does. Upload the unpacked file."
    )]
    TooDense { limit: u64 },
    #[error(
        "The table has {columns} columns and an import takes at most {limit}. Remove columns that are not about orders."
    )]
    TooManyColumns { columns: usize, limit: usize },
    #[error(
        "No column could be found for {}. The file has: {}. Add the missing column to the file, under the name it had in the first one.",
        names(fields), columns.join(", ")
    )]
    MissingColumns {
        fields: Vec<Field>,
        columns: Vec<String>,
    },
    #[error("{} is read from two columns: \"{first}\" and \"{second}\". Choose one of them and ignore the other.", field.name())]
    ColumnMappedTwice {
        field: Field,
        first: String,
        second: String,
    },
    #[error("\"{key}={value}\" is not an answer this import understands. {expected}")]
    BadDecision {
        key: String,
        value: String,
        expected: String,
    },
    #[error("The file could not be read: {0}. Upload it again.")]
    Io(String),
}

impl NotImportable {
    /// Stable name of the case, for programs and translations.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Binary { .. } => "binary",
            Self::NotATable => "not_a_table",
            Self::NoData => "no_data",
            Self::NoRecords => "no_data",
            Self::TruncatedGzip => "truncated_gzip",
            Self::DamagedGzip => "damaged_gzip",
            Self::DamagedZip => "damaged_zip",
            Self::EncryptedZip => "encrypted_zip",
            Self::Archive { .. } => "archive",
            Self::Apart { .. } => "files_apart",
            Self::Damaged { .. } => "damaged",
            Self::TooHeavy { .. } => "too_heavy",
            Self::Unsupported { .. } => "unsupported",
            Self::TooLarge { .. } => "too_large",
            Self::TooDense { .. } => "too_dense",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::MissingColumns { .. } => "missing_columns",
            Self::ColumnMappedTwice { .. } => "column_mapped_twice",
            Self::BadDecision { .. } => "bad_decision",
            Self::Io(_) => "io",
        }
    }
}

impl NotImportable {
    /// Names and numbers of the file that the message is about.
    pub fn params(&self) -> Params {
        let pairs = match self {
            Self::Archive { names, .. } | Self::Apart { names, .. } if !names.is_empty() => {
                vec![("names", names.join(", "))]
            }
            Self::TooLarge { bytes, limit } => vec![
                ("size", megabytes(*bytes).to_string()),
                ("limit", megabytes(*limit).to_string()),
            ],
            Self::TooDense { limit } => vec![("limit", limit.to_string())],
            Self::TooManyColumns { columns, limit } => {
                vec![
                    ("columns", columns.to_string()),
                    ("limit", limit.to_string()),
                ]
            }
            Self::MissingColumns { fields, columns } => {
                let fields: Vec<&str> = fields.iter().map(|field| field.id()).collect();
                vec![
                    ("fields", fields.join(",")),
                    ("columns", columns.join(", ")),
                ]
            }
            Self::ColumnMappedTwice {
                field,
                first,
                second,
            } => vec![
                ("field", field.id().to_owned()),
                ("first", first.clone()),
                ("second", second.clone()),
            ],
            Self::BadDecision { key, value, .. } => vec![("answer", format!("{key}={value}"))],
            _ => Vec::new(),
        };
        let owned = pairs.into_iter();
        owned
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

/// Why reading stopped. What was read before it stands in the batches already returned.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error(
        "The gzip file ends too early, after {records} records: part of it is missing. Upload it again; if it fails once more, make a new export."
    )]
    TruncatedGzip { records: u64 },
    #[error(
        "The gzip file is damaged after {records} records. Upload it again, or upload the unpacked file."
    )]
    DamagedGzip { records: u64 },
    #[error(
        "The zip archive is damaged after {records} records. Upload it again, or upload the file in it by itself."
    )]
    DamagedZip { records: u64 },
    #[error(
        "The file is damaged after {records} records: {what}. Export it again and upload the new file."
    )]
    Broken { what: String, records: u64 },
    #[error(
        "The file has more than {} MB of text and an import takes no more. Split it, for example by year, and upload the parts.",
        megabytes(*limit)
    )]
    TooLarge { limit: u64 },
    #[error(
        "The packed file grows more than {limit} times when unpacked, which no real export does. Upload the unpacked file."
    )]
    TooDense { limit: u64 },
    #[error(
        "The table has more than {limit} cells and an import takes no more. Split the file, for example by year, and upload the parts."
    )]
    TooManyCells { limit: u64 },
    #[error(
        "The plan was made by version {found} of the importer, this is version {expected}. Inspect the file again."
    )]
    OtherVersion { found: u32, expected: u32 },
    #[error("The plan names an encoding that is not known: {0}. Inspect the file again.")]
    UnknownEncoding(String),
    #[error("The file could not be read: {0}. Try the import again.")]
    Io(std::io::Error),
}

impl ReadError {
    pub fn code(&self) -> &'static str {
        match self {
            Self::TruncatedGzip { .. } => "truncated_gzip",
            Self::DamagedGzip { .. } => "damaged_gzip",
            Self::DamagedZip { .. } => "damaged_zip",
            Self::Broken { .. } => "damaged",
            Self::TooLarge { .. } => "too_large",
            Self::TooDense { .. } => "too_dense",
            Self::TooManyCells { .. } => "too_many_cells",
            Self::OtherVersion { .. } => "other_version",
            Self::UnknownEncoding(_) => "unknown_encoding",
            Self::Io(_) => "io",
        }
    }
}

fn names(fields: &[Field]) -> String {
    fields
        .iter()
        .map(|f| match f {
            Field::UnitPrice => "a price or an amount",
            other => other.name(),
        })
        .collect::<Vec<_>>()
        .join(" and ")
}

fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}
