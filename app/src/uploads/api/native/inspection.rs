//! What detection found, as the pages are shown it.

use super::{form, id_of};
use api::uploads::{Answer, Assumption, Choice, Column, Facts, HowRead, Question, Reading};
use backend::ingest::{self, DataSet, Field, Inspection, Source};
use types::{Currency, Day};

pub fn facts(inspection: &Inspection) -> Facts {
    let compression = id_of(inspection.compression);
    Facts {
        header_line: inspection.dialect.header_line,
        skipped_lines: inspection.dialect.preamble_lines,
        compression: (compression != "none" && !compression.is_empty()).then_some(compression),
        source: id_of(inspection.source),
        data_set: inspection.data_set.id().to_owned(),
        fields: inspection
            .data_set
            .fields()
            .iter()
            .map(|spec| spec.field.id().to_owned())
            .collect(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=100 before"
)]
pub fn percent(confidence: f32) -> u8 {
    (confidence * 100.0).clamp(0.0, 100.0).round() as u8
}

pub fn columns(inspection: &Inspection) -> Vec<Column> {
    let remembered = |at: usize| {
        let key = format!("map.{at}");
        inspection.remembered.contains(&key)
    };
    let column = |c: &ingest::Column| Column {
        index: c.index as u64,
        name: c.name.clone(),
        samples: c.samples.clone(),
        kind: id_of(c.kind),
        field: c.field.map(|f| f.id().to_owned()),
        ignored: c.ignored,
        remembered: remembered(c.index),
        confidence: percent(c.confidence),
    };
    inspection.columns.iter().map(column).collect()
}

pub fn questions(inspection: &Inspection) -> Vec<Question> {
    let open = inspection.questions.iter();
    open.map(|q| question(inspection, q)).collect()
}

/// Questions that were answered: they can be answered otherwise.
pub fn answers(inspection: &Inspection) -> Vec<Answer> {
    let answer = |answered: &ingest::Answered| Answer {
        remembered: inspection.remembered.contains(&answered.question.id),
        question: question(inspection, &answered.question),
        value: answered.value.clone(),
    };
    inspection.answered.iter().map(answer).collect()
}

/// Choices about the file as a whole, as they stand.
pub fn how_read(inspection: &Inspection) -> Option<HowRead> {
    let form = form::settings(inspection);
    let settled = inspection.plan.as_ref();
    if settled.is_some_and(|plan| plan.reasons.is_some()) || settled.is_none() && form.is_empty() {
        return None;
    }
    let orders = settled.filter(|plan| plan.data_set == DataSet::Orders);
    let has = |field| inspection.columns.iter().any(|c| c.field == Some(field));
    let asked = form::is_asked(inspection, "currency");
    Some(HowRead {
        form,
        drop_duplicates: settled.map(|plan| plan.drop_duplicates),
        non_product_lines: orders.map(|plan| !plan.exclude_non_product_lines),
        test_orders: settled
            .filter(|plan| plan.source == Source::Shopify)
            .map(|plan| plan.include_test_orders),
        currency: orders
            .filter(|_| !has(Field::Currency) && !asked)
            .map(|plan| plan.currency),
    })
}

fn question(inspection: &Inspection, q: &ingest::Question) -> Question {
    let name = |at: usize| inspection.columns.get(at).map(|c| c.name.clone());
    Question {
        id: q.id.clone(),
        message: q.message.clone(),
        column: q.column.and_then(name),
        choices: q
            .options
            .iter()
            .map(|c| Choice {
                value: c.value.clone(),
                label: c.label.clone(),
                readings: c.readings.iter().map(reading).collect(),
            })
            .collect(),
    }
}

/// A day is sent as a day, so that the page writes it in the reader's language.
fn reading(reading: &ingest::Reading) -> Reading {
    let date = jiff::civil::Date::strptime("%d %B %Y", &reading.read);
    Reading {
        raw: reading.raw.clone(),
        day: date.ok().map(Day::from_date),
        text: reading.read.clone(),
    }
}

pub fn assumptions(inspection: &Inspection) -> Vec<Assumption> {
    let assumption = |a: &ingest::Assumption| Assumption {
        code: a.code.clone(),
        value: match a.code.as_str() {
            "currency" | "currency_sign" => currency_in(&a.message),
            "timezone" => a
                .message
                .strip_suffix('.')
                .and_then(|m| m.rsplit(' ').next())
                .map(str::to_owned),
            "once_an_order" | "unused_files" | "sheets" => {
                let columns = a.message.split_once(": ").map(|(_, columns)| columns);
                columns.map(|columns| columns.trim_end_matches('.').to_owned())
            }
            "discount_share" => a.message.split('"').nth(1).map(str::to_owned),
            _ => None,
        },
        message: a.message.clone(),
    };
    inspection.assumptions.iter().map(assumption).collect()
}

/// The first currency code a sentence names.
fn currency_in(sentence: &str) -> Option<String> {
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric());
    let code = |word: &&str| {
        word.len() == 3
            && word.bytes().all(|b| b.is_ascii_uppercase())
            && word.parse::<Currency>().is_ok()
    };
    words
        .filter(|w| !w.is_empty())
        .find(code)
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_about_a_currency_names_it() {
        assert_eq!(
            currency_in("Amounts are in GBP: the file is the UCI data set."),
            Some("GBP".to_owned())
        );
        assert_eq!(currency_in("Amounts have no sign."), None);
    }

    #[test]
    fn a_reading_that_is_a_day_is_sent_as_one() {
        let sent = reading(&ingest::Reading {
            raw: "03/04/2026".to_owned(),
            read: "3 April 2026".to_owned(),
        });
        assert_eq!(sent.day, "2026-04-03".parse().ok());
        let sent = reading(&ingest::Reading {
            raw: "x".to_owned(),
            read: "not a date".to_owned(),
        });
        assert_eq!(sent.day, None);
    }
}
