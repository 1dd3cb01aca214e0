//! Which column means what, in tables that are no known export: names, spelling, values, and the best assignment of
//! all together.

use crate::field::{Field, Shape};
use crate::profile::{ColumnKind, Profile};
use strsim::jaro_winkler;

/// Above this a column is mapped without asking.
pub(crate) const AUTOMATIC: f32 = 0.8;
/// Below this a name says nothing.
pub(crate) const POSSIBLE: f32 = 0.6;
const MARGIN: f32 = 0.05;
const EXACT: f32 = 0.9;

/// One column's candidates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Match {
    pub field: Option<Field>,
    pub confidence: f32,
    /// Other fields it could be, the likeliest first.
    pub alternatives: Vec<(Field, f32)>,
}

pub(crate) fn assign(names: &[String], profiles: &[Profile]) -> Vec<Match> {
    assign_where(names, profiles, |_, _| true)
}

/// `allowed(column, field)`: what a column can be at all.
pub(crate) fn assign_where(
    names: &[String],
    profiles: &[Profile],
    allowed: impl Fn(usize, Field) -> bool,
) -> Vec<Match> {
    let generic = Field::ALL.iter().filter(|f| f.generic());
    let candidates: Vec<Candidate> = generic
        .map(|field| Candidate {
            field: *field,
            names: field.synonyms().to_vec(),
        })
        .collect();
    assign_candidates(names, profiles, &candidates, allowed)
}

/// A field, and the names that mean it, the likeliest first.
pub(crate) struct Candidate {
    pub field: Field,
    pub names: Vec<&'static str>,
}

pub(crate) fn assign_candidates(
    names: &[String],
    profiles: &[Profile],
    candidates: &[Candidate],
    allowed: impl Fn(usize, Field) -> bool,
) -> Vec<Match> {
    let fields: Vec<Field> = candidates.iter().map(|c| c.field).collect();
    let scores: Vec<Vec<f32>> = candidates
        .iter()
        .map(|candidate| {
            names
                .iter()
                .zip(profiles)
                .enumerate()
                .map(|(at, (name, profile))| {
                    if allowed(at, candidate.field) {
                        score(name, candidate, profile)
                    } else {
                        0.0
                    }
                })
                .collect()
        })
        .collect();
    // What is named plainly is not given to a guess that would not be taken anyway.
    let mut weighed = scores.clone();
    for column in 0..names.len() {
        let of = |row: &Vec<f32>| row.get(column).copied().unwrap_or(0.0);
        if scores.iter().any(|row| of(row) >= EXACT) {
            for score in weighed.iter_mut().filter_map(|row| row.get_mut(column)) {
                if *score < AUTOMATIC {
                    *score = 0.0;
                }
            }
        }
    }
    let chosen = best(&weighed, names.len());
    let mut matches: Vec<Match> = (0..names.len())
        .map(|column| {
            let mut alternatives: Vec<_> = fields
                .iter()
                .zip(&scores)
                .filter_map(|(field, row)| {
                    let score = row.get(column).copied().unwrap_or(0.0);
                    (score >= POSSIBLE).then_some((*field, score))
                })
                .collect();
            alternatives.sort_by(|a, b| b.1.total_cmp(&a.1));
            Match {
                field: None,
                confidence: 0.0,
                alternatives,
            }
        })
        .collect();
    for ((field, row), column) in fields.iter().zip(&scores).zip(&chosen) {
        let Some(column) = *column else { continue };
        let score = row.get(column).copied().unwrap_or(0.0);
        // Another free column that fits nearly as well makes it a guess; names that say it plainly are none.
        let rival = row
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != column && !chosen.contains(&Some(*other)))
            .map(|(_, score)| *score)
            .fold(0.0, f32::max);
        if score < AUTOMATIC || score < EXACT && score - rival < MARGIN {
            continue;
        }
        if let Some(entry) = matches.get_mut(column) {
            entry.field = Some(*field);
            entry.confidence = score;
            entry.alternatives.retain(|(other, _)| other != field);
        }
    }
    matches
}

/// Whether a column's values can be of this field at all.
pub(crate) fn could_be(field: Field, profile: &Profile) -> bool {
    shape_fit(field, profile) > 0.0
}

fn shape_fit(field: Field, profile: &Profile) -> f32 {
    let whether = |fits: bool| if fits { 1.0 } else { 0.0 };
    match field.shape() {
        _ if profile.filled == 0 => 0.85,
        Shape::Date => whether(!profile.date_formats(true).is_empty()),
        Shape::Time => whether(profile.time_share() >= 0.9 && profile.date_share() < 0.5),
        Shape::Number => whether(profile.number_share() >= 0.5),
        Shape::Portion => whether(profile.number_share() + profile.percent_share() >= 0.5),
        Shape::Code => whether(profile.code_share() >= 0.5),
        Shape::Email => whether(profile.email_share() >= 0.5),
        Shape::Text => 1.0,
    }
}

fn score(name: &str, candidate: &Candidate, profile: &Profile) -> f32 {
    let by_name = name_score(name, candidate);
    let (by_name, fit) = by_values(name, candidate.field, profile, by_name);
    by_name * fit
}

/// What follows in a column's name is no part of its meaning, and comparing it takes time.
const NAME_BYTES: usize = 100;

fn name_score(name: &str, candidate: &Candidate) -> f32 {
    let name = &name[..name.floor_char_boundary(NAME_BYTES)];
    let whole = bare_score(name, candidate);
    // "Shipping (ex tax)" is shipping; the same with tax is it where there is no other.
    match unqualified(name).filter(|_| candidate.field.money()) {
        Some((plain, without_tax)) => {
            let penalty = if without_tax { 0.01 } else { 0.06 };
            let exact = whole > EXACT;
            let plain = bare_score(&plain, candidate) - penalty;
            if exact { whole } else { plain.max(0.0) }
        }
        None => whole,
    }
}

/// Words that say whether an amount holds the tax: the name without them, and whether it holds none.
fn unqualified(name: &str) -> Option<(String, bool)> {
    const WITHOUT: [&str; 12] = [
        "ex",
        "exc",
        "excl",
        "exclusive",
        "excluding",
        "before",
        "without",
        "exkl",
        "ohne",
        "sin",
        "senza",
        "hors",
    ];
    const WITH: [&str; 9] = [
        "inc",
        "incl",
        "inclusive",
        "including",
        "with",
        "inkl",
        "mit",
        "con",
        "toutes",
    ];
    const TAX: [&str; 10] = [
        "tax", "taxes", "vat", "gst", "mwst", "ust", "tva", "iva", "btw", "steuer",
    ];
    let words: Vec<&str> = name.split(' ').collect();
    let (mut rest, mut found, mut at) = (Vec::new(), None, 0);
    while let Some(word) = words.get(at) {
        let taxed = words.get(at + 1).is_some_and(|next| TAX.contains(next));
        match *word {
            word if taxed && WITHOUT.contains(&word) => (found, at) = (Some(true), at + 1),
            word if taxed && WITH.contains(&word) => (found, at) = (Some(false), at + 1),
            "ht" | "netto" if !rest.is_empty() => found = Some(true),
            "ttc" | "brutto" if !rest.is_empty() => found = Some(false),
            word => rest.push(word),
        }
        at += 1;
    }
    Some((rest.join(" "), found?)).filter(|(rest, _)| !rest.is_empty())
}

/// Short words that mean one thing also within a longer name.
const SHORT: [&str; 7] = ["qty", "qte", "sku", "vat", "tva", "iva", "btw"];

fn bare_score(name: &str, candidate: &Candidate) -> f32 {
    let field = candidate.field;
    let compact = |text: &str| text.replace(' ', "");
    let unit_free: Vec<&str> = name
        .split(' ')
        .filter(|word| !(field.money() && (crate::number::is_code(word) || *word == "in")))
        .collect();
    let name = unit_free.join(" ");
    let squeezed = compact(&name);
    let mut best = 0.0_f32;
    for (rank, synonym) in candidate.names.iter().enumerate() {
        let penalty = 0.003 * rank.min(20) as f32;
        if name == *synonym || squeezed == compact(synonym) {
            return 1.0 - penalty;
        }
        let words: Vec<&str> = synonym.split(' ').collect();
        let inside = words.iter().all(|word| unit_free.contains(word));
        let long_enough =
            words.len() > 1 || synonym.chars().count() >= 4 || SHORT.contains(synonym);
        if inside && long_enough {
            let extra = unit_free.len() - words.len();
            let bonus = if words.len() > 1 { 0.06 } else { 0.0 };
            best = best.max(match extra {
                1 => 0.78 + bonus,
                2 => 0.70 + bonus,
                _ => 0.5,
            });
        }
        // A slip of the pen is within a word; a word more is another name.
        let as_many = words.len() == unit_free.len() || words.len() == 1 || unit_free.len() == 1;
        if as_many && synonym.chars().count() >= 4 && name.chars().count() >= 4 {
            let near = jaro_winkler(&name, synonym) as f32;
            if near >= 0.9 {
                // One wrong letter in ten is a slip of the pen; more is another word.
                best = best.max(0.7 + (near - 0.9) * 1.8);
            }
        }
    }
    best
}

/// The name's score, bent by what the values look like, and a factor for how well they fit.
fn by_values(name: &str, field: Field, profile: &Profile, score: f32) -> (f32, f32) {
    let kind = profile.kind();
    let fit = shape_fit(field, profile);
    let bare = |words: &[&str]| words.contains(&name);
    let score = match field {
        // "Customer" over people's names is their name; "Product" over codes is its code.
        Field::CustomerId if profile.looks_like_names() && score > 0.0 => score * 0.6,
        Field::CustomerName
            if profile.looks_like_names()
                && bare(&[
                    "customer",
                    "client",
                    "cliente",
                    "kunde",
                    "buyer",
                    "客户",
                    "العميل",
                    "الزبون",
                ]) =>
        {
            0.95
        }
        Field::CustomerEmail
            if profile.email_share() > 0.9 && bare(&["customer", "client", "user", "buyer"]) =>
        {
            0.96
        }
        Field::ProductName if kind == ColumnKind::Integer => score * 0.6,
        Field::Sku
            if kind == ColumnKind::Integer
                && bare(&[
                    "product", "item", "article", "produit", "producto", "produkt", "商品",
                ]) =>
        {
            0.92
        }
        Field::Date if bare(&["time"]) && kind == ColumnKind::DateTime => 0.92,
        // The number of the row's order where no other column says so: each has its own.
        Field::OrderId
            if bare(&["id", "nr", "no", "number"])
                && profile.filled > 0
                && profile.distinct() == profile.filled =>
        {
            0.81
        }
        // A row that counts orders is of several.
        Field::OrderId if kind == ColumnKind::Integer && bare(COUNTS_ORDERS) => 0.0,
        // "Returns" can be pieces.
        Field::Refund
            if bare(&["returns", "retouren", "retours", "devoluciones"])
                && profile.filled > 0
                && !profile.fractions() =>
        {
            0.0
        }
        // What a word more makes of it: "order total tax" is no line total, "item cost" no price.
        _ if score < EXACT && of_line(field) && says(name, OF_ORDER) => 0.0,
        _ if score < EXACT && amount(field) && says(name, NO_AMOUNT) => 0.0,
        // A key is not an amount, whatever else its name says.
        _ if field.shape() == Shape::Number
            && name
                .split(' ')
                .any(|w| matches!(w, "id" | "key" | "code" | "no" | "number"))
            && score < EXACT =>
        {
            0.0
        }
        _ => score,
    };
    (score, fit)
}

/// How many there were: the plural, where an order's number is in the singular.
const COUNTS_ORDERS: &[&str] = &[
    "orders",
    "order count",
    "orders count",
    "count of orders",
    "number of orders",
    "no of orders",
    "nr of orders",
    "total orders",
    "transactions",
    "bestellungen",
    "anzahl bestellungen",
    "commandes",
    "nombre de commandes",
    "pedidos",
    "numero de pedidos",
    "número de pedidos",
    "订单数",
    "订单量",
    "订单数量",
    "الطلبات",
    "عدد الطلبات",
];

const OF_ORDER: &[&str] = &["order", "orders", "invoice", "cart", "basket", "grand"];
const NO_AMOUNT: &[&str] = &[
    "fee",
    "fees",
    "commission",
    "cost",
    "costs",
    "profit",
    "margin",
    "tax",
    "taxes",
    "vat",
    "refund",
    "refunded",
    "discount",
    "shipping",
    "freight",
    "deposit",
    "tip",
    "balance",
    "credit",
    "share",
    "weight",
    "rate",
    "percent",
    "count",
    "points",
    "tier",
    "list",
];

fn says(name: &str, words: &[&str]) -> bool {
    name.split(' ').any(|word| words.contains(&word))
}

fn of_line(field: Field) -> bool {
    amount(field) || matches!(field, Field::Discount | Field::Tax | Field::Shipping)
}

fn amount(field: Field) -> bool {
    matches!(
        field,
        Field::UnitPrice | Field::LineTotal | Field::LineGross
    )
}

/// How much a score counts in the sum: one plain name is worth more than several guesses.
fn weight(score: f32) -> f32 {
    ((score - POSSIBLE).max(0.0) / (1.0 - POSSIBLE)).powi(3)
}

/// The one-to-one assignment of columns to fields with the greatest sum (Hungarian method, rows are fields).
fn best(scores: &[Vec<f32>], columns: usize) -> Vec<Option<usize>> {
    let rows = scores.len();
    // As many idle columns as rows, so that a field may go without.
    let width = columns + rows;
    let cost = |row: usize, column: usize| -> f32 {
        let score = scores
            .get(row)
            .and_then(|r| r.get(column))
            .copied()
            .unwrap_or(0.0);
        1.0 - weight(score)
    };
    let mut row_potential = vec![0.0_f32; rows + 1];
    let mut column_potential = vec![0.0_f32; width + 1];
    let mut owner = vec![0_usize; width + 1];
    let get = |values: &[f32], at: usize| values.get(at).copied().unwrap_or(0.0);
    for row in 1..=rows {
        let mut way = vec![0_usize; width + 1];
        let mut least = vec![f32::INFINITY; width + 1];
        let mut used = vec![false; width + 1];
        let mut at = 0;
        set(&mut owner, 0, row);
        loop {
            set(&mut used, at, true);
            let current = owner.get(at).copied().unwrap_or(0);
            let (mut delta, mut next) = (f32::INFINITY, 0);
            for column in 1..=width {
                if used.get(column).copied().unwrap_or(true) {
                    continue;
                }
                let reduced = cost(current - 1, column - 1)
                    - get(&row_potential, current)
                    - get(&column_potential, column);
                if reduced < get(&least, column) {
                    set(&mut least, column, reduced);
                    set(&mut way, column, at);
                }
                if get(&least, column) < delta {
                    delta = get(&least, column);
                    next = column;
                }
            }
            for column in 0..=width {
                if used.get(column).copied().unwrap_or(false) {
                    let own = owner.get(column).copied().unwrap_or(0);
                    if let Some(value) = row_potential.get_mut(own) {
                        *value += delta;
                    }
                    if let Some(value) = column_potential.get_mut(column) {
                        *value -= delta;
                    }
                } else if let Some(value) = least.get_mut(column) {
                    *value -= delta;
                }
            }
            at = next;
            if owner.get(at).copied().unwrap_or(0) == 0 {
                break;
            }
        }
        while at != 0 {
            let previous = way.get(at).copied().unwrap_or(0);
            let own = owner.get(previous).copied().unwrap_or(0);
            set(&mut owner, at, own);
            at = previous;
        }
    }
    let mut chosen = vec![None; rows];
    for (column, row) in owner.iter().enumerate().skip(1) {
        if *row > 0
            && column <= columns
            && cost(row - 1, column - 1) < 1.0
            && let Some(slot) = chosen.get_mut(row - 1)
        {
            *slot = Some(column - 1);
        }
    }
    chosen
}

fn set<T>(values: &mut [T], at: usize, value: T) {
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn total(scores: &[Vec<f32>], chosen: &[Option<usize>]) -> f32 {
        scores
            .iter()
            .zip(chosen)
            .filter_map(|(row, c)| c.map(|c| weight(row[c])))
            .sum()
    }

    fn by_trying(scores: &[Vec<f32>], used: &mut Vec<bool>) -> f32 {
        let Some((row, rest)) = scores.split_first() else {
            return 0.0;
        };
        let mut best = by_trying(rest, used);
        for column in 0..row.len() {
            if row[column] >= POSSIBLE && !used[column] {
                used[column] = true;
                best = best.max(weight(row[column]) + by_trying(rest, used));
                used[column] = false;
            }
        }
        best
    }

    #[test]
    fn a_plain_name_is_not_traded_for_two_guesses() {
        let names =
            ["order date", "stock date", "order number", "order quantity"].map(str::to_owned);
        let mut profiles = vec![Profile::default(); 4];
        for (profile, value) in profiles
            .iter_mut()
            .zip(["01/01/2017", "9/21/2001", "SO45080", "1"])
        {
            profile.feed(value);
        }
        let found: Vec<_> = assign(&names, &profiles)
            .into_iter()
            .map(|m| m.field)
            .collect();
        assert_eq!(
            found,
            [
                Some(Field::Date),
                None,
                Some(Field::OrderId),
                Some(Field::Quantity)
            ]
        );
    }

    proptest! {
        #[test]
        fn nothing_beats_the_assignment(scores in (1_usize..5, 1_usize..5).prop_flat_map(|(rows, columns)| {
            proptest::collection::vec(proptest::collection::vec(0.5_f32..1.0, columns), rows)
        })) {
            let columns = scores[0].len();
            let chosen = best(&scores, columns);
            let expected = by_trying(&scores, &mut vec![false; columns]);
            prop_assert!((total(&scores, &chosen) - expected).abs() < 1e-4);
        }
    }
}
