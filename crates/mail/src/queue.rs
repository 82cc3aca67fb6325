//! The rows of the outbox, as the worker needs them.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rollcall_application::Failure;
use rollcall_application::ports::{OutboxMail, Store, StoreExt as _};
use uuid::Uuid;

/// What the worker asks of the outbox.
#[async_trait]
pub trait OutboxQueue: Send + Sync + 'static {
    /// The next mail that is due, kept from other workers until `leased_until`.
    async fn lease(
        &self,
        now: DateTime<Utc>,
        leased_until: DateTime<Utc>,
    ) -> Result<Option<OutboxMail>, Failure>;

    /// The mail left: forget it.
    async fn sent(&self, id: Uuid) -> Result<(), Failure>;

    /// The mail did not leave: it is due again then, or given up.
    async fn failed(&self, id: Uuid, retry_at: Option<DateTime<Utc>>) -> Result<(), Failure>;
}

/// The outbox in the store.
#[derive(Clone)]
pub struct StoreQueue(Arc<dyn Store>);

impl StoreQueue {
    /// The outbox of this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl OutboxQueue for StoreQueue {
    async fn lease(
        &self,
        now: DateTime<Utc>,
        leased_until: DateTime<Utc>,
    ) -> Result<Option<OutboxMail>, Failure> {
        let mails = self
            .0
            .write(move |tx| Ok(tx.lease_mails(now, leased_until, 1)?))
            .await?;
        Ok(mails.into_iter().next())
    }

    async fn sent(&self, id: Uuid) -> Result<(), Failure> {
        self.0.write(move |tx| Ok(tx.mail_sent(id)?)).await
    }

    async fn failed(&self, id: Uuid, retry_at: Option<DateTime<Utc>>) -> Result<(), Failure> {
        self.0
            .write(move |tx| Ok(tx.mail_failed(id, retry_at)?))
            .await
    }
}
