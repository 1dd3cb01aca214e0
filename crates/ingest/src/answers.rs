//! Answers that come one after another: the newer one counts, and none stands in the way of another.

use crate::data_set::DataSet;
use crate::field::Field;
use crate::inspect::inspect_files;
use crate::inspection::Answered;
use crate::options::{Decisions, Options};
use crate::sample::Sample;

/// `map.3=ignore`: the column is left out.
pub const IGNORE: &str = "ignore";
/// `map.3=extra`: the column means nothing that is known, and is kept as one of the shop's own.
pub const EXTRA: &str = "extra";
/// `mapping.quantity=none`: the table has no such column.
pub(crate) const NO_COLUMN: &str = "none";

/// What was decided, with newer answers on top, for a file that is read as `now` so far.
///
/// A column has one meaning and a field one column: an older mapping gives way. What was said of the columns of another
/// data set is forgotten with it.
pub fn merge(mut kept: Decisions, mut newer: Decisions, now: DataSet) -> Decisions {
    let set = newer
        .get("data_set")
        .and_then(|id| DataSet::from_id(id))
        .unwrap_or(now);
    if set != now {
        kept.retain(|key, value| mapped(key, value).is_none());
        newer.retain(|key, value| mapped(key, value).is_none_or(|(_, field)| fits(set, field)));
    }
    for (key, value) in &newer {
        let Some((column, field)) = mapped(key, value) else {
            continue;
        };
        let once = Field::from_id(field).is_some_and(|field| !field.repeats());
        kept.retain(|key, value| {
            mapped(key, value).is_none_or(|(c, f)| c != column && !(once && f == field))
        });
    }
    kept.extend(newer);
    kept
}

/// What is left without the answers about columns: a way out where they contradict one another.
pub fn without_mapping(mut decisions: Decisions) -> Decisions {
    decisions.retain(|key, value| mapped(key, value).is_none());
    decisions
}

fn fits(set: DataSet, field: &str) -> bool {
    match Field::from_id(field) {
        Some(field) if set == DataSet::Orders => !field.beside_orders(),
        Some(field) => set.field(field).is_some(),
        None => true,
    }
}

/// Column and field of `map.3=quantity` and `mapping.date=0=date`.
fn mapped<'a>(key: &'a str, value: &'a str) -> Option<(&'a str, &'a str)> {
    match key.strip_prefix("map.") {
        Some(column) => Some((column, value)),
        None if key.starts_with("mapping") => value.split_once('='),
        None => None,
    }
}

/// The questions that the decisions answer, each as it would be asked without its answer.
pub fn answered(files: &[(Sample, String)], options: &Options) -> Vec<Answered> {
    let asked = |key: &&String| {
        matches!(
            key.as_str(),
            "date_order" | "decimal" | "currency" | "sheet"
        ) || key.starts_with("mapping.")
    };
    let keys = options.decisions.keys().filter(asked);
    let one = |key: &String| {
        let mut open = options.clone();
        let value = open.decisions.remove(key)?;
        let questions = inspect_files(files, &open).ok()?.questions;
        let question = questions.into_iter().find(|q| q.id == *key)?;
        // An answer that is none of the choices was not taken, and the question stands among the open ones.
        let taken = question.options.iter().any(|o| o.value == value);
        taken.then_some(Answered { question, value })
    };
    keys.filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(pairs: &[(&str, &str)]) -> Decisions {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn the_newer_answer_takes_the_column_and_the_field() {
        let kept = [
            ("map.5", "date"),
            ("mapping.amount", "2=unit_price"),
            ("map.6", "ignore"),
            ("map.7", "line_item"),
            ("date_order", "dmy"),
        ];
        for (newer, gone) in [
            (("map.3", "date"), "map.5"),
            (("map.2", "quantity"), "mapping.amount"),
            (("mapping.date", "6=date"), "map.6"),
            (("map.5", "ignore"), "map.5"),
        ] {
            let merged = merge(decisions(&kept), decisions(&[newer]), DataSet::Orders);
            assert_eq!(merged.get(newer.0).map(String::as_str), Some(newer.1));
            assert!(gone == newer.0 || !merged.contains_key(gone), "{merged:?}");
            assert_eq!(merged["date_order"], "dmy");
        }
        // A field that several columns may have, and columns that are left out, stand beside one another.
        let more = decisions(&[("map.8", "line_item"), ("map.9", "ignore")]);
        let merged = merge(decisions(&kept), more, DataSet::Orders);
        assert_eq!(merged.len(), kept.len() + 2);
    }

    #[test]
    fn another_data_set_forgets_what_columns_were() {
        let kept = decisions(&[("map.3", "unit_price"), ("decimal", "comma")]);
        let newer = decisions(&[
            ("data_set", "products"),
            ("map.1", "unit_price"),
            ("map.2", "sku"),
            ("map.4", "extra"),
        ]);
        assert_eq!(
            merge(kept.clone(), newer.clone(), DataSet::Orders),
            decisions(&[
                ("data_set", "products"),
                ("decimal", "comma"),
                ("map.2", "sku"),
                ("map.4", "extra"),
            ])
        );
        // It is no switch where it is that data set already.
        let merged = merge(kept, newer, DataSet::Products);
        assert_eq!(merged["map.1"], "unit_price");
        assert!(!merged.contains_key("map.3"));
    }
}
