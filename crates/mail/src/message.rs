//! A row of the outbox as a message (RFC 5322).

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox};
use lettre::{Address, Message};
use rollcall_application::ports::OutboxMail;

use crate::DeliveryError;

/// How the text is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// As any server can take it.
    Portable,
    /// As written, so that a person reads the file as it is.
    Readable,
}

/// Renders a mail. Its `Message-ID` comes from the row, so that a mail sent twice is known as one.
pub(crate) fn render(
    mail: &OutboxMail,
    from: &Mailbox,
    now: DateTime<Utc>,
    carriage: Carriage,
) -> Result<Message, DeliveryError> {
    let to: Address = mail
        .mail
        .to
        .as_str()
        .parse()
        .map_err(|_| DeliveryError::Malformed)?;
    let body = match carriage {
        Carriage::Portable => Body::new(mail.mail.body.clone()),
        Carriage::Readable => Body::dangerous_pre_encoded(
            with_line_ends(&mail.mail.body).into_bytes(),
            ContentTransferEncoding::EightBit,
        ),
    };
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.mail.subject.clone())
        .date(SystemTime::from(now))
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .raw_header(machine_made())
        .header(ContentType::TEXT_PLAIN)
        .body(body)
        .map_err(|_| DeliveryError::Malformed)
}

/// Ends each line as mail does (RFC 5322 section 2.3).
fn with_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Asks other machines not to answer (RFC 3834 section 5).
fn machine_made() -> HeaderValue {
    HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    )
}
