//! When a directory was last heard.

use chrono::Duration;

use super::DirectoryCaller;
use super::scene::require_live_token;
use crate::ports::StoreExt;
use crate::{Failure, Services};

/// How exactly it is kept, in seconds: a busy directory must not write on every request.
const GRANULARITY_SECONDS: i64 = 10;

/// Notes that the directory was heard, unless that was noted a moment ago. Meant for after the
/// answer, so that nobody waits for it.
///
/// # Errors
/// As any write; there is nothing to be done about it.
pub async fn note_heard(services: &Services, caller: &DirectoryCaller) -> Result<(), Failure> {
    let now = services.clock.now();
    let is_recent = |at| now - at < Duration::seconds(GRANULARITY_SECONDS);
    if caller.last_heard_at.is_some_and(is_recent) {
        return Ok(());
    }
    let caller = caller.clone();
    services
        .store
        .write(move |tx| {
            require_live_token(tx, &caller)?;
            Ok(tx.note_request(caller.organization, caller.connection, now)?)
        })
        .await
}
