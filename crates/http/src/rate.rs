//! How often one directory may ask. Rates are counted in this process alone: several nodes
//! together allow as many times more.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A steady rate with room for bursts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests in a second, in the long run; at least one.
    pub per_second: u32,
    /// Requests at once after a rest.
    pub burst: u32,
}

impl Rate {
    /// Twice what identity providers demand of a service (P-7-X1: 25 requests a second), and room
    /// for the burst a sync begins with.
    pub const USUAL: Self = Self {
        per_second: 50,
        burst: 200,
    };
}

/// Token buckets, one for each key, refilled as time goes by.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    levels: Mutex<HashMap<K, Level>>,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    tokens: f64,
    at: Instant,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self {
            levels: Mutex::new(HashMap::new()),
        }
    }
}

impl<K: Eq + Hash> Buckets<K> {
    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// Whole seconds until there is room again, at least one: some clients know no fractions
    /// (P-7-X1; rule 12 of the wire).
    pub(crate) fn take(&self, key: K, rate: Rate, now: Instant) -> Result<(), u32> {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let (speed, burst) = (f64::from(rate.per_second.max(1)), f64::from(rate.burst));
        let level = levels.entry(key).or_insert(Level {
            tokens: burst,
            at: now,
        });
        let rested = now.saturating_duration_since(level.at).as_secs_f64();
        let tokens = (level.tokens + rested * speed).min(burst.max(1.0));
        *level = Level { tokens, at: now };
        if tokens >= 1.0 {
            level.tokens -= 1.0;
            return Ok(());
        }
        Err(1)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate {
        per_second: 2,
        burst: 3,
    };

    #[test]
    fn a_burst_is_served_then_a_steady_rate_and_each_key_for_itself() {
        let buckets = Buckets::default();
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(buckets.take("a", RATE, start), Ok(()));
        }
        assert_eq!(buckets.take("a", RATE, start), Err(1));
        assert_eq!(buckets.take("b", RATE, start), Ok(()));
        let later = start + Duration::from_millis(500);
        assert_eq!(buckets.take("a", RATE, later), Ok(()));
        assert_eq!(buckets.take("a", RATE, later), Err(1));
        let rested = later + Duration::from_hours(1);
        for _ in 0..3 {
            assert_eq!(buckets.take("a", RATE, rested), Ok(()));
        }
        assert_eq!(buckets.take("a", RATE, rested), Err(1));
    }
}
