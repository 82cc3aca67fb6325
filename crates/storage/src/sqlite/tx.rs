//! One connection with one transaction open on it: what jobs see as `ReadTx` and `WriteTx`.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, PooledConnection};
use rollcall_application::ports::Ids;
use uuid::Uuid;

/// A connection, and where ids of entries and mails come from.
pub(crate) struct Tx {
    pub(crate) connection: PooledConnection<ConnectionManager<SqliteConnection>>,
    ids: Arc<dyn Ids>,
}

impl Tx {
    pub(crate) fn new(
        connection: PooledConnection<ConnectionManager<SqliteConnection>>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        Self { connection, ids }
    }

    /// An id later than every one before.
    pub(crate) fn next_id(&self) -> Uuid {
        self.ids.next()
    }
}
