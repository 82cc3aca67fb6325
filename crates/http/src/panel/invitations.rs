//! Inviting, and accepting an invitation (R09, R10).

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::Failure;
use rollcall_application::panel::members::{
    self, AcceptInvitation, INVITE_LIMIT, InviteMember, MemberDetails,
};
use rollcall_application::panel::{NameChanges, Patch};
use rollcall_application::ports::SecretText;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::gate::{SignedIn, Visitor};
use super::member_commands::confirmed;
use super::paging::{member_id, require_at_most, team_ids};
use super::problem::{Answer, ItemProblem, Problem};
use super::session::{SessionView, signed_in};
use super::views::MemberView;
use crate::AppState;

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationsBody {
    /// One or many, at most 100.
    invitations: Vec<InvitationBody>,
    /// The present password; needed to invite an owner (`password_required`).
    current_password: Option<String>,
}

/// One person to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationBody {
    /// Where the invitation goes.
    email: String,
    /// `member` when left out.
    role: Option<String>,
    /// Display name.
    display_name: Option<String>,
    /// Given name.
    given_name: Option<String>,
    /// Family name.
    family_name: Option<String>,
    /// Manually created teams to join on accepting.
    #[serde(default)]
    team_ids: Vec<String>,
}

/// What became of each invitation, in the order of the request.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationResults {
    /// One for each.
    results: Vec<InvitationResult>,
}

/// What became of one invitation: a member, or a problem.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationResult {
    /// The e-mail of the request.
    email: String,
    /// The invited member.
    member: Option<MemberView>,
    /// Why nobody was invited.
    problem: Option<ItemProblem>,
}

/// An empty object: there is nothing to say beyond the address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

/// The token of an invitation's link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationToken {
    /// The last part of the link in the mail.
    token: String,
}

/// What a link invites to.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// The organization to join.
    organization_name: String,
    /// Who is invited.
    email: Option<String>,
    /// The name the invitation gave.
    display_name: Option<String>,
    /// When the link dies.
    expires_at: DateTime<Utc>,
}

/// An invited person's name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptanceBody {
    /// The last part of the link in the mail.
    token: String,
    /// The password chosen: 8 to 256 characters, none of the commonest.
    password: String,
    /// Display name; what is left out stays as the invitation said.
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

/// Invites one person or many
///
/// Each invitation has its own result: one that is refused does not hold up the others. Only
/// manually created teams can be named.
#[utoipa::path(post, path = "/api/v1/members/invite", tag = "Members",
    request_body = InvitationsBody, responses((status = 200, body = InvitationResults)))]
pub(super) async fn invite_members(
    state: web::Data<AppState>,
    caller: SignedIn,
    body: Body<InvitationsBody>,
) -> Answer {
    let InvitationsBody {
        invitations,
        current_password,
    } = body.0;
    if invitations.is_empty() {
        return Err(Problem::invalid("invitations", "must name somebody"));
    }
    require_at_most("invitations", invitations.len(), INVITE_LIMIT)?;
    let confirmed = confirmed(&state, &caller, current_password).await?;
    let emails: Vec<String> = invitations.iter().map(|one| one.email.clone()).collect();
    // What names no team has its answer already, in its place among the others.
    let (mut commands, mut failures) = (Vec::new(), Vec::new());
    for invitation in invitations {
        match command(invitation) {
            Ok(command) => {
                commands.push(command);
                failures.push(None);
            }
            Err(failure) => failures.push(Some(failure)),
        }
    }
    let outcomes = members::invite_members(&state.services, &caller.0, commands, confirmed).await;
    let (mut outcomes, now) = (outcomes.into_iter(), state.services.clock.now());
    let results = emails
        .into_iter()
        .zip(failures)
        .filter_map(|(email, failure)| {
            let outcome = match failure {
                Some(failure) => Err(failure),
                None => outcomes.next()?,
            };
            Some(InvitationResult::of(email, outcome, now))
        });
    let results = results.collect();
    Ok(HttpResponse::Ok().json(InvitationResults { results }))
}

impl InvitationResult {
    fn of(email: String, outcome: Result<MemberDetails, Failure>, now: DateTime<Utc>) -> Self {
        let (member, problem) = match outcome {
            Ok(details) => (Some(MemberView::whole(&details, now)), None),
            Err(failure) => (None, Some(Problem::from(failure).into_item())),
        };
        Self {
            email,
            member,
            problem,
        }
    }
}

fn command(invitation: InvitationBody) -> Result<InviteMember, Failure> {
    let given = |part: Option<String>| part.map_or(Patch::Keep, Patch::Set);
    Ok(InviteMember {
        teams: team_ids(&invitation.team_ids)?,
        email: invitation.email,
        name: NameChanges {
            display: given(invitation.display_name),
            given: given(invitation.given_name),
            family: given(invitation.family_name),
        },
        role: invitation.role.unwrap_or_else(|| "member".to_owned()),
    })
}

/// Sends an invitation again
///
/// A new link for another 72 hours; the old one dies.
#[utoipa::path(post, path = "/api/v1/members/{member_id}/resend-invitation", tag = "Members",
    params(("member_id" = String, Path,)), request_body = NoFields, responses((status = 200, body = MemberView)))]
pub(super) async fn resend_invitation(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    _body: Body<NoFields>,
) -> Answer {
    let id = member_id(&path)?;
    let details = members::resend_invitation(&state.services, &caller.0, id).await?;
    let now = state.services.clock.now();
    Ok(HttpResponse::Ok().json(MemberView::whole(&details, now)))
}

/// Withdraws an invitation
#[utoipa::path(post, path = "/api/v1/members/{member_id}/cancel-invitation", tag = "Members",
    params(("member_id" = String, Path,)), request_body = NoFields, responses((status = 204)))]
pub(super) async fn cancel_invitation(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    _body: Body<NoFields>,
) -> Answer {
    members::cancel_invitation(&state.services, &caller.0, member_id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What an invitation's link invites to
#[utoipa::path(post, path = "/api/v1/invitations/lookup", tag = "Access",
    request_body = InvitationToken, responses((status = 200, body = InvitationView)))]
pub(super) async fn look_up_invitation(
    state: web::Data<AppState>,
    body: Body<InvitationToken>,
) -> Answer {
    let token = SecretText::new(body.0.token);
    let preview = members::preview_invitation(&state.services, &token).await?;
    let member = preview.member;
    Ok(HttpResponse::Ok().json(InvitationView {
        organization_name: preview.organization,
        email: member.email.as_ref().map(ToString::to_string),
        display_name: member.name.display.as_ref().map(ToString::to_string),
        expires_at: preview.expires_at,
    }))
}

/// Accepts an invitation
///
/// The answer begins a session.
#[utoipa::path(post, path = "/api/v1/invitations/accept", tag = "Access",
    request_body = AcceptanceBody, responses((status = 200, body = SessionView)))]
pub(super) async fn accept_invitation(
    state: web::Data<AppState>,
    visitor: Visitor,
    body: Body<AcceptanceBody>,
) -> Answer {
    let body = body.0;
    let command = AcceptInvitation {
        token: SecretText::new(body.token),
        name: NameChanges {
            display: body.display_name,
            given: body.given_name,
            family: body.family_name,
        },
        password: SecretText::new(body.password),
        request: visitor.0,
    };
    let (services, policy) = (&state.services, &state.settings.access);
    let session = members::accept_invitation(services, policy, command).await?;
    Ok(signed_in(&state, &session))
}
