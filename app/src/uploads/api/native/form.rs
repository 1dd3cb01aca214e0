//! How a file is written, as its page shows it and as it can be said otherwise.

use super::inspection::percent;
use api::uploads::FormSetting;
use backend::ingest::{self, ColumnKind, Decimal, Format, Inspection};

/// Whether it is asked, or was: then it stands with its readings among the questions.
pub fn is_asked(inspection: &Inspection, id: &str) -> bool {
    let answered = inspection.answered.iter().map(|answer| &answer.question);
    inspection
        .questions
        .iter()
        .chain(answered)
        .any(|question| question.id == id)
}

pub fn settings(inspection: &Inspection) -> Vec<FormSetting> {
    let (text, rows) = match &inspection.format {
        Format::Delimited => (true, true),
        Format::Workbook { .. } => (false, true),
        _ => (false, false),
    };
    let mut all = Vec::new();
    if text {
        all.push(encoding(inspection));
        all.push(delimiter(inspection));
        all.extend(quote(inspection));
    }
    if rows {
        all.push(header(inspection));
    }
    let read = inspection.plan.iter().flat_map(|plan| &plan.columns);
    let mut read = read
        .zip(&inspection.columns)
        .filter(|(c, _)| c.field.is_some());
    let decimal = read
        .clone()
        .find(|(_, seen)| matches!(seen.kind, ColumnKind::Decimal | ColumnKind::Money));
    if let Some((column, _)) = decimal.filter(|_| text) {
        let value = match column.decimal {
            Decimal::Point => "point",
            Decimal::Comma => "comma",
        };
        all.push(plain("decimal", value));
    }
    if let Some(format) = read.find_map(|(column, _)| column.date) {
        all.push(plain("date_order", format.id()));
    }
    all.extend(
        inspection
            .clock
            .as_ref()
            .map(|zone| plain("timezone", zone)),
    );
    all.retain(|setting| !is_asked(inspection, &setting.id));
    all
}

fn plain(id: &str, value: &str) -> FormSetting {
    FormSetting {
        id: id.to_owned(),
        value: value.to_owned(),
        confidence: None,
        choices: Vec::new(),
    }
}

/// With what is offered, and what it is now where that is something else.
fn offered(
    id: &str,
    value: String,
    confidence: Option<f32>,
    offered: impl IntoIterator<Item = &'static str>,
) -> FormSetting {
    let mut choices: Vec<String> = offered.into_iter().map(str::to_owned).collect();
    if !choices.contains(&value) {
        choices.insert(0, value.clone());
    }
    FormSetting {
        id: id.to_owned(),
        value,
        confidence: confidence.map(percent),
        choices,
    }
}

fn encoding(inspection: &Inspection) -> FormSetting {
    let value = inspection.encoding.clone();
    let found = Some(inspection.encoding_confidence);
    offered("encoding", value, found, ingest::ENCODINGS)
}

fn delimiter(inspection: &Inspection) -> FormSetting {
    let value = ingest::delimiter_word(inspection.dialect.delimiter);
    let found = Some(inspection.dialect_confidence);
    offered("delimiter", value, found, ingest::delimiters())
}

fn quote(inspection: &Inspection) -> Option<FormSetting> {
    let value = ingest::quote_word(inspection.dialect.quote?).to_owned();
    Some(offered("quote", value, None, ingest::quotes()))
}

fn header(inspection: &Inspection) -> FormSetting {
    let value = match inspection.dialect.header_line {
        Some(_) => "yes",
        None => "no",
    };
    offered("header", value.to_owned(), None, ["yes", "no"])
}
