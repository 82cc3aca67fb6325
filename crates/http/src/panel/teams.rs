//! Teams and who is in them (R09–R12).

use actix_web::{HttpResponse, web};
use rollcall_application::panel::teams::{self, CreateTeam, MEMBERSHIP_LIMIT, TeamDetails};
use rollcall_application::ports::{TeamQuery, TeamSort};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Query};
use super::conditions::{IfMatch, etag};
use super::gate::SignedIn;
use super::members::MemberListQuery;
use super::paging::{cursor, direction, known, limit, member_ids, source, team_id};
use super::problem::{Answer, Problem};
use super::views::{MemberPage, TeamPage, TeamView};
use crate::AppState;

/// Which teams, in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TeamListQuery {
    /// Text in the name.
    search: Option<String>,
    /// `manual`, or a directory's name.
    source: Option<String>,
    /// `name` (the default) or `created`.
    sort: Option<String>,
    /// `asc` (the default) or `desc`.
    direction: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, at most 200.
    limit: Option<String>,
}

impl TeamListQuery {
    fn parse(self) -> Result<TeamQuery, Problem> {
        let sort = |text: &str| match text {
            "name" => Some(TeamSort::Name),
            "created" => Some(TeamSort::Created),
            _ => None,
        };
        let sorts = "must be one of: name, created";
        Ok(TeamQuery {
            search: self.search.filter(|text| !text.trim().is_empty()),
            source: source(self.source.as_deref())?,
            sort: known(self.sort.as_deref(), sort, "sort", sorts)?.unwrap_or_default(),
            direction: direction(self.direction.as_deref())?,
            after: cursor(self.cursor.as_deref())?,
            limit: limit(self.limit.as_deref())?,
        })
    }
}

/// A team to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamBody {
    /// Its name.
    name: String,
    /// Its first members, at most 1000: all of them or no team at all.
    #[serde(default)]
    member_ids: Vec<String>,
}

/// A new name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TeamChange {
    /// The name.
    name: String,
}

/// Members to add or remove.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberIds {
    /// At most 1000.
    member_ids: Vec<String>,
}

/// A page of teams
#[utoipa::path(get, path = "/api/v1/teams", tag = "Teams", params(TeamListQuery),
    responses((status = 200, body = TeamPage)))]
pub(super) async fn list_teams(
    state: web::Data<AppState>,
    caller: SignedIn,
    query: Query<TeamListQuery>,
) -> Answer {
    let query = query.0.parse()?;
    let page = teams::list_teams(&state.services, &caller.0, query).await?;
    Ok(HttpResponse::Ok().json(TeamPage::from(&page)))
}

/// A page of the teams that an invitation may offer
///
/// Manually created ones only (R10).
#[utoipa::path(get, path = "/api/v1/teams/invitable", tag = "Teams", params(TeamListQuery),
    responses((status = 200, body = TeamPage)))]
pub(super) async fn list_invitable_teams(
    state: web::Data<AppState>,
    caller: SignedIn,
    query: Query<TeamListQuery>,
) -> Answer {
    let query = query.0.parse()?;
    let page = teams::list_invitable_teams(&state.services, &caller.0, query).await?;
    Ok(HttpResponse::Ok().json(TeamPage::from(&page)))
}

/// Creates a team with its first members
#[utoipa::path(post, path = "/api/v1/teams", tag = "Teams", request_body = TeamBody,
    responses((status = 201, body = TeamView)))]
pub(super) async fn create_team(
    state: web::Data<AppState>,
    caller: SignedIn,
    body: Body<TeamBody>,
) -> Answer {
    let command = CreateTeam {
        members: member_ids(&body.0.member_ids, MEMBERSHIP_LIMIT)?,
        name: body.0.name,
    };
    let details = teams::create_team(&state.services, &caller.0, command).await?;
    let url = state.services.public_url.as_str();
    let location = format!("{url}/api/v1/teams/{}", details.team.id);
    Ok(HttpResponse::Created()
        .insert_header(("Location", location))
        .insert_header(etag(details.team.version))
        .json(TeamView::from(&details)))
}

/// One team
#[utoipa::path(get, path = "/api/v1/teams/{team_id}", tag = "Teams",
    params(("team_id" = String, Path,)), responses((status = 200, body = TeamView)))]
pub(super) async fn get_team(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let details = teams::get_team(&state.services, &caller.0, team_id(&path)?).await?;
    Ok(shown(&details))
}

/// Renames a team
///
/// A managed team is renamed in its directory alone (`provisioned_read_only`).
#[utoipa::path(patch, path = "/api/v1/teams/{team_id}", tag = "Teams",
    params(("team_id" = String, Path,)), request_body = TeamChange,
    responses((status = 200, body = TeamView)))]
pub(super) async fn rename_team(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
    body: Body<TeamChange>,
) -> Answer {
    let (services, id) = (&state.services, team_id(&path)?);
    let details = teams::rename_team(services, &caller.0, id, &body.0.name, seen.0).await?;
    Ok(shown(&details))
}

/// Deletes a team
///
/// Its members stay.
#[utoipa::path(delete, path = "/api/v1/teams/{team_id}", tag = "Teams",
    params(("team_id" = String, Path,)), responses((status = 204)))]
pub(super) async fn delete_team(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
) -> Answer {
    teams::delete_team(&state.services, &caller.0, team_id(&path)?, seen.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A page of a team's members
#[utoipa::path(get, path = "/api/v1/teams/{team_id}/members", tag = "Teams",
    params(("team_id" = String, Path,), MemberListQuery),
    responses((status = 200, body = MemberPage)))]
pub(super) async fn list_team_members(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    query: Query<MemberListQuery>,
) -> Answer {
    let now = state.services.clock.now();
    let (id, query) = (team_id(&path)?, query.0.parse(now)?);
    let page = teams::list_team_members(&state.services, &caller.0, id, query).await?;
    Ok(HttpResponse::Ok().json(MemberPage::of(&page, now)))
}

/// Adds members to a team
///
/// All of them or none. While provisioning is on, a manually created member cannot join a
/// provisioned team (`manual_member_in_provisioned_team`).
#[utoipa::path(post, path = "/api/v1/teams/{team_id}/members", tag = "Teams",
    params(("team_id" = String, Path,)), request_body = MemberIds,
    responses((status = 200, body = TeamView)))]
pub(super) async fn add_team_members(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<MemberIds>,
) -> Answer {
    let ids = member_ids(&body.0.member_ids, MEMBERSHIP_LIMIT)?;
    let id = team_id(&path)?;
    let details = teams::add_members(&state.services, &caller.0, id, ids).await?;
    Ok(shown(&details))
}

/// Removes members from a team
#[utoipa::path(post, path = "/api/v1/teams/{team_id}/members/remove", tag = "Teams",
    params(("team_id" = String, Path,)), request_body = MemberIds,
    responses((status = 200, body = TeamView)))]
pub(super) async fn remove_team_members(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<MemberIds>,
) -> Answer {
    let ids = member_ids(&body.0.member_ids, MEMBERSHIP_LIMIT)?;
    let id = team_id(&path)?;
    let details = teams::remove_members(&state.services, &caller.0, id, ids).await?;
    Ok(shown(&details))
}

fn shown(details: &TeamDetails) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(etag(details.team.version))
        .json(TeamView::from(details))
}
