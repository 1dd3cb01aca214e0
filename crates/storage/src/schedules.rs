//! Work that recurs: a job that is queued again for its next time whenever it has ended.

use crate::{PlatformTx, StorageError, TenantTx, jobs::NewJob};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::{fmt, str::FromStr};
use types::TenantId;
use uuid::Uuid;

/// When work is due again, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    Daily {
        hour: i8,
        minute: i8,
    },
    /// After its last end.
    Every {
        seconds: i64,
    },
}

impl Schedule {
    /// The first time after this one.
    pub fn after(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Every { seconds } => now
                .checked_add(SignedDuration::from_secs(seconds.max(1)))
                .unwrap_or(Timestamp::MAX),
            Self::Daily { hour, minute } => {
                let today = TimeZone::UTC.to_datetime(now).date();
                [Some(today), today.tomorrow().ok()]
                    .into_iter()
                    .flatten()
                    .filter_map(|day| TimeZone::UTC.to_timestamp(day.at(hour, minute, 0, 0)).ok())
                    .find(|at| *at > now)
                    .unwrap_or(Timestamp::MAX)
            }
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daily { hour, minute } => write!(f, "daily {hour:02}:{minute:02}"),
            Self::Every { seconds } => write!(f, "every {seconds}"),
        }
    }
}

impl FromStr for Schedule {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        let parsed = match text.split_once(' ') {
            Some(("daily", at)) => at.split_once(':').and_then(|(hour, minute)| {
                let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
                ((0..24).contains(&hour) && (0..60).contains(&minute))
                    .then_some(Self::Daily { hour, minute })
            }),
            Some(("every", seconds)) => seconds.parse().ok().map(|seconds| Self::Every { seconds }),
            _ => None,
        };
        parsed.ok_or_else(|| StorageError::Corrupt(format!("schedule `{text}`")))
    }
}

impl TenantTx {
    /// Has this work done again and again: one schedule a dedupe key, which a later call changes. False where
    /// it stood so already.
    pub async fn schedule_job(
        &mut self,
        job: &NewJob,
        schedule: Schedule,
    ) -> Result<bool, StorageError> {
        let text = schedule.to_string();
        let first = schedule.after(self.now());
        let job = NewJob {
            run_at: Some(first),
            ..job.clone()
        };
        let enqueued = self.enqueue_job(&job).await?;
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set schedule = $3, run_at = $4, updated_at = $5
             where tenant_id = $1 and id = $2 and (schedule is null or schedule <> $3)
               and state <> 'running'",
            self.tenant.0, enqueued.id.0, &text, first.as_microsecond(), now)?;
        Ok(changed == 1)
    }

    /// Ends the schedule of the job with this dedupe key: it is not done again, though it may be running now.
    pub async fn unschedule_job(&mut self, dedupe_key: &str) -> Result<(), StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => execute,
            "update jobs set schedule = null, updated_at = $3,
                 state = case when state = 'queued' then 'cancelled' else state end
             where tenant_id = $1 and dedupe_key = $2",
            self.tenant.0, dedupe_key, now)?;
        Ok(())
    }
}

impl PlatformTx {
    /// Tenants that have no job of this dedupe key, in any state.
    pub async fn tenants_without_job(
        &mut self,
        dedupe_key: &str,
    ) -> Result<Vec<TenantId>, StorageError> {
        Ok(sql!(self.connection => fetch_all (Uuid,),
            "select t.id from tenants t
             where not exists (select 1 from jobs j where j.tenant_id = t.id and j.dedupe_key = $1)
             order by t.id",
            dedupe_key)?
        .into_iter()
        .map(|(id,)| TenantId(id))
        .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, now: &str) -> String {
        let schedule: Schedule = schedule.parse().unwrap();
        schedule.after(now.parse().unwrap()).to_string()
    }

    #[test]
    fn the_next_time_lies_ahead() {
        for (schedule, now, expected) in [
            (
                "daily 03:30",
                "2026-03-31T03:29:59Z",
                "2026-03-31T03:30:00Z",
            ),
            (
                "daily 03:30",
                "2026-03-31T03:30:00Z",
                "2026-04-01T03:30:00Z",
            ),
            (
                "daily 00:00",
                "2026-12-31T23:59:59Z",
                "2027-01-01T00:00:00Z",
            ),
            ("every 90", "2026-03-31T00:00:00Z", "2026-03-31T00:01:30Z"),
        ] {
            assert_eq!(next(schedule, now), expected, "{schedule} after {now}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in ["", "daily", "daily 24:00", "daily 3", "hourly 1", "every x"] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
        let daily: Schedule = "daily 3:05".parse().unwrap();
        assert_eq!(daily.to_string(), "daily 03:05");
    }
}
