//! How members sign in: the login methods, what an address is offered, and accounts of identity
//! providers.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::Failure;
use rollcall_application::panel::access::{self, SIGN_IN_LIFETIME};
use rollcall_application::panel::login_methods::{
    self, LoginMethodsDetails, ProviderChange, ProviderDetails,
};
use rollcall_application::ports::{OfferedProvider, SecretText};
use rollcall_domain::rules::sign_on::OwnerProof;
use rollcall_domain::{DirectoryKind, Identity, LoginProvider, PasswordSignIn, ProviderTest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::gate::{SignedIn, Visitor};
use super::paging::member_id;
use super::problem::Answer;
use super::views::DirectoryView;
use crate::AppState;

/// The login methods.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginMethodsView {
    /// Whether a password opens the panel, for who has one.
    password_sign_in: bool,
    /// Whether password sign-in could be switched off now: an owner has signed in through an
    /// identity provider within the last day.
    password_sign_in_can_be_switched_off: bool,
    /// Every identity provider that can be configured.
    providers: Vec<LoginProviderView>,
}

/// An identity provider as a login method. The client secret is never shown.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginProviderView {
    /// Which provider.
    provider: DirectoryView,
    /// Whether it is switched on.
    enabled: bool,
    /// Whether members can sign in by it, as far as is known: it is switched on, and its last
    /// test did not fail.
    works: bool,
    /// The client id of the application in the provider.
    client_id: String,
    /// Whether a client secret is stored.
    has_client_secret: bool,
    /// The provider's base URL.
    base_url: String,
    /// The issuer of its tokens.
    issuer: String,
    /// Another audience its tokens may name beside the client id.
    audience: String,
    /// Domains of e-mail addresses that are offered it, where the service has several
    /// organizations.
    domains: Vec<String>,
    /// The redirect URI to enter in the application.
    redirect_uri: String,
    /// Where a sign-in begins: the application's initiate login URI.
    initiate_login_uri: String,
    /// What the last test found; `null` since the last change.
    test: Option<ProviderTestView>,
}

/// What the test of a login method found.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderTestView {
    /// Whether it passed.
    passed: bool,
    /// When it was made.
    tested_at: DateTime<Utc>,
    /// The stable code of what is wrong.
    code: Option<&'static str>,
    /// What is wrong and what to do.
    detail: Option<&'static str>,
}

impl ProviderTestView {
    fn of(test: &ProviderTest) -> Option<Self> {
        let (tested_at, fault) = match test {
            ProviderTest::Untested => return None,
            ProviderTest::Passed(at) => (*at, None),
            ProviderTest::Failed(at, fault) => (*at, Some(*fault)),
        };
        Some(Self {
            passed: fault.is_none(),
            tested_at,
            code: fault.map(rollcall_domain::SignInFault::code),
            detail: fault.map(rollcall_domain::SignInFault::words),
        })
    }
}

impl From<ProviderDetails> for LoginProviderView {
    fn from(details: ProviderDetails) -> Self {
        let provider = details.provider;
        Self {
            provider: provider.kind.into(),
            works: provider.works(),
            test: ProviderTestView::of(&provider.test),
            enabled: provider.enabled,
            client_id: provider.client_id,
            has_client_secret: details.has_client_secret,
            base_url: provider.base_url,
            issuer: provider.issuer,
            audience: provider.audience,
            domains: provider.domains,
            redirect_uri: details.redirect_uri,
            initiate_login_uri: details.initiate_login_uri,
        }
    }
}

impl From<LoginMethodsDetails> for LoginMethodsView {
    fn from(details: LoginMethodsDetails) -> Self {
        Self {
            password_sign_in: details.password.is_on(),
            password_sign_in_can_be_switched_off: details.owner_proof == OwnerProof::Given,
            providers: details.providers.into_iter().map(Into::into).collect(),
        }
    }
}

/// An identity provider as a login method, to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginProviderBody {
    /// Whether it is switched on.
    enabled: bool,
    /// The client id of the application in the provider.
    client_id: String,
    /// A new client secret; the stored one stays when left out.
    client_secret: Option<String>,
    /// The provider's base URL, such as `https://example.okta.com`; Okta needs it.
    #[serde(default)]
    base_url: String,
    /// The issuer of its tokens, exactly as the provider states it.
    issuer: String,
    /// Another audience its tokens may name beside the client id.
    #[serde(default)]
    audience: String,
    /// Domains of e-mail addresses that are offered it.
    #[serde(default)]
    domains: Vec<String>,
}

/// Whether passwords open the panel.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordSignInBody {
    /// Whether they do.
    enabled: bool,
}

/// The login methods
#[utoipa::path(get, path = "/api/v1/organization/login-methods", tag = "Organization",
    responses((status = 200, body = LoginMethodsView)))]
pub(super) async fn get_login_methods(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let details = login_methods::get_login_methods(&state.services, &caller.0).await?;
    Ok(HttpResponse::Ok().json(LoginMethodsView::from(details)))
}

/// Switches sign-in by password on or off
///
/// Off only while an owner has signed in through an identity provider within the last day.
#[utoipa::path(put, path = "/api/v1/organization/login-methods/password", tag = "Organization",
    request_body = PasswordSignInBody, responses((status = 200, body = LoginMethodsView)))]
pub(super) async fn switch_password_sign_in(
    state: web::Data<AppState>,
    caller: SignedIn,
    body: Body<PasswordSignInBody>,
) -> Answer {
    let wanted = if body.0.enabled {
        PasswordSignIn::On
    } else {
        PasswordSignIn::Off
    };
    let (services, caller) = (&state.services, &caller.0);
    let details = login_methods::switch_password_sign_in(services, caller, wanted).await?;
    Ok(HttpResponse::Ok().json(LoginMethodsView::from(details)))
}

/// Changes an identity provider as a login method
#[utoipa::path(put, path = "/api/v1/organization/login-methods/{provider}", tag = "Organization",
    params(("provider" = String, Path, description = "`okta` or `entra`")),
    request_body = LoginProviderBody, responses((status = 200, body = LoginMethodsView)))]
pub(super) async fn change_provider(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<LoginProviderBody>,
) -> Answer {
    let body = body.0;
    let command = ProviderChange {
        provider: LoginProvider {
            enabled: body.enabled,
            client_id: body.client_id,
            base_url: body.base_url,
            issuer: body.issuer,
            audience: body.audience,
            domains: body.domains,
            ..LoginProvider::blank(provider(&path)?)
        },
        client_secret: body.client_secret.map(SecretText::new),
    };
    let details = login_methods::change_provider(&state.services, &caller.0, command).await?;
    Ok(HttpResponse::Ok().json(LoginMethodsView::from(details)))
}

/// Asks the identity provider whether the settings are right
///
/// The answer is 200 whatever is found; a failed test brings the reminder of the login method back.
#[utoipa::path(post, path = "/api/v1/organization/login-methods/{provider}/test",
    tag = "Organization", params(("provider" = String, Path, description = "`okta` or `entra`")),
    responses((status = 200, body = ProviderTestView)))]
pub(super) async fn test_provider(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let kind = provider(&path)?;
    let test = login_methods::test_provider(&state.services, &caller.0, kind).await?;
    Ok(HttpResponse::Ok().json(ProviderTestView::of(&test)))
}

/// Whose ways in are asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInOptionsBody {
    /// E-mail.
    email: String,
}

/// The ways in beside a password.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInOptions {
    /// Identity providers; what is offered depends on the address's domain alone and does not
    /// tell whether an account exists.
    providers: Vec<SignInOption>,
}

/// An identity provider that an address is offered.
#[derive(Serialize, ToSchema)]
pub(super) struct SignInOption {
    /// Which provider.
    provider: DirectoryView,
    /// For which organization.
    organization_id: String,
    /// Its name.
    organization_name: String,
    /// Where to send the browser.
    url: String,
}

/// Which ways in an e-mail address is offered
#[utoipa::path(post, path = "/api/v1/session/options", tag = "Access",
    request_body = SignInOptionsBody, responses((status = 200, body = SignInOptions)))]
pub(super) async fn sign_in_options(
    state: web::Data<AppState>,
    _visitor: Visitor,
    body: Body<SignInOptionsBody>,
) -> Answer {
    let offers = access::sign_in_options(&state.services, &body.0.email).await?;
    let url = &state.services.public_url;
    let option = |offer: OfferedProvider| SignInOption {
        url: url.initiate_login_uri(offer.organization, offer.kind),
        provider: offer.kind.into(),
        organization_id: offer.organization.to_string(),
        organization_name: offer.organization_name,
    };
    let providers = offers.into_iter().map(option).collect();
    Ok(HttpResponse::Ok().json(SignInOptions { providers }))
}

/// One's accounts of identity providers.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnIdentities {
    /// By provider.
    items: Vec<OwnIdentity>,
}

/// An account of an identity provider.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnIdentity {
    /// Which provider.
    provider: DirectoryView,
    /// When it was bound.
    bound_at: DateTime<Utc>,
    /// When it was last used to sign in.
    last_sign_in_at: Option<DateTime<Utc>>,
}

impl From<Identity> for OwnIdentity {
    fn from(identity: Identity) -> Self {
        Self {
            provider: identity.kind.into(),
            bound_at: identity.bound_at,
            last_sign_in_at: identity.last_sign_in_at,
        }
    }
}

/// Which account to connect.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectBody {
    /// The caller's present password.
    #[serde(default)]
    current_password: String,
}

/// Where to send the browser.
#[derive(Serialize, ToSchema)]
pub(super) struct Connecting {
    /// The identity provider's sign-in. The answer sets a cookie that the browser has to keep.
    authorization_url: String,
}

/// One's accounts of identity providers
#[utoipa::path(get, path = "/api/v1/profile/identities", tag = "Profile",
    responses((status = 200, body = OwnIdentities)))]
pub(super) async fn list_identities(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let identities = access::list_identities(&state.services, &caller.0).await?;
    let items = identities.into_iter().map(Into::into).collect();
    Ok(HttpResponse::Ok().json(OwnIdentities { items }))
}

/// Begins to connect one's account of an identity provider
#[utoipa::path(post, path = "/api/v1/profile/identities/{provider}", tag = "Profile",
    params(("provider" = String, Path, description = "`okta` or `entra`")),
    request_body = ConnectBody, responses((status = 200, body = Connecting)))]
pub(super) async fn connect_identity(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<ConnectBody>,
) -> Answer {
    let kind = provider(&path)?;
    let (services, policy) = (&state.services, &state.settings.access);
    let password = SecretText::new(body.0.current_password);
    let confirmed = access::confirm(services, policy, &caller.0, password).await?;
    let begun = access::begin_connecting(services, policy, &caller.0, confirmed, kind).await?;
    let url = &services.public_url;
    let cookie = format!(
        "{}={}; Max-Age={}; {}",
        url.sign_in_cookie(),
        begun.browser_key.expose(),
        SIGN_IN_LIFETIME.num_seconds(),
        url.session_cookie_attributes(),
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::SET_COOKIE, cookie))
        .json(Connecting {
            authorization_url: begun.url.expose().to_owned(),
        }))
}

/// Ends the tie to one's own account of an identity provider
#[utoipa::path(delete, path = "/api/v1/profile/identities/{provider}", tag = "Profile",
    params(("provider" = String, Path, description = "`okta` or `entra`")),
    responses((status = 204)))]
pub(super) async fn release_own_identity(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let kind = provider(&path)?;
    access::release_identity(&state.services, &caller.0, caller.0.member, kind).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends the tie between a member and their account of an identity provider
///
/// Their sessions end; the next sign-in through the provider is a first one again.
#[utoipa::path(delete, path = "/api/v1/members/{member_id}/identities/{provider}",
    tag = "Members", params(("member_id" = String, Path,),
        ("provider" = String, Path, description = "`okta` or `entra`")),
    responses((status = 204)))]
pub(super) async fn release_identity(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
) -> Answer {
    let (member, kind) = path.into_inner();
    let (member, kind) = (member_id(&member)?, provider(&kind)?);
    access::release_identity(&state.services, &caller.0, member, kind).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn provider(name: &str) -> Result<DirectoryKind, Failure> {
    DirectoryKind::parse(name).ok_or(Failure::Absent("login method"))
}
