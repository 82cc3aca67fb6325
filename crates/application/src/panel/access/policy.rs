//! The limits of access, from configuration.

use chrono::Duration;

/// How often, how long. Attempts are counted in the shared store, so they hold on every node
/// (SEC-13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPolicy {
    /// Attempts for one account in a window.
    pub attempts_per_account: u32,
    /// Attempts from one address (IPv6: one /64) in a window.
    pub attempts_per_address: u32,
    /// The length of a window, in seconds.
    pub window_seconds: u32,
    /// A session that was not used for this long has ended (SEC-10).
    pub session_idle: Duration,
    /// A session ends this long after it began, used or not (SEC-10).
    pub session_lifetime: Duration,
    /// How long the link of a password reset works.
    pub reset_lifetime: Duration,
}

impl Default for AccessPolicy {
    fn default() -> Self {
        Self {
            attempts_per_account: 10,
            attempts_per_address: 100,
            window_seconds: 15 * 60,
            session_idle: Duration::hours(8),
            session_lifetime: Duration::days(7),
            reset_lifetime: Duration::hours(1),
        }
    }
}
