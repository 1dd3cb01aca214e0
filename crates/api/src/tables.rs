//! The tables of what files say beside orders, and what is made of them.

use crate::{Moment, dashboard::Scope};
use serde::{Deserialize, Serialize};
use types::{Currency, Day, Micros, Page, UploadId};

/// Rows on one page.
pub const ROWS: u64 = 50;

/// By the ids of the tables, in the order in which they are offered.
pub const TABLES: [&str; 10] = [
    "products",
    "customers",
    "customer_features",
    "events",
    "funnel",
    "inventory",
    "costs",
    "promotions",
    "ad_spend",
    "rates",
];

/// Too long, or without texts: to look through them takes more than a moment, or finds nothing.
const NOT_SEARCHED: [&str; 2] = ["events", "funnel"];

/// Which rows, as the URL says: `?table=products&q=lamp&page=2`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableAsked {
    /// One of [`TABLES`].
    pub table: String,
    /// Part of a text in the row. Empty: every row.
    pub text: String,
    /// From 0.
    pub page: u64,
}

impl TableAsked {
    pub fn of(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            text: String::new(),
            page: 0,
        }
    }

    /// What cannot be read is as if it were absent. Pages are counted from 1 in the URL.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let named = get("table").and_then(|id| TABLES.into_iter().find(|table| *table == id));
        let table = named.unwrap_or(TABLES[0]);
        Self {
            text: match is_searched(table) {
                true => get("q").unwrap_or_default().trim().to_owned(),
                false => String::new(),
            },
            page: get("page")
                .and_then(|p| p.parse::<u64>().ok())
                .map_or(0, |p| p.clamp(1, 1_000_000) - 1),
            ..Self::of(table)
        }
    }

    /// Their page, with the scope that every page shares.
    pub fn link(&self, scope: &Scope) -> String {
        let mut parts = vec![format!("table={}", self.table)];
        if !self.text.is_empty() {
            parts.push(format!("q={}", crate::escape(&self.text)));
        }
        if self.page > 0 {
            parts.push(format!("page={}", self.page + 1));
        }
        match scope.query() {
            query if query.is_empty() => {}
            query => parts.push(query),
        }
        format!("/tables?{}", parts.join("&"))
    }
}

pub fn is_searched(table: &str) -> bool {
    !NOT_SEARCHED.contains(&table)
}

/// A page of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub id: String,
    /// Counts the changes of this table; 0 where there never was one.
    pub version: i64,
    pub columns: Vec<Column>,
    pub page: Page<Vec<Option<Value>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Id of a field, or of a column that was made here.
    pub id: String,
    /// Of figures, which stand at the end of their column.
    pub is_figure: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Text(String),
    Count(i64),
    Quantity(Micros),
    Money {
        amount: Micros,
        /// Absent where the row names none.
        currency: Option<Currency>,
    },
    /// A plain decimal of nine digits.
    Rate(String),
    Day(Day),
    Moment(Moment),
    Flag(bool),
    /// The file that the row was read from.
    File {
        id: UploadId,
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(link: &str) -> (TableAsked, Scope) {
        let query = link.split_once('?').map_or("", |(_, query)| query);
        let map: HashMap<&str, &str> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let get = |name: &str| map.get(name).copied();
        (TableAsked::read(get), Scope::read(get))
    }

    #[test]
    fn the_url_and_what_is_asked_for_are_the_same_thing() {
        for link in [
            "/tables?table=products",
            "/tables?table=customer_features&q=c-17&page=3&period=last7",
            "/tables?table=funnel&page=2",
        ] {
            let (asked, scope) = read(link);
            assert_eq!(asked.link(&scope), link);
        }
    }

    #[test]
    fn what_is_no_table_is_the_first_and_what_is_not_searched_stays_whole() {
        assert_eq!(read("/tables?table=orders").0, TableAsked::of("products"));
        assert_eq!(read("/tables?page=0").0, TableAsked::of("products"));
        assert_eq!(read("/tables?table=events&q=x").0, TableAsked::of("events"));
    }
}
