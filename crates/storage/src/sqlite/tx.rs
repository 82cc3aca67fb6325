//! One connection with one transaction open on it: what jobs see as `ReadTx` and `WriteTx`.

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, PooledConnection};
use rollcall_application::ports::{Documents, StoreError, Supplies};
use rollcall_domain::{Member, OrganizationId};
use uuid::Uuid;

use crate::settling::Matter;

/// A connection, and what it writes with.
pub(crate) struct Tx {
    pub(crate) connection: PooledConnection<ConnectionManager<SqliteConnection>>,
    supplies: Supplies,
    /// The member this job read last, where it may be about to change it.
    pub(crate) read: Option<Member>,
    writes: bool,
}

impl Tx {
    pub(crate) fn new(
        connection: PooledConnection<ConnectionManager<SqliteConnection>>,
        supplies: Supplies,
    ) -> Self {
        Self {
            connection,
            supplies,
            read: None,
            writes: false,
        }
    }

    /// Begins a job that writes: nothing that another one read counts.
    pub(crate) fn begin_writing(&mut self) {
        self.writes = true;
        self.read = None;
    }

    /// Whether the transaction may write.
    pub(crate) fn writes(&self) -> bool {
        self.writes
    }

    /// Matters of an organization stand still by themselves: there is one writer.
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "another engine has to wait"
    )]
    pub(crate) fn settle(
        &mut self,
        _organization: OrganizationId,
        _matter: Matter,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// An id later than every one before.
    pub(crate) fn next_id(&self) -> Uuid {
        self.supplies.ids.next()
    }

    /// How the documents of members are written.
    pub(crate) fn documents(&self) -> Documents {
        self.supplies.documents
    }
}
