//! Values that hold values, laid out as a table: nested objects become columns with dotted names, and one list of
//! objects (an order's items) becomes a record an item, each with what stands around the list.

use crate::cells::CellWriter;
use crate::json::{List, Value};
use crate::number::Decimal;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

/// An object with more different keys than this is a map, kept as JSON in one column.
const MAP_KEYS: usize = 64;

/// Column of values that stand alone.
const ALONE: &str = "value";

/// How nested values become rows of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeLayout {
    /// Keys that lead to the list whose elements are rows, where there is one.
    #[serde(default)]
    pub items: Option<Vec<String>>,
    /// Dotted names of objects kept as JSON in one column.
    #[serde(default)]
    pub whole: Vec<String>,
}

/// Names by which the items of an order go.
const ITEMS: &[&str] = &[
    "lineitems",
    "items",
    "orderitems",
    "lines",
    "orderlines",
    "products",
    "orderproducts",
    "positions",
    "details",
    "orderdetails",
    "cart",
    "cartitems",
    "articles",
    "rows",
    "entries",
    "lineitem",
    "item",
    "edges",
    "nodes",
];

pub(crate) fn squeezed(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

pub(crate) fn names_items(name: &str) -> bool {
    ITEMS.contains(&squeezed(name).as_str())
}

impl TreeLayout {
    /// Settles the layout by looking at some values, and names the columns in the order they are met.
    pub(crate) fn of(values: &[Value<'_>]) -> (Self, Vec<String>) {
        let layout = Self {
            items: items(values),
            whole: maps(values),
        };
        let mut columns = Columns::default();
        for value in values {
            for n in 0..layout.count(value).min(200) {
                for leaf in layout.row(value, n) {
                    columns.at(&leaf.name);
                }
            }
        }
        (layout, columns.names)
    }

    fn list<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v List<'a>> {
        match follow(value, self.items.as_deref()?)? {
            Value::List(list) if !list.items.is_empty() => Some(list),
            _ => None,
        }
    }

    /// Rows the value makes: one at least.
    pub(crate) fn count(&self, value: &Value<'_>) -> usize {
        self.list(value).map_or(1, |list| list.items.len())
    }

    /// Where each of the rows ends in the text the value was read from.
    pub(crate) fn ends<'v>(&self, value: &'v Value<'_>) -> &'v [usize] {
        self.list(value).map_or(&[], |list| &list.ends)
    }

    /// The leaves of the value's n-th row, from 0.
    pub(crate) fn row<'v>(&self, value: &'v Value<'_>, n: usize) -> Vec<Leaf<'v>> {
        let mut row = Vec::new();
        let path = self.items.as_deref();
        let list = path.and_then(|path| follow(value, path));
        self.leaves(value, &mut String::new(), list.and(path), &mut row);
        if let (Some(Value::List(list)), Some(path)) = (list, path)
            && let Some(item) = list.items.get(n)
        {
            self.leaves(item, &mut path.join("."), None, &mut row);
        }
        repeats(&mut row);
        row
    }

    fn leaves<'v>(
        &self,
        value: &'v Value<'_>,
        name: &mut String,
        skip: Option<&[String]>,
        out: &mut Vec<Leaf<'v>>,
    ) {
        match value {
            Value::Object(members) if !self.whole.contains(name) => {
                for (key, value) in members {
                    let below = match skip {
                        Some([last]) if last == key => continue,
                        Some([first, rest @ ..]) if first == key => Some(rest),
                        _ => None,
                    };
                    let length = name.len();
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(key);
                    self.leaves(value, name, below, out);
                    name.truncate(length);
                }
            }
            // A row written as a list of values.
            Value::List(list) if name.is_empty() && !value.is_list_of_objects() => {
                for (at, value) in list.items.iter().enumerate() {
                    out.push(Leaf {
                        name: format!("column {}", at + 1),
                        value,
                    });
                }
            }
            Value::List(list) if is_key_values(list) => {
                for item in &list.items {
                    let (Some(Value::Text(key)), Some(value)) = (item.get("key"), said(item))
                    else {
                        continue;
                    };
                    let name = match name.as_str() {
                        "" => key.to_string(),
                        name => format!("{name}.{key}"),
                    };
                    out.push(Leaf { name, value });
                }
            }
            value => out.push(Leaf {
                name: if name.is_empty() {
                    ALONE.to_owned()
                } else {
                    name.clone()
                },
                value,
            }),
        }
    }
}

/// Kinds of values in Google Analytics' lists of parameters: one of them is filled in.
const KINDS: [&str; 4] = ["string_value", "int_value", "float_value", "double_value"];
/// Beside them: when a property was set.
const SET_AT: &str = "set_timestamp_micros";

/// Whether the list is an object written as pairs: `[{"key": "page", "value": {"string_value": "/"}}]`.
fn is_key_values(list: &List<'_>) -> bool {
    let is_pair = |item: &Value<'_>| {
        let value = match item.get("value") {
            Some(Value::Object(kinds)) => kinds,
            _ => return false,
        };
        matches!(item.get("key"), Some(Value::Text(_)))
            && value
                .iter()
                .all(|(kind, _)| KINDS.contains(&&**kind) || kind == SET_AT)
    };
    !list.items.is_empty() && list.items.iter().all(is_pair)
}

/// What a pair of such a list says; `None`: nothing.
fn said<'v, 'a>(pair: &'v Value<'a>) -> Option<&'v Value<'a>> {
    let value = pair.get("value")?;
    let mut kinds = KINDS.iter().filter_map(|kind| value.get(kind));
    kinds.find(|value| **value != Value::Null)
}

/// A key that repeats is another column, so that no value hides another.
fn repeats(leaves: &mut [Leaf<'_>]) {
    let mut seen = FxHashSet::default();
    for leaf in leaves {
        if seen.contains(&leaf.name) {
            let mut n = 2;
            while seen.contains(&format!("{} ({n})", leaf.name)) {
                n += 1;
            }
            leaf.name = format!("{} ({n})", leaf.name);
        }
        seen.insert(leaf.name.clone());
    }
}

/// A value of a row, with its column's name.
#[derive(Clone, Debug)]
pub(crate) struct Leaf<'v> {
    pub name: String,
    pub value: &'v Value<'v>,
}

fn follow<'v, 'a>(value: &'v Value<'a>, path: &[String]) -> Option<&'v Value<'a>> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// The list of objects that holds the rows: by its name, else the only one.
fn items(values: &[Value<'_>]) -> Option<Vec<String>> {
    let mut found: Vec<(Vec<String>, usize)> = Vec::new();
    for value in values {
        lists(value, &mut Vec::new(), &mut found);
    }
    let by_name = found
        .iter()
        .filter(|(path, _)| path.last().is_some_and(|name| names_items(name)))
        .min_by_key(|(path, count)| (path.len(), std::cmp::Reverse(*count)));
    by_name.map(|(path, _)| path.clone())
}

/// Lists of objects within objects, at most three levels down.
fn lists(value: &Value<'_>, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, usize)>) {
    let Value::Object(members) = value else {
        return;
    };
    if path.len() >= 3 {
        return;
    }
    for (key, value) in members {
        path.push(key.clone().into_owned());
        match value {
            Value::List(_) if value.is_list_of_objects() => {
                match found.iter().position(|(known, _)| known == path) {
                    Some(at) => {
                        if let Some((_, count)) = found.get_mut(at) {
                            *count += 1;
                        }
                    }
                    None if found.len() < 100 => found.push((path.clone(), 1)),
                    None => {}
                }
            }
            Value::Object(_) => lists(value, path, found),
            _ => {}
        }
        path.pop();
    }
}

/// Objects whose keys are data.
fn maps(values: &[Value<'_>]) -> Vec<String> {
    let mut keys: FxHashMap<String, FxHashSet<String>> = FxHashMap::default();
    fn visit(
        value: &Value<'_>,
        name: &mut String,
        keys: &mut FxHashMap<String, FxHashSet<String>>,
    ) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    if !name.is_empty() {
                        let known = keys.entry(name.clone()).or_default();
                        if known.len() <= MAP_KEYS {
                            known.insert(key.clone().into_owned());
                        }
                    }
                    let length = name.len();
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(key);
                    visit(value, name, keys);
                    name.truncate(length);
                }
            }
            Value::List(list) => {
                for item in &list.items {
                    if matches!(item, Value::Object(_)) {
                        visit(item, name, keys);
                    }
                }
            }
            _ => {}
        }
    }
    for value in values {
        visit(value, &mut String::new(), &mut keys);
    }
    let mut whole: Vec<String> = keys
        .into_iter()
        .filter(|(_, known)| known.len() > MAP_KEYS)
        .map(|(name, _)| name)
        .collect();
    whole.sort();
    whole
}

/// Columns by name, in the order they were met.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub names: Vec<String>,
    index: FxHashMap<String, usize>,
}

impl Columns {
    pub fn new(names: &[String]) -> Self {
        Self {
            names: names.to_vec(),
            index: names
                .iter()
                .enumerate()
                .map(|(at, name)| (name.clone(), at))
                .collect(),
        }
    }

    pub fn get(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    fn at(&mut self, name: &str) -> usize {
        if let Some(at) = self.get(name) {
            return at;
        }
        let at = self.names.len();
        self.names.push(name.to_owned());
        self.index.insert(name.to_owned(), at);
        at
    }
}

/// What a leaf says, as a cell holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain<'v> {
    Text(std::borrow::Cow<'v, str>),
    /// With a decimal point.
    Number(&'v str),
}

pub(crate) fn plain<'v>(value: &'v Value<'_>) -> Plain<'v> {
    use std::borrow::Cow;
    match value {
        Value::Null => Plain::Text(Cow::Borrowed("")),
        Value::Bool(true) => Plain::Text(Cow::Borrowed("true")),
        Value::Bool(false) => Plain::Text(Cow::Borrowed("false")),
        Value::Number(n) => Plain::Number(n),
        Value::Text(t) => Plain::Text(Cow::Borrowed(t)),
        Value::List(list) if list.items.is_empty() => Plain::Text(Cow::Borrowed("")),
        Value::Object(members) if members.is_empty() => Plain::Text(Cow::Borrowed("")),
        value => {
            let mut out = String::new();
            value.write(&mut out);
            Plain::Text(Cow::Owned(out))
        }
    }
}

/// Writes a row's leaves into cells, in the columns' order; what has no column stands behind them.
pub(crate) fn write_row(
    leaves: &[Leaf<'_>],
    columns: &Columns,
    decimals: &[Decimal],
    writer: &mut CellWriter,
) {
    let mut order: Vec<Option<&Leaf<'_>>> = vec![None; columns.names.len()];
    let mut more = Vec::new();
    for leaf in leaves {
        match columns.get(&leaf.name).and_then(|at| order.get_mut(at)) {
            Some(slot) => *slot = Some(leaf),
            None => more.push(leaf),
        }
    }
    writer.begin();
    for (at, leaf) in order.into_iter().enumerate() {
        let comma = decimals.get(at) == Some(&Decimal::Comma);
        match leaf.map(|leaf| plain(leaf.value)) {
            None => writer.cell(""),
            Some(Plain::Text(text)) => writer.cell(&text),
            Some(Plain::Number(number)) if comma => writer.cell(&number.replace('.', ",")),
            Some(Plain::Number(number)) => writer.cell(number),
        }
    }
    writer.end();
    for leaf in more {
        match plain(leaf.value) {
            Plain::Text(text) => writer.more(&leaf.name, &text),
            Plain::Number(number) => writer.more(&leaf.name, number),
        }
    }
}
