//! How a mail leaves.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rollcall_application::ports::OutboxMail;

/// Why a mail did not leave. No variant holds an address or a text of the mail, nor the words of
/// a server, which like to repeat the address: all of them may be logged.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// No mail can be made of it: the address is none.
    #[error("the address or text cannot be put into a mail")]
    Malformed,
    /// The server will never take this mail.
    #[error("the server refused the mail for good with code {code}")]
    Refused {
        /// The server's answer (RFC 5321 section 4.2).
        code: String,
    },
    /// The server took another view, may take it later, or was not reached.
    #[error("the server did not take the mail: {reason}")]
    Deferred {
        /// What went wrong, in our words.
        reason: String,
    },
    /// The folder cannot be written.
    #[error("the folder cannot be written: {0}")]
    Folder(#[from] std::io::Error),
}

impl DeliveryError {
    /// Whether another try can help.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Malformed | Self::Refused { .. })
    }
}

/// A way for mails to leave.
#[async_trait]
pub trait Delivery: Send + Sync + 'static {
    /// Hands a mail over. `Ok` means that the other side has it for good; the same mail may come
    /// twice after a crash, under the same `Message-ID`.
    async fn deliver(&self, mail: &OutboxMail, now: DateTime<Utc>) -> Result<(), DeliveryError>;
}
