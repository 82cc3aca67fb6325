//! The API's description of itself (OpenAPI 3.1).

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use rollcall_domain::rules::permissions::Permission;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::problem::{FieldError, ItemProblem, OrganizationOption, ProblemBody};
use super::routes::{Access, PanelRoute, routes};
use super::{
    activity, invitations, login_methods, member_commands, members, organization, passwords,
    profile, provisioning, session, teams,
};
use crate::failures::PROBLEM_JSON;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rollcall",
        description = "Members and teams of an organization, and their provisioning. \
            Sign in at `POST /api/v1/session`; the session is a cookie. Every error is a problem \
            (RFC 9457) with a stable `code`. A change needs a JSON body and, from a browser, our \
            own origin. `ETag` and `If-Match` guard against lost updates.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        get_openapi,
        session::sign_in,
        session::get_session,
        session::sign_out,
        login_methods::sign_in_options,
        passwords::request_reset,
        passwords::complete_reset,
        passwords::change_password,
        invitations::look_up_invitation,
        invitations::accept_invitation,
        profile::get_profile,
        profile::edit_profile,
        profile::list_sessions,
        profile::end_other_sessions,
        profile::end_session,
        login_methods::list_identities,
        login_methods::connect_identity,
        login_methods::release_own_identity,
        organization::get_organization,
        organization::change_organization,
        login_methods::get_login_methods,
        login_methods::switch_password_sign_in,
        login_methods::change_provider,
        login_methods::test_provider,
        provisioning::get_provisioning,
        provisioning::preview_enabling,
        provisioning::change_connection,
        provisioning::enable,
        provisioning::disable,
        provisioning::issue_credentials,
        provisioning::allow_link,
        members::list_members,
        members::get_member,
        members::edit_member,
        login_methods::release_identity,
        invitations::invite_members,
        invitations::resend_invitation,
        invitations::cancel_invitation,
        member_commands::command_many,
        member_commands::suspend_member,
        member_commands::activate_member,
        member_commands::delete_member,
        member_commands::set_role,
        teams::list_teams,
        teams::list_invitable_teams,
        teams::create_team,
        teams::get_team,
        teams::rename_team,
        teams::delete_team,
        teams::list_team_members,
        teams::add_team_members,
        teams::remove_team_members,
        activity::list_activity,
        activity::export_activity,
    ),
    components(schemas(ProblemBody, FieldError, ItemProblem, OrganizationOption))
)]
struct Document;

static RENDERED: LazyLock<String> = LazyLock::new(render);

/// The document, as `/api/v1/openapi.json` serves it.
#[must_use]
pub fn openapi_json() -> String {
    RENDERED.clone()
}

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "Access",
    responses((status = 200, body = Object)))]
pub(super) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(RENDERED.as_str())
}

/// What the macros gathered, completed from the table of routes: who may use what, and that
/// every error is a problem.
fn render() -> String {
    let mut document = serde_json::to_value(Document::openapi()).expect("the document renders");
    for route in routes() {
        complete(&mut document, &route);
    }
    document["components"]["securitySchemes"] = json!({
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-rollcall",
            "description": "Set by signing in; named `rollcall` where the service is reached \
                without TLS.",
        }
    });
    serde_json::to_string_pretty(&document).expect("the document renders")
}

fn complete(document: &mut Value, route: &PanelRoute) {
    let method = route.method.as_str().to_ascii_lowercase();
    let operation = &mut document["paths"][route.path][method.as_str()];
    let (security, rule) = match route.access {
        Access::Public => (json!([]), "public"),
        Access::Needs(permission) => (json!([{ "session": [] }]), name(permission)),
    };
    operation["security"] = security;
    operation["x-permission"] = json!(rule);
    describe_responses(&mut operation["responses"]);
    operation["responses"]["default"] = json!({
        "description": "A problem.",
        "content": { PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
}

/// OpenAPI 3.1 demands a description of every response; the status says all there is to say.
fn describe_responses(responses: &mut Value) {
    let each = responses.as_object_mut().into_iter().flatten();
    for (status, response) in each {
        let status = StatusCode::from_bytes(status.as_bytes()).ok();
        let reason = status.and_then(|status| status.canonical_reason());
        response["description"] = json!(reason.unwrap_or("Done"));
    }
}

/// The stable name of a permission.
const fn name(permission: Permission) -> &'static str {
    match permission {
        Permission::OwnProfile => "own_profile",
        Permission::ViewPeople => "view_people",
        Permission::ManageMembers => "manage_members",
        Permission::ManageTeams => "manage_teams",
        Permission::ManageProvisioning => "manage_provisioning",
        Permission::ViewActivity => "view_activity",
        Permission::ViewSettings => "view_settings",
        Permission::ManageSettings => "manage_settings",
        Permission::AllowLink => "allow_link",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_1_every_route_is_in_the_document_and_declares_its_rule() {
        let document: Value = serde_json::from_str(&openapi_json()).unwrap();
        let mut described = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                described.push(format!("{} {path}", method.to_uppercase()));
                assert!(operation["x-permission"].is_string(), "{method} {path}");
                assert!(operation["operationId"].is_string(), "{method} {path}");
                assert!(operation["summary"].is_string(), "{method} {path}");
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let described = response["description"].is_string();
                    assert!(described, "{method} {path} {status}");
                }
            }
        }
        let mut routed: Vec<String> = routes()
            .iter()
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        described.sort();
        routed.sort();
        assert_eq!(described, routed);
    }

    #[test]
    fn the_document_is_openapi_3_1_with_unique_operation_ids_and_no_dangling_reference() {
        let text = openapi_json();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let mut ids: Vec<&str> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|methods| methods.as_object().unwrap().values())
            .map(|operation| operation["operationId"].as_str().unwrap())
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for (_, rest) in text
            .match_indices("#/components/schemas/")
            .map(|(at, m)| text.split_at(at + m.len()))
        {
            let name = rest.split('"').next().unwrap();
            assert!(!document["components"]["schemas"][name].is_null(), "{name}");
        }
    }
}
