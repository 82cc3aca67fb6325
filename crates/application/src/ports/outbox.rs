//! Mail leaves after commit: use cases write rows, a worker sends them.

use chrono::{DateTime, Utc};
use rollcall_domain::{Email, OrganizationId};
use uuid::Uuid;

use crate::ports::StoreError;

/// A mail to be sent. It may hold a one-time link, so it is deleted once sent and never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// To whom.
    pub to: Email,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

impl std::fmt::Debug for OutgoingMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutgoingMail")
    }
}

/// A mail in the outbox, handed to the worker under a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// The row.
    pub id: Uuid,
    /// Whose.
    pub organization: OrganizationId,
    /// How often it was tried before.
    pub attempts: u32,
    /// The mail.
    pub mail: OutgoingMail,
}

/// Writes of the outbox.
pub trait OutboxWrites {
    /// Puts a mail into the outbox; it is sent after commit, if there is one.
    fn enqueue(
        &mut self,
        organization: OrganizationId,
        mail: &OutgoingMail,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;
}
