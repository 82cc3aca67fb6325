//! Suspending, activating, deleting, giving a role: to one member or to many.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::Failure;
use rollcall_application::panel::access::{self, Confirmed};
use rollcall_application::panel::members::{
    BULK_LIMIT, MemberCommand, MemberDetails, command_member, command_members,
};
use rollcall_application::ports::SecretText;
use rollcall_domain::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::conditions::IfMatch;
use super::gate::SignedIn;
use super::members::shown;
use super::paging::{member_id, require_at_most, role, team_id};
use super::problem::{Answer, ItemProblem, Problem};
use super::views::MemberView;
use crate::AppState;

/// Nothing, or the present password where an owner is concerned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OptionalConfirmation {
    /// The present password; needed where an owner is concerned (`password_required`).
    current_password: Option<String>,
}

/// A role to give.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleBody {
    /// `member`, `admin` or `owner`.
    role: String,
    /// The present password; needed to make or unmake an owner (`password_required`).
    current_password: Option<String>,
}

/// One thing to do to many members.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkBody {
    /// To whom, at most 1000.
    member_ids: Vec<String>,
    /// `suspend`, `activate`, `delete`, `set_role` or `add_to_team`.
    command: String,
    /// For `set_role`: `member`, `admin` or `owner`.
    role: Option<String>,
    /// For `add_to_team`: the team.
    team_id: Option<String>,
    /// The present password; needed where an owner is concerned (`password_required`).
    current_password: Option<String>,
}

/// What became of each member, in the order of the request.
#[derive(Serialize, ToSchema)]
pub(super) struct BulkResults {
    /// One for each.
    results: Vec<BulkResult>,
}

/// What became of one member: done, or a problem.
#[derive(Serialize, ToSchema)]
pub(super) struct BulkResult {
    /// The id of the request.
    id: String,
    /// Whether it was done.
    done: bool,
    /// The member as it is now; none once deleted.
    member: Option<MemberView>,
    /// Why it was not done.
    problem: Option<ItemProblem>,
}

/// Suspends a member
///
/// Sessions end; the seat stays.
#[utoipa::path(post, path = "/api/v1/members/{member_id}/suspend", tag = "Members",
    params(("member_id" = String, Path,)), request_body = OptionalConfirmation,
    responses((status = 200, body = MemberView)))]
pub(super) async fn suspend_member(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
    body: Body<OptionalConfirmation>,
) -> Answer {
    let confirmed = confirmed(&state, &caller, body.0.current_password).await?;
    let command = MemberCommand::Suspend;
    run(&state, &caller, &path, command, (confirmed, seen)).await
}

/// Activates a member
#[utoipa::path(post, path = "/api/v1/members/{member_id}/activate", tag = "Members",
    params(("member_id" = String, Path,)), request_body = OptionalConfirmation,
    responses((status = 200, body = MemberView)))]
pub(super) async fn activate_member(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
    body: Body<OptionalConfirmation>,
) -> Answer {
    let confirmed = confirmed(&state, &caller, body.0.current_password).await?;
    let command = MemberCommand::Activate;
    run(&state, &caller, &path, command, (confirmed, seen)).await
}

/// Deletes a member
#[utoipa::path(post, path = "/api/v1/members/{member_id}/delete", tag = "Members",
    params(("member_id" = String, Path,)), request_body = OptionalConfirmation,
    responses((status = 204)))]
pub(super) async fn delete_member(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
    body: Body<OptionalConfirmation>,
) -> Answer {
    let confirmed = confirmed(&state, &caller, body.0.current_password).await?;
    let command = MemberCommand::Delete;
    run(&state, &caller, &path, command, (confirmed, seen)).await
}

/// Gives a member another role
#[utoipa::path(post, path = "/api/v1/members/{member_id}/role", tag = "Members",
    params(("member_id" = String, Path,)), request_body = RoleBody,
    responses((status = 200, body = MemberView)))]
pub(super) async fn set_role(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    seen: IfMatch,
    body: Body<RoleBody>,
) -> Answer {
    let command = set_role_command(Some(&body.0.role))?;
    let confirmed = confirmed(&state, &caller, body.0.current_password).await?;
    run(&state, &caller, &path, command, (confirmed, seen)).await
}

async fn run(
    state: &AppState,
    caller: &SignedIn,
    id: &str,
    command: MemberCommand,
    (confirmed, seen): (Option<Confirmed>, IfMatch),
) -> Answer {
    let id = member_id(id)?;
    let services = &state.services;
    match command_member(services, &caller.0, id, command, confirmed, seen.0).await? {
        Some(details) => Ok(shown(state, &details)),
        None => Ok(HttpResponse::NoContent().finish()),
    }
}

/// Does one thing to many members
///
/// Each member has its own result: one that is refused does not hold up the others.
#[utoipa::path(post, path = "/api/v1/members/bulk", tag = "Members", request_body = BulkBody,
    responses((status = 200, body = BulkResults)))]
pub(super) async fn command_many(
    state: web::Data<AppState>,
    caller: SignedIn,
    body: Body<BulkBody>,
) -> Answer {
    let body = body.0;
    require_at_most("member_ids", body.member_ids.len(), BULK_LIMIT)?;
    let command = bulk_command(&body)?;
    let confirmed = confirmed(&state, &caller, body.current_password).await?;
    // What is no id names nobody: it has its answer already, in its place among the others.
    let parsed: Vec<_> = body.member_ids.iter().map(|text| member_id(text)).collect();
    let ids: Vec<MemberId> = parsed.iter().flatten().copied().collect();
    let services = &state.services;
    let outcomes = command_members(services, &caller.0, &ids, command, confirmed).await;
    let (mut outcomes, now) = (outcomes.into_iter(), services.clock.now());
    let results = body.member_ids.into_iter().zip(parsed).map(|(id, parsed)| {
        let outcome = parsed.and_then(|_| outcomes.next().unwrap_or(Ok(None)));
        BulkResult::of(id, outcome, now)
    });
    let results = results.collect();
    Ok(HttpResponse::Ok().json(BulkResults { results }))
}

impl BulkResult {
    fn of(id: String, outcome: Result<Option<MemberDetails>, Failure>, now: DateTime<Utc>) -> Self {
        let (done, member, problem) = match outcome {
            Ok(details) => (true, details.map(|d| MemberView::whole(&d, now)), None),
            Err(failure) => (false, None, Some(Problem::from(failure).into_item())),
        };
        Self {
            id,
            done,
            member,
            problem,
        }
    }
}

fn bulk_command(body: &BulkBody) -> Result<MemberCommand, Problem> {
    let name = body.command.as_str();
    let names = ["suspend", "activate", "delete", "set_role", "add_to_team"];
    if !names.contains(&name) {
        let reason = format!("must be one of: {}", names.join(", "));
        return Err(Problem::invalid("command", reason));
    }
    let stray = |field: &str| Err(Problem::invalid(field, "does not belong to this command"));
    if body.role.is_some() && name != "set_role" {
        return stray("role");
    }
    if body.team_id.is_some() && name != "add_to_team" {
        return stray("team_id");
    }
    match (name, &body.team_id) {
        ("suspend", _) => Ok(MemberCommand::Suspend),
        ("activate", _) => Ok(MemberCommand::Activate),
        ("delete", _) => Ok(MemberCommand::Delete),
        ("set_role", _) => set_role_command(body.role.as_deref()),
        (_, Some(team)) => Ok(MemberCommand::AddToTeam(team_id(team)?)),
        (_, None) => Err(Problem::invalid("team_id", "is needed")),
    }
}

fn set_role_command(text: Option<&str>) -> Result<MemberCommand, Problem> {
    match role(text)? {
        Some(role) => Ok(MemberCommand::SetRole(role)),
        None => Err(Problem::invalid("role", "is needed")),
    }
}

/// What proves that the password was given again, where it was (SEC-9).
pub(super) async fn confirmed(
    state: &AppState,
    caller: &SignedIn,
    password: Option<String>,
) -> Result<Option<Confirmed>, Failure> {
    let Some(password) = password.map(SecretText::new) else {
        return Ok(None);
    };
    let policy = &state.settings.access;
    let proof = access::confirm(&state.services, policy, &caller.0, password).await?;
    Ok(Some(proof))
}
