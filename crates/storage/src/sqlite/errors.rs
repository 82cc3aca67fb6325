//! What the database says, in the words of the ports.
//!
//! A unique violation names its columns and not its constraint, so the columns are what is mapped;
//! a test provokes each of them.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use rollcall_application::ports::StoreError;

/// Messages of conditions that pass: busy, full, not reachable.
const PASSING: [&str; 8] = [
    "database or disk is full",
    "database is locked",
    "database table is locked",
    "database schema is locked",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "locking protocol",
];

/// Says what a failed statement means.
pub(crate) fn store_error(error: Error) -> StoreError {
    let mapped = match &error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, said) => taken(said.as_ref()),
        Error::DatabaseError(_, said) if passes(said.message()) => Some(StoreError::Unavailable),
        _ => None,
    };
    mapped.unwrap_or_else(|| StoreError::Internal(Box::new(error)))
}

fn taken(said: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<StoreError> {
    let columns = said.message().rsplit(": ").next()?;
    match columns {
        "members.org_id, members.login_key" | "links.org_id, links.connection_id, links.key" => {
            Some(StoreError::LoginKeyTaken)
        }
        "teams.org_id, teams.namespace, teams.name_key" => Some(StoreError::TeamNameTaken),
        "links.org_id, links.connection_id, links.external_id" => Some(StoreError::ExternalIdTaken),
        // Somebody else created the same object first.
        "organizations.id"
        | "members.org_id, members.id"
        | "teams.org_id, teams.id"
        | "connections.org_id, connections.id"
        | "connections.org_id, connections.directory" => Some(StoreError::VersionConflict),
        _ => None,
    }
}

/// Whether a message tells of a condition that passes.
pub(crate) fn passes(message: &str) -> bool {
    PASSING.iter().any(|passing| message.contains(passing))
}
