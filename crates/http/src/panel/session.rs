//! Signing in and out.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use rollcall_application::Caller;
use rollcall_application::panel::access::{self, SignIn, SignedIn as Outcome, StartedSession};
use rollcall_application::ports::SecretText;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::cookie;
use super::gate::{SignedIn, Visitor};
use super::problem::{Answer, Problem};
use crate::AppState;

/// E-mail and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInBody {
    /// E-mail, or the user name a directory gave.
    email: String,
    /// Password.
    password: String,
    /// Which organization, where sign-in asks (`organization_needed`).
    organization_id: Option<String>,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    /// The session's id.
    session_id: String,
    /// The member.
    member_id: String,
    /// What people call the member.
    label: String,
    /// `member`, `admin` or `owner`.
    role: &'static str,
    /// The organization.
    organization_id: String,
    /// When the session ends at the latest; told when it begins.
    expires_at: Option<DateTime<Utc>>,
    /// Where to sign out of the identity provider through which the session began, too.
    provider_sign_out_url: Option<String>,
}

impl SessionView {
    fn of(caller: &Caller, expires_at: Option<DateTime<Utc>>) -> Self {
        Self {
            session_id: caller.session.to_string(),
            member_id: caller.member.to_string(),
            label: caller.label.clone(),
            role: caller.role.as_str(),
            organization_id: caller.organization.to_string(),
            expires_at,
            provider_sign_out_url: None,
        }
    }
}

/// Begins a session
///
/// An unknown account, a wrong password and an account that may not sign in are one answer.
#[utoipa::path(post, path = "/api/v1/session", tag = "Access", request_body = SignInBody,
    responses((status = 200, body = SessionView)))]
pub(super) async fn sign_in(
    state: web::Data<AppState>,
    visitor: Visitor,
    body: Body<SignInBody>,
) -> Answer {
    let Body(body) = body;
    let organization = match &body.organization_id {
        None => None,
        Some(id) => Some(id.parse().map_err(|_| {
            Problem::invalid(
                "organization_id",
                "must be one of the offered organizations",
            )
        })?),
    };
    let command = SignIn {
        email: body.email,
        password: SecretText::new(body.password),
        organization,
        request: visitor.0,
    };
    match access::sign_in(&state.services, &state.settings.access, command).await? {
        Outcome::Session(session) => Ok(signed_in(&state, &session)),
        Outcome::Ambiguous(choices) => Err(Problem::organization_needed(choices)),
    }
}

/// The answer that hands out a session's cookie.
pub(super) fn signed_in(state: &AppState, session: &StartedSession) -> HttpResponse {
    let url = &state.services.public_url;
    HttpResponse::Ok()
        .insert_header(cookie::set(url, &state.settings.access, session))
        .json(SessionView::of(&session.caller, Some(session.expires_at)))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/session", tag = "Access",
    responses((status = 200, body = SessionView)))]
pub(super) async fn get_session(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    let elsewhere = access::sign_out_elsewhere(&state.services, &caller.0).await?;
    Ok(HttpResponse::Ok().json(SessionView {
        provider_sign_out_url: elsewhere.map(|(_, url)| url),
        ..SessionView::of(&caller.0, None)
    }))
}

/// Ends the session
#[utoipa::path(delete, path = "/api/v1/session", tag = "Access", responses((status = 204)))]
pub(super) async fn sign_out(state: web::Data<AppState>, caller: SignedIn) -> Answer {
    access::sign_out(&state.services, &caller.0).await?;
    Ok(HttpResponse::NoContent()
        .insert_header(cookie::clear(&state.services.public_url))
        .finish())
}
