//! What a file is, beneath its packing.

use crate::join::{JoinTable, Role};
use crate::json_form::JsonForm;
use crate::tree::TreeLayout;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Format {
    /// Text whose fields stand between delimiters.
    #[default]
    Delimited,
    Json {
        form: JsonForm,
        layout: TreeLayout,
    },
    /// Sheets of an Excel workbook with the same columns, read one after another.
    Workbook {
        sheets: Vec<SheetPlan>,
    },
    Parquet {
        layout: TreeLayout,
    },
    /// Several tables of one upload that belong together.
    Joined {
        tables: Vec<JoinTable>,
    },
}

/// One sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetPlan {
    pub name: String,
    /// Row of the first record, from 1, as the workbook counts them.
    pub first_row: u64,
    /// Columns before the table's first.
    pub first_column: usize,
}

impl Format {
    /// In plain English.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delimited => "delimited text",
            Self::Json {
                form: JsonForm::Lines,
                ..
            } => "JSON, a record a line",
            Self::Json { .. } => "JSON",
            Self::Workbook { .. } => "an Excel workbook",
            Self::Parquet { .. } => "a Parquet file",
            Self::Joined { .. } => "several tables",
        }
    }

    /// The layout of nested values, where there are any.
    pub fn layout(&self) -> Option<&TreeLayout> {
        match self {
            Self::Json { layout, .. } | Self::Parquet { layout } => Some(layout),
            Self::Delimited | Self::Workbook { .. } | Self::Joined { .. } => None,
        }
    }

    /// Whether a record may be one of several items of an order.
    pub(crate) fn nests(&self) -> bool {
        self.layout().is_some_and(|layout| layout.items.is_some())
    }

    /// Whether further tables may stand below the first.
    pub(crate) fn has_tables(&self) -> bool {
        matches!(self, Self::Delimited | Self::Workbook { .. })
    }

    /// Files that one table stands in, or the joined one's lines.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::Joined { tables } => tables.iter().filter(|t| t.role == Role::Items).count(),
            _ => 1,
        }
    }

    /// Whether records have their place in the bytes of the file.
    pub fn has_spans(&self) -> bool {
        matches!(self, Self::Delimited | Self::Json { .. })
    }
}
