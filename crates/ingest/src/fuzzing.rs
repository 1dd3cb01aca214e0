//! What is checked of any file at all. Run by the targets under `fuzz/` and by the example `fuzz`.

use crate::inspect::inspect;
use crate::mapping;
use crate::options::Options;
use crate::profile::Profile;
use crate::records::read;
use crate::sample::Sample;
use crate::table::table;
use std::io::Cursor;
use types::Currency;

/// Inspects the file, answers with the first choice, reads it, and panics where something is lost.
///
/// # Panics
/// Where a record or a byte is not accounted for: that is its purpose.
pub fn any_file(bytes: &[u8], name: &str) {
    let mut options = Options::new(jiff::tz::TimeZone::UTC, Currency::EUR);
    let sample = Sample::from_bytes(bytes);
    if let Ok(table) = table(&sample, name, &options)
        && let Ok(rows) = table.rows(Cursor::new(bytes.to_vec()))
    {
        let mut at = None;
        for row in rows.map_while(Result::ok) {
            if table.format.has_spans() {
                assert!(
                    at.is_none_or(|end| end == row.byte_start),
                    "bytes between records"
                );
                assert!(row.byte_end > row.byte_start, "a record of no bytes");
                at = Some(row.byte_end);
            }
        }
    }
    let forced = [("map.0", "date"), ("map.1", "unit_price")];
    for force in [&[][..], &forced[..]] {
        options.decisions = force
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        for _ in 0..4 {
            let Ok(inspection) = inspect(&sample, name, &options) else {
                break;
            };
            let Some(plan) = inspection.plan else {
                for question in inspection.questions {
                    if let Some(choice) = question.options.into_iter().next() {
                        options.decisions.insert(question.id, choice.value);
                    }
                }
                continue;
            };
            let mut records = read(&plan, Cursor::new(bytes.to_vec()));
            let mut rejects = 0;
            while let Ok(Some(batch)) = records.next_batch(64) {
                rejects += batch.rejects.len() as u64;
                let counts = batch.counts;
                assert_eq!(
                    counts.accepted + counts.rejected + counts.blank,
                    counts.records
                );
                assert_eq!(counts.rejected, rejects, "a reject for each");
            }
            break;
        }
    }
}

/// Names and values, a line each: the assignment holds whatever they are.
///
/// # Panics
/// Where a field is given to two columns.
pub fn any_columns(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut names = Vec::new();
    let mut profiles = Vec::new();
    for line in text.lines().take(64) {
        let (name, values) = line.split_once('\t').unwrap_or((line, ""));
        let mut profile = Profile::default();
        values.split('\t').take(50).for_each(|v| profile.feed(v));
        names.push(crate::header::normalise(name));
        profiles.push(profile);
    }
    let found = mapping::assign(&names, &profiles);
    assert_eq!(found.len(), names.len());
    for (at, one) in found.iter().enumerate() {
        let Some(field) = one.field else { continue };
        let again = found.iter().skip(at + 1).any(|m| m.field == Some(field));
        assert!(!again, "{field:?} of two columns");
        assert!((0.0..=1.0).contains(&one.confidence));
    }
}
