//! One's own profile and sessions.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::panel::profile::{self, Profile};
use rollcall_application::panel::{NameChanges, Patch, access};
use rollcall_application::ports::SessionRecord;
use rollcall_domain::SessionId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::conditions::{IfMatch, etag};
use super::gate::SignedIn;
use super::paging::session_id;
use super::problem::Answer;
use super::views::MemberView;
use crate::AppState;

/// Oneself.
#[derive(Serialize, ToSchema)]
pub(super) struct ProfileView {
    /// The member.
    member: MemberView,
    /// The organization's id.
    organization_id: String,
    /// The organization's name.
    organization_name: String,
}

/// A new name; what is left out stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_field_names,
    reason = "fields are named as the API names them"
)]
pub(super) struct ProfileChange {
    /// Display name.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    display_name: Patch<String>,
    /// Given name.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    given_name: Patch<String>,
    /// Family name.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    family_name: Patch<String>,
}

/// One's own sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnSessions {
    /// Newest first.
    items: Vec<OwnSession>,
}

/// One of one's own sessions.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnSession {
    /// Its id.
    id: String,
    /// Whether it is this one.
    current: bool,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    expires_at: DateTime<Utc>,
    /// From which address it began.
    ip: Option<String>,
    /// By which client.
    user_agent: Option<String>,
}

impl OwnSession {
    fn of(record: SessionRecord, current: SessionId) -> Self {
        Self {
            id: record.id.to_string(),
            current: record.id == current,
            created_at: record.created_at,
            last_seen_at: record.last_seen_at,
            expires_at: record.expires_at,
            ip: record.ip,
            user_agent: record.user_agent,
        }
    }
}

/// One's own profile and teams
#[utoipa::path(get, path = "/api/v1/profile", tag = "Profile",
    responses((status = 200, body = ProfileView)))]
pub(super) async fn get_profile(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let profile = profile::get_profile(&state.services, &caller.0).await?;
    Ok(shown(&state, &profile))
}

/// Changes one's own name
#[utoipa::path(patch, path = "/api/v1/profile", tag = "Profile", request_body = ProfileChange,
    responses((status = 200, body = ProfileView)))]
pub(super) async fn edit_profile(
    state: web::Data<AppState>,
    caller: SignedIn,
    seen: IfMatch,
    body: Body<ProfileChange>,
) -> Answer {
    let name = NameChanges {
        display: body.0.display_name,
        given: body.0.given_name,
        family: body.0.family_name,
    };
    let profile = profile::edit_profile(&state.services, &caller.0, name, seen.0).await?;
    Ok(shown(&state, &profile))
}

fn shown(state: &AppState, profile: &Profile) -> HttpResponse {
    let view = ProfileView {
        member: MemberView::whole(&profile.details, state.services.clock.now()),
        organization_id: profile.organization.id.to_string(),
        organization_name: profile.organization.name.as_str().to_owned(),
    };
    HttpResponse::Ok()
        .insert_header(etag(profile.details.member.version))
        .json(view)
}

/// One's own sessions
#[utoipa::path(get, path = "/api/v1/profile/sessions", tag = "Profile",
    responses((status = 200, body = OwnSessions)))]
pub(super) async fn list_sessions(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let sessions = access::list_sessions(&state.services, &caller.0).await?;
    let current = caller.0.session;
    let shown = sessions.into_iter().map(|s| OwnSession::of(s, current));
    let items = shown.collect();
    Ok(HttpResponse::Ok().json(OwnSessions { items }))
}

/// Ends every other session of one's own
#[utoipa::path(delete, path = "/api/v1/profile/sessions", tag = "Profile",
    responses((status = 204)))]
pub(super) async fn end_other_sessions(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    access::end_other_sessions(&state.services, &caller.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends one of one's own sessions
#[utoipa::path(delete, path = "/api/v1/profile/sessions/{session_id}", tag = "Profile",
    params(("session_id" = String, Path,)), responses((status = 204)))]
pub(super) async fn end_session(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    access::end_session(&state.services, &caller.0, session_id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
