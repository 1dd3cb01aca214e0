//! Between the form's words and the domain's rules.

pub use backend::quality;

use crate::entry::{Entered, IntoApi};
use access::{Action, Resource, authorize};
use api::{
    ApiError, Code,
    quality::{BuiltIn, OwnRule, RuleForm, Rules, Severity, What},
};
use backend::lake::quality::{Check, Known, Number, Rule, Severity as Stored, Text};
use quality::{OwnRule as StoredRule, QualityError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use types::Micros;
use uuid::Uuid;

impl IntoApi for QualityError {
    fn into_api(self) -> ApiError {
        let on = |field: &str, key: &str| ApiError::new(Code::Invalid, key).on_field(field, key);
        match self {
            Self::Denied(denied) => denied.into_api(),
            Self::NotFound => ApiError::of(Code::NotFound),
            Self::NameTaken => on("name", "rule_name_taken"),
            Self::Invalid("name") => on("name", "rule_name_missing"),
            Self::Invalid("range") => on("min", "rule_range"),
            Self::Invalid("known") => on("values", "rule_values"),
            Self::Invalid("too_many") => ApiError::new(Code::Invalid, "rule_too_many"),
            Self::Invalid(field) => on(field, "rule_number"),
            Self::Storage(error) => error.into_api(),
            Self::Json(_) => ApiError::of(Code::Internal),
        }
    }
}

pub fn may_change(on: &Entered) -> bool {
    authorize(&on.ctx, Action::Update, Resource::Settings).is_ok()
}

pub fn rules((built_in, own): (Vec<Rule>, Vec<StoredRule>), may_change: bool) -> Rules {
    Rules {
        own: own
            .into_iter()
            .map(|own| OwnRule {
                id: own.id.to_string(),
                enabled: own.enabled,
                rule: form(own.rule),
            })
            .collect(),
        built_in: built_in
            .into_iter()
            .map(|rule| BuiltIn {
                severity: severity(rule.severity),
                id: rule.id,
            })
            .collect(),
        may_change,
    }
}

pub async fn add(on: &Entered, form: &RuleForm) -> Result<Uuid, QualityError> {
    quality::add_rule(&on.backend, &on.ctx, &rule(form)?).await
}

pub async fn switch(on: &Entered, id: &str, enabled: bool) -> Result<(), QualityError> {
    let id = id.parse().map_err(|_| QualityError::NotFound)?;
    let (_, own) = quality::rules(&on.backend, &on.ctx).await?;
    let kept = own.into_iter().find(|rule| rule.id == id);
    let kept = kept.ok_or(QualityError::NotFound)?;
    quality::change_rule(&on.backend, &on.ctx, id, &kept.rule, enabled).await
}

pub async fn remove(on: &Entered, id: &str) -> Result<(), QualityError> {
    let id = id.parse().map_err(|_| QualityError::NotFound)?;
    quality::remove_rule(&on.backend, &on.ctx, id).await
}

fn severity(stored: Stored) -> Severity {
    match stored {
        Stored::Info => Severity::Info,
        Stored::Warning => Severity::Warning,
        Stored::Critical => Severity::Critical,
    }
}

/// A column by the word that the wire and the stored rules share.
fn column<T: DeserializeOwned>(word: &str) -> Result<T, QualityError> {
    serde_json::from_value(Value::String(word.to_owned()))
        .map_err(|_| QualityError::Invalid("column"))
}

fn word(column: impl Serialize) -> String {
    match serde_json::to_value(column) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn rule(form: &RuleForm) -> Result<Rule, QualityError> {
    let max_share = match form.tolerated.trim() {
        "" => 0.0,
        text => {
            let percent: f64 = text
                .parse()
                .map_err(|_| QualityError::Invalid("tolerated"))?;
            percent / 100.0
        }
    };
    if !(0.0..1.0).contains(&max_share) {
        return Err(QualityError::Invalid("tolerated"));
    }
    let amount = |text: &str, field| match text.trim() {
        "" => Ok(None),
        text => text
            .parse::<Micros>()
            .map(Some)
            .map_err(|_| QualityError::Invalid(field)),
    };
    let check = match form.what {
        What::Filled => Check::NotNull {
            column: column::<Text>(&form.column)?,
            max_share,
        },
        What::Range => {
            let (min, max) = (amount(&form.min, "min")?, amount(&form.max, "max")?);
            if min.zip(max).is_some_and(|(min, max)| min > max) {
                return Err(QualityError::Invalid("range"));
            }
            Check::Range {
                column: column::<Number>(&form.column)?,
                min,
                max,
                max_share,
            }
        }
        What::OneOf => Check::Reference {
            column: column::<Text>(&form.column)?,
            known: Known::These(
                form.values
                    .split([',', '،', '，', '\n'])
                    .map(|v| v.trim().to_owned())
                    .filter(|v| !v.is_empty())
                    .collect(),
            ),
            max_share,
        },
        What::Seen => Check::Reference {
            column: column::<Text>(&form.column)?,
            known: Known::Earlier,
            max_share,
        },
        What::Unique => Check::Unique {
            columns: vec![column::<Text>(&form.column)?],
            max_share,
        },
        What::Fresh => Check::Freshness {
            max_days: form
                .days
                .trim()
                .parse()
                .map_err(|_| QualityError::Invalid("days"))?,
        },
    };
    Ok(Rule {
        id: form.name.trim().to_owned(),
        severity: match form.severity {
            Severity::Info => Stored::Info,
            Severity::Warning => Stored::Warning,
            Severity::Critical => Stored::Critical,
        },
        check,
    })
}

/// The form that makes a rule. Conditions that no form makes are built in, and shown by their names.
fn form(rule: Rule) -> RuleForm {
    let percent = |share: f64| match share {
        0.0 => String::new(),
        share => format!("{}", (share * 10_000.0).round() / 100.0),
    };
    let plain = |amount: Option<Micros>| amount.map(|m| m.to_string()).unwrap_or_default();
    let mut form = RuleForm {
        name: rule.id,
        severity: severity(rule.severity),
        ..RuleForm::default()
    };
    match rule.check {
        Check::NotNull { column, max_share } => {
            form.what = What::Filled;
            form.column = word(column);
            form.tolerated = percent(max_share);
        }
        Check::Range {
            column,
            min,
            max,
            max_share,
        } => {
            form.what = What::Range;
            form.column = word(column);
            (form.min, form.max) = (plain(min), plain(max));
            form.tolerated = percent(max_share);
        }
        Check::Reference {
            column,
            known,
            max_share,
        } => {
            form.column = word(column);
            form.tolerated = percent(max_share);
            match known {
                Known::These(values) => {
                    form.what = What::OneOf;
                    form.values = values.join(", ");
                }
                Known::Earlier => form.what = What::Seen,
            }
        }
        Check::Unique { columns, max_share } => {
            form.what = What::Unique;
            form.column = columns.into_iter().map(word).collect::<Vec<_>>().join(", ");
            form.tolerated = percent(max_share);
        }
        Check::Freshness { max_days } => {
            form.what = What::Fresh;
            form.days = max_days.to_string();
        }
        Check::Days { .. } | Check::VolumeDrift { .. } | Check::Rejected { .. } => {}
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(what: What, column: &str) -> RuleForm {
        RuleForm {
            name: "Ours".to_owned(),
            what,
            column: column.to_owned(),
            ..RuleForm::default()
        }
    }

    #[test]
    fn a_form_and_its_rule_are_the_same_thing() {
        let range = RuleForm {
            min: "0".to_owned(),
            max: "99.5".to_owned(),
            tolerated: "2.5".to_owned(),
            ..of(What::Range, "unit_price")
        };
        let one_of = RuleForm {
            values: "France, Spain".to_owned(),
            severity: Severity::Critical,
            ..of(What::OneOf, "country")
        };
        let fresh = RuleForm {
            days: "7".to_owned(),
            ..of(What::Fresh, "")
        };
        let forms = [
            of(What::Filled, "category"),
            of(What::Seen, "currency"),
            of(What::Unique, "order_id"),
            range,
            one_of,
            fresh,
        ];
        for wanted in forms {
            assert_eq!(form(rule(&wanted).unwrap()), wanted);
        }
    }

    #[test]
    fn every_column_on_offer_is_one_that_can_be_checked() {
        for what in What::ALL {
            for column in what.columns() {
                let mut form = of(what, column);
                form.min = "0".to_owned();
                form.values = "a".to_owned();
                assert!(rule(&form).is_ok(), "{what} of {column}");
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_said_of_its_field() {
        let mut turned = of(What::Range, "quantity");
        (turned.min, turned.max) = ("5".to_owned(), "1".to_owned());
        let mut word = of(What::Range, "quantity");
        word.min = "few".to_owned();
        let mut all = of(What::Filled, "category");
        all.tolerated = "100".to_owned();
        for (form, field) in [
            (turned, "range"),
            (word, "min"),
            (all, "tolerated"),
            (of(What::Fresh, ""), "days"),
            (of(What::Filled, "quantity"), "column"),
        ] {
            match rule(&form) {
                Err(QualityError::Invalid(found)) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
    }
}
