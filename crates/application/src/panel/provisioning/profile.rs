//! How the SCIM of a connection is read.

use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::switching;
use rollcall_domain::{DirectoryKind, Profile};

use super::connection_of;
use crate::ports::StoreExt;
use crate::{Caller, Failure, Services};

/// Chooses the compatibility profile of a connection. It holds from the next request on.
///
/// # Errors
/// `not_allowed`; `invalid_state` when it was never turned on.
pub async fn choose_profile(
    services: &Services,
    caller: &Caller,
    directory: DirectoryKind,
    profile: Profile,
) -> Result<(), Failure> {
    caller.require(Permission::ManageProvisioning)?;
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let connection = connection_of(tx, stamp.organization, directory)?;
            let change = switching::choose_profile(&connection, profile, &stamp.actor)?;
            tx.save_connection(change, &stamp)?;
            Ok(())
        })
        .await
}
