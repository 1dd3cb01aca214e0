//! Several tables of one upload: which is which by their columns, and how they hang together.

use crate::cells;
use crate::detect::{Seen, detect};
use crate::error::NotImportable;
use crate::format::Format;
use crate::header::{fingerprint, normalise};
use crate::inspect::assume;
use crate::options::Options;
use crate::profile::Profile;
use crate::sample::Sample;
use crate::source::Source;
use crate::table::Table;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// What a table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One row a line of an order. The others are looked up for it.
    Items,
    Orders,
    Payments,
    Customers,
    Products,
    /// Names of categories in another language.
    Categories,
    /// Nothing that orders need.
    Unused,
}

/// One table of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinTable {
    /// Which of the uploaded files it is, from 0.
    pub file: usize,
    pub name: String,
    pub role: Role,
    pub table: Table,
    /// Column by which it is looked up.
    pub key: Option<usize>,
    /// Column of the joined table that holds the key.
    pub via: Option<usize>,
    /// Its columns that are a part of the joined table, in order.
    pub columns: Vec<usize>,
}

const ORDER: &[&str] = &[
    "order id",
    "order number",
    "order no",
    "sales order number",
    "order key",
    "invoice no",
    "invoice id",
];
const PRODUCT: &[&str] = &[
    "product id",
    "product key",
    "sku",
    "product sku",
    "item id",
    "stock code",
];
const CUSTOMER: &[&str] = &["customer id", "customer key", "client id"];
const LINE: &[&str] = &[
    "order quantity",
    "quantity",
    "qty",
    "price",
    "unit price",
    "item price",
];

fn any(names: &[String], wanted: &[&str]) -> bool {
    names.iter().any(|n| wanted.contains(&n.as_str()))
}

fn role(names: &[String]) -> Role {
    let order = any(names, ORDER);
    let product = any(names, PRODUCT);
    let says = |word: &str| names.iter().any(|n| n.split(' ').any(|w| w == word));
    if order && any(names, &["payment type", "payment value", "payment method"]) && !product {
        Role::Payments
    } else if order && product && any(names, LINE) {
        Role::Items
    } else if says("review") || says("return") {
        Role::Unused
    } else if order && !product && (says("date") || says("timestamp") || says("created")) {
        Role::Orders
    } else if !order && product {
        Role::Products
    } else if !order && any(names, CUSTOMER) {
        Role::Customers
    } else if names.len() == 2 && names.iter().all(|n| n.contains("category name")) {
        Role::Categories
    } else {
        Role::Unused
    }
}

struct Part {
    file: usize,
    name: String,
    role: Role,
    normal: Vec<String>,
    table: Table,
    seen: Seen,
}

/// Detection over all files of an upload.
pub(crate) fn detect_all(
    files: &[(usize, &Sample, &str)],
    options: &Options,
) -> Result<Seen, NotImportable> {
    let mut parts = Vec::new();
    let mut notes = Vec::new();
    for (file, sample, name) in files {
        let seen = match detect(sample, name, options) {
            Ok(seen) => seen,
            // Notes and pictures beside the tables.
            Err(
                NotImportable::NotATable
                | NotImportable::Binary { .. }
                | NotImportable::Empty
                | NotImportable::NoData
                | NotImportable::NoRecords,
            ) if files.len() > 1 => {
                notes.push((*name).to_owned());
                continue;
            }
            Err(error) => return Err(error),
        };
        let normal: Vec<String> = seen.names.iter().map(|n| normalise(n)).collect();
        parts.push(Part {
            file: *file,
            name: (*name).to_owned(),
            role: role(&normal),
            table: Table::of(&seen, sample, options),
            normal,
            seen,
        });
    }
    let facts = facts(&mut parts)?;
    let mut joined = Joined::default();
    for at in facts {
        if let Some(part) = parts.get(at) {
            joined.fact(part);
        }
    }
    for role in [
        Role::Orders,
        Role::Payments,
        Role::Customers,
        Role::Products,
        Role::Categories,
    ] {
        for part in parts.iter_mut().filter(|p| p.role == role) {
            if !joined.look_up(part) {
                part.role = Role::Unused;
            }
        }
    }
    for part in parts.iter().filter(|p| p.role == Role::Unused) {
        joined.tables.push(JoinTable {
            file: part.file,
            name: part.name.clone(),
            role: Role::Unused,
            table: part.table.clone(),
            key: None,
            via: None,
            columns: Vec::new(),
        });
    }
    Ok(joined.seen(&notes))
}

/// The tables whose rows are lines of orders: all with the same columns as the first, the widest.
fn facts(parts: &mut [Part]) -> Result<Vec<usize>, NotImportable> {
    let by_role = parts.iter().any(|p| p.role == Role::Items);
    let mut groups: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (at, part) in parts.iter().enumerate() {
        let fits = if by_role {
            part.role == Role::Items
        } else {
            Source::of(&part.normal) != Source::Generic
                || crate::workbook_sample::fits(&part.seen.names, &part.seen.profiles)
        };
        if fits {
            groups
                .entry(fingerprint(&part.seen.names))
                .or_default()
                .push(at);
        }
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort();
    let chosen = groups
        .into_iter()
        .max_by_key(|group| (group.len(), std::cmp::Reverse(group.clone())))
        .ok_or_else(|| NotImportable::Archive {
            what: format!(
                "{} files, and none of them is a table of orders: {}",
                parts.len(),
                parts
                    .iter()
                    .map(|p| p.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            next: "Add the table that has one row an order line, with a date and an amount.",
        })?;
    for (at, part) in parts.iter_mut().enumerate() {
        if chosen.contains(&at) {
            part.role = Role::Items;
        } else if part.role == Role::Items {
            part.role = Role::Unused;
        }
    }
    Ok(chosen)
}

/// The table that comes of joining all.
#[derive(Default)]
struct Joined {
    names: Vec<String>,
    normal: Vec<String>,
    profiles: Vec<Profile>,
    tables: Vec<JoinTable>,
}

impl Joined {
    fn fact(&mut self, part: &Part) {
        if self.names.is_empty() {
            self.names.clone_from(&part.seen.names);
            self.normal.clone_from(&part.normal);
            self.profiles.clone_from(&part.seen.profiles);
        } else {
            for (own, other) in self.profiles.iter_mut().zip(&part.seen.profiles) {
                own.add(other);
            }
        }
        self.tables.push(JoinTable {
            file: part.file,
            name: part.name.clone(),
            role: Role::Items,
            table: part.table.clone(),
            key: None,
            via: None,
            columns: (0..part.seen.names.len()).collect(),
        });
    }

    /// `false`: nothing here leads to it.
    fn look_up(&mut self, part: &Part) -> bool {
        let wanted: &[&str] = match part.role {
            Role::Orders | Role::Payments => ORDER,
            Role::Customers => CUSTOMER,
            Role::Products => PRODUCT,
            _ => &["product category name", "category name"],
        };
        let found = wanted.iter().find_map(|name| {
            let key = part.normal.iter().position(|n| n == name)?;
            let via = self.normal.iter().position(|n| n == name)?;
            Some((key, via))
        });
        let Some((key, via)) = found else {
            return false;
        };
        let mut columns = Vec::new();
        for (at, name) in part.normal.iter().enumerate() {
            if at == key || self.normal.contains(name) {
                continue;
            }
            columns.push(at);
            self.normal.push(name.clone());
            self.names
                .push(part.seen.names.get(at).cloned().unwrap_or_default());
            self.profiles
                .push(part.seen.profiles.get(at).cloned().unwrap_or_default());
        }
        self.tables.push(JoinTable {
            file: part.file,
            name: part.name.clone(),
            role: part.role,
            table: part.table.clone(),
            key: Some(key),
            via: Some(via),
            columns,
        });
        true
    }

    fn seen(self, notes: &[String]) -> Seen {
        let mut assumptions = Vec::new();
        let names = |of: &dyn Fn(Role) -> bool| {
            self.tables
                .iter()
                .filter(|t| of(t.role))
                .map(|t| t.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let lines = names(&|r| r == Role::Items);
        let beside = names(&|r| !matches!(r, Role::Items | Role::Unused));
        let mut unused: Vec<&str> = self
            .tables
            .iter()
            .filter(|t| t.role == Role::Unused)
            .map(|t| t.name.as_str())
            .collect();
        unused.extend(notes.iter().map(String::as_str));
        if !beside.is_empty() {
            assumptions.push(assume(
                "joined",
                format!("The lines of {lines} are completed from {beside}."),
            ));
        }
        if !unused.is_empty() {
            assumptions.push(assume(
                "unused_files",
                format!(
                    "Not needed for orders, and not read: {}.",
                    unused.join(", ")
                ),
            ));
        }
        Seen {
            dialect: cells::dialect(self.names.len()),
            format: Format::Joined {
                tables: self.tables,
            },
            encoding: encoding_rs::UTF_8.name().to_owned(),
            encoding_confidence: 1.0,
            bom: 0,
            confidence: 1.0,
            names: self.names,
            profiles: self.profiles,
            rows: Vec::new(),
            table_above: false,
            questions: Vec::new(),
            assumptions,
        }
    }
}
