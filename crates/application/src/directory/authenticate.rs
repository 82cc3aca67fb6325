//! A Secret Token opens one connection, while it is turned on (R01–R03, SEC-2).

use rollcall_domain::ConnectionId;

use super::DirectoryCaller;
use crate::ports::StoreExt;
use crate::{Failure, RequestInfo, Services};

/// Unknown, replaced, revoked, another connection's: one answer, which says what to do.
const REFUSED: &str = "the Secret Token does not open this Tenant URL: provisioning is turned off, \
                       or new credentials were issued; copy both from the Control Panel, Settings, \
                       User provisioning";

/// Finds out whose token it is. `connection` is the one of the URL; none where the URL names
/// nothing that could be one. The look-up is the same for every wrong token.
///
/// # Errors
/// [`Failure::NotAuthenticated`].
pub async fn authenticate(
    services: &Services,
    connection: Option<ConnectionId>,
    token: &str,
    request: RequestInfo,
) -> Result<DirectoryCaller, Failure> {
    let digest = services.tokens.digest(token);
    let holder = services
        .store
        .glance(move |tx| Ok(tx.token_holder(&digest)?))
        .await?;
    let Some(holder) = holder.filter(|holder| Some(holder.connection) == connection) else {
        if let Some(connection) = connection {
            let now = services.clock.now();
            services.refused_tokens.note(connection, now);
        }
        return Err(Failure::NotAuthenticated(REFUSED));
    };
    Ok(DirectoryCaller {
        organization: holder.organization,
        connection: holder.connection,
        directory: holder.directory,
        profile: holder.profile,
        token: digest,
        last_heard_at: holder.last_request_at,
        request,
    })
}
