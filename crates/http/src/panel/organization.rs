//! The organization's settings.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::panel::Patch;
use rollcall_application::panel::organization::{self, OrganizationDetails, SettingsChange};
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
