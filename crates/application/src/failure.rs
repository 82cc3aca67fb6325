//! Why a use case did not do what it was asked.

use rollcall_domain::{Refusal, SignInFault};

use crate::ports::StoreError;

/// Something a person wrote cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidInput {
    /// Which field, in the words of the API.
    pub field: String,
    /// What is wrong and what to write instead.
    pub reason: String,
}

impl InvalidInput {
    /// A field and what is wrong with it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "errors and literals alike are handed over where they are made"
    )]
    pub fn new(field: impl Into<String>, reason: impl ToString) -> Self {
        Self {
            field: field.into(),
            reason: reason.to_string(),
        }
    }
}

/// Why a use case did not do what it was asked. Everything but [`Failure::Internal`] may be
/// shown; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something written is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// No such object in this organization: unknown, another's, lost — indistinguishable.
    #[error("there is no such {0}")]
    Absent(&'static str),
    /// The stated version is not the stored one (If-Match).
    #[error("it was changed in the meantime")]
    PreconditionFailed,
    /// Not signed in, or the password given is wrong.
    #[error("{0}")]
    NotAuthenticated(&'static str),
    /// Signing in through an identity provider failed. The cause is the organization's to know;
    /// the person reads what they can do.
    #[error("{}", .0.for_the_person())]
    SignIn(SignInFault),
    /// Too many attempts.
    #[error("too many attempts: try again in {retry_after} seconds")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The store cannot answer now; the same request may succeed later.
    #[error("temporarily unavailable")]
    Unavailable {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Something broke that should not. Logged once at the door, never shown.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LoginKeyTaken => Refusal::MemberExists.into(),
            StoreError::TeamNameTaken => Refusal::NameTaken.into(),
            StoreError::ExternalIdTaken => Refusal::ExternalIdTaken.into(),
            StoreError::VersionConflict => Refusal::VersionConflict.into(),
            StoreError::Unavailable => Self::Unavailable { retry_after: 1 },
            StoreError::Internal(source) => Self::Internal(source),
        }
    }
}
