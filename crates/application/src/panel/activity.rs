//! *Activity > Actions* (R14).

use rollcall_domain::rules::permissions::Permission;

use crate::ports::{ActivityEntry, ActivityQuery, Page, StoreExt};
use crate::{Caller, Failure, Services};

/// A page of entries, newest first. An export asks for page after page, so that its memory does
/// not grow with the log.
///
/// # Errors
/// `not_allowed`.
pub async fn list_activity(
    services: &Services,
    caller: &Caller,
    query: ActivityQuery,
) -> Result<Page<ActivityEntry>, Failure> {
    caller.require(Permission::ViewActivity)?;
    let organization = caller.organization;
    services
        .store
        .read(move |tx| Ok(tx.activity_page(organization, &query)?))
        .await
}
