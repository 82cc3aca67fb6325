//! The organization's settings and login methods.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::panel::Patch;
use rollcall_application::panel::login_methods::{self, OktaLoginChange, OktaLoginDetails};
use rollcall_application::panel::organization::{self, OrganizationDetails, SettingsChange};
use rollcall_application::ports::SecretText;
use rollcall_domain::OktaLogin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::conditions::{IfMatch, etag};
use super::gate::SignedIn;
use super::problem::Answer;
use crate::AppState;

/// The organization.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganizationView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Members that use a seat: invited, active and suspended ones.
    seats_used: u32,
    /// How many seats there are; no limit when `null`.
    seat_limit: Option<u32>,
    /// Whether roles of members that a directory manages are assigned here.
    roles_in_panel: bool,
    /// Moves with every change; the ETag.
    version: i64,
    /// When it came to be.
    created_at: DateTime<Utc>,
}

/// A change of the settings; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationChange {
    /// Its name.
    name: Option<String>,
    /// How many seats there are; `null` lifts the limit. Lowering it evicts nobody.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    seat_limit: Patch<u32>,
    /// Whether roles of members that a directory manages are assigned here.
    roles_in_panel: Option<bool>,
}

/// The login methods.
#[derive(Serialize, ToSchema)]
pub(super) struct LoginMethodsView {
    /// Okta.
    okta: OktaLoginView,
}

/// Okta as a login method. The client secret is never shown.
#[derive(Serialize, ToSchema)]
pub(super) struct OktaLoginView {
    /// Whether it is switched on.
    enabled: bool,
    /// The client id of the application in Okta.
    client_id: String,
    /// Whether a client secret is stored.
    has_client_secret: bool,
    /// Okta's base URL.
    base_url: String,
    /// The issuer of its tokens.
    issuer: String,
    /// The audience of its tokens.
    audience: String,
    /// Whether members can sign in through Okta today.
    sign_in_available: bool,
    /// What that means.
    notice: &'static str,
}

/// What cannot be done yet, said where one would look for it.
const SIGN_IN_NOTICE: &str = "Signing in through Okta is not built yet: these settings are kept, \
    and a member that Okta provisioned cannot sign in with them.";

/// Okta as a login method, to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OktaLoginBody {
    /// Whether it is switched on.
    enabled: bool,
    /// The client id of the application in Okta.
    client_id: String,
    /// A new client secret; the stored one stays when left out.
    client_secret: Option<String>,
    /// Okta's base URL, such as `https://example.okta.com`.
    base_url: String,
    /// The issuer of its tokens.
    issuer: String,
    /// The audience of its tokens.
    #[serde(default)]
    audience: String,
}

/// The organization and its seats
#[utoipa::path(get, path = "/api/v1/organization", tag = "Organization",
    responses((status = 200, body = OrganizationView)))]
pub(super) async fn get_organization(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let details = organization::get_organization(&state.services, &caller.0).await?;
    Ok(shown(&details))
}

/// Changes the settings
#[utoipa::path(patch, path = "/api/v1/organization", tag = "Organization",
    request_body = OrganizationChange, responses((status = 200, body = OrganizationView)))]
pub(super) async fn change_organization(
    state: web::Data<AppState>,
    caller: SignedIn,
    seen: IfMatch,
    body: Body<OrganizationChange>,
) -> Answer {
    let command = SettingsChange {
        name: body.0.name,
        seat_limit: body.0.seat_limit,
        roles_in_panel: body.0.roles_in_panel,
        seen: seen.0,
    };
    let details = organization::change_organization(&state.services, &caller.0, command).await?;
    Ok(shown(&details))
}

fn shown(details: &OrganizationDetails) -> HttpResponse {
    let organization = &details.organization;
    HttpResponse::Ok()
        .insert_header(etag(organization.version))
        .json(OrganizationView {
            id: organization.id.to_string(),
            name: organization.name.as_str().to_owned(),
            seats_used: details.seats.used,
            seat_limit: details.seats.limit,
            roles_in_panel: organization.roles_in_panel,
            version: organization.version.0,
            created_at: organization.created_at,
        })
}

/// The login methods
#[utoipa::path(get, path = "/api/v1/organization/login-methods", tag = "Organization",
    responses((status = 200, body = LoginMethodsView)))]
pub(super) async fn get_login_methods(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let details = login_methods::get_login_methods(&state.services, &caller.0).await?;
    Ok(HttpResponse::Ok().json(LoginMethodsView::from(details)))
}

/// Changes Okta as a login method
#[utoipa::path(put, path = "/api/v1/organization/login-methods/okta", tag = "Organization",
    request_body = OktaLoginBody, responses((status = 200, body = LoginMethodsView)))]
pub(super) async fn change_okta_login(
    state: web::Data<AppState>,
    caller: SignedIn,
    body: Body<OktaLoginBody>,
) -> Answer {
    let body = body.0;
    let command = OktaLoginChange {
        okta: OktaLogin {
            enabled: body.enabled,
            client_id: body.client_id,
            base_url: body.base_url,
            issuer: body.issuer,
            audience: body.audience,
        },
        client_secret: body.client_secret.map(SecretText::new),
    };
    let details = login_methods::change_login_methods(&state.services, &caller.0, command).await?;
    Ok(HttpResponse::Ok().json(LoginMethodsView::from(details)))
}

impl From<OktaLoginDetails> for LoginMethodsView {
    fn from(details: OktaLoginDetails) -> Self {
        Self {
            okta: OktaLoginView {
                enabled: details.okta.enabled,
                client_id: details.okta.client_id,
                has_client_secret: details.has_client_secret,
                base_url: details.okta.base_url,
                issuer: details.okta.issuer,
                audience: details.okta.audience,
                sign_in_available: false,
                notice: SIGN_IN_NOTICE,
            },
        }
    }
}
