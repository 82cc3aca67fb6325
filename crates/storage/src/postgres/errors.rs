//! What PostgreSQL says, in the words of the ports, and whether the job may succeed when it runs
//! once more.
//!
//! diesel hands over no SQLSTATE. What it does not tell apart by kind is told by its English text
//! where that matters; a server that speaks another language is served all the same, but answers
//! *internal error* where *unavailable* would be truer.

use std::cell::Cell;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use rollcall_application::ports::StoreError;

/// What went wrong in a transaction. After any of it the server takes no further statement, so
/// the job cannot go on; but it may be run once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection is gone.
    Lost,
    /// Another transaction was first, or a statement failed: as far as can be told, the same job
    /// can succeed on what is there now, or will be told why not by its own rules.
    Failed,
    /// Nothing that another run would change.
    Final,
}

thread_local! {
    /// The trouble of the job that runs on this thread. Statements answer in the words of the
    /// ports, which have none for it, and a job may turn the answer into anything.
    static TROUBLE: Cell<Option<Trouble>> = const { Cell::new(None) };
}

/// Takes out what went wrong since it was last asked.
pub(crate) fn take_trouble() -> Option<Trouble> {
    TROUBLE.take()
}

/// Conditions that pass, and what a server says that is full, stopping, or read-only.
const PASSING: [&str; 14] = [
    "deadlock detected",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
    "canceling statement due to user request",
    "terminating connection",
    "the database system is",
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "No space left on device",
    "out of memory",
    "read-only transaction",
    "could not extend file",
    "could not write",
];

/// Says what a failed statement means, and notes it for whoever runs the job.
pub(crate) fn store_error(error: Error) -> StoreError {
    let (trouble, meaning) = match &error {
        Error::DatabaseError(kind, said) => judged(*kind, said.as_ref()),
        Error::NotFound => return StoreError::Internal(Box::new(error)),
        Error::BrokenTransactionManager => (Trouble::Lost, Some(StoreError::Unavailable)),
        _ => (Trouble::Final, None),
    };
    TROUBLE.set(Some(trouble));
    meaning.unwrap_or_else(|| StoreError::Internal(Box::new(error)))
}

fn judged(
    kind: DatabaseErrorKind,
    said: &(dyn DatabaseErrorInformation + Send + Sync),
) -> (Trouble, Option<StoreError>) {
    match kind {
        DatabaseErrorKind::ClosedConnection => (Trouble::Lost, Some(StoreError::Unavailable)),
        DatabaseErrorKind::UniqueViolation => (Trouble::Failed, taken(said)),
        // What was referred to has gone meanwhile; or it cannot go, as somebody refers to it now.
        DatabaseErrorKind::ForeignKeyViolation => (Trouble::Failed, None),
        DatabaseErrorKind::SerializationFailure => (Trouble::Failed, Some(StoreError::Unavailable)),
        DatabaseErrorKind::ReadOnlyTransaction => (Trouble::Final, Some(StoreError::Unavailable)),
        DatabaseErrorKind::CheckViolation | DatabaseErrorKind::NotNullViolation => {
            (Trouble::Final, None)
        }
        _ if said.message().contains("timeout") => (Trouble::Final, Some(StoreError::Unavailable)),
        _ if passes(said.message()) => (Trouble::Failed, Some(StoreError::Unavailable)),
        _ => (Trouble::Failed, None),
    }
}

/// Whether a message tells of a condition that passes.
pub(crate) fn passes(message: &str) -> bool {
    PASSING.iter().any(|passing| message.contains(passing))
}

fn taken(said: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<StoreError> {
    match said.constraint_name()? {
        "members_login_key" | "links_member_key" => Some(StoreError::LoginKeyTaken),
        "teams_name" => Some(StoreError::TeamNameTaken),
        "links_member_external_id" | "links_team_external_id" => Some(StoreError::ExternalIdTaken),
        // Somebody else created the same object first.
        "organizations_pk"
        | "members_pk"
        | "teams_pk"
        | "connections_pk"
        | "connections_directory" => Some(StoreError::VersionConflict),
        _ => None,
    }
}
