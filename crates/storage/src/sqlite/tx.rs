//! One connection with one transaction open on it: what jobs see as `ReadTx` and `WriteTx`.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel::r2d2::{ConnectionManager, PooledConnection};
use rollcall_application::ports::{Ids, StoreError};
use rollcall_domain::OrganizationId;
use uuid::Uuid;

use crate::settling::Matter;

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
        self.ids.next()
    }
}
