//! How members sign in to the panel (R06).

use rollcall_domain::rules::organizations::{SecretUpdate, change_okta_login};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{OktaLogin, OrganizationId};

use super::surroundings::organization_of;
use crate::ports::{ReadTx, SecretText, StoreExt};
use crate::{Caller, Failure, InvalidInput, Services};

/// The longest value of one field, in bytes.
const FIELD_LIMIT: usize = 2048;

/// Okta as a login method, as the panel shows it. The client secret is never read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OktaLoginDetails {
    /// What is stored; empty when it was never configured.
    pub okta: OktaLogin,
    /// Whether a client secret is stored.
    pub has_client_secret: bool,
}

/// Okta as a login method, to be.
#[derive(Debug, Clone)]
pub struct OktaLoginChange {
    /// Everything but the secret.
    pub okta: OktaLogin,
    /// A new client secret; the stored one stays when absent.
    pub client_secret: Option<SecretText>,
}

/// The context under which a client secret is sealed: it opens for its own organization alone.
#[must_use]
pub fn okta_secret_context(organization: OrganizationId) -> String {
    format!("okta client secret of {organization}")
}

/// The login methods.
///
/// # Errors
/// `not_allowed`.
pub async fn get_login_methods(
    services: &Services,
    caller: &Caller,
) -> Result<OktaLoginDetails, Failure> {
    caller.require(Permission::ViewSettings)?;
    let organization = caller.organization;
    services.store.read(move |tx| load(tx, organization)).await
}

/// Changes Okta as a login method.
///
/// # Errors
/// `not_allowed`; [`Failure::Invalid`].
pub async fn change_login_methods(
    services: &Services,
    caller: &Caller,
    command: OktaLoginChange,
) -> Result<OktaLoginDetails, Failure> {
    caller.require(Permission::ManageSettings)?;
    let okta = checked(&command.okta)?;
    let sealed = match &command.client_secret {
        None => None,
        Some(secret) => Some(seal(services, caller.organization, secret)?),
    };
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .write(move |tx| {
            let organization = organization_of(tx, caller.organization)?;
            let has_secret = sealed.is_some() || tx.has_okta_secret(organization.id)?;
            require_complete(&okta, has_secret)?;
            let methods = tx.login_methods(organization.id)?;
            let secret = match &sealed {
                Some(_) => SecretUpdate::Replace,
                None => SecretUpdate::Keep,
            };
            let actor = caller.actor();
            let change = change_okta_login(&organization, &methods, okta.clone(), secret, &actor)?;
            tx.save_login_methods(change, sealed.clone(), &caller.stamp(now))?;
            load(tx, organization.id)
        })
        .await
}

fn load(tx: &mut dyn ReadTx, organization: OrganizationId) -> Result<OktaLoginDetails, Failure> {
    Ok(OktaLoginDetails {
        okta: tx.login_methods(organization)?.okta.unwrap_or_default(),
        has_client_secret: tx.has_okta_secret(organization)?,
    })
}

fn seal(
    services: &Services,
    organization: OrganizationId,
    secret: &SecretText,
) -> Result<Vec<u8>, InvalidInput> {
    let text = secret.expose().trim();
    if text.is_empty() || text.len() > FIELD_LIMIT {
        let reason = "must not be empty; leave it out to keep the stored one";
        return Err(InvalidInput::new("client_secret", reason));
    }
    let context = okta_secret_context(organization);
    let secret = SecretText::new(text.to_owned());
    Ok(services.sealer.seal(&context, &secret))
}

fn checked(okta: &OktaLogin) -> Result<OktaLogin, InvalidInput> {
    Ok(OktaLogin {
        enabled: okta.enabled,
        client_id: plain("client_id", &okta.client_id)?,
        base_url: https("base_url", &okta.base_url)?,
        issuer: https("issuer", &okta.issuer)?,
        audience: plain("audience", &okta.audience)?,
    })
}

fn plain(field: &str, text: &str) -> Result<String, InvalidInput> {
    let text = text.trim();
    if text.len() > FIELD_LIMIT {
        return Err(InvalidInput::new(field, "is too long"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(InvalidInput::new(field, "must not contain white space"));
    }
    Ok(text.to_owned())
}

/// An absolute https URL without credentials, query or fragment; empty while not configured.
fn https(field: &str, text: &str) -> Result<String, InvalidInput> {
    let text = plain(field, text)?;
    if text.is_empty() {
        return Ok(text);
    }
    let host = text
        .strip_prefix("https://")
        .and_then(|rest| rest.split('/').next());
    let plain_host = host.is_some_and(|host| {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "443"));
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        !name.is_empty() && name.chars().all(allowed) && port.parse::<u16>().is_ok()
    });
    if !plain_host || text.contains(['?', '#', '\\']) {
        let reason = "must be an https address, such as https://example.okta.com";
        return Err(InvalidInput::new(field, reason));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn require_complete(okta: &OktaLogin, has_secret: bool) -> Result<(), InvalidInput> {
    if !okta.enabled {
        return Ok(());
    }
    let needed = [
        ("client_id", okta.client_id.is_empty()),
        ("client_secret", !has_secret),
        ("base_url", okta.base_url.is_empty()),
        ("issuer", okta.issuer.is_empty()),
    ];
    match needed.into_iter().find(|(_, missing)| *missing) {
        Some((field, _)) => Err(InvalidInput::new(field, "is needed to enable Okta")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::https;

    #[test]
    fn only_plain_https_addresses_are_taken() {
        for good in [
            "https://example.okta.com",
            "https://example.okta.com/oauth2/default",
            "https://example.okta.com:8443/",
            "",
        ] {
            assert!(https("issuer", good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.okta.com",
            "example.okta.com",
            "https://",
            "https://user:secret@example.okta.com",
            "https://example.okta.com?next=1",
            "https://example.okta.com#part",
            "https://exa mple.com",
            "javascript:alert(1)",
            "https://example.okta.com\\@evil.example",
        ] {
            assert!(https("issuer", bad).is_err(), "{bad}");
        }
    }
}
