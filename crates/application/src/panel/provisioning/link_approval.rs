//! An owner lets a directory take over an owner or admin (part B, POST /Users, 3).

use chrono::Duration;
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::switching::{self, LINK_APPROVAL_HOURS};
use rollcall_domain::{DirectoryKind, MemberId, Refusal};

use super::connection_of;
use crate::panel::access::{Confirmed, require_confirmed};
use crate::panel::surroundings::member_of;
use crate::ports::StoreExt;
use crate::{Caller, Failure, Services};

/// Allows the link of one owner or admin for a day: the next push of that person adopts them.
///
/// # Errors
/// `not_allowed`, `invalid_state` when provisioning is off or the member needs no permission.
pub async fn allow_link(
    services: &Services,
    caller: &Caller,
    directory: DirectoryKind,
    member: MemberId,
    confirmed: Confirmed,
) -> Result<(), Failure> {
    caller.require(Permission::AllowLink)?;
    require_confirmed(caller, Some(&confirmed))?;
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let member = member_of(tx, stamp.organization, member, None)?;
            let directories = tx.directories(stamp.organization)?;
            let event = switching::allow_link(&member, &stamp.actor, &directories)?;
            let connection = connection_of(tx, stamp.organization, directory)?;
            if !connection.is_on() {
                let off = Refusal::InvalidState("provisioning is turned off: turn it on");
                return Err(off.into());
            }
            let until = stamp.at + Duration::hours(LINK_APPROVAL_HOURS);
            Ok(tx.allow_link(member.id, connection.id, until, event, &stamp)?)
        })
        .await
}
