//! How members sign in to the panel: passwords and identity providers (R06).

use chrono::Duration;
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::rules::sign_on::{self, OwnerProof, PROOF_HOURS, SecretUpdate};
use rollcall_domain::rules::{owners, sign_on::tested};
use rollcall_domain::{
    DirectoryKind, LoginMethods, LoginProvider, MemberId, OrganizationId, PasswordSignIn,
    ProviderTest, SignInFault,
};
use uuid::Uuid;

use super::surroundings::organization_of;
use crate::ports::{ProviderClient, ReadTx, SealedSecret, SecretText, StoreExt, WriteTx};
use crate::{Caller, Failure, InvalidInput, PublicUrl, Services};

mod fields;

/// A provider as the panel shows it. The client secret is never read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderDetails {
    /// What is stored; blank when it was never configured.
    pub provider: LoginProvider,
    /// Whether a client secret is stored.
    pub has_client_secret: bool,
    /// The redirect URI to paste into the provider's application.
    pub redirect_uri: String,
    /// The address at which a sign-in begins: the *initiate login URI* of the application.
    pub initiate_login_uri: String,
}

/// The login methods as the panel shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginMethodsDetails {
    /// Whether a password opens the panel.
    pub password: PasswordSignIn,
    /// Whether it could be switched off now: an owner came through a provider within the last day.
    pub owner_proof: OwnerProof,
    /// Every provider that can be configured.
    pub providers: Vec<ProviderDetails>,
}

/// A provider, to be.
#[derive(Debug, Clone)]
pub struct ProviderChange {
    /// Everything but the secret; what its test found is not taken over.
    pub provider: LoginProvider,
    /// A new client secret; the stored one stays when absent.
    pub client_secret: Option<SecretText>,
}

/// The context under which a client secret is sealed: it opens for its own organization and
/// provider alone.
#[must_use]
pub fn client_secret_context(organization: OrganizationId, kind: DirectoryKind) -> String {
    format!("{} client secret of {organization}", kind.as_str())
}

/// The login methods.
///
/// # Errors
/// `not_allowed`.
pub async fn get_login_methods(
    services: &Services,
    caller: &Caller,
) -> Result<LoginMethodsDetails, Failure> {
    caller.require(Permission::ViewSettings)?;
    let (organization, services) = (caller.organization, services.clone());
    let store = services.store.clone();
    store
        .read(move |tx| load(tx, &services, organization))
        .await
}

/// Changes a provider as a login method. When it is disabled, or another issuer takes its place, the
/// sessions that began through it end, but for the caller's.
///
/// # Errors
/// `not_allowed`; `last_owner` when nobody could sign in as owner any more; [`Failure::Invalid`].
pub async fn change_provider(
    services: &Services,
    caller: &Caller,
    command: ProviderChange,
) -> Result<LoginMethodsDetails, Failure> {
    caller.require(Permission::ManageSettings)?;
    let provider = fields::checked(&command.provider)?;
    let sealed = match &command.client_secret {
        None => None,
        Some(secret) => Some(seal(services, caller.organization, provider.kind, secret)?),
    };
    let secret = match &sealed {
        Some(_) => SecretUpdate::Replace,
        None => SecretUpdate::Keep,
    };
    save(services, caller, sealed, move |tx, caller| {
        let organization = organization_of(tx, caller.organization)?;
        let stored = tx.client_secret(organization.id, provider.kind)?.is_some();
        fields::require_complete(&provider, stored || secret == SecretUpdate::Replace)?;
        let methods = tx.login_methods(organization.id)?;
        if methods
            .provider(provider.kind)
            .is_some_and(|before| sign_on::shuts_a_door(before, &provider))
        {
            tx.end_provider_sessions(organization.id, provider.kind, caller.session)?;
        }
        let actor = caller.actor();
        let change =
            sign_on::change_provider(&organization, &methods, provider.clone(), secret, &actor)?;
        Ok(change)
    })
    .await
}

/// Switches sign-in by password on or off.
///
/// # Errors
/// `not_allowed`; `invalid_state` while no owner came through a provider within the last day;
/// `last_owner`.
pub async fn switch_password_sign_in(
    services: &Services,
    caller: &Caller,
    wanted: PasswordSignIn,
) -> Result<LoginMethodsDetails, Failure> {
    caller.require(Permission::ManageSettings)?;
    let now = services.clock.now();
    save(services, caller, None, move |tx, caller| {
        let organization = organization_of(tx, caller.organization)?;
        let methods = tx.login_methods(organization.id)?;
        let proof = proof(tx, organization.id, now)?;
        let actor = caller.actor();
        let change =
            sign_on::switch_password_sign_in(&organization, &methods, wanted, proof, &actor)?;
        Ok(change)
    })
    .await
}

/// Asks the provider itself whether the settings are right, and keeps what it found: the reminder
/// of R06 returns when it failed.
///
/// # Errors
/// `not_allowed`; [`Failure::Invalid`] while something is missing.
pub async fn test_provider(
    services: &Services,
    caller: &Caller,
    kind: DirectoryKind,
) -> Result<ProviderTest, Failure> {
    caller.require(Permission::ManageSettings)?;
    let organization = caller.organization;
    let (provider, sealed) = services
        .store
        .read(move |tx| {
            let methods = tx.login_methods(organization)?;
            let provider = methods.provider(kind).cloned();
            let sealed = tx.client_secret(organization, kind)?;
            Ok((
                provider.unwrap_or_else(|| LoginProvider::blank(kind)),
                sealed,
            ))
        })
        .await?;
    let complete = LoginProvider {
        enabled: true,
        ..provider.clone()
    };
    fields::require_complete(&complete, sealed.is_some())?;
    let client = client(&services.public_url, organization, &provider);
    let found = match open(services, organization, sealed) {
        Ok(secret) => services.relying_party.examine(&client, secret).await,
        Err(fault) => Err(fault),
    };
    note_test(services, caller, &provider, found).await
}

async fn note_test(
    services: &Services,
    caller: &Caller,
    tested_provider: &LoginProvider,
    found: Result<(), SignInFault>,
) -> Result<ProviderTest, Failure> {
    let now = services.clock.now();
    let test = match found {
        Ok(()) => ProviderTest::Passed(now),
        Err(fault) => ProviderTest::Failed(now, fault),
    };
    let (caller, before) = (caller.clone(), tested_provider.clone());
    services
        .store
        .write(move |tx| {
            let organization = organization_of(tx, caller.organization)?;
            let methods = tx.login_methods(organization.id)?;
            // What was tested may have been changed meanwhile; then it says nothing of what is.
            if methods
                .provider(before.kind)
                .is_some_and(|now| same(now, &before))
            {
                let event = tested(&organization, before.kind, &test);
                tx.note_test(before.kind, &test, event, &caller.stamp(now))?;
            }
            Ok(test)
        })
        .await
}

fn same(now: &LoginProvider, before: &LoginProvider) -> bool {
    let switched = LoginProvider {
        enabled: before.enabled,
        test: before.test,
        domains: before.domains.clone(),
        ..now.clone()
    };
    switched == *before
}

/// Saves a change of the login methods, unless it shuts out the last owner who can sign in.
async fn save<F>(
    services: &Services,
    caller: &Caller,
    sealed: Option<SealedSecret>,
    mut decide: F,
) -> Result<LoginMethodsDetails, Failure>
where
    F: FnMut(&mut dyn WriteTx, &Caller) -> Result<rollcall_domain::Change<LoginMethods>, Failure>
        + Send
        + 'static,
{
    let (caller, services) = (caller.clone(), services.clone());
    let (store, now) = (services.store.clone(), services.clock.now());
    // Nobody is left out of the count.
    let nobody = MemberId::new(Uuid::nil());
    store
        .write(move |tx| {
            let organization = caller.organization;
            let before = tx.other_effective_owners(organization, nobody)?;
            let change = decide(tx, &caller)?;
            tx.save_login_methods(change, sealed.clone(), &caller.stamp(now))?;
            let after = tx.other_effective_owners(organization, nobody)?;
            owners::keep_a_way_in(before, after)?;
            load(tx, &services, organization)
        })
        .await
}

fn proof<T: ReadTx + ?Sized>(
    tx: &mut T,
    organization: OrganizationId,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<OwnerProof, Failure> {
    let since = now - Duration::hours(PROOF_HOURS);
    Ok(if tx.owner_came_through_provider(organization, since)? {
        OwnerProof::Given
    } else {
        OwnerProof::Missing
    })
}

fn load<T: ReadTx + ?Sized>(
    tx: &mut T,
    services: &Services,
    organization: OrganizationId,
) -> Result<LoginMethodsDetails, Failure> {
    let methods = tx.login_methods(organization)?;
    let mut providers = Vec::new();
    for kind in DirectoryKind::OFFERED {
        let provider = methods.provider(kind).cloned();
        providers.push(ProviderDetails {
            provider: provider.unwrap_or_else(|| LoginProvider::blank(kind)),
            has_client_secret: tx.client_secret(organization, kind)?.is_some(),
            redirect_uri: services.public_url.redirect_uri(organization, kind),
            initiate_login_uri: services.public_url.initiate_login_uri(organization, kind),
        });
    }
    Ok(LoginMethodsDetails {
        password: methods.password,
        owner_proof: proof(tx, organization, services.clock.now())?,
        providers,
    })
}

/// A provider as the relying party has to know it.
pub(crate) fn client(
    url: &PublicUrl,
    organization: OrganizationId,
    provider: &LoginProvider,
) -> ProviderClient {
    ProviderClient {
        kind: provider.kind,
        client_id: provider.client_id.clone(),
        base_url: provider.base_url.clone(),
        issuer: provider.issuer.clone(),
        audience: provider.audience.clone(),
        redirect_uri: url.redirect_uri(organization, provider.kind),
    }
}

/// Opens a sealed client secret.
pub(crate) fn open(
    services: &Services,
    organization: OrganizationId,
    sealed: Option<SealedSecret>,
) -> Result<SecretText, SignInFault> {
    let sealed = sealed.ok_or(SignInFault::SecretUnreadable)?;
    let context = client_secret_context(organization, sealed.kind);
    let opened = services.sealer.open(&context, &sealed.sealed);
    opened.ok_or(SignInFault::SecretUnreadable)
}

fn seal(
    services: &Services,
    organization: OrganizationId,
    kind: DirectoryKind,
    secret: &SecretText,
) -> Result<SealedSecret, InvalidInput> {
    let text = secret.expose().trim();
    if text.is_empty() || text.len() > fields::LIMIT {
        let reason = "must not be empty; leave it out to keep the stored one";
        return Err(InvalidInput::new("client_secret", reason));
    }
    let lasting = services.sealer.require_lasting();
    lasting.map_err(|missing| InvalidInput::new("client_secret", missing))?;
    let context = client_secret_context(organization, kind);
    let secret = SecretText::new(text.to_owned());
    let sealed = services.sealer.seal(&context, &secret);
    Ok(SealedSecret { kind, sealed })
}
