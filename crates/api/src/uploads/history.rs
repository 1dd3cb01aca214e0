//! Every upload there was, as a list one can narrow and sort.

use super::{DATA_SETS, State, Totals};
use crate::Moment;
use serde::{Deserialize, Serialize};
use types::{Day, UploadId};

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: UploadId,
    pub file_name: String,
    pub size: u64,
    pub state: State,
    /// Absent where it is not known any more.
    pub created_by: Option<Who>,
    pub created: Moment,
    pub rows: Option<u64>,
    pub rejected: Option<u64>,
    pub totals: Vec<Totals>,
    /// The upload whose refused records it corrects.
    pub parent: Option<Parent>,
    /// What it was split into.
    pub pieces: Vec<Piece>,
}

/// One of the uploads that another was split into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub id: UploadId,
    pub file_name: String,
    pub state: State,
}

/// An upload that another one completes, or comes out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    pub id: UploadId,
    pub file_name: String,
}

/// Who sent an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// By name.
    Person(String),
    /// A key for programs, by its name.
    Key(String),
    /// A watched place, by its address; empty where it is watched no longer.
    Watch(String),
    /// Whoever runs the server, at its command line.
    Command,
}

/// One who sent uploads, as the history is narrowed to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// As [`Listing::who`] has it.
    pub id: String,
    pub who: Who,
}

/// What the history shows: `?q=shopify&state=done&set=orders&who=key:…&since=2026-01-01&sort=size&dir=asc&page=2`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listing {
    /// Part of the file's name. Empty: every file.
    pub text: String,
    pub state: Option<State>,
    /// One of [`DATA_SETS`].
    pub data_set: Option<String>,
    /// `user:…`, `key:…`, `watch:…`, `command`: one of [`Person::id`].
    pub who: Option<String>,
    /// Days of the shop, both inclusive.
    pub since: Option<Day>,
    pub until: Option<Day>,
    pub sort: Sort,
    pub ascending: bool,
    /// From 0.
    pub page: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    Created,
    FileName,
    Size,
    State,
    Rows,
    Rejected,
}

impl Sort {
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::FileName,
        Self::Size,
        Self::State,
        Self::Rows,
        Self::Rejected,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::FileName => "file",
            Self::Size => "size",
            Self::State => "state",
            Self::Rows => "rows",
            Self::Rejected => "rejected",
        }
    }
}

impl Listing {
    /// What cannot be read is as if it were absent. Pages are counted from 1 in the URL.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let sort = get("sort").and_then(|s| Sort::ALL.into_iter().find(|o| o.as_str() == s));
        Self {
            text: get("q").unwrap_or_default().trim().to_owned(),
            state: get("state").and_then(|s| s.parse().ok()),
            data_set: get("set")
                .and_then(|set| DATA_SETS.into_iter().find(|known| *known == set))
                .map(str::to_owned),
            who: get("who").filter(|who| !who.is_empty()).map(str::to_owned),
            since: get("since").and_then(|day| day.parse().ok()),
            until: get("until").and_then(|day| day.parse().ok()),
            sort: sort.unwrap_or_default(),
            ascending: get("dir") == Some("asc"),
            page: get("page")
                .and_then(|p| p.parse::<u64>().ok())
                .map_or(0, |p| p.clamp(1, 1_000_000) - 1),
        }
    }

    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        if !self.text.is_empty() {
            parts.push(format!("q={}", crate::escape(&self.text)));
        }
        if let Some(state) = self.state {
            parts.push(format!("state={state}"));
        }
        if let Some(set) = &self.data_set {
            parts.push(format!("set={set}"));
        }
        if let Some(who) = &self.who {
            parts.push(format!("who={}", crate::escape(who)));
        }
        if let Some(day) = self.since {
            parts.push(format!("since={day}"));
        }
        if let Some(day) = self.until {
            parts.push(format!("until={day}"));
        }
        if self.sort != Sort::default() {
            parts.push(format!("sort={}", self.sort.as_str()));
        }
        if self.ascending {
            parts.push("dir=asc".to_owned());
        }
        if self.page > 0 {
            parts.push(format!("page={}", self.page + 1));
        }
        parts.join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(query: &str) -> Listing {
        let map: HashMap<&str, &str> = query.split('&').filter_map(|p| p.split_once('=')).collect();
        Listing::read(|name| map.get(name).copied())
    }

    #[test]
    fn the_url_and_the_listing_are_the_same_thing() {
        for query in [
            "",
            "state=failed",
            "q=orders%20of%20may&sort=rows",
            "sort=size&dir=asc&page=3",
            "set=products&who=key%3A0190&since=2026-01-01&until=2026-02-28",
        ] {
            let plain = query.replace("%20", " ").replace("%3A", ":");
            assert_eq!(read(&plain).query(), query);
        }
        let nonsense = "page=0&sort=colour&state=lost&set=cats&since=today&until=&who=";
        assert_eq!(read(nonsense), Listing::default());
    }
}
