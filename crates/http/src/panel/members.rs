//! Looking at members and editing them.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::panel::members::{self, MemberChanges, MemberDetails};
use rollcall_application::panel::{NameChanges, Patch};
use rollcall_application::ports::{MemberQuery, MemberSort, StatusFilter};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Query};
use super::conditions::{IfMatch, etag};
use super::gate::SignedIn;
use super::paging::{cursor, direction, known, limit, member_id, role, source, team_id};
use super::problem::{Answer, Problem};
use super::views::{MemberPage, MemberView};
use crate::AppState;

/// Which members, in which order. Filters combine by *and*.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MemberListQuery {
    /// Text in name, e-mail or user name.
    search: Option<String>,
    /// `invited`, `expired`, `active`, `suspended` or `deactivated`.
    status: Option<String>,
    /// `member`, `admin` or `owner`.
    role: Option<String>,
    /// `manual`, or a directory's name.
    source: Option<String>,
    /// The id of a team.
    team: Option<String>,
    /// `name` (the default), `email` or `created`.
    sort: Option<String>,
    /// `asc` (the default) or `desc`.
    direction: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 200.
    limit: Option<String>,
}

impl MemberListQuery {
    /// As the use case takes it.
    pub(super) fn parse(self, now: DateTime<Utc>) -> Result<MemberQuery, Problem> {
        let statuses = "must be one of: invited, expired, active, suspended, deactivated";
        let status = |text: &str| match text {
            "invited" => Some(StatusFilter::Invited(now)),
            "expired" => Some(StatusFilter::Expired(now)),
            "active" => Some(StatusFilter::Active),
            "suspended" => Some(StatusFilter::Suspended),
            "deactivated" => Some(StatusFilter::Deactivated),
            _ => None,
        };
        let sort = |text: &str| match text {
            "name" => Some(MemberSort::Name),
            "email" => Some(MemberSort::Email),
            "created" => Some(MemberSort::Created),
            _ => None,
        };
        let sorts = "must be one of: name, email, created";
        Ok(MemberQuery {
            search: self.search.filter(|text| !text.trim().is_empty()),
            status: known(self.status.as_deref(), status, "status", statuses)?,
            role: role(self.role.as_deref())?,
            source: source(self.source.as_deref())?,
            team: self.team.as_deref().map(team_id).transpose()?,
            sort: known(self.sort.as_deref(), sort, "sort", sorts)?.unwrap_or_default(),
            direction: direction(self.direction.as_deref())?,
            after: cursor(self.cursor.as_deref())?,
            limit: limit(self.limit.as_deref())?,
        })
    }
}

/// A change of a member; what is left out stays, `null` clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberChangeBody {
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
    /// E-mail.
    email: Option<String>,
}

/// A page of members
#[utoipa::path(get, path = "/api/v1/members", tag = "Members", params(MemberListQuery),
    responses((status = 200, body = MemberPage)))]
pub(super) async fn list_members(
    state: web::Data<AppState>,
    caller: SignedIn,
    query: Query<MemberListQuery>,
) -> Answer {
    let now = state.services.clock.now();
    let query = query.0.parse(now)?;
    let page = members::list_members(&state.services, &caller.0, query).await?;
    Ok(HttpResponse::Ok().json(MemberPage::of(&page, now)))
}

/// One member
#[utoipa::path(get, path = "/api/v1/members/{member_id}", tag = "Members",
    params(("member_id" = String, Path,)), responses((status = 200, body = MemberView)))]
pub(super) async fn get_member(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let details = members::get_member(&state.services, &caller.0, member_id(&path)?).await?;
    Ok(shown(&state, &details))
}

/// Changes a member's name or e-mail
///
/// A managed member is changed in its directory alone (`provisioned_read_only`).
#[utoipa::path(patch, path = "/api/v1/members/{member_id}", tag = "Members",
    params(("member_id" = String, Path,)), request_body = MemberChangeBody,
    responses((status = 200, body = MemberView)))]
pub(super) async fn edit_member(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
    body: Body<MemberChangeBody>,
) -> Answer {
    let command = MemberChanges {
        name: NameChanges {
            display: body.0.display_name,
            given: body.0.given_name,
            family: body.0.family_name,
        },
        email: body.0.email,
        seen: seen.0,
    };
    let id = member_id(&path)?;
    let details = members::edit_member(&state.services, &caller.0, id, command).await?;
    Ok(shown(&state, &details))
}

/// A member with its version.
pub(super) fn shown(state: &AppState, details: &MemberDetails) -> HttpResponse {
    let now = state.services.clock.now();
    HttpResponse::Ok()
        .insert_header(etag(details.member.version))
        .json(MemberView::whole(details, now))
}
