//! Mails by SMTP.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use rollcall_application::ports::{OutboxMail, SecretText};

use crate::message::{Carriage, render};
use crate::{Delivery, DeliveryError};

/// How the connection to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SmtpTls {
    /// TLS from the first byte (port 465, RFC 8314 section 3.3).
    #[default]
    Implicit,
    /// In clear at first, then STARTTLS or nothing at all (port 587).
    Starttls,
    /// In clear: only to a relay on the same machine or network.
    Off,
}

impl SmtpTls {
    /// The usual port.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Starttls => 587,
            Self::Off => 25,
        }
    }
}

/// Who sends.
#[derive(Debug, Clone)]
pub struct SmtpCredentials {
    /// User name.
    pub username: String,
    /// Password.
    pub password: SecretText,
}

/// Which server, and how.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Host name of the server, which its certificate must bear.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// Who sends, where the server asks.
    pub credentials: Option<SmtpCredentials>,
    /// How long one step of the conversation may take.
    pub timeout: Duration,
    /// The sender of every mail.
    pub from: Mailbox,
}

/// Hands each mail to a server over a connection of its own.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smtp")
    }
}

impl Smtp {
    /// Delivers to this server. Nothing is connected yet.
    ///
    /// # Errors
    /// [`DeliveryError::Deferred`] when TLS cannot be set up for the host name.
    pub fn new(settings: SmtpSettings) -> Result<Self, DeliveryError> {
        let parameters = || {
            TlsParameters::new(settings.host.clone()).map_err(|_| DeliveryError::Deferred {
                reason: "TLS cannot be set up for this host name".to_owned(),
            })
        };
        let tls = match settings.tls {
            SmtpTls::Implicit => Tls::Wrapper(parameters()?),
            SmtpTls::Starttls => Tls::Required(parameters()?),
            SmtpTls::Off => Tls::None,
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.clone())
                .port(settings.port)
                .tls(tls)
                .timeout(Some(settings.timeout));
        if let Some(credentials) = settings.credentials {
            builder = builder.credentials(Credentials::new(
                credentials.username,
                credentials.password.expose().to_owned(),
            ));
        }
        Ok(Self {
            transport: builder.build(),
            from: settings.from,
        })
    }
}

#[async_trait]
impl Delivery for Smtp {
    async fn deliver(&self, mail: &OutboxMail, now: DateTime<Utc>) -> Result<(), DeliveryError> {
        let message = render(mail, &self.from, now, Carriage::Portable)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(verdict(&error)),
        }
    }
}

/// Says what went wrong without the server's words, which may repeat the address. Only a refusal
/// of the mailbox is final: a refused sign-in is a matter of configuration and may be mended.
fn verdict(error: &lettre::transport::smtp::Error) -> DeliveryError {
    if let Some(code) = error.status() {
        let about_the_mailbox = code.category == Category::MailSystem;
        if code.severity == Severity::PermanentNegativeCompletion && about_the_mailbox {
            return DeliveryError::Refused {
                code: code.to_string(),
            };
        }
        return DeliveryError::Deferred {
            reason: format!("it answered {code}"),
        };
    }
    let reason = if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_tls() {
        "TLS failed"
    } else if error.is_client() {
        "it lacks what we need, such as STARTTLS or a way to sign in"
    } else {
        "it was not reached"
    };
    DeliveryError::Deferred {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread::JoinHandle;

    use super::*;
    use crate::worker::tests::{instant, mail};

    /// Speaks just enough SMTP for one mail, answers RCPT as told and returns what it heard.
    fn server(answer_to_rcpt: &'static str) -> (u16, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let heard = std::thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a client");
            converse(&stream, answer_to_rcpt)
        });
        (port, heard)
    }

    fn converse(stream: &TcpStream, answer_to_rcpt: &str) -> String {
        let mut writer = stream;
        let mut heard = String::new();
        let mut in_data = false;
        writer.write_all(b"220 ready\r\n").expect("written");
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            heard.push_str(&line);
            heard.push('\n');
            let answer = match (in_data, line.get(..4).unwrap_or(&line)) {
                (true, ".") => "250 taken",
                (true, _) => continue,
                (false, "EHLO") => "250-hello\r\n250-8BITMIME\r\n250 SMTPUTF8",
                (false, "RCPT") => answer_to_rcpt,
                (false, "DATA") => "354 go on",
                (false, "QUIT") => "221 bye",
                (false, _) => "250 fine",
            };
            in_data = answer.starts_with("354");
            writer.write_all(answer.as_bytes()).expect("written");
            writer.write_all(b"\r\n").expect("written");
            if answer.starts_with("221") {
                break;
            }
        }
        heard
    }

    fn smtp(port: u16) -> Smtp {
        Smtp::new(SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port,
            tls: SmtpTls::Off,
            credentials: None,
            timeout: Duration::from_secs(10),
            from: "rollcall@example.com".parse().expect("a mailbox"),
        })
        .expect("set up")
    }

    #[tokio::test]
    async fn a_mail_reaches_the_server() {
        let (port, heard) = server("250 fine");
        smtp(port)
            .deliver(&mail(1), instant(0))
            .await
            .expect("delivered");
        let heard = heard.join().expect("the server ended");
        assert!(
            heard.contains("MAIL FROM:<rollcall@example.com>"),
            "{heard}"
        );
        assert!(heard.contains("RCPT TO:<greetings@example.org>"), "{heard}");
        assert!(heard.contains("Subject: You are invited"), "{heard}");
    }

    #[tokio::test]
    async fn a_mailbox_that_does_not_exist_is_final_and_a_full_one_is_not() {
        let (port, _) = server("550 no such user greetings@example.org");
        let error = smtp(port).deliver(&mail(1), instant(0)).await;
        let error = error.expect_err("refused");
        assert!(error.is_final());
        assert!(!error.to_string().contains("greetings"), "{error}");

        let (port, _) = server("452 try later");
        let error = smtp(port).deliver(&mail(1), instant(0)).await;
        assert!(!error.expect_err("deferred").is_final());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_tried_again() {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        let error = smtp(port).deliver(&mail(1), instant(0)).await;
        assert!(!error.expect_err("nobody there").is_final());
    }

    #[tokio::test]
    async fn a_server_without_starttls_gets_nothing_in_clear() {
        let (port, heard) = server("250 fine");
        let mut settings = SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port,
            tls: SmtpTls::Starttls,
            credentials: None,
            timeout: Duration::from_secs(10),
            from: "rollcall@example.com".parse().expect("a mailbox"),
        };
        settings.credentials = Some(SmtpCredentials {
            username: "rollcall".to_owned(),
            password: SecretText::new("hidden".to_owned()),
        });
        assert!(!format!("{settings:?}").contains("hidden"));
        let smtp = Smtp::new(settings).expect("set up");
        let error = smtp.deliver(&mail(1), instant(0)).await;
        assert!(!error.expect_err("refused").is_final());
        let heard = heard.join().expect("the server ended");
        assert!(
            !heard.contains("AUTH") && !heard.contains("RCPT"),
            "{heard}"
        );
    }
}
