//! Between the form's words and the domain's rules.

pub use backend::quality;

use crate::entry::{Entered, IntoApi};
use access::{Action, Resource, authorize};
use api::{
    ApiError, Code,
    quality::{BuiltIn, OwnRule, RuleForm, Rules, Severity, What},
};
use backend::ingest::DataSet;
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
            Self::Invalid("from") => on("from", "rule_day"),
            Self::Invalid("known") => on("values", "rule_values"),
            Self::Invalid("too_many") => ApiError::new(Code::Invalid, "rule_too_many"),
            Self::Invalid("max_factor") => on("factor", "rule_number"),
            Self::Invalid(field) => on(field, "rule_number"),
            Self::Storage(error) => error.into_api(),
            Self::Json(_) => ApiError::of(Code::Internal),
        }
    }
}

pub fn may_change(on: &Entered) -> bool {
    authorize(&on.ctx, Action::Update, Resource::Settings).is_ok()
}

pub fn rules((built_in, own): (Vec<(DataSet, Rule)>, Vec<StoredRule>), may_change: bool) -> Rules {
    Rules {
        own: own
            .into_iter()
            .map(|own| OwnRule {
                id: own.id.to_string(),
                enabled: own.enabled,
                rule: form(own.data_set, own.rule),
            })
            .collect(),
        built_in: built_in
            .into_iter()
            .map(|(set, rule)| BuiltIn {
                data_set: set.id().to_owned(),
                severity: severity(rule.severity),
                id: rule.id,
            })
            .collect(),
        may_change,
    }
}

/// A new rule, or the one of this id as the form has it now.
pub async fn save(on: &Entered, id: &str, form: &RuleForm) -> Result<(), QualityError> {
    let set = data_set(form)?;
    let rule = rule(form)?;
    if id.is_empty() {
        quality::add_rule(&on.backend, &on.ctx, set, &rule).await?;
        return Ok(());
    }
    let kept = own(on, id).await?;
    quality::change_rule(&on.backend, &on.ctx, kept.id, (set, &rule), kept.enabled).await
}

pub async fn switch(on: &Entered, id: &str, enabled: bool) -> Result<(), QualityError> {
    let kept = own(on, id).await?;
    let rule = (kept.data_set, &kept.rule);
    quality::change_rule(&on.backend, &on.ctx, kept.id, rule, enabled).await
}

async fn own(on: &Entered, id: &str) -> Result<StoredRule, QualityError> {
    let id: Uuid = id.parse().map_err(|_| QualityError::NotFound)?;
    let (_, own) = quality::rules(&on.backend, &on.ctx).await?;
    let kept = own.into_iter().find(|rule| rule.id == id);
    kept.ok_or(QualityError::NotFound)
}

fn data_set(form: &RuleForm) -> Result<DataSet, QualityError> {
    DataSet::from_id(&form.data_set).ok_or(QualityError::Invalid("data_set"))
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
        _ if !form.what.is_of_lines() => 0.0,
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
            max_days: whole(&form.days, "days")?,
        },
        What::Days => Check::Days {
            from: match form.from.trim().parse() {
                Ok(day) => day,
                Err(_) => return Err(QualityError::Invalid("from")),
            },
            ahead: match form.ahead.trim() {
                "" => 0,
                text => whole(text, "ahead")?,
            },
            max_share,
        },
        What::Volume => {
            let factor = form.factor.trim().parse::<f64>();
            let factor = factor.map_err(|_| QualityError::Invalid("factor"))?;
            if !(1.0..=1_000_000.0).contains(&factor) {
                return Err(QualityError::Invalid("factor"));
            }
            Check::VolumeDrift { max_factor: factor }
        }
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

fn whole(text: &str, field: &'static str) -> Result<i32, QualityError> {
    let number: i32 = text
        .trim()
        .parse()
        .map_err(|_| QualityError::Invalid(field))?;
    // A century is as good as never, and days are counted in 32 bits.
    match number {
        0..=36_525 => Ok(number),
        _ => Err(QualityError::Invalid(field)),
    }
}

/// The form that makes a rule. The one condition that no form makes is built in, and shown by its name.
fn form(set: DataSet, rule: Rule) -> RuleForm {
    let percent = |share: f64| match share {
        0.0 => String::new(),
        share => format!("{}", (share * 10_000.0).round() / 100.0),
    };
    let plain = |amount: Option<Micros>| amount.map(|m| m.to_string()).unwrap_or_default();
    let mut form = RuleForm {
        name: rule.id,
        data_set: set.id().to_owned(),
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
        Check::Days {
            from,
            ahead,
            max_share,
        } => {
            form.what = What::Days;
            form.from = from.to_string();
            form.ahead = ahead.to_string();
            form.tolerated = percent(max_share);
        }
        Check::VolumeDrift { max_factor } => {
            form.what = What::Volume;
            form.factor = max_factor.to_string();
        }
        Check::Rejected { .. } => {}
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
        let days = RuleForm {
            from: "2020-01-01".to_owned(),
            ahead: "2".to_owned(),
            tolerated: "1".to_owned(),
            ..of(What::Days, "")
        };
        let volume = RuleForm {
            factor: "2.5".to_owned(),
            ..of(What::Volume, "")
        };
        let prices = RuleForm {
            data_set: "products".to_owned(),
            min: "0.01".to_owned(),
            ..of(What::Range, "price")
        };
        let forms = [
            days,
            volume,
            prices,
            of(What::Filled, "category"),
            of(What::Seen, "currency"),
            of(What::Unique, "order_id"),
            range,
            one_of,
            fresh,
        ];
        for wanted in forms {
            let set = data_set(&wanted).unwrap();
            assert_eq!(form(set, rule(&wanted).unwrap()), wanted);
        }
    }

    #[test]
    fn every_column_on_offer_is_one_that_can_be_checked() {
        for set in DataSet::ALL {
            for what in What::ALL {
                let mut columns = what.columns(set.id()).to_vec();
                if what.fits(set.id()) && columns.is_empty() {
                    columns.push("");
                }
                for column in columns {
                    let form = RuleForm {
                        data_set: set.id().to_owned(),
                        min: "0".to_owned(),
                        values: "a".to_owned(),
                        days: "7".to_owned(),
                        from: "2020-01-01".to_owned(),
                        factor: "2".to_owned(),
                        ..of(what, column)
                    };
                    let rule = rule(&form).unwrap();
                    assert!(rule.check.fits(set), "{what} of {column} of {}", set.id());
                }
                if !what.fits(set.id()) && what.columns("orders").is_empty() {
                    assert!(!Check::VolumeDrift { max_factor: 2.0 }.fits(set));
                }
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
            (of(What::Days, ""), "from"),
            (of(What::Volume, ""), "factor"),
            (of(What::Filled, "quantity"), "column"),
        ] {
            match rule(&form) {
                Err(QualityError::Invalid(found)) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
    }
}
