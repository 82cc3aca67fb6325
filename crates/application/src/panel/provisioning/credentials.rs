//! The two values that a directory asks for (R01, R02, R04).

use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::switching;
use rollcall_domain::{Connection, DirectoryKind};

use super::connection_of;
use crate::panel::access::{Confirmed, require_confirmed};
use crate::ports::{Digest, SecretText, StoreExt, TokenKind, WriteTx};
use crate::{Caller, Failure, Services, Stamp};

/// What to enter in the directory. The Secret Token is shown this once and kept as a digest
/// alone; it never expires (R02, SEC-7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The Tenant URL, the same for as long as the connection exists.
    pub tenant_url: String,
    /// The Secret Token.
    pub secret_token: SecretText,
}

/// A token minted before the transaction that makes it good.
#[derive(Clone)]
pub(super) struct NewToken {
    clear: SecretText,
    digest: Digest,
}

impl NewToken {
    pub(super) fn mint(services: &Services) -> Self {
        let clear = services.tokens.mint(TokenKind::ScimSecret);
        let digest = services.tokens.digest(clear.expose());
        Self { clear, digest }
    }

    /// Makes it the one token of the connection: every earlier one is refused from the moment the
    /// transaction commits (R03, SEC-8).
    pub(super) fn install(
        &self,
        tx: &mut dyn WriteTx,
        connection: &Connection,
        stamp: &Stamp,
    ) -> Result<(), Failure> {
        let (organization, digest) = (connection.organization, Some(&self.digest));
        Ok(tx.replace_tokens(organization, connection.id, digest, stamp.at)?)
    }

    /// Both values, to be shown once.
    pub(super) fn shown(self, services: &Services, connection: &Connection) -> Credentials {
        Credentials {
            tenant_url: services.public_url.tenant_url(connection.id),
            secret_token: self.clear,
        }
    }
}

/// Issues a new Secret Token and ends the old one at once (R03). Links stay.
///
/// # Errors
/// `not_allowed`, `invalid_state`.
pub async fn issue_credentials(
    services: &Services,
    caller: &Caller,
    directory: DirectoryKind,
    confirmed: Confirmed,
) -> Result<Credentials, Failure> {
    caller.require(Permission::ManageProvisioning)?;
    require_confirmed(caller, Some(&confirmed))?;
    let token = NewToken::mint(services);
    let (stamp, new) = (caller.stamp(services.clock.now()), token.clone());
    let connection = services
        .store
        .write(move |tx| {
            let connection = connection_of(tx, stamp.organization, directory)?;
            let change = switching::issue_credentials(&connection, &stamp.actor)?;
            let connection = tx.save_connection(change, &stamp)?;
            new.install(tx, &connection, &stamp)?;
            Ok(connection)
        })
        .await?;
    Ok(token.shown(services, &connection))
}
