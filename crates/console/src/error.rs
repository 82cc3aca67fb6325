//! Errors as helpful pages.

use std::fmt;

use actix_web::error::UrlencodedError;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use rollcall_application::panel::access::NO_SESSION;
use rollcall_application::{Caller, Failure};
use rollcall_domain::Refusal;

use crate::gate::secure;
use crate::shell::{Shell, render_as};
use crate::view::MessagePage;

/// What a handler answers.
pub(crate) type Answer = Result<HttpResponse, PageError>;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum PageError {
    /// A use case said no.
    Failure(Failure),
    /// Sign in first, then come back here.
    SignIn(String),
    /// Another site sent this.
    CrossSite,
    /// Nothing is at this address.
    NotFound,
    /// What was sent could not be read.
    Unreadable(StatusCode),
}

impl PageError {
    /// A form that cannot be read.
    pub(crate) fn of_form(error: &UrlencodedError) -> Self {
        Self::Unreadable(error.status_code())
    }
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page was refused")
    }
}

/// The first letter large, and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map_or(String::new(), |c| c.to_uppercase().collect());
    let stop = if text.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", letters.as_str())
}

/// The sentence of a failure, for people.
pub(crate) fn words(failure: &Failure) -> String {
    match failure {
        Failure::Refused(Refusal::ProvisionedReadOnly { directory }) => {
            format!("Edit this in {directory}: it is provisioned from there and read-only here.")
        }
        Failure::Invalid(input) => sentence(&format!(
            "{} {}",
            input.field.replace('_', " "),
            input.reason
        )),
        Failure::Internal(source) => {
            tracing::error!(error = %source, "a page failed");
            "Something broke on our side. Try again in a moment.".to_owned()
        }
        Failure::Unavailable { .. } => format!(
            "The service cannot get at its data right now. Try again in a moment. {LOOK_FIRST}"
        ),
        other => sentence(&other.to_string()),
    }
}

/// What to do where it is open whether something was done.
const LOOK_FIRST: &str =
    "If you were changing something, look whether it was done before you try again.";

/// The status of a failure.
pub(crate) fn status(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Refused(Refusal::NotAllowed)
        | Failure::NotAuthenticated(_)
        | Failure::SignIn(_) => StatusCode::FORBIDDEN,
        Failure::Refused(Refusal::InvitationExpired) => StatusCode::GONE,
        Failure::Refused(_) => StatusCode::CONFLICT,
        Failure::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::Absent(_) => StatusCode::NOT_FOUND,
        Failure::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Failure::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Failure::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn page(status: StatusCode, shell: Shell, text: String) -> HttpResponse {
    render_as(status, &MessagePage { shell, text })
}

/// Title and text where there is a status and a sentence alone.
fn failure_words(status: StatusCode, detail: &str) -> (&'static str, String) {
    let title = match status {
        StatusCode::REQUEST_TIMEOUT => "That took too long",
        StatusCode::PAYLOAD_TOO_LARGE => "That was too much at once",
        StatusCode::SERVICE_UNAVAILABLE => "Busy right now",
        _ => "This cannot be read",
    };
    let next = match status {
        // It may have been done all the same.
        StatusCode::SERVICE_UNAVAILABLE => LOOK_FIRST,
        _ => "Nothing was changed. Go back and try again.",
    };
    (title, format!("{} {next}", sentence(detail)))
}

/// An answer that no page gives, such as one that missed its deadline, as a page with a way back.
#[must_use]
pub fn failure_page(status: StatusCode, detail: &str) -> HttpResponse {
    let (title, text) = failure_words(status, detail);
    let mut response = page(status, Shell::public(title), text);
    secure(status, response.headers_mut());
    response
}

impl PageError {
    /// The page of it within the frame of who is signed in; none where there is no page.
    pub(crate) fn framed(&self, caller: &Caller) -> Option<HttpResponse> {
        let (title, text) = self.told()?;
        let shell = Shell::of(caller, "", title);
        Some(page(self.status_code(), shell, text))
    }

    /// Title and text, where it is told on a page.
    fn told(&self) -> Option<(&'static str, String)> {
        let not_found = "There is nothing at this address. It may have been deleted, or the link may be mistyped.";
        Some(match self {
            Self::SignIn(_) | Self::Failure(Failure::NotAuthenticated(NO_SESSION)) => return None,
            Self::CrossSite => (
                "Request refused",
                "This request came from another site. Open the page here and try again.".to_owned(),
            ),
            Self::NotFound | Self::Failure(Failure::Absent(_)) => {
                ("Not found", not_found.to_owned())
            }
            Self::Unreadable(status) => failure_words(*status, "the form could not be read"),
            Self::Failure(failure) => {
                let title = match status(failure) {
                    StatusCode::FORBIDDEN => "Not permitted",
                    StatusCode::GONE => "Link no longer valid",
                    StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
                    StatusCode::SERVICE_UNAVAILABLE => "Busy right now",
                    StatusCode::INTERNAL_SERVER_ERROR => "Something broke",
                    _ => "This cannot be done",
                };
                (title, words(failure))
            }
        })
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Failure(failure) => status(failure),
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unreadable(status) => *status,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Some((title, text)) = self.told() {
            return page(self.status_code(), Shell::public(title), text);
        }
        let Self::SignIn(next) = self else {
            return see_other("/sign-in");
        };
        let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
        see_other(&format!("/sign-in?{query}"))
    }
}

/// Sends the browser on, by GET.
pub(crate) fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, path))
        .finish()
}
