use crate::{Dimension, Metric, Unit};
use serde::{Deserialize, Serialize};
use types::{Currency, Day, Micros};

/// What a [`crate::Query`] returns: dimensions first, then metrics, in the query's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// The currency of every amount, where there is one. With several, a `currency` column is added:
    /// amounts of different currencies are never added up.
    pub currency: Option<Currency>,
    /// Rows there are before the query's limit.
    pub total_rows: u64,
    /// Why amounts that were to be converted are not known.
    #[serde(default)]
    pub without_rate: Vec<WithoutRate>,
}

/// Amounts of this currency found no rate of exchange on this day, the first of the query's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WithoutRate {
    /// Empty: the rows name no currency.
    pub currency: String,
    pub day: Day,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub kind: ColumnKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Dimension(Dimension),
    Metric(Metric),
}

impl Column {
    pub fn id(&self) -> &str {
        match &self.kind {
            ColumnKind::Dimension(d) => d.id(),
            ColumnKind::Metric(m) => m.id(),
        }
    }

    pub fn unit(&self) -> Option<Unit> {
        match self.kind {
            ColumnKind::Dimension(_) => None,
            ColumnKind::Metric(m) => Some(m.unit()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Not known: shown as a dash, never as 0.
    Unknown,
    /// Key of a time dimension; its text is [`crate::calendar::label`].
    Key(i32),
    Text(String),
    Count(i64),
    /// Money, quantity or ratio: the column's unit says which.
    Micros(Micros),
}

impl Cell {
    /// The figure in millionths. `None` where it is unknown or no figure.
    pub fn micros(&self) -> Option<Micros> {
        match self {
            Self::Micros(m) => Some(*m),
            Self::Count(n) => n.checked_mul(1_000_000).map(Micros),
            Self::Unknown | Self::Key(_) | Self::Text(_) => None,
        }
    }
}

impl Table {
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.id() == id)
    }

    pub fn cell(&self, row: usize, id: &str) -> Option<&Cell> {
        self.rows.get(row)?.get(self.column(id)?)
    }

    pub fn metric(&self, row: usize, metric: Metric) -> Option<&Cell> {
        self.cell(row, metric.id())
    }

    /// Plain text of a cell, as the command line and exports write it.
    pub fn text(&self, row: usize, column: usize) -> String {
        let (Some(cell), Some(head)) = (
            self.rows.get(row).and_then(|r| r.get(column)),
            self.columns.get(column),
        ) else {
            return String::new();
        };
        match (cell, head.kind) {
            (Cell::Key(key), ColumnKind::Dimension(d)) => crate::calendar::label(d, *key),
            (Cell::Key(key), ColumnKind::Metric(_)) => key.to_string(),
            (Cell::Unknown, _) => String::new(),
            (Cell::Text(text), _) => text.clone(),
            (Cell::Count(n), _) => n.to_string(),
            (Cell::Micros(m), _) => m.to_string(),
        }
    }
}
