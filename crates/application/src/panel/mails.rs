//! What the mails say. Plain text, one purpose each, no picture and no counter.

use chrono::{DateTime, Utc};
use rollcall_domain::{Email, INVITATION_LIFETIME_HOURS};

use crate::PublicUrl;
use crate::ports::{OutgoingMail, SecretText};

/// Invites a person.
pub(crate) fn invitation(
    to: &Email,
    organization: &str,
    inviter: &str,
    url: &PublicUrl,
    token: &SecretText,
) -> OutgoingMail {
    OutgoingMail {
        to: to.clone(),
        subject: format!("You are invited to {organization}"),
        body: format!(
            "{inviter} invites you to {organization}.\n\n\
             Accept the invitation here:\n{}/invitations/{}\n\n\
             The link works once and for {INVITATION_LIFETIME_HOURS} hours. If you did not \
             expect it, do nothing: nobody joins without opening it.\n",
            url.as_str(),
            token.expose(),
        ),
    }
}

/// Lets a member choose a new password.
pub(crate) fn password_reset(
    to: &Email,
    organization: &str,
    url: &PublicUrl,
    token: &SecretText,
    expires_at: DateTime<Utc>,
) -> OutgoingMail {
    OutgoingMail {
        to: to.clone(),
        subject: format!("Choose a new password for {organization}"),
        body: format!(
            "Somebody asked for a new password for your account in {organization}.\n\n\
             Choose one here:\n{}/password-reset/{}\n\n\
             The link works once and until {}. If it was not you, do nothing: your password \
             stays as it is.\n",
            url.as_str(),
            token.expose(),
            expires_at.format("%Y-%m-%d %H:%M UTC"),
        ),
    }
}
