//! Failures as the administrator of a directory reads them.

use std::error::Error;

use rollcall_application::Failure;
use rollcall_application::directory::Rejection;
use rollcall_domain::Refusal;
use rollcall_scim_protocol::error::{ScimError, ScimType};
use rollcall_scim_protocol::filter::FilterError;
use rollcall_scim_protocol::json::JsonError;

/// A failure: what the client sees, and what only the log may.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct ScimFailure {
    /// What the client sees.
    pub error: ScimError,
    /// Seconds after which the same request may succeed.
    pub retry_after: Option<u32>,
    /// The stable code of the refusal behind it, for logs.
    pub code: Option<&'static str>,
    /// What broke, for one line in the log and nobody else (SEC-24).
    #[source]
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ScimFailure {
    /// Something broke that should not.
    pub(crate) fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..ScimError::with_status(500, "internal error: the request id names it in our log")
                .into()
        }
    }

    /// 503: the same request may succeed later.
    #[must_use]
    pub fn unavailable(retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..ScimError::with_status(503, "temporarily unavailable: try again").into()
        }
    }
}

impl From<ScimError> for ScimFailure {
    fn from(error: ScimError) -> Self {
        Self {
            error,
            retry_after: None,
            code: None,
            cause: None,
        }
    }
}

impl From<JsonError> for ScimFailure {
    fn from(error: JsonError) -> Self {
        ScimError::from(error).into()
    }
}

impl From<FilterError> for ScimFailure {
    fn from(error: FilterError) -> Self {
        ScimError::from(error).into()
    }
}

impl From<Refusal> for ScimFailure {
    fn from(refusal: Refusal) -> Self {
        if refusal == Refusal::VersionConflict {
            return Self::unavailable(1);
        }
        let mut error = refused(&refusal);
        let code = refusal.code();
        error.detail = format!("{} ({code})", error.detail);
        Self {
            code: Some(code),
            ..error.into()
        }
    }
}

/// What an administrator can do about a refusal.
fn refused(refusal: &Refusal) -> ScimError {
    match refusal {
        Refusal::MemberExists => ScimError::uniqueness(
            "userName is taken: another user of this organization bears it; link to that user or \
             choose another userName",
        ),
        Refusal::ExternalIdTaken => ScimError::uniqueness(
            "externalId is taken: another active object pushed by this directory bears it",
        ),
        Refusal::AmbiguousMatch => ScimError::uniqueness(
            "userName, externalId and primary e-mail match different members: make them agree, or \
             remove the member that is not meant",
        ),
        Refusal::LinkedElsewhere { directory } => ScimError::uniqueness(format!(
            "this person is provisioned by {directory}, which is turned on for this organization"
        )),
        Refusal::LinkNeedsApproval => ScimError::uniqueness(refusal.to_string()),
        Refusal::NameTaken => ScimError::uniqueness(
            "displayName is taken: another group pushed by this directory bears it; link to that \
             group or choose another name",
        ),
        Refusal::LastOwner => ScimError::with_status(
            403,
            "this person is the last active owner of the organization who can sign in: make \
             somebody else an owner in the Control Panel first",
        ),
        Refusal::SeatLimit { used, limit } => ScimError::with_status(
            403,
            format!(
                "{used} of {limit} seats are in use: free a seat or raise the limit of the \
                 organization, then push again"
            ),
        ),
        Refusal::ConnectionClosed => unauthorized(),
        other => ScimError::with_status(403, other.to_string()),
    }
}

fn unauthorized() -> ScimError {
    ScimError::with_status(
        401,
        "provisioning was turned off or new credentials were issued: copy the Tenant URL and the \
         Secret Token from the Control Panel into your directory",
    )
}

/// The word of the protocol for what is absent.
fn absent(what: &str) -> ScimError {
    ScimError::not_found(match what {
        "member" => "there is no such User",
        "team" => "there is no such Group",
        _ => "there is no such resource",
    })
}

impl From<Failure> for ScimFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Invalid(invalid) => ScimError::invalid_value(invalid.to_string()).into(),
            Failure::Absent(what) => absent(what).into(),
            Failure::PreconditionFailed => {
                ScimError::with_status(412, "it was changed in the meantime: read it again").into()
            }
            Failure::NotAuthenticated(why) => ScimError::with_status(401, why).into(),
            // No directory signs in that way.
            Failure::SignIn(_) => Self::internal(Box::new(failure)),
            Failure::TooMany { retry_after } => Self {
                retry_after: Some(retry_after),
                ..ScimError::with_status(429, "too many requests: try again later").into()
            },
            Failure::Unavailable { retry_after } => Self::unavailable(retry_after),
            Failure::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<Rejection<ScimError>> for ScimFailure {
    fn from(rejection: Rejection<ScimError>) -> Self {
        match rejection {
            Rejection::Unresolved(error) => error.into(),
            Rejection::Failed(failure) => failure.into(),
        }
    }
}

/// More rows than a list may judge or carry (RFC 7644 section 3.12, `tooMany`).
pub(crate) fn too_many() -> ScimError {
    ScimError::new(
        ScimType::TooMany,
        "this list is too large to be worked out: narrow the filter, or leave the members out \
         with excludedAttributes=members",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Part B and RFC 7644 section 3.12: conflicts are 409 `uniqueness`, what is forbidden is
    /// 403, a closed connection is 401; each names its stable code.
    #[test]
    fn every_refusal_has_its_status_and_names_its_code() {
        for refusal in Refusal::all() {
            let code = refusal.code();
            let failure = ScimFailure::from(refusal);
            let (status, kind) = match code {
                "member_exists"
                | "external_id_taken"
                | "ambiguous_match"
                | "linked_elsewhere"
                | "link_needs_approval"
                | "name_taken" => (409, Some(ScimType::Uniqueness)),
                "connection_closed" => (401, None),
                "version_conflict" => (503, None),
                _ => (403, None),
            };
            assert_eq!(failure.error.status, status, "{code}");
            assert_eq!(failure.error.scim_type, kind, "{code}");
            if status != 503 {
                assert!(failure.error.detail.contains(code), "{code}");
            }
        }
    }

    #[test]
    fn seats_are_counted_in_the_detail() {
        let failure = ScimFailure::from(Refusal::SeatLimit { used: 5, limit: 5 });
        assert!(failure.error.detail.starts_with("5 of 5 seats are in use"));
    }

    /// SEC-24.
    #[test]
    fn what_broke_inside_is_never_shown() {
        let failure = ScimFailure::from(Failure::Internal("secret cause".into()));
        assert_eq!(failure.error.status, 500);
        assert!(!failure.error.to_json().to_string().contains("secret cause"));
        assert!(failure.cause.is_some());
    }
}
