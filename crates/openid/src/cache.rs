//! What providers said of themselves a while ago, so that not every sign-in asks again.
//!
//! Nothing is decided by it that has to hold on every node: a key that a provider withdrew is
//! forgotten within [`FRESH_FOR`], a new one is asked for when a token names it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rollcall_application::ports::ProviderClient;

use crate::discovery::Metadata;
use crate::keys::Keys;

/// How long document and keys are kept.
const FRESH_FOR: Duration = Duration::from_mins(10);

/// How often one provider may be asked for newer keys because a token names an unknown one: a flood
/// of tokens with made-up key ids is no flood at the provider.
const REFRESH_EVERY: Duration = Duration::from_secs(10);

/// How many providers are remembered.
const LIMIT: usize = 1_000;

/// Whose document: the hosts that were allowed when it was judged belong to it.
type About = (String, String);

/// A provider's document and keys.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) metadata: Metadata,
    pub(crate) keys: Keys,
    asked_at: Instant,
    refreshed_at: Option<Instant>,
}

impl Known {
    pub(crate) fn now(metadata: Metadata, keys: Keys) -> Self {
        Self {
            metadata,
            keys,
            asked_at: Instant::now(),
            refreshed_at: None,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<About, Known>>);

impl Cache {
    pub(crate) fn find(&self, client: &ProviderClient) -> Option<Known> {
        let known = self.lock().get(&about(client)).cloned();
        known.filter(|known| known.asked_at.elapsed() < FRESH_FOR)
    }

    /// Remembers, but for when the provider was last asked for newer keys.
    pub(crate) fn put(&self, client: &ProviderClient, mut known: Known) {
        let mut all = self.lock();
        known.refreshed_at = all.get(&about(client)).and_then(|old| old.refreshed_at);
        if all.len() >= LIMIT {
            all.retain(|_, known| known.asked_at.elapsed() < FRESH_FOR);
        }
        if all.len() < LIMIT {
            all.insert(about(client), known);
        }
    }

    /// Whether the provider may be asked for newer keys now. Who is told yes has used it up, whatever
    /// comes of it.
    pub(crate) fn takes_refresh(&self, client: &ProviderClient) -> bool {
        let mut all = self.lock();
        let Some(known) = all.get_mut(&about(client)) else {
            return true;
        };
        let is_recent = |at: Instant| at.elapsed() < REFRESH_EVERY;
        if known.refreshed_at.is_some_and(is_recent) {
            return false;
        }
        known.refreshed_at = Some(Instant::now());
        true
    }

    pub(crate) fn forget(&self, client: &ProviderClient) {
        self.lock().remove(&about(client));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<About, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn about(client: &ProviderClient) -> About {
    (client.issuer.clone(), client.base_url.clone())
}
