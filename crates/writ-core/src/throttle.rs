//! Rate limits for attempts, as a leaky bucket.
//!
//! Each attempt adds to a debt that shrinks with time. The debt is bounded, so no attempt is
//! refused for longer than the span of its rate.

use crate::{Cause, Error};

/// A burst of attempts, followed by one attempt per interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    burst: i64,
    /// Interval in milliseconds.
    interval: i64,
}

impl Rate {
    /// Allows `burst` attempts at once, then one every `interval` seconds.
    pub const fn new(burst: u32, interval: i64) -> Self {
        Self { burst: burst as i64, interval: interval.saturating_mul(1000) }
    }

    /// The rate for a network that more users share: `factor` times as many attempts.
    #[must_use]
    pub const fn times(self, factor: i64) -> Self {
        let interval = self.interval / factor;
        Self { burst: self.burst.saturating_mul(factor), interval: if interval < 1 { 1 } else { interval } }
    }

    /// The maximum debt, in milliseconds.
    fn span(self) -> i64 {
        self.burst.saturating_mul(self.interval)
    }
}

/// The state of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Milliseconds until the bucket is empty, counted from `at`.
    pub debt: i64,
    /// When the debt was computed, in seconds since the epoch.
    pub at: i64,
}

impl Bucket {
    /// Counts an attempt. Save the bucket in either case: this also corrects a count from another
    /// clock.
    ///
    /// # Errors
    /// The seconds until the next attempt is accepted, if the bucket is full.
    pub fn attempt(&mut self, rate: Rate, now: i64) -> Result<(), i64> {
        *self = self.at(rate, now);
        let missing = self.debt + rate.interval - rate.span();
        if missing > 0 {
            return Err((missing + 999) / 1000 + (self.at - now));
        }
        self.debt += rate.interval;
        Ok(())
    }

    /// Refunds an attempt that succeeded or was not carried out.
    #[must_use]
    pub fn refund(self, rate: Rate) -> Self {
        Self { debt: (self.debt - rate.interval).max(0), ..self }
    }

    /// When the bucket is empty, in seconds since the epoch.
    pub fn empty_at(self) -> i64 {
        self.at + (self.debt + 999) / 1000
    }

    /// The remaining debt at `now`. A count that is further ahead than the rate's span comes from a
    /// clock that runs fast, and is capped at that span.
    fn at(self, rate: Rate, now: i64) -> Self {
        let debt = self.debt.clamp(0, rate.span());
        let at = self.at.min(now + (rate.span() + 999) / 1000);
        let elapsed = now.saturating_sub(at).max(0).saturating_mul(1000);
        Self { debt: (debt - elapsed).max(0), at: at.max(now) }
    }
}

/// The error of a request that exceeds a limit, with the seconds until another one is accepted.
pub fn too_many_requests(seconds: i64) -> Error {
    Error::new(Cause::TooManyRequests, "too many requests from this network: try again later")
        .because(format!("in {seconds} s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn drain(mut bucket: Bucket, rate: Rate, now: i64) -> (Bucket, usize) {
        let mut accepted = 0;
        while bucket.attempt(rate, now).is_ok() {
            accepted += 1;
        }
        (bucket, accepted)
    }

    fn attempted(rate: Rate, now: i64) -> Bucket {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.attempt(rate, now), Ok(()));
        bucket
    }

    #[test]
    fn attempts_are_accepted_in_a_burst_and_then_one_per_interval() {
        let rate = Rate::new(4, 30);
        let (mut full, accepted) = drain(Bucket::default(), rate, NOW);
        assert_eq!((accepted, full.attempt(rate, NOW)), (4, Err(30)));
        assert_eq!(full.attempt(rate, NOW + 29), Err(1));
        assert_eq!(drain(full, rate, NOW + 30).1, 1);
        assert_eq!(drain(full, rate, NOW + 3600).1, 4);
    }

    #[test]
    fn refunded_attempt_costs_nothing() {
        let rate = Rate::new(1, 30);
        let mut refunded = attempted(rate, NOW).refund(rate);
        assert!(refunded.attempt(rate, NOW).is_ok());
        assert_eq!(Bucket::default().refund(rate), Bucket::default());
    }

    #[test]
    fn wider_network_has_more_attempts_and_a_finer_interval() {
        let wide = Rate::new(4, 3).times(8);
        let (full, accepted) = drain(Bucket::default(), wide, NOW);
        assert_eq!(accepted, 32);
        assert_eq!(drain(full, wide, NOW + 3).1, 8);
    }

    #[test]
    fn debt_from_a_fast_clock_is_capped_at_the_span() {
        let rate = Rate::new(10, 30);
        for ahead in [60, 240, 400, 3600, 86_400, 1_000_000_000] {
            let later = NOW + ahead;
            // A successful attempt leaves no debt.
            let right = attempted(rate, later).refund(rate);
            assert_eq!(drain(right, rate, NOW).1, 10, "{ahead}");
            // A failed attempt costs one attempt.
            assert_eq!(drain(attempted(rate, later), rate, NOW).1, 9, "{ahead}");
            // No attempt is refused for longer than twice the span.
            let mut full = drain(Bucket::default(), rate, later).0;
            assert!(full.attempt(rate, NOW).is_err_and(|seconds| seconds <= 330), "{ahead}");
            assert_eq!(full.attempt(rate, NOW + 600), Ok(()), "{ahead}");
        }
    }

    #[test]
    fn bucket_is_not_emptied_by_two_alternating_clocks() {
        let rate = Rate::new(10, 30);
        let (mut bucket, mut accepted) = (Bucket::default(), 0);
        for round in 0..1000 {
            let now = if round % 2 == 0 { NOW + 60 } else { NOW };
            accepted += usize::from(bucket.attempt(rate, now).is_ok());
        }
        assert_eq!(accepted, 10);
    }
}
