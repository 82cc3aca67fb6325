//! One connection with one transaction open on it: what jobs see as `ReadTx` and `WriteTx`.

use diesel::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rollcall_application::ports::{Documents, StoreError, Supplies};
use rollcall_domain::{Member, OrganizationId};
use uuid::Uuid;

use super::errors::store_error;
use crate::settling::Matter;

/// What kind of transaction is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Looks at a few rows, on no snapshot.
    Glancing,
    /// Reads one snapshot.
    Reading,
    /// Writes, at the same time as others.
    Writing,
    /// Writes while nobody else decides anything by what it settles: for whoever changes the
    /// organization's connections or login methods.
    WritingAlone,
}

/// A connection, and what it writes with.
pub(crate) struct Tx {
    pub(crate) connection: Box<PgConnection>,
    supplies: Supplies,
    pub(crate) kind: Kind,
    /// The locks this transaction holds already.
    held: Vec<i64>,
    /// The member this job read last, where it may be about to change it.
    pub(crate) read: Option<Member>,
    /// The job turned out to be one that has to be alone: it is to be run again.
    pub(crate) wants_to_be_alone: bool,
}

impl Tx {
    pub(crate) fn new(connection: PgConnection, supplies: Supplies) -> Self {
        Self {
            connection: Box::new(connection),
            supplies,
            kind: Kind::Reading,
            held: Vec::new(),
            read: None,
            wants_to_be_alone: false,
        }
    }

    /// Forgets what the last transaction read and held: it has ended, and its locks with it.
    pub(crate) fn begin(&mut self, kind: Kind) {
        self.kind = kind;
        self.held.clear();
        self.read = None;
        self.wants_to_be_alone = false;
    }

    /// An id later than every one before.
    pub(crate) fn next_id(&self) -> Uuid {
        self.supplies.ids.next()
    }

    /// How the documents of members are written.
    pub(crate) fn documents(&self) -> Documents {
        self.supplies.documents
    }

    /// Whether the transaction may write.
    pub(crate) fn writes(&self) -> bool {
        matches!(self.kind, Kind::Writing | Kind::WritingAlone)
    }

    /// Makes sure that a matter of an organization stays as it is read from here on, until the
    /// transaction ends. Answers whether that had to be waited for, so that what was read of it
    /// before has to be read again.
    pub(crate) fn settle(
        &mut self,
        organization: OrganizationId,
        matter: Matter,
    ) -> Result<bool, StoreError> {
        let alone = match (self.kind, matter) {
            (Kind::Glancing | Kind::Reading, _) => return Ok(false),
            (Kind::Writing, Matter::ConnectionsChange | Matter::LoginMethodsChange) => {
                self.wants_to_be_alone = true;
                return Err(StoreError::Unavailable);
            }
            (Kind::Writing, Matter::Connections | Matter::LoginMethods) => false,
            _ => true,
        };
        let lock = lock_number(organization, matter);
        if self.held.contains(&lock) {
            return Ok(false);
        }
        let statement = if alone {
            "SELECT pg_advisory_xact_lock($1)"
        } else {
            "SELECT pg_advisory_xact_lock_shared($1)"
        };
        diesel::sql_query(statement)
            .bind::<BigInt, _>(lock)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        self.held.push(lock);
        Ok(true)
    }
}

/// The number of a lock. Two organizations that share one, once in a very long while, wait for each
/// other for nothing.
fn lock_number(organization: OrganizationId, matter: Matter) -> i64 {
    let (high, low) = organization.uuid().as_u64_pair();
    let matter = match matter {
        Matter::Seats => 1_u64,
        Matter::Owners => 2,
        Matter::Connections | Matter::ConnectionsChange => 3,
        Matter::LoginMethods | Matter::LoginMethodsChange => 4,
    };
    (high ^ low.rotate_left(1))
        .wrapping_mul(8)
        .wrapping_add(matter)
        .cast_signed()
}
