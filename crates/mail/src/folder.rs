//! Mails as files, for development and for relays that pick up a folder.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use lettre::message::Mailbox;
use rollcall_application::ports::OutboxMail;

use crate::message::{Carriage, render};
use crate::{Delivery, DeliveryError};

/// Writes each mail as `<id>.eml`, whole or not at all; only the owner of the process can read it,
/// since it may hold a link that signs somebody in.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    from: Mailbox,
}

impl Folder {
    /// Delivers into a folder, which is made when the first mail comes.
    #[must_use]
    pub fn new(path: PathBuf, from: Mailbox) -> Self {
        Self { path, from }
    }
}

#[async_trait]
impl Delivery for Folder {
    async fn deliver(&self, mail: &OutboxMail, now: DateTime<Utc>) -> Result<(), DeliveryError> {
        let message = render(mail, &self.from, now, Carriage::Readable)?.formatted();
        let folder = self.path.clone();
        let name = mail.id.to_string();
        tokio::task::spawn_blocking(move || write(&folder, &name, &message))
            .await
            .map_err(io::Error::other)??;
        Ok(())
    }
}

fn write(folder: &Path, name: &str, message: &[u8]) -> io::Result<()> {
    make_private_folder(folder)?;
    let draft = folder.join(format!(".{name}.tmp"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(message)?;
    file.sync_all()?;
    std::fs::rename(&draft, folder.join(format!("{name}.eml")))
}

fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::tests::{instant, mail};

    fn from() -> Mailbox {
        "Rollcall <rollcall@example.com>"
            .parse()
            .expect("a mailbox")
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        std::fs::read_dir(folder)
            .expect("listed")
            .map(|entry| entry.expect("an entry").path())
            .collect()
    }

    #[tokio::test]
    async fn a_mail_becomes_one_readable_file_that_only_its_owner_reads() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("mail");
        let folder = Folder::new(path.clone(), from());
        folder
            .deliver(&mail(1), instant(0))
            .await
            .expect("delivered");
        folder
            .deliver(&mail(1), instant(0))
            .await
            .expect("delivered again");

        let files = files(&path);
        assert_eq!(files, [path.join(format!("{}.eml", mail(1).id))]);
        let text = std::fs::read_to_string(&files[0]).expect("read");
        for line in [
            "From: Rollcall <rollcall@example.com>",
            "To: greetings@example.org",
            "Auto-Submitted: auto-generated",
            "Content-Transfer-Encoding: 8bit",
            "Grüße!\r\n\r\nhttps://rollcall.example/accept?token=rci_0123456789012345678901234567890123456789\r\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.contains(&format!("Message-ID: <{}@example.com>", mail(1).id)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&files[0])
                .expect("looked at")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_given_up() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = Folder::new(root.path().to_owned(), from());
        let mut odd = mail(1);
        odd.mail.to = rollcall_domain::Email::from_stored("just a name".to_owned());
        let error = folder.deliver(&odd, instant(0)).await.expect_err("refused");
        assert!(error.is_final());
        assert!(!error.to_string().contains("just a name"));
    }
}
