//! Counting attempts to sign in. An attempt is counted before it is checked, so that parallel ones cannot slip by.

use crate::{PlatformTx, StorageError, convert::*};
use jiff::{SignedDuration, Timestamp};

/// How attempts under one key are slowed: `free` of them at once, then a delay that doubles up to `longest`.
#[derive(Clone, Copy, Debug)]
pub struct Delay {
    pub free: u32,
    pub first: SignedDuration,
    pub longest: SignedDuration,
    /// After this long without an attempt, counting starts anew.
    pub forgotten_after: SignedDuration,
}

impl Delay {
    /// What must pass after this many attempts.
    pub fn after(&self, attempts: u32) -> SignedDuration {
        match attempts.checked_sub(self.free) {
            None => SignedDuration::ZERO,
            Some(over) => self
                .first
                .checked_mul(1_i32.checked_shl(over.min(30)).unwrap_or(i32::MAX))
                .unwrap_or(self.longest)
                .min(self.longest),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Counted: go on and check it.
    Counted,
    /// Not counted, or the delay would never end for somebody who is being attacked.
    Blocked { until: Timestamp },
}

impl PlatformTx {
    pub async fn count_attempt(
        &mut self,
        key: &str,
        delay: Delay,
    ) -> Result<Attempt, StorageError> {
        let now = self.now();
        // Writes nothing new: takes the row's lock, so that parallel attempts follow one another.
        let (failures, last_at, blocked_until) = sql!(self.connection => fetch_one (i64, i64, i64),
            "insert into sign_in_attempts (key, failures, last_at, blocked_until) values ($1, 0, $2, 0)
             on conflict (key) do update set key = excluded.key
             returning failures, last_at, blocked_until",
            key, now.as_microsecond())?;
        if blocked_until > now.as_microsecond() {
            return Ok(Attempt::Blocked {
                until: time(blocked_until)?,
            });
        }
        let forgotten = now.duration_since(time(last_at)?) > delay.forgotten_after;
        let attempts = if forgotten {
            1
        } else {
            failures.saturating_add(1)
        };
        let wait = delay.after(u32::try_from(attempts).unwrap_or(u32::MAX));
        let until = now.checked_add(wait).unwrap_or(Timestamp::MAX);
        sql!(self.connection => execute,
            "update sign_in_attempts set failures = $2, last_at = $3, blocked_until = $4 where key = $1",
            key, attempts, now.as_microsecond(), until.as_microsecond())?;
        Ok(Attempt::Counted)
    }

    /// The attempts of this key were its owner's: forget them.
    pub async fn forget_attempts(&mut self, key: &str) -> Result<(), StorageError> {
        sql!(self.connection => execute, "delete from sign_in_attempts where key = $1", key)?;
        Ok(())
    }

    /// Takes back one attempt that turned out well, and the delay it brought.
    pub async fn refund_attempt(&mut self, key: &str) -> Result<(), StorageError> {
        sql!(self.connection => execute,
            "update sign_in_attempts set failures = failures - 1, blocked_until = 0 where key = $1 and failures > 0",
            key)?;
        Ok(())
    }

    pub async fn forget_attempts_before(&mut self, before: Timestamp) -> Result<u64, StorageError> {
        let before = before.as_microsecond();
        sql!(self.connection => execute,
            "delete from sign_in_attempts where last_at < $1 and blocked_until < $1", before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_end() {
        let delay = Delay {
            free: 3,
            first: SignedDuration::from_secs(1),
            longest: SignedDuration::from_secs(60),
            forgotten_after: SignedDuration::from_hours(1),
        };
        let seconds = [1, 2, 3, 4, 5, 8, 9, 10, 1000].map(|n| delay.after(n).as_secs());
        assert_eq!(seconds, [0, 0, 1, 2, 4, 32, 60, 60, 60]);
    }
}
