//! The system's time.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use rollcall_application::ports::Clock;

/// The time of the operating system, in whole microseconds: what the store keeps, so that a time
/// read back equals the time written.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_micros())
            .ok()
            .and_then(DateTime::from_timestamp_micros)
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_comes_in_whole_microseconds() {
        let now = SystemClock.now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0);
        assert_eq!(
            DateTime::from_timestamp_micros(now.timestamp_micros()),
            Some(now)
        );
    }
}
