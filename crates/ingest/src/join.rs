//! Several tables of one upload: which is which by their columns, and how they hang together.

use crate::cells;
use crate::data_set::DataSet;
use crate::detect::{Seen, detect};
use crate::error::NotImportable;
use crate::field::Field;
use crate::format::Format;
use crate::header::{fingerprint, normalise};
use crate::inspect::{about, assume};
use crate::options::Options;
use crate::plan::Telling;
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
    /// Of one table in parts, where each of its columns stands in the joined table. Empty: in the same place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub into: Vec<usize>,
}

impl JoinTable {
    /// Columns of the joined table that its own reach.
    pub(crate) fn reach(&self) -> usize {
        let last = self.into.iter().max().map(|at| at + 1);
        last.unwrap_or(self.columns.len())
    }
}

/// Whether any of the tables completes others.
pub(crate) fn completes(tables: &[JoinTable]) -> bool {
    tables
        .iter()
        .any(|table| !matches!(table.role, Role::Items | Role::Unused))
}

/// What becomes of a table that nothing leads to and that could be imported by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Left out in silence it would be lost.
    Refused,
    /// It is only asked what belongs together.
    SetAside,
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
    /// What it is about by itself, and whether it has all that is needed for that.
    about: DataSet,
    whole: bool,
}

/// Detection over all files of an upload.
pub(crate) fn detect_all(
    files: &[(usize, &Sample, &str)],
    beside: Beside,
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
        let (about, whole) = about(&seen, options)?;
        parts.push(Part {
            about,
            whole,
            file: *file,
            name: (*name).to_owned(),
            role: role(&normal),
            table: Table::of(&seen, sample, options),
            normal,
            seen,
        });
    }
    let mut facts = facts(&mut parts)?;
    // What the newest export says of an order counts: it is read first.
    let newest = |at: &usize| {
        let part = parts.get(*at).filter(|part| part.holds_whole_orders())?;
        Some((part.newest(), part.name.clone()))
    };
    facts.sort_by_cached_key(|at| std::cmp::Reverse(newest(at)));
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
            let looked_up = joined.about == DataSet::Orders && !part.is_its_own();
            if !looked_up || !joined.look_up(part) {
                part.role = Role::Unused;
            }
        }
    }
    let alone = |part: &&Part| part.role == Role::Unused && part.whole;
    let alone: Vec<&str> = parts
        .iter()
        .filter(alone)
        .map(|p| p.name.as_str())
        .collect();
    if beside == Beside::Refused && !alone.is_empty() {
        let what = format!(
            "{} files, of which {} could be imported, but not together with the others",
            files.len(),
            alone.join(", ")
        );
        return Err(together(
            &parts,
            what,
            &alone,
            "Upload the tables that do not belong together one by one.",
        ));
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
            into: Vec::new(),
        });
    }
    Ok(joined.seen(&notes))
}

/// The tables whose rows are what is imported, of the commonest kind: lines of orders, or else of one other data set. They
/// are one table in parts, of which a later one may have further columns.
fn facts(parts: &mut [Part]) -> Result<Vec<usize>, NotImportable> {
    let by_role = parts.iter().any(|p| p.role == Role::Items);
    let orders = |part: &Part| {
        if by_role {
            part.role == Role::Items
        } else {
            part.about == DataSet::Orders
                && (Source::of(&part.normal) != Source::Generic
                    || crate::workbook_sample::fits(&part.seen.names, &part.seen.profiles))
        }
    };
    let any_orders = parts.iter().any(orders);
    let fits = |part: &Part| match any_orders {
        true => orders(part),
        false => part.about != DataSet::Orders && part.whole,
    };
    let mut groups: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (at, part) in parts.iter().enumerate().filter(|(_, part)| fits(part)) {
        groups
            .entry(fingerprint(&part.seen.names))
            .or_default()
            .push(at);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort();
    let chosen = groups
        .into_iter()
        .max_by_key(|group| (group.len(), std::cmp::Reverse(group.clone())));
    // Parts of one table that nobody knows: what it is can be asked.
    let unknown = || {
        let first = parts.first()?;
        let one_table = parts.iter().all(|part| first.goes_on_in(part));
        one_table.then(|| (0..parts.len()).collect::<Vec<_>>())
    };
    let chosen = chosen.or_else(unknown);
    let first = chosen.as_ref().and_then(|group| parts.get(*group.first()?));
    let Some((mut chosen, first)) = chosen.clone().zip(first) else {
        let names: Vec<&str> = parts.iter().map(|p| p.name.as_str()).collect();
        let what = format!(
            "{} files, and none of them is a table of orders: {}",
            parts.len(),
            names.join(", ")
        );
        return Err(together(
            parts,
            what,
            &names,
            "Add the table that has one row an order line, with a date and an amount.",
        ));
    };
    chosen = (0..parts.len())
        .filter(|at| {
            let more = parts.get(*at).filter(|part| fits(part));
            chosen.contains(at) || more.is_some_and(|part| first.goes_on_in(part))
        })
        .collect();
    for (at, part) in parts.iter_mut().enumerate() {
        if chosen.contains(&at) {
            part.role = Role::Items;
            if any_orders {
                part.about = DataSet::Orders;
            }
        } else if part.role == Role::Items {
            part.role = Role::Unused;
        }
    }
    Ok(chosen)
}

/// Files that are not one upload: those of an archive, or those that were chosen together.
fn together(parts: &[Part], what: String, names: &[&str], next: &'static str) -> NotImportable {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let archive = parts.windows(2).all(|two| match two {
        [a, b] => a.file == b.file,
        _ => true,
    });
    if archive {
        NotImportable::Archive { what, names, next }
    } else {
        NotImportable::Apart { what, names, next }
    }
}

impl Part {
    fn holds_whole_orders(&self) -> bool {
        let source = Source::of(&self.normal);
        self.about == DataSet::Orders && source.tells() == Telling::Orders
    }

    /// The latest day and time of an order among the rows that were looked at.
    fn newest(&self) -> Option<(jiff::civil::Date, i64)> {
        let fields = Source::of(&self.normal).fields(&self.normal);
        let at = fields.iter().position(|f| *f == Some(Field::Date))?;
        self.seen.profiles.get(at)?.latest()
    }

    /// Whether it says something of its own, though it names products: how many there are, what was spent on them.
    fn is_its_own(&self) -> bool {
        matches!(
            self.about,
            DataSet::Events
                | DataSet::Inventory
                | DataSet::Promotions
                | DataSet::AdSpend
                | DataSet::Rates
        )
    }

    /// Whether the other is more of the same table: the same shop's export, or all of the one's columns and some more.
    fn goes_on_in(&self, other: &Self) -> bool {
        let source = Source::of(&self.normal);
        let within = |a: &Self, b: &Self| a.normal.iter().all(|name| b.normal.contains(name));
        self.about == other.about
            && match source {
                Source::Generic => {
                    Source::of(&other.normal) == source
                        && (within(self, other) || within(other, self))
                }
                source => Source::of(&other.normal) == source,
            }
    }
}

/// The table that comes of joining all.
#[derive(Default)]
struct Joined {
    names: Vec<String>,
    normal: Vec<String>,
    profiles: Vec<Profile>,
    tables: Vec<JoinTable>,
    about: DataSet,
}

impl Joined {
    fn fact(&mut self, part: &Part) {
        self.about = part.about;
        let mut into = Vec::new();
        let columns = part.seen.names.iter().zip(&part.seen.profiles);
        for ((name, profile), normal) in columns.zip(&part.normal) {
            let there = |at: &usize| self.normal.get(*at) == Some(normal) && !into.contains(at);
            let at = (0..self.names.len()).find(there);
            if let Some(own) = at.and_then(|at| self.profiles.get_mut(at)) {
                own.add(profile);
            }
            into.push(at.unwrap_or(self.names.len()));
            if at.is_none() {
                self.names.push(name.clone());
                self.normal.push(normal.clone());
                self.profiles.push(profile.clone());
            }
        }
        let in_place = into.iter().copied().eq(0..into.len());
        self.tables.push(JoinTable {
            file: part.file,
            name: part.name.clone(),
            role: Role::Items,
            table: part.table.clone(),
            key: None,
            via: None,
            columns: (0..part.seen.names.len()).collect(),
            into: if in_place { Vec::new() } else { into },
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
            into: Vec::new(),
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
