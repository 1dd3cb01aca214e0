use crate::{PlatformTx, Schedule, StorageError, TenantTx, convert::*};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::str::FromStr;
use types::{JobId, TenantId};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time and a worker.
    Queued,
    Running,
    Done,
    /// Failed as often as it may: somebody has to look.
    Dead,
    Cancelled,
}

impl JobState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for JobState {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        [
            Self::Queued,
            Self::Running,
            Self::Done,
            Self::Dead,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
        .ok_or_else(|| StorageError::Corrupt(format!("job state `{text}`")))
    }
}

#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: String,
    /// One job a tenant for each key, ever: enqueued again, the first one is returned.
    pub dedupe_key: Option<String>,
    /// At most one job of a group runs at a time, within the tenant.
    pub lock_group: Option<String>,
    pub payload: Value,
    pub max_attempts: u32,
    /// Higher goes first.
    pub priority: i32,
    /// `None`: at once.
    pub run_at: Option<Timestamp>,
}

impl NewJob {
    pub fn new(kind: impl Into<String>, payload: Value) -> Self {
        Self {
            kind: kind.into(),
            dedupe_key: None,
            lock_group: None,
            payload,
            max_attempts: 5,
            priority: 0,
            run_at: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enqueued {
    pub id: JobId,
    /// False where a job with this dedupe key was there before.
    pub is_new: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub tenant: TenantId,
    pub kind: String,
    pub dedupe_key: Option<String>,
    pub lock_group: Option<String>,
    pub payload: Value,
    pub state: JobState,
    pub priority: i64,
    /// How often it was begun, the present one included.
    pub attempts: u32,
    pub max_attempts: u32,
    pub run_at: Timestamp,
    /// Raised by every claim: what an older claim still does is refused by it.
    pub lease_token: i64,
    pub lease_until: Option<Timestamp>,
    pub worker: Option<String>,
    pub progress: Option<Value>,
    pub last_error: Option<String>,
    /// What it is, as far as it is known.
    pub last_error_code: Option<String>,
    /// Of work that recurs: ended, it is queued for its next time.
    pub schedule: Option<Schedule>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Proof of a claim: which job, and which claim of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub tenant: TenantId,
    pub job: JobId,
    pub lease_token: i64,
}

impl Job {
    pub fn claim(&self) -> Claim {
        Claim {
            tenant: self.tenant,
            job: self.id,
            lease_token: self.lease_token,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    tenant_id: Uuid,
    kind: String,
    dedupe_key: Option<String>,
    lock_group: Option<String>,
    payload: String,
    state: String,
    priority: i64,
    attempts: i64,
    max_attempts: i64,
    run_at: i64,
    lease_token: i64,
    lease_until: Option<i64>,
    worker: Option<String>,
    progress: Option<String>,
    last_error: Option<String>,
    last_error_code: Option<String>,
    schedule: Option<String>,
    created_at: i64,
    updated_at: i64,
}

macro_rules! columns {
    () => {
        "id, tenant_id, kind, dedupe_key, lock_group, payload, state, priority, attempts, max_attempts, \
         run_at, lease_token, lease_until, worker, progress, last_error, last_error_code, schedule, \
         created_at, updated_at"
    };
}

impl TryFrom<Row> for Job {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self, StorageError> {
        Ok(Self {
            id: JobId(row.id),
            tenant: TenantId(row.tenant_id),
            kind: row.kind,
            dedupe_key: row.dedupe_key,
            lock_group: row.lock_group,
            payload: json(&row.payload)?,
            state: row.state.parse()?,
            priority: row.priority,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            max_attempts: u32::try_from(row.max_attempts).unwrap_or(u32::MAX),
            run_at: time(row.run_at)?,
            lease_token: row.lease_token,
            lease_until: time_or_none(row.lease_until)?,
            worker: row.worker,
            progress: json_or_none(row.progress)?,
            last_error: row.last_error,
            last_error_code: row.last_error_code,
            schedule: row.schedule.map(|text| text.parse()).transpose()?,
            created_at: time(row.created_at)?,
            updated_at: time(row.updated_at)?,
        })
    }
}

impl TenantTx {
    /// Adds work in the transaction that makes it necessary.
    pub async fn enqueue_job(&mut self, new: &NewJob) -> Result<Enqueued, StorageError> {
        let now = self.now();
        let id = JobId(self.new_id());
        let run_at = new.run_at.unwrap_or(now).as_microsecond();
        let inserted = sql!(self.connection => execute,
            "insert into jobs (tenant_id, id, kind, dedupe_key, lock_group, payload, state, priority, attempts,
                               max_attempts, run_at, lease_token, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, 'queued', $7, 0, $8, $9, 0, $10, $10)
             on conflict (tenant_id, dedupe_key) do nothing",
            self.tenant.0, id.0, &new.kind, &new.dedupe_key, &new.lock_group, new.payload.to_string(),
            i64::from(new.priority), i64::from(new.max_attempts.max(1)), run_at, now.as_microsecond())?;
        if inserted == 1 {
            self.effects.jobs = true;
            return Ok(Enqueued { id, is_new: true });
        }
        let (id,) = sql!(self.connection => fetch_one (Uuid,),
            "select id from jobs where tenant_id = $1 and dedupe_key = $2", self.tenant.0, &new.dedupe_key)?;
        Ok(Enqueued {
            id: JobId(id),
            is_new: false,
        })
    }

    pub async fn job(&mut self, id: JobId) -> Result<Option<Job>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            concat!("select ", columns!(), " from jobs where tenant_id = $1 and id = $2"),
            self.tenant.0, id.0)?
        .map(Job::try_from)
        .transpose()
    }

    /// The one job with this dedupe key.
    pub async fn job_by_key(&mut self, dedupe_key: &str) -> Result<Option<Job>, StorageError> {
        sql!(self.connection => fetch_optional Row,
            concat!("select ", columns!(), " from jobs where tenant_id = $1 and dedupe_key = $2"),
            self.tenant.0, dedupe_key)?
        .map(Job::try_from)
        .transpose()
    }

    /// Takes back work that has not begun, or begins no more. False where it runs or has ended.
    pub async fn cancel_job(&mut self, id: JobId) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set state = 'cancelled', updated_at = $3
             where tenant_id = $1 and id = $2 and state = 'queued'",
            self.tenant.0, id.0, now)?;
        Ok(changed == 1)
    }

    /// Gives a dead job another set of attempts. False where it is not dead.
    pub async fn revive_job(&mut self, id: JobId) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set state = 'queued', attempts = 0, run_at = $3, updated_at = $3
             where tenant_id = $1 and id = $2 and state = 'dead'",
            self.tenant.0, id.0, now)?;
        self.effects.jobs |= changed == 1;
        Ok(changed == 1)
    }

    /// Notes that the claim still stands and locks the job until the transaction ends: effects written with it
    /// are the only ones. `Fenced` where another worker has claimed it since.
    pub async fn hold_job(&mut self, claim: Claim) -> Result<(), StorageError> {
        self.update_claimed(claim, JobState::Running, None).await
    }

    /// The work is done, together with what else the transaction writes. Work that recurs waits for its next time.
    pub async fn finish_job(&mut self, claim: Claim) -> Result<(), StorageError> {
        self.update_claimed(claim, JobState::Done, None).await?;
        self.again(claim, "done").await?;
        // Its lock group is free: somebody may be waiting for it.
        self.effects.jobs = true;
        Ok(())
    }

    /// The work failed: again at `retry_at`, or never where that is `None` or the attempts are used up.
    /// Returns the state it is left in.
    pub async fn fail_job(
        &mut self,
        claim: Claim,
        error: &str,
        retry_at: Option<Timestamp>,
    ) -> Result<JobState, StorageError> {
        if claim.tenant != self.tenant {
            return Err(StorageError::NotFound);
        }
        let now = self.now().as_microsecond();
        let retry_at = retry_at.map(|at| at.as_microsecond());
        let state = sql!(self.connection => fetch_optional (String,),
            "update jobs set
                 state = case when attempts >= max_attempts or $4 < 0 then 'dead' else 'queued' end,
                 run_at = case when $4 < 0 then run_at else $4 end,
                 last_error = $5, last_error_code = null, lease_until = null, worker = null, updated_at = $6
             where tenant_id = $1 and id = $2 and lease_token = $3 and state = 'running'
             returning state",
            self.tenant.0, claim.job.0, claim.lease_token, retry_at.unwrap_or(-1), plain(error), now)?;
        let (state,) = state.ok_or(StorageError::Fenced)?;
        self.effects.jobs = true;
        if self.again(claim, "dead").await? {
            return Ok(JobState::Queued);
        }
        state.parse()
    }

    /// Ends an abandoned job as dead. `Fenced` where its worker turned out to live.
    pub async fn bury_job(&mut self, claim: Claim, error: &str) -> Result<(), StorageError> {
        if claim.tenant != self.tenant {
            return Err(StorageError::NotFound);
        }
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set state = 'dead', last_error = $5, last_error_code = null, lease_until = null, worker = null,
                 updated_at = $4
             where tenant_id = $1 and id = $2 and lease_token = $3 and state = 'running'
               and lease_until < $4 and attempts >= max_attempts",
            self.tenant.0, claim.job.0, claim.lease_token, now, plain(error))?;
        // Its lock group is free.
        self.effects.jobs |= changed == 1;
        fenced(changed)?;
        self.again(claim, "dead").await?;
        Ok(())
    }

    /// Says what the error is that the job failed with, in the transaction in which it did.
    pub async fn name_job_error(&mut self, id: JobId, code: &str) -> Result<(), StorageError> {
        let changed = sql!(self.connection => execute,
            "update jobs set last_error_code = $3 where tenant_id = $1 and id = $2 and last_error is not null",
            self.tenant.0, id.0, plain(code))?;
        match changed {
            0 => Err(StorageError::NotFound),
            _ => Ok(()),
        }
    }

    /// Queues work that recurs for its next time, where it has ended like this. What went wrong stays written until it
    /// goes well.
    async fn again(&mut self, claim: Claim, ended: &str) -> Result<bool, StorageError> {
        let schedule = sql!(self.connection => fetch_optional (Option<String>,),
            "select schedule from jobs where tenant_id = $1 and id = $2 and lease_token = $3 and state = $4",
            self.tenant.0, claim.job.0, claim.lease_token, ended)?;
        let Some((Some(schedule),)) = schedule else {
            return Ok(false);
        };
        let schedule: Schedule = schedule.parse()?;
        let now = self.now();
        sql!(self.connection => execute,
            "update jobs set state = 'queued', attempts = 0, run_at = $3, lease_until = null, worker = null,
                 updated_at = $4, last_error = case when $5 = 'done' then null else last_error end,
                 last_error_code = case when $5 = 'done' then null else last_error_code end
             where tenant_id = $1 and id = $2",
            self.tenant.0, claim.job.0, schedule.after(now).as_microsecond(), now.as_microsecond(), ended)?;
        Ok(true)
    }

    /// Work that recurs and did not go well when it was done last, the last changed first.
    pub async fn failing_jobs(&mut self, limit: u32) -> Result<Vec<Job>, StorageError> {
        sql!(self.connection => fetch_all Row,
            concat!("select ", columns!(), " from jobs
             where tenant_id = $1 and schedule is not null and last_error is not null
               and state in ('queued', 'running')
             order by updated_at desc, id limit $2"),
            self.tenant.0, i64::from(limit))?
        .into_iter()
        .map(Job::try_from)
        .collect()
    }

    /// Has work that recurs done now rather than at its next time. False where it does not wait for one.
    pub async fn hasten_job(&mut self, id: JobId) -> Result<bool, StorageError> {
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set attempts = 0, run_at = $3, updated_at = $3
             where tenant_id = $1 and id = $2 and state = 'queued' and schedule is not null",
            self.tenant.0, id.0, now)?;
        self.effects.jobs |= changed == 1;
        Ok(changed == 1)
    }

    /// Jobs in this state, the last changed first.
    pub async fn jobs_in(&mut self, state: JobState, limit: u32) -> Result<Vec<Job>, StorageError> {
        sql!(self.connection => fetch_all Row,
            concat!("select ", columns!(), " from jobs
             where tenant_id = $1 and state = $2 order by updated_at desc, id limit $3"),
            self.tenant.0, state.as_str(), i64::from(limit))?
        .into_iter()
        .map(Job::try_from)
        .collect()
    }

    /// Gives the work back unharmed, as a worker does that is told to stop: the attempt does not count.
    pub async fn release_job(&mut self, claim: Claim) -> Result<(), StorageError> {
        if claim.tenant != self.tenant {
            return Err(StorageError::NotFound);
        }
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set state = 'queued', attempts = attempts - 1, run_at = $4, lease_until = null,
                 worker = null, updated_at = $4
             where tenant_id = $1 and id = $2 and lease_token = $3 and state = 'running'",
            self.tenant.0, claim.job.0, claim.lease_token, now)?;
        self.effects.jobs |= changed == 1;
        fenced(changed)
    }

    pub async fn set_job_progress(
        &mut self,
        claim: Claim,
        progress: &Value,
    ) -> Result<(), StorageError> {
        self.update_claimed(claim, JobState::Running, Some(progress))
            .await
    }

    async fn update_claimed(
        &mut self,
        claim: Claim,
        state: JobState,
        progress: Option<&Value>,
    ) -> Result<(), StorageError> {
        if claim.tenant != self.tenant {
            return Err(StorageError::NotFound);
        }
        let now = self.now().as_microsecond();
        let changed = sql!(self.connection => execute,
            "update jobs set state = $4, progress = coalesce($5, progress), updated_at = $6
             where tenant_id = $1 and id = $2 and lease_token = $3 and state = 'running'",
            self.tenant.0, claim.job.0, claim.lease_token, state.as_str(), progress.map(Value::to_string), now)?;
        fenced(changed)
    }
}

/// The job that goes next: due, or left by a worker whose lease ran out; nobody of its lock group running;
/// by priority, then the tenant that waited longest, then age.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "with next as (
                 select j.tenant_id, j.id from jobs j
                 left join job_turns t on t.tenant_id = j.tenant_id
                 where ((j.state = 'queued' and j.run_at <= $1) or (j.state = 'running' and j.lease_until < $1
                                                                          and j.attempts < j.max_attempts))
                   and replace($2, ',' || j.kind || ',', '') <> $2
                   and (j.lock_group is null or not exists (
                       select 1 from jobs o
                       where o.tenant_id = j.tenant_id and o.lock_group = j.lock_group
                         and o.state = 'running' and o.id <> j.id))
                 order by j.priority desc, coalesce(t.claimed_at, 0), j.run_at, j.id
                 limit 1 ",
            $lock,
            ")
             update jobs set state = 'running', attempts = attempts + 1, lease_token = lease_token + 1,
                 lease_until = $3, worker = $4, updated_at = $1
             where (tenant_id, id) in (select tenant_id, id from next)
             returning ",
            columns!()
        )
    };
}

impl PlatformTx {
    /// Takes the next job of these kinds for `lease`. A conflict `jobs_tenant_id_lock_group` means that
    /// another worker began one of the same group in this moment: roll back and ask again.
    pub async fn claim_job(
        &mut self,
        kinds: &[&str],
        worker: &str,
        lease: SignedDuration,
    ) -> Result<Option<Job>, StorageError> {
        let now = self.now();
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let (now, until) = (now.as_microsecond(), until.as_microsecond());
        let kinds = set(kinds.iter().copied());
        let row = sql!(self.connection => fetch_optional Row,
            sqlite claim!(""), postgres claim!("for update of j skip locked");
            now, &kinds, until, worker)?;
        let Some(row) = row else {
            return Ok(None);
        };
        sql!(self.connection => execute,
            "insert into job_turns (tenant_id, claimed_at) values ($1, $2)
             on conflict (tenant_id) do update set claimed_at = excluded.claimed_at",
            row.tenant_id, now)?;
        Job::try_from(row).map(Some)
    }

    /// Jobs whose worker vanished in their last attempt: nothing would ever end them but [`TenantTx::bury_job`].
    pub async fn abandoned_jobs(&mut self) -> Result<Vec<Job>, StorageError> {
        let now = self.now().as_microsecond();
        sql!(self.connection => fetch_all Row,
            concat!("select ", columns!(), " from jobs
             where state = 'running' and lease_until < $1 and attempts >= max_attempts
             order by lease_until limit 100"),
            now)?
        .into_iter()
        .map(Job::try_from)
        .collect()
    }

    /// Extends a lease. `Fenced` where the job is another worker's by now.
    pub async fn extend_lease(
        &mut self,
        claim: Claim,
        lease: SignedDuration,
    ) -> Result<Timestamp, StorageError> {
        let until = self.now().checked_add(lease).unwrap_or(Timestamp::MAX);
        let changed = sql!(self.connection => execute,
            "update jobs set lease_until = $4
             where tenant_id = $1 and id = $2 and lease_token = $3 and state = 'running'",
            claim.tenant.0, claim.job.0, claim.lease_token, until.as_microsecond())?;
        fenced(changed).map(|()| until)
    }

    /// When the next queued job of these kinds is due, if any waits.
    pub async fn next_job_at(&mut self, kinds: &[&str]) -> Result<Option<Timestamp>, StorageError> {
        let kinds = set(kinds.iter().copied());
        let (at,) = sql!(self.connection => fetch_one (Option<i64>,),
            "select min(run_at) from jobs where state = 'queued' and replace($1, ',' || kind || ',', '') <> $1",
            &kinds)?;
        time_or_none(at)
    }
}

fn fenced(changed: u64) -> Result<(), StorageError> {
    match changed {
        0 => Err(StorageError::Fenced),
        _ => Ok(()),
    }
}
