use crate::policy::Role;
use jiff::Timestamp;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};
use types::{JobId, KeyId, SessionId, TenantId, UploadId, UserId};
use uuid::Uuid;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    User {
        id: UserId,
        session: SessionId,
        role: Role,
    },
    /// A program with a key of its own.
    Key(KeyId),
    /// The product itself: a worker, the command line. Named for the audit.
    System(&'static str),
}

impl Principal {
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::Key(_) | Self::System(_) => None,
        }
    }
}

/// Who, for which tenant, with which clock and randomness. A row is reached only through one.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub principal: Principal,
    pub tenant: TenantId,
    pub clock: Clock,
    pub randomness: Randomness,
}

impl Ctx {
    /// What the product does on its own behalf within one tenant.
    pub fn system(
        name: &'static str,
        tenant: TenantId,
        clock: Clock,
        randomness: Randomness,
    ) -> Self {
        Self {
            principal: Principal::System(name),
            tenant,
            clock,
            randomness,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn new_upload_id(&self) -> UploadId {
        UploadId(self.randomness.uuid(self.now()))
    }

    pub fn new_job_id(&self) -> JobId {
        JobId(self.randomness.uuid(self.now()))
    }
}

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// Microseconds since the epoch, moved by the test that holds it.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(micros) => {
                Timestamp::from_microsecond(micros.load(Ordering::SeqCst)).unwrap_or(Timestamp::MIN)
            }
        }
    }

    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// Moves a manual clock; the system's is not moved.
    pub fn advance(&self, by: jiff::SignedDuration) {
        if let Self::Manual(micros) = self {
            let step = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            micros.fetch_add(step, Ordering::SeqCst);
        }
    }
}

/// Where random bytes come from.
#[derive(Clone, Debug)]
pub enum Randomness {
    /// The operating system's generator.
    System,
    /// A stream from a printed seed, for tests.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Randomness {
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            #[expect(
                clippy::expect_used,
                reason = "without the system's generator no secret can be made: stopping is the only safe answer"
            )]
            Self::System => getrandom::fill(&mut bytes).expect("the system's random generator"),
            Self::Seeded(rng) => rng
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill_bytes(&mut bytes),
        }
        bytes
    }

    /// UUID version 7: sortable by time of creation.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself() {
        let (a, b) = (Randomness::seeded(7), Randomness::seeded(7));
        assert_eq!(a.bytes::<32>(), b.bytes::<32>());
        assert_ne!(a.bytes::<32>(), [0; 32]);
    }

    #[test]
    fn ids_sort_by_time() {
        let random = Randomness::seeded(1);
        let early = random.uuid(Timestamp::from_second(1).unwrap());
        let late = random.uuid(Timestamp::from_second(2).unwrap());
        assert!(early < late);
        assert_eq!(late.get_version_num(), 7);
    }

    #[test]
    fn a_manual_clock_moves_when_told() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(jiff::SignedDuration::from_secs(90));
        assert_eq!(clock.now().as_second(), 90);
    }
}
