//! How often a Secret Token that opens nothing was shown at a Tenant URL: what an admin wants to know
//! who has issued new credentials and wonders why nothing arrives.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rollcall_domain::ConnectionId;

/// How many Tenant URLs are remembered. Anybody can make one up, so it is bounded; when it is full,
/// the one that was quiet for the longest time is forgotten.
const LIMIT: usize = 1_000;

/// Wrong tokens at one Tenant URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRefusals {
    /// How many, since this process started.
    pub count: u64,
    /// When the last one came.
    pub last_at: DateTime<Utc>,
}

/// Wrong tokens at every Tenant URL, counted by each node for itself and in memory alone: whoever
/// guesses costs no write. It informs and decides nothing.
#[derive(Default)]
pub struct RefusedTokens(Mutex<HashMap<ConnectionId, TokenRefusals>>);

impl fmt::Debug for RefusedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefusedTokens")
    }
}

impl RefusedTokens {
    /// Notes one more. The connection is what the address says; there need not be one.
    pub(super) fn note(&self, connection: ConnectionId, at: DateTime<Utc>) {
        let mut all = self.lock();
        if all.len() >= LIMIT && !all.contains_key(&connection) {
            let quiet = all.iter().min_by_key(|(_, known)| known.last_at);
            let quiet = quiet.map(|(connection, _)| *connection);
            quiet.and_then(|connection| all.remove(&connection));
        }
        let known = all.entry(connection).or_insert(TokenRefusals {
            count: 0,
            last_at: at,
        });
        known.count = known.count.saturating_add(1);
        known.last_at = at;
    }

    /// What is known of a connection.
    #[must_use]
    pub fn of(&self, connection: ConnectionId) -> Option<TokenRefusals> {
        self.lock().get(&connection).copied()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ConnectionId, TokenRefusals>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn a_flood_of_made_up_addresses_takes_no_more_room_and_forgets_the_quietest() {
        let refused = RefusedTokens::default();
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let connection = ConnectionId::from_u128;
        refused.note(connection(0), start);
        refused.note(connection(1), start + Duration::days(1));
        refused.note(connection(1), start + Duration::days(2));
        for number in 2..=1_000 {
            refused.note(connection(number), start + Duration::days(1));
        }
        assert_eq!(refused.lock().len(), LIMIT);
        assert_eq!(refused.of(connection(0)), None, "the quietest");
        let known = refused.of(connection(1)).expect("it is known");
        assert_eq!((known.count, known.last_at), (2, start + Duration::days(2)));
    }
}
