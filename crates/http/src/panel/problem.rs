//! Problems: what went wrong, with a stable code, and what to do about it (RFC 9457).

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use rollcall_application::panel::access::{
    FRESH_SIGN_IN_NEEDED, NO_SESSION, OrganizationChoice, PASSWORD_NEEDED, WRONG_CREDENTIALS,
    WRONG_PASSWORD,
};
use rollcall_application::{Failure, InvalidInput};
use rollcall_domain::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::failures::PROBLEM_JSON;

/// What a handler answers.
pub(super) type Answer = Result<HttpResponse, Problem>;

/// A problem as it is told (RFC 9457): nothing of our insides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Always `about:blank`: the code says which problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code, for programs.
    code: &'static str,
    /// What happened and what to do, for people.
    detail: String,
    /// Which fields cannot be taken as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// Which organizations to choose from, where sign-in asks (`organization_needed`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organizations: Vec<OrganizationOption>,
}

/// One field that cannot be taken as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// Which field.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) reason: String,
}

/// An organization to choose at sign-in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OrganizationOption {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// Code and detail of a problem, for one item among many.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ItemProblem {
    /// The stable code.
    pub(super) code: &'static str,
    /// What happened and what to do, for people.
    pub(super) detail: String,
}

/// A problem on its way out.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    organizations: Vec<OrganizationOption>,
    retry_after: Option<u32>,
}

impl Problem {
    /// A problem without further members.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            organizations: Vec::new(),
            retry_after: None,
        }
    }

    /// A field cannot be taken as it is.
    pub(super) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let error = FieldError {
            field: field.into(),
            reason: reason.into(),
        };
        let detail = format!("{} {}", error.field, error.reason);
        Self {
            errors: vec![error],
            ..Self::new(StatusCode::BAD_REQUEST, "validation", detail)
        }
    }

    /// Nobody is signed in.
    pub(super) fn not_authenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_authenticated", NO_SESSION)
    }

    /// The address exists, the method does not.
    pub(super) fn method_not_allowed(allowed: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("this address answers to {allowed}"),
        )
    }

    /// E-mail and password open several organizations.
    pub(super) fn organization_needed(choices: Vec<OrganizationChoice>) -> Self {
        let option = |choice: OrganizationChoice| OrganizationOption {
            id: choice.id.to_string(),
            name: choice.name,
        };
        Self {
            organizations: choices.into_iter().map(option).collect(),
            ..Self::new(
                StatusCode::CONFLICT,
                "organization_needed",
                "you belong to more than one organization: sign in again with organization_id",
            )
        }
    }

    /// As one item among many tells it.
    pub(super) fn into_item(self) -> ItemProblem {
        ItemProblem {
            code: self.code,
            detail: self.detail,
        }
    }

    fn retry(seconds: u32, status: StatusCode, code: &'static str, detail: String) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(status, code, detail)
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refused(&refusal),
            Failure::Invalid(InvalidInput { field, reason }) => Self::invalid(field, reason),
            Failure::Absent(_) => {
                Self::new(StatusCode::NOT_FOUND, "not_found", failure.to_string())
            }
            Failure::PreconditionFailed => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "precondition_failed",
                "it was changed in the meantime: load it again",
            ),
            Failure::NotAuthenticated(reason) => unauthenticated(reason),
            Failure::SignIn(fault) => Self::new(
                StatusCode::CONFLICT,
                "sign_in_refused",
                fault.for_the_person(),
            ),
            Failure::TooMany { retry_after } => Self::retry(
                retry_after,
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                failure.to_string(),
            ),
            Failure::Unavailable { retry_after } => Self::retry(
                retry_after,
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the service is busy: try again in a moment".to_owned(),
            ),
            Failure::Internal(source) => internal(source.as_ref()),
        }
    }
}

fn refused(refusal: &Refusal) -> Problem {
    let status = match refusal {
        Refusal::NotAllowed => StatusCode::FORBIDDEN,
        Refusal::InvitationExpired => StatusCode::GONE,
        _ => StatusCode::CONFLICT,
    };
    Problem::new(status, refusal.code(), refusal.to_string())
}

fn unauthenticated(reason: &'static str) -> Problem {
    let (status, code) = match reason {
        WRONG_CREDENTIALS => (StatusCode::UNAUTHORIZED, "wrong_credentials"),
        WRONG_PASSWORD => (StatusCode::FORBIDDEN, "wrong_password"),
        PASSWORD_NEEDED => (StatusCode::FORBIDDEN, "password_required"),
        FRESH_SIGN_IN_NEEDED => (StatusCode::FORBIDDEN, "fresh_sign_in_required"),
        _ => return Problem::not_authenticated(),
    };
    Problem::new(status, code, reason)
}

/// Logged once, here; the client learns only that it was not its fault (SEC-24).
fn internal(source: &(dyn std::error::Error + Send + Sync)) -> Problem {
    tracing::error!(error = %source, "a request of the panel failed");
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "something broke on our side: try again, and tell us the X-Request-Id if it stays so",
    )
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 15.5.2 asks for a challenge; no browser acts on this one.
            response.insert_header((header::WWW_AUTHENTICATE, "Cookie realm=\"rollcall\""));
        }
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            organizations: self.organizations.clone(),
        };
        let text = serde_json::to_string(&body).expect("a problem always renders as JSON");
        response.content_type(PROBLEM_JSON).body(text)
    }
}
