//! *Settings > User provisioning* (R01–R03, R06, R07, R13).

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::panel::access::{self, Confirmed};
use rollcall_application::panel::provisioning::{
    self, Credentials, DirectoryState, Listed, LoginReminder, ProvisioningState,
    ReconnectionPreview, WaitingLink,
};
use rollcall_application::ports::{LinkCounts, SecretText};
use rollcall_application::{Failure, InvalidInput};
use rollcall_domain::{DirectoryKind, Profile, Target};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::gate::SignedIn;
use super::paging::member_id;
use super::problem::{Answer, ItemProblem, Problem};
use super::views::DirectoryView;
use crate::AppState;

/// The state of provisioning.
#[derive(Serialize, ToSchema)]
pub(super) struct ProvisioningView {
    /// Every directory that can be turned on.
    directories: Vec<DirectoryStateView>,
    /// Whether to remind of enabling Okta as a login method (R06).
    login_reminder: bool,
    /// Every directory that calls for such a reminder, and whom it concerns.
    login_reminders: Vec<LoginReminderView>,
    /// The directories in which alone provisioned members and teams can be edited; show the
    /// notice when there is one (R07).
    read_only_sources: Vec<DirectoryView>,
    /// Owners and admins whose link waits for an owner's word, or has it.
    waiting_links: Vec<WaitingLinkView>,
}

/// A directory pushes members who cannot sign in through it (R06).
#[derive(Serialize, ToSchema)]
pub(super) struct LoginReminderView {
    /// Which directory: it is no enabled login method, or its last test failed.
    directory: DirectoryView,
    /// How many of its active members cannot sign in; 10,000 stands for that many or more.
    members: u64,
}

impl From<LoginReminder> for LoginReminderView {
    fn from(reminder: LoginReminder) -> Self {
        Self {
            directory: reminder.directory.into(),
            members: reminder.members,
        }
    }
}

/// Provisioning from one directory.
#[derive(Serialize, ToSchema)]
pub(super) struct DirectoryStateView {
    /// Which directory.
    directory: DirectoryView,
    /// `off`, `waiting` (on and not heard yet) or `connected`.
    status: &'static str,
    /// Whether it is on.
    enabled: bool,
    /// How its SCIM is read where the RFCs leave room: `okta`, `entra`, `entra_additive`,
    /// `generic` or `strict`.
    profile: &'static str,
    /// The Tenant URL, once it was turned on for the first time.
    tenant_url: Option<String>,
    /// When it was last turned on.
    enabled_at: Option<DateTime<Utc>>,
    /// When the directory was last heard since then.
    last_request_at: Option<DateTime<Utc>>,
    /// What is linked to it.
    links: LinkCountsView,
    /// Requests with a wrong Secret Token at its Tenant URL, as far as the node that answers has seen
    /// them since it started.
    refused_tokens: Option<RefusedTokensView>,
}

/// Requests with a wrong Secret Token.
#[derive(Serialize, ToSchema)]
pub(super) struct RefusedTokensView {
    /// How many.
    count: u64,
    /// When the last one came.
    last_at: DateTime<Utc>,
}

/// How many objects are linked to a directory.
#[derive(Serialize, ToSchema)]
pub(super) struct LinkCountsView {
    /// Members it finds.
    members: u64,
    /// Teams it finds.
    teams: u64,
    /// Members it no longer finds.
    lost_members: u64,
    /// Teams it no longer finds.
    lost_teams: u64,
}

/// An owner or admin whose link waits for an owner's word, or has it.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingLinkView {
    /// Who.
    member_id: String,
    /// What people call them.
    label: String,
    /// Their role.
    role: &'static str,
    /// Which directory pushes them.
    directory: DirectoryView,
    /// When it last did.
    requested_at: DateTime<Utc>,
    /// Until when an owner has allowed it.
    allowed_until: Option<DateTime<Utc>>,
}

/// The present password, asked for again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    /// The present password.
    current_password: String,
}

/// What can be changed about a connection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionChange {
    /// How its SCIM is read where the RFCs leave room: `okta`, `entra`, `entra_additive` (a
    /// replacement of a group's members adds them), `generic` (any client) or `strict` (the
    /// interoperability profile to the letter).
    profile: String,
}

/// The two values to enter in the directory; the Secret Token is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct CredentialsView {
    /// Tenant URL.
    tenant_url: String,
    /// Secret Token. It does not expire.
    secret_token: String,
}

/// What turning on again would do.
#[derive(Serialize, ToSchema)]
pub(super) struct PreviewView {
    /// Members the directory would find.
    members_found: u64,
    /// Teams the directory would find.
    teams_found: u64,
    /// Members it had lost and finds again.
    members_found_again: NamedObjects,
    /// Teams it had lost and finds again.
    teams_found_again: NamedObjects,
    /// Members it no longer finds: it will create new ones beside them.
    members_lost: NamedObjects,
    /// Teams it no longer finds: it will create new ones beside them.
    teams_lost: NamedObjects,
    /// Members who become deactivated.
    members_deactivated: NamedObjects,
    /// Who leaves which managed team.
    memberships_removed: NamedMemberships,
    /// Why it could not be turned on as things are.
    problem: Option<ItemProblem>,
}

/// How many, and the first hundred.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedObjects {
    /// How many.
    count: u64,
    /// The first hundred.
    first: Vec<NamedObject>,
}

/// A member or team by name.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedObject {
    /// Its id.
    id: String,
    /// What people call it.
    label: String,
}

/// How many, and the first hundred.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedMemberships {
    /// How many.
    count: u64,
    /// The first hundred.
    first: Vec<NamedMembership>,
}

/// A member in a team.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedMembership {
    /// The team.
    team: NamedObject,
    /// The member.
    member: NamedObject,
}

/// The state of provisioning
#[utoipa::path(get, path = "/api/v1/provisioning", tag = "Provisioning",
    responses((status = 200, body = ProvisioningView)))]
pub(super) async fn get_provisioning(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let found = provisioning::get_provisioning(&state.services, &caller.0).await?;
    Ok(HttpResponse::Ok().json(ProvisioningView::from(found)))
}

/// What turning provisioning on again would do
///
/// Computed and not saved: who is found again, who is lost and will be duplicated, who is
/// deactivated and who leaves which team.
#[utoipa::path(get, path = "/api/v1/provisioning/{directory}/preview", tag = "Provisioning",
    params(("directory" = String, Path,)), responses((status = 200, body = PreviewView)))]
pub(super) async fn preview_enabling(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let directory = directory(&path)?;
    let preview = provisioning::preview_enabling(&state.services, &caller.0, directory).await?;
    Ok(HttpResponse::Ok().json(PreviewView::from(preview)))
}

/// Turns provisioning on
///
/// The answer shows the Tenant URL and, this once, the Secret Token.
#[utoipa::path(post, path = "/api/v1/provisioning/{directory}/enable", tag = "Provisioning",
    params(("directory" = String, Path,)), request_body = Confirmation,
    responses((status = 200, body = CredentialsView)))]
pub(super) async fn enable(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<Confirmation>,
) -> Answer {
    let directory = directory(&path)?;
    let confirmed = confirm(&state, &caller, body).await?;
    let shown = provisioning::enable(&state.services, &caller.0, directory, confirmed).await?;
    Ok(HttpResponse::Ok().json(CredentialsView::from(shown)))
}

/// Turns provisioning off
///
/// The Secret Token is refused at once, and what the directory provisioned becomes editable.
#[utoipa::path(post, path = "/api/v1/provisioning/{directory}/disable", tag = "Provisioning",
    params(("directory" = String, Path,)), request_body = Confirmation,
    responses((status = 204)))]
pub(super) async fn disable(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<Confirmation>,
) -> Answer {
    let directory = directory(&path)?;
    let confirmed = confirm(&state, &caller, body).await?;
    provisioning::disable(&state.services, &caller.0, directory, confirmed).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Chooses how the SCIM of a connection is read
///
/// It holds from the directory's next request on and touches nothing that was pushed.
#[utoipa::path(patch, path = "/api/v1/provisioning/{directory}", tag = "Provisioning",
    params(("directory" = String, Path,)), request_body = ConnectionChange,
    responses((status = 204)))]
pub(super) async fn change_connection(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<ConnectionChange>,
) -> Answer {
    let directory = directory(&path)?;
    let profile = Profile::parse(&body.0.profile).ok_or_else(|| {
        let reason = "must be okta, entra, entra_additive, generic or strict";
        Failure::from(InvalidInput::new("profile", reason))
    })?;
    provisioning::choose_profile(&state.services, &caller.0, directory, profile).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Issues a new Secret Token
///
/// The old one is refused at once; the Tenant URL stays.
#[utoipa::path(post, path = "/api/v1/provisioning/{directory}/credentials", tag = "Provisioning",
    params(("directory" = String, Path,)), request_body = Confirmation,
    responses((status = 200, body = CredentialsView)))]
pub(super) async fn issue_credentials(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<String>,
    body: Body<Confirmation>,
) -> Answer {
    let directory = directory(&path)?;
    let confirmed = confirm(&state, &caller, body).await?;
    let services = &state.services;
    let shown = provisioning::issue_credentials(services, &caller.0, directory, confirmed).await?;
    Ok(HttpResponse::Ok().json(CredentialsView::from(shown)))
}

/// Allows the link of an owner or admin for 24 hours
///
/// The directory's next push of that person takes the member over.
#[utoipa::path(post, path = "/api/v1/provisioning/{directory}/links/{member_id}/allow",
    tag = "Provisioning",
    params(("directory" = String, Path,), ("member_id" = String, Path,)),
    request_body = Confirmation, responses((status = 204)))]
pub(super) async fn allow_link(
    state: web::Data<AppState>,
    caller: SignedIn,
    path: web::Path<(String, String)>,
    body: Body<Confirmation>,
) -> Answer {
    let (kind, id) = path.into_inner();
    let (directory, id) = (directory(&kind)?, member_id(&id)?);
    let confirmed = confirm(&state, &caller, body).await?;
    provisioning::allow_link(&state.services, &caller.0, directory, id, confirmed).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn directory(name: &str) -> Result<DirectoryKind, Failure> {
    DirectoryKind::parse(name).ok_or(Failure::Absent("directory"))
}

async fn confirm(
    state: &AppState,
    caller: &SignedIn,
    body: Body<Confirmation>,
) -> Result<Confirmed, Failure> {
    let password = SecretText::new(body.0.current_password);
    access::confirm(&state.services, &state.settings.access, &caller.0, password).await
}

impl From<Credentials> for CredentialsView {
    fn from(credentials: Credentials) -> Self {
        Self {
            tenant_url: credentials.tenant_url,
            secret_token: credentials.secret_token.expose().to_owned(),
        }
    }
}

impl From<ProvisioningState> for ProvisioningView {
    fn from(state: ProvisioningState) -> Self {
        let sources = state.read_only_sources.into_iter();
        let links = state.waiting_links.into_iter();
        let directories = state.directories.into_iter();
        Self {
            directories: directories.map(DirectoryStateView::from).collect(),
            login_reminder: state
                .login_reminders
                .iter()
                .any(|reminder| reminder.directory == DirectoryKind::Okta),
            login_reminders: state.login_reminders.into_iter().map(Into::into).collect(),
            read_only_sources: sources.map(DirectoryView::from).collect(),
            waiting_links: links.map(WaitingLinkView::from).collect(),
        }
    }
}

impl From<DirectoryState> for DirectoryStateView {
    fn from(state: DirectoryState) -> Self {
        Self {
            directory: state.directory.into(),
            status: state.status.as_str(),
            enabled: state.status.is_on(),
            profile: state.profile.as_str(),
            tenant_url: state.tenant_url,
            enabled_at: state.enabled_at,
            last_request_at: state.last_request_at,
            links: state.links.into(),
            refused_tokens: state.refused_tokens.map(|refused| RefusedTokensView {
                count: refused.count,
                last_at: refused.last_at,
            }),
        }
    }
}

impl From<LinkCounts> for LinkCountsView {
    fn from(counts: LinkCounts) -> Self {
        Self {
            members: counts.live_members,
            teams: counts.live_teams,
            lost_members: counts.lost_members,
            lost_teams: counts.lost_teams,
        }
    }
}

impl From<WaitingLink> for WaitingLinkView {
    fn from(link: WaitingLink) -> Self {
        Self {
            member_id: link.member.to_string(),
            label: link.label,
            role: link.role.as_str(),
            directory: link.directory.into(),
            requested_at: link.requested_at,
            allowed_until: link.allowed_until,
        }
    }
}

impl From<ReconnectionPreview> for PreviewView {
    fn from(preview: ReconnectionPreview) -> Self {
        let problem = preview.refused.map(Failure::from).map(Problem::from);
        Self {
            members_found: preview.members_found,
            teams_found: preview.teams_found,
            members_found_again: preview.members_found_again.into(),
            teams_found_again: preview.teams_found_again.into(),
            members_lost: preview.members_lost.into(),
            teams_lost: preview.teams_lost.into(),
            members_deactivated: preview.members_deactivated.into(),
            memberships_removed: preview.memberships_removed.into(),
            problem: problem.map(Problem::into_item),
        }
    }
}

impl From<Listed<Target>> for NamedObjects {
    fn from(listed: Listed<Target>) -> Self {
        Self {
            count: listed.count,
            first: listed.first.into_iter().map(NamedObject::from).collect(),
        }
    }
}

impl From<Listed<(Target, Target)>> for NamedMemberships {
    fn from(listed: Listed<(Target, Target)>) -> Self {
        let named = |(team, member): (Target, Target)| NamedMembership {
            team: team.into(),
            member: member.into(),
        };
        Self {
            count: listed.count,
            first: listed.first.into_iter().map(named).collect(),
        }
    }
}

impl From<Target> for NamedObject {
    fn from(target: Target) -> Self {
        Self {
            id: target.id,
            label: target.label,
        }
    }
}
