//! Which ways in an e-mail address is offered, before anybody has shown anything.

use rollcall_domain::{Email, FoldedKey, OrganizationId};

use crate::ports::{OfferedProvider, ReadTx, StoreExt};
use crate::{Failure, Services};

/// The providers that an address is offered. It depends on the address's domain alone, so that it
/// does not tell whether an account exists (SEC-14): where a service has one organization, its
/// providers are offered to everybody; where it has several, those that name the domain.
///
/// # Errors
/// Only what the store answers.
pub async fn sign_in_options(
    services: &Services,
    email: &str,
) -> Result<Vec<OfferedProvider>, Failure> {
    let email = email.trim();
    let known_length = email.len() <= Email::LIMIT;
    let domain = email.rsplit_once('@').filter(|_| known_length);
    let domain = domain.map(|(_, domain)| FoldedKey::of(domain));
    services
        .store
        .read(move |tx| {
            let organizations = tx.organizations(2)?;
            if let [only] = organizations.as_slice() {
                return of_organization(tx, only.id);
            }
            match &domain {
                Some(domain) => Ok(tx.providers_of_domain(domain.as_str())?),
                None => Ok(Vec::new()),
            }
        })
        .await
}

/// The providers of one organization, for its own sign-in page; none where there is no such
/// organization.
///
/// # Errors
/// Only what the store answers.
pub async fn organization_sign_in_options(
    services: &Services,
    organization: OrganizationId,
) -> Result<Vec<OfferedProvider>, Failure> {
    let store = &services.store;
    store
        .read(move |tx| of_organization(tx, organization))
        .await
}

fn of_organization(
    tx: &mut dyn ReadTx,
    organization: OrganizationId,
) -> Result<Vec<OfferedProvider>, Failure> {
    let Some(organization) = tx.organization(organization)? else {
        return Ok(Vec::new());
    };
    let methods = tx.login_methods(organization.id)?;
    let enabled = methods.providers.into_iter().filter(|one| one.enabled);
    Ok(enabled
        .map(|provider| OfferedProvider {
            organization: organization.id,
            organization_name: organization.name.as_str().to_owned(),
            kind: provider.kind,
        })
        .collect())
}
