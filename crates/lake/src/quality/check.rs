//! Rules at work: one pass over the lines of a run, file by file.

use super::{Check, Known, Outcome, Rule, Text, Verdict};
use crate::{
    delta::{DataFile, Delta},
    error::LakeError,
    parquet::decode,
    schema::TableSchema,
    store::{Lake, Run},
    tables,
};
use ingest::{Counts, DataSet, Seen, StableHash};
use polars::prelude::*;
use rustc_hash::FxHashSet;
use types::{Day, TenantId};

/// Fewer days say nothing about a usual day.
const DAYS_TO_COMPARE: usize = 7;
const EXAMPLES: usize = 5;

/// A rule at work.
struct Tally {
    rule: Rule,
    checked: u64,
    failing: u64,
    examples: Vec<String>,
    /// Values that are known, as the rule has it.
    known: FxHashSet<u64>,
    /// Values met.
    met: Seen,
}

fn hash(text: &str) -> u64 {
    StableHash::default().text(text).finish()
}

impl Tally {
    fn count(&mut self, failed: bool, example: impl FnOnce() -> String) {
        self.checked += 1;
        if failed {
            self.failing += 1;
            if self.examples.len() < EXAMPLES {
                let example = example();
                if !self.examples.contains(&example) {
                    self.examples.push(example);
                }
            }
        }
    }

    /// Takes the lines of one file.
    fn take(&mut self, frame: &DataFrame, today: Day) -> Result<(), LakeError> {
        match self.rule.check.clone() {
            Check::NotNull { column, .. } => {
                for value in frame.column(column.column())?.str()?.iter() {
                    self.count(value.is_none(), String::new);
                }
                // Nothing is no example.
                self.examples.clear();
            }
            Check::Unique { columns, .. } => {
                let columns = columns
                    .iter()
                    .map(|c| Ok(frame.column(c.column())?.str()?.clone()))
                    .collect::<Result<Vec<_>, LakeError>>()?;
                for row in 0..frame.height() {
                    let hash = columns
                        .iter()
                        .fold(StableHash::default(), |h, c| h.optional(c.get(row)))
                        .finish();
                    let again = !self.met.insert(hash);
                    self.count(again, || {
                        let texts: Vec<&str> =
                            columns.iter().map(|c| c.get(row).unwrap_or("")).collect();
                        texts.join(", ")
                    });
                }
                self.met.check().map_err(LakeError::Seen)?;
            }
            Check::Range {
                column, min, max, ..
            } => {
                for value in frame.column(column.column())?.i64()?.iter().flatten() {
                    let out = min.is_some_and(|min| column.is_below(value, min))
                        || max.is_some_and(|max| column.is_above(value, max));
                    self.count(out, || column.text(value));
                }
            }
            Check::Days { from, ahead, .. } => {
                let last = today.plus(ahead);
                for day in frame.column("day")?.i32()?.iter().flatten() {
                    let day = Day(day);
                    self.count(day < from || day > last, || day.to_string());
                }
            }
            Check::Reference { column, .. } => {
                for value in frame.column(column.column())?.str()?.iter().flatten() {
                    let unknown = !self.known.contains(&hash(value));
                    self.count(unknown, || value.to_owned());
                }
            }
            Check::Freshness { .. } | Check::VolumeDrift { .. } | Check::Rejected { .. } => {}
        }
        Ok(())
    }

    /// The text column of which the earlier values must be known first.
    fn earlier(&self) -> Option<Text> {
        match &self.rule.check {
            Check::Reference {
                column,
                known: Known::Earlier,
                ..
            } => Some(*column),
            _ => None,
        }
    }

    fn verdict(self, about: &About) -> Verdict {
        let share = (self.checked > 0).then(|| self.failing as f64 / self.checked as f64);
        let (value, fails) = match &self.rule.check {
            Check::Reference {
                known: Known::Earlier,
                ..
            } if self.known.is_empty() => (None, false),
            Check::NotNull { max_share, .. }
            | Check::Unique { max_share, .. }
            | Check::Range { max_share, .. }
            | Check::Days { max_share, .. }
            | Check::Reference { max_share, .. } => {
                (share, share.is_some_and(|share| share > *max_share))
            }
            Check::Freshness { max_days } => {
                let age = about.last_day.map(|day| f64::from(about.today.0 - day.0));
                (age, age.is_some_and(|age| age > f64::from(*max_days)))
            }
            Check::VolumeDrift { max_factor } => {
                let factor = about.own.factor(&about.others);
                (factor, factor.is_some_and(|factor| factor > *max_factor))
            }
            Check::Rejected { max_share } => {
                let counts = about.counts;
                let of = counts.accepted + counts.rejected;
                let share = (of > 0).then(|| counts.rejected as f64 / of as f64);
                (share, share.is_some_and(|share| share > *max_share))
            }
        };
        let (checked, failing) = match &self.rule.check {
            Check::Rejected { .. } => (about.counts.records, about.counts.rejected),
            Check::Freshness { .. } | Check::VolumeDrift { .. } => (about.own.lines, 0),
            _ => (self.checked, self.failing),
        };
        Verdict {
            rule: self.rule,
            outcome: match value {
                None => Outcome::Skipped,
                Some(_) if fails => Outcome::Failed,
                Some(_) => Outcome::Passed,
            },
            checked,
            failing,
            value,
            examples: self.examples,
        }
    }
}

/// What is known of the upload as a whole.
struct About {
    counts: Counts,
    today: Day,
    last_day: Option<Day>,
    own: Volume,
    others: Volume,
}

#[derive(Default)]
struct Volume {
    lines: u64,
    days: FxHashSet<i32>,
}

impl Volume {
    fn take(&mut self, frame: &DataFrame) -> Result<(), LakeError> {
        self.lines += frame.height() as u64;
        if let Ok(days) = frame.column("day") {
            self.days.extend(days.i32()?.iter().flatten());
        }
        Ok(())
    }

    /// How many times more lines a day the one has than the other, whichever has more.
    fn factor(&self, other: &Self) -> Option<f64> {
        if self.days.len().min(other.days.len()) < DAYS_TO_COMPARE {
            return None;
        }
        let a_day = |v: &Self| v.lines as f64 / v.days.len() as f64;
        let (a, b) = (a_day(self), a_day(other));
        Some((a / b).max(b / a))
    }
}

/// What is checked, and against what.
#[derive(Clone, Debug)]
pub struct Inspected {
    pub data_set: DataSet,
    pub run: Run,
    /// The runs that count at present; those of the same upload are left out.
    pub live: Vec<Run>,
    pub counts: Counts,
    pub last_day: Option<Day>,
    pub today: Day,
}

pub(crate) async fn check(
    lake: &Lake,
    tenant: TenantId,
    inspected: Inspected,
    rules: Vec<Rule>,
) -> Result<Vec<Verdict>, LakeError> {
    let silver = tables::silver(inspected.data_set);
    let files = match Delta::open(lake.table_url(tenant, silver)?, silver).await? {
        Some(table) => table.files()?,
        None => Vec::new(),
    };
    let mut tallies: Vec<Tally> = rules
        .into_iter()
        .map(|rule| Tally {
            known: match &rule.check {
                Check::Reference {
                    known: Known::These(values),
                    ..
                } => values.iter().map(|v| hash(v)).collect(),
                _ => FxHashSet::default(),
            },
            met: Seen::default(),
            rule,
            checked: 0,
            failing: 0,
            examples: Vec::new(),
        })
        .collect();
    let mut about = About {
        counts: inspected.counts,
        today: inspected.today,
        last_day: inspected.last_day,
        own: Volume::default(),
        others: Volume::default(),
    };

    // Only what the rules ask of the others is read of them.
    let drift = tallies
        .iter()
        .any(|t| matches!(t.rule.check, Check::VolumeDrift { .. }));
    let earlier: FxHashSet<Text> = tallies.iter().filter_map(Tally::earlier).collect();
    if drift || !earlier.is_empty() {
        let mut columns: Vec<&str> = earlier.iter().map(|text| text.column()).collect();
        columns.push(if silver.has("day") { "day" } else { "record" });
        let others = files.iter().filter(|f| {
            f.run
                .is_some_and(|r| r.upload != inspected.run.upload && inspected.live.contains(&r))
        });
        for file in others {
            let frame = load(lake, (tenant, silver), file, &columns).await?;
            about.others.take(&frame)?;
            for tally in &mut tallies {
                if let Some(column) = tally.earlier() {
                    let mut last = None;
                    for value in frame.column(column.column())?.str()?.iter().flatten() {
                        if last != Some(value) {
                            tally.known.insert(hash(value));
                            last = Some(value);
                        }
                    }
                }
            }
        }
    }
    let mut columns: FxHashSet<&str> = tallies
        .iter()
        .flat_map(|t| t.rule.check.columns())
        .collect();
    columns.insert(if silver.has("day") { "day" } else { "record" });
    let columns: Vec<&str> = columns.into_iter().collect();
    for file in files.iter().filter(|f| f.run == Some(inspected.run)) {
        let frame = load(lake, (tenant, silver), file, &columns).await?;
        about.own.take(&frame)?;
        let today = about.today;
        tallies = tokio::task::spawn_blocking(move || {
            for tally in &mut tallies {
                tally.take(&frame, today)?;
            }
            Ok::<_, LakeError>(tallies)
        })
        .await??;
    }
    Ok(tallies.into_iter().map(|t| t.verdict(&about)).collect())
}

impl Check {
    /// What is read of the lines for it.
    pub(super) fn columns(&self) -> Vec<&'static str> {
        match self {
            Self::NotNull { column, .. } | Self::Reference { column, .. } => vec![column.column()],
            Self::Unique { columns, .. } => columns.iter().map(|c| c.column()).collect(),
            Self::Range { column, .. } => vec![column.column()],
            Self::Days { .. }
            | Self::Freshness { .. }
            | Self::VolumeDrift { .. }
            | Self::Rejected { .. } => Vec::new(),
        }
    }
}

async fn load(
    lake: &Lake,
    (tenant, silver): (TenantId, &TableSchema),
    file: &DataFile,
    columns: &[&str],
) -> Result<DataFrame, LakeError> {
    let folder = Lake::folder(tenant, silver);
    let bytes = lake.objects.get(&format!("{folder}/{}", file.path)).await?;
    let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    tokio::task::spawn_blocking(move || {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        decode(bytes, Some(&columns))
    })
    .await?
}
