//! Changing a password, and a new one by mail.

use actix_web::{HttpResponse, web};
use rollcall_application::panel::access;
use rollcall_application::ports::SecretText;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use super::gate::{SignedIn, Visitor};
use super::problem::Answer;
use super::session::{SessionView, signed_in};
use crate::AppState;

/// The present password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    /// The present password.
    current_password: String,
    /// The new one: 8 to 256 characters, none of the commonest.
    new_password: String,
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetRequest {
    /// E-mail.
    email: String,
}

/// The link's token and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetCompletion {
    /// The last part of the link in the mail.
    token: String,
    /// The new password: 8 to 256 characters, none of the commonest.
    password: String,
}

/// Changes one's own password
///
/// Every session ends; the answer begins a new one.
#[utoipa::path(put, path = "/api/v1/profile/password", tag = "Profile",
    request_body = PasswordChange, responses((status = 200, body = SessionView)))]
pub(super) async fn change_password(
    state: web::Data<AppState>,
    caller: SignedIn,
    body: Body<PasswordChange>,
) -> Answer {
    let (services, policy) = (&state.services, &state.settings.access);
    let current = SecretText::new(body.0.current_password);
    let confirmed = access::confirm(services, policy, &caller.0, current).await?;
    let new = SecretText::new(body.0.new_password);
    let session = access::change_password(services, policy, &caller.0, confirmed, new).await?;
    Ok(signed_in(&state, &session))
}

/// Asks for a new password by mail
///
/// The answer is the same whether the e-mail belongs to anybody. Members that a directory manages
/// get no mail: they sign in through it.
#[utoipa::path(post, path = "/api/v1/password-resets", tag = "Access",
    request_body = ResetRequest, responses((status = 202)))]
pub(super) async fn request_reset(
    state: web::Data<AppState>,
    visitor: Visitor,
    body: Body<ResetRequest>,
) -> Answer {
    let (services, policy) = (&state.services, &state.settings.access);
    access::request_reset(services, policy, &body.0.email, visitor.0).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Sets the new password by the link of the mail
///
/// Every session ends; sign in with the new password.
#[utoipa::path(post, path = "/api/v1/password-resets/complete", tag = "Access",
    request_body = ResetCompletion, responses((status = 204)))]
pub(super) async fn complete_reset(
    state: web::Data<AppState>,
    visitor: Visitor,
    body: Body<ResetCompletion>,
) -> Answer {
    let token = SecretText::new(body.0.token);
    let password = SecretText::new(body.0.password);
    access::complete_reset(&state.services, &token, password, visitor.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
