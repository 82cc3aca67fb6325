//! Sends the outbox by SMTP or into a folder.
//!
//! Use cases write mails as rows in their own transaction; the [`OutboxWorker`] takes them out
//! after commit, one at a time and under a lease, and hands them to a [`Delivery`]. A mail may
//! hold a one-time link, so neither its address nor its text is ever logged: log lines name the
//! row.

mod delivery;
mod folder;
mod message;
mod queue;
mod smtp;
mod worker;

pub use delivery::{Delivery, DeliveryError};
pub use folder::Folder;
pub use lettre::message::Mailbox;
pub use queue::{OutboxQueue, StoreQueue};
pub use smtp::{Smtp, SmtpCredentials, SmtpSettings, SmtpTls};
pub use worker::{OutboxSettings, OutboxWorker};
