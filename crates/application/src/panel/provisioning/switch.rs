//! Turning provisioning on and off (R01, R03, R12, R13).

use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::switching;
use rollcall_domain::{Change, ChangeKind, Connection, ConnectionId, DirectoryKind};

use super::credentials::NewToken;
use super::{Credentials, connection_of, relinking, require_offered};
use crate::panel::access::{Confirmed, require_confirmed};
use crate::ports::{StoreExt, WriteTx};
use crate::{Caller, Failure, Services, Stamp};

/// Turns provisioning on: a new Secret Token, and everything that the directory left behind is
/// found again or declared lost, in one transaction (part B, *On again*).
///
/// # Errors
/// `not_allowed`, `invalid_state` when it is on, `last_owner` when it would deactivate the last
/// owner who can sign in.
pub async fn enable(
    services: &Services,
    caller: &Caller,
    directory: DirectoryKind,
    confirmed: Confirmed,
) -> Result<Credentials, Failure> {
    caller.require(Permission::ManageProvisioning)?;
    require_confirmed(caller, Some(&confirmed))?;
    require_offered(directory)?;
    let token = NewToken::mint(services);
    let fresh = ConnectionId::new(services.ids.next());
    let (stamp, new) = (caller.stamp(services.clock.now()), token.clone());
    let connection = services
        .store
        .write(move |tx| {
            let change = switched_on(tx, directory, fresh, &stamp)?;
            let connection = tx.save_connection(change, &stamp)?;
            new.install(tx, &connection, &stamp)?;
            relinking::relink_members(tx, &connection, &stamp)?;
            relinking::relink_teams(tx, &connection, &stamp)?;
            tx.remove_outsiders(connection.organization, connection.id, &stamp)?;
            Ok(connection)
        })
        .await?;
    Ok(token.shown(services, &connection))
}

/// The connection turned on; made here and now when it never was.
fn switched_on(
    tx: &mut dyn WriteTx,
    directory: DirectoryKind,
    fresh: ConnectionId,
    stamp: &Stamp,
) -> Result<Change<Connection>, Failure> {
    let directories = tx.directories(stamp.organization)?;
    if let Some(connection) = directories.of(directory) {
        return Ok(switching::enable(connection, &stamp.actor, stamp.at)?);
    }
    let connection = Connection::new(fresh, stamp.organization, directory, stamp.at);
    let change = switching::enable(&connection, &stamp.actor, stamp.at)?;
    Ok(Change {
        kind: ChangeKind::Create,
        ..change
    })
}

/// Turns provisioning off: every token is revoked in the same transaction, so the old integration
/// ends at once (R03), and what it brought becomes editable (R12). Sessions that began through the
/// provider of the same name end, too, but for the caller's: from now on it can deactivate nobody,
/// so who still has an account there signs in again.
///
/// # Errors
/// `not_allowed`, `invalid_state` when it is off.
pub async fn disable(
    services: &Services,
    caller: &Caller,
    directory: DirectoryKind,
    confirmed: Confirmed,
) -> Result<(), Failure> {
    caller.require(Permission::ManageProvisioning)?;
    require_confirmed(caller, Some(&confirmed))?;
    let (stamp, kept) = (caller.stamp(services.clock.now()), caller.session);
    services
        .store
        .write(move |tx| {
            let connection = connection_of(tx, stamp.organization, directory)?;
            let change = switching::disable(&connection, &stamp.actor, stamp.at)?;
            let connection = tx.save_connection(change, &stamp)?;
            let organization = connection.organization;
            tx.end_provider_sessions(organization, directory, kept)?;
            Ok(tx.replace_tokens(organization, connection.id, None, stamp.at)?)
        })
        .await
}
