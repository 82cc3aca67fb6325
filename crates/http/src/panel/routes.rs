//! Every route of the panel's API with its rule: the one table that the router, the gate, the
//! OpenAPI document and the tests read (SEC-1).

use actix_web::http::Method;
use actix_web::{Route, web};
use rollcall_domain::rules::permissions::Permission::{
    self, AllowLink, ManageMembers, ManageProvisioning, ManageSettings, ManageTeams, OwnProfile,
    ViewActivity, ViewPeople, ViewSettings,
};

pub use super::gate::Access;
use super::{
    activity, invitations, login_methods, member_commands, members, openapi, organization,
    passwords, profile, provisioning, session, teams,
};

/// One route.
#[derive(Debug, Clone)]
pub struct PanelRoute {
    /// The method; GET answers HEAD too.
    pub method: Method,
    /// The path, with names of its variables in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    pub(super) handler: fn() -> Route,
}

impl PanelRoute {
    fn new(method: Method, path: &'static str, access: Access, handler: fn() -> Route) -> Self {
        Self {
            method,
            path,
            access,
            handler,
        }
    }
}

fn get(path: &'static str, needs: Permission, handler: fn() -> Route) -> PanelRoute {
    PanelRoute::new(Method::GET, path, Access::Needs(needs), handler)
}

fn post(path: &'static str, needs: Permission, handler: fn() -> Route) -> PanelRoute {
    PanelRoute::new(Method::POST, path, Access::Needs(needs), handler)
}

fn patch(path: &'static str, needs: Permission, handler: fn() -> Route) -> PanelRoute {
    PanelRoute::new(Method::PATCH, path, Access::Needs(needs), handler)
}

fn put(path: &'static str, needs: Permission, handler: fn() -> Route) -> PanelRoute {
    PanelRoute::new(Method::PUT, path, Access::Needs(needs), handler)
}

fn delete(path: &'static str, needs: Permission, handler: fn() -> Route) -> PanelRoute {
    PanelRoute::new(Method::DELETE, path, Access::Needs(needs), handler)
}

fn open(method: Method, path: &'static str, handler: fn() -> Route) -> PanelRoute {
    PanelRoute::new(method, path, Access::Public, handler)
}

/// Every route there is. Of two paths that could both be meant, the literal one comes first.
#[must_use]
pub fn routes() -> Vec<PanelRoute> {
    [access(), own(), settings(), people(), groups(), log()].concat()
}

/// What lets people in.
fn access() -> Vec<PanelRoute> {
    vec![
        open(Method::GET, "/api/v1/openapi.json", || {
            web::to(openapi::get_openapi)
        }),
        open(Method::POST, "/api/v1/session", || {
            web::to(session::sign_in)
        }),
        open(Method::POST, "/api/v1/session/options", || {
            web::to(login_methods::sign_in_options)
        }),
        open(Method::POST, "/api/v1/password-resets", || {
            web::to(passwords::request_reset)
        }),
        open(Method::POST, "/api/v1/password-resets/complete", || {
            web::to(passwords::complete_reset)
        }),
        open(Method::POST, "/api/v1/invitations/lookup", || {
            web::to(invitations::look_up_invitation)
        }),
        open(Method::POST, "/api/v1/invitations/accept", || {
            web::to(invitations::accept_invitation)
        }),
    ]
}

/// Whoever is signed in, about oneself.
fn own() -> Vec<PanelRoute> {
    vec![
        get("/api/v1/session", OwnProfile, || {
            web::to(session::get_session)
        }),
        delete("/api/v1/session", OwnProfile, || web::to(session::sign_out)),
        get("/api/v1/profile", OwnProfile, || {
            web::to(profile::get_profile)
        }),
        patch("/api/v1/profile", OwnProfile, || {
            web::to(profile::edit_profile)
        }),
        put("/api/v1/profile/password", OwnProfile, || {
            web::to(passwords::change_password)
        }),
        get("/api/v1/profile/sessions", OwnProfile, || {
            web::to(profile::list_sessions)
        }),
        delete("/api/v1/profile/sessions", OwnProfile, || {
            web::to(profile::end_other_sessions)
        }),
        delete("/api/v1/profile/sessions/{session_id}", OwnProfile, || {
            web::to(profile::end_session)
        }),
        get("/api/v1/profile/identities", OwnProfile, || {
            web::to(login_methods::list_identities)
        }),
        post("/api/v1/profile/identities/{provider}", OwnProfile, || {
            web::to(login_methods::connect_identity)
        }),
        delete("/api/v1/profile/identities/{provider}", OwnProfile, || {
            web::to(login_methods::release_own_identity)
        }),
    ]
}

fn settings() -> Vec<PanelRoute> {
    vec![
        get("/api/v1/organization", ViewSettings, || {
            web::to(organization::get_organization)
        }),
        patch("/api/v1/organization", ManageSettings, || {
            web::to(organization::change_organization)
        }),
        get("/api/v1/organization/login-methods", ViewSettings, || {
            web::to(login_methods::get_login_methods)
        }),
        put(
            "/api/v1/organization/login-methods/password",
            ManageSettings,
            || web::to(login_methods::switch_password_sign_in),
        ),
        put(
            "/api/v1/organization/login-methods/{provider}",
            ManageSettings,
            || web::to(login_methods::change_provider),
        ),
        post(
            "/api/v1/organization/login-methods/{provider}/test",
            ManageSettings,
            || web::to(login_methods::test_provider),
        ),
        get("/api/v1/provisioning", ManageProvisioning, || {
            web::to(provisioning::get_provisioning)
        }),
        get(
            "/api/v1/provisioning/{directory}/preview",
            ManageProvisioning,
            || web::to(provisioning::preview_enabling),
        ),
        patch(
            "/api/v1/provisioning/{directory}",
            ManageProvisioning,
            || web::to(provisioning::change_connection),
        ),
        post(
            "/api/v1/provisioning/{directory}/enable",
            ManageProvisioning,
            || web::to(provisioning::enable),
        ),
        post(
            "/api/v1/provisioning/{directory}/disable",
            ManageProvisioning,
            || web::to(provisioning::disable),
        ),
        post(
            "/api/v1/provisioning/{directory}/credentials",
            ManageProvisioning,
            || web::to(provisioning::issue_credentials),
        ),
        post(
            "/api/v1/provisioning/{directory}/links/{member_id}/allow",
            AllowLink,
            || web::to(provisioning::allow_link),
        ),
    ]
}

fn people() -> Vec<PanelRoute> {
    vec![
        get("/api/v1/members", ViewPeople, || {
            web::to(members::list_members)
        }),
        delete(
            "/api/v1/members/{member_id}/identities/{provider}",
            ManageMembers,
            || web::to(login_methods::release_identity),
        ),
        post("/api/v1/members/invite", ManageMembers, || {
            web::to(invitations::invite_members)
        }),
        post("/api/v1/members/bulk", ManageMembers, || {
            web::to(member_commands::command_many)
        }),
        get("/api/v1/members/{member_id}", ViewPeople, || {
            web::to(members::get_member)
        }),
        patch("/api/v1/members/{member_id}", ManageMembers, || {
            web::to(members::edit_member)
        }),
        post("/api/v1/members/{member_id}/suspend", ManageMembers, || {
            web::to(member_commands::suspend_member)
        }),
        post(
            "/api/v1/members/{member_id}/activate",
            ManageMembers,
            || web::to(member_commands::activate_member),
        ),
        post("/api/v1/members/{member_id}/delete", ManageMembers, || {
            web::to(member_commands::delete_member)
        }),
        post("/api/v1/members/{member_id}/role", ManageMembers, || {
            web::to(member_commands::set_role)
        }),
        post(
            "/api/v1/members/{member_id}/resend-invitation",
            ManageMembers,
            || web::to(invitations::resend_invitation),
        ),
        post(
            "/api/v1/members/{member_id}/cancel-invitation",
            ManageMembers,
            || web::to(invitations::cancel_invitation),
        ),
    ]
}

fn groups() -> Vec<PanelRoute> {
    vec![
        get("/api/v1/teams", ViewPeople, || web::to(teams::list_teams)),
        post("/api/v1/teams", ManageTeams, || web::to(teams::create_team)),
        get("/api/v1/teams/invitable", ViewPeople, || {
            web::to(teams::list_invitable_teams)
        }),
        get("/api/v1/teams/{team_id}", ViewPeople, || {
            web::to(teams::get_team)
        }),
        patch("/api/v1/teams/{team_id}", ManageTeams, || {
            web::to(teams::rename_team)
        }),
        delete("/api/v1/teams/{team_id}", ManageTeams, || {
            web::to(teams::delete_team)
        }),
        get("/api/v1/teams/{team_id}/members", ViewPeople, || {
            web::to(teams::list_team_members)
        }),
        post("/api/v1/teams/{team_id}/members", ManageTeams, || {
            web::to(teams::add_team_members)
        }),
        post(
            "/api/v1/teams/{team_id}/members/remove",
            ManageTeams,
            || web::to(teams::remove_team_members),
        ),
    ]
}

fn log() -> Vec<PanelRoute> {
    vec![
        get("/api/v1/activity", ViewActivity, || {
            web::to(activity::list_activity)
        }),
        get("/api/v1/activity/export", ViewActivity, || {
            web::to(activity::export_activity)
        }),
    ]
}
