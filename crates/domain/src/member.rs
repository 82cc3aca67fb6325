//! Members.

use chrono::{DateTime, Utc};

use crate::actor::Role;
use crate::attributes::Attributes;
use crate::connection::Origin;
use crate::ids::{MemberId, OrganizationId};
use crate::link::Link;
use crate::login::{ProviderWay, WaysIn};
use crate::text::{Email, FoldedKey, Text};
use crate::version::Version;

/// Where a member stands (part B, Member states).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemberStatus {
    /// Invited by hand and not yet accepted; past the instant the invitation is expired, and
    /// keeps its seat until it is cancelled.
    Invited {
        /// When the invitation's link dies.
        expires_at: DateTime<Utc>,
    },
    /// Can sign in.
    Active,
    /// Stopped by hand; cannot sign in.
    Suspended,
    /// Stopped by the directory; cannot sign in.
    Deactivated,
}

impl MemberStatus {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited { .. } => "invited",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deactivated => "deactivated",
        }
    }

    /// Whether it uses a seat (part B, Seats).
    #[must_use]
    pub const fn uses_seat(&self) -> bool {
        !matches!(self, Self::Deactivated)
    }
}

/// The parts of a person's name; each may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    /// What people read.
    pub display: Option<Text>,
    /// Given name.
    pub given: Option<Text>,
    /// Family name.
    pub family: Option<Text>,
}

/// A person in an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Never changes, never reused.
    pub id: MemberId,
    /// Whose member.
    pub organization: OrganizationId,
    /// Decides the badge (R08) and R10.
    pub origin: Origin,
    /// Where the member stands.
    pub status: MemberStatus,
    /// What the member may do.
    pub role: Role,
    /// Unique in the organization: folded e-mail or folded `userName` (the words, *Login key*).
    pub login_key: FoldedKey,
    /// Primary e-mail.
    pub email: Option<Email>,
    /// Name.
    pub name: PersonName,
    /// What the directory said beyond that.
    pub attributes: Attributes,
    /// The tie to a directory, live or lost.
    pub link: Option<Link>,
    /// Whether a local password is set.
    pub has_password: bool,
    /// Moves with every effective change.
    pub version: Version,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    /// When it last changed; never goes back.
    pub updated_at: DateTime<Utc>,
}

impl Member {
    /// What people call the member: the display name, else the parts, else the e-mail, else the
    /// directory's name, else the login key.
    #[must_use]
    pub fn label(&self) -> String {
        if let Some(display) = &self.name.display {
            return display.to_string();
        }
        let parts: Vec<&str> = [&self.name.given, &self.name.family]
            .into_iter()
            .flatten()
            .map(Text::as_str)
            .collect();
        if !parts.is_empty() {
            return parts.join(" ");
        }
        if let Some(email) = &self.email {
            return email.to_string();
        }
        match &self.link {
            Some(link) => link.name.clone(),
            None => self.login_key.to_string(),
        }
    }

    /// Whether the member's key or primary e-mail is one of these.
    #[must_use]
    pub fn answers_to(&self, keys: &[FoldedKey]) -> bool {
        keys.contains(&self.login_key)
            || self
                .email
                .as_ref()
                .is_some_and(|email| keys.contains(&email.key()))
    }

    /// Whether this is an owner who can really sign in by one of the ways that stand open to them
    /// (part B, Last owner).
    #[must_use]
    pub fn is_effective_owner(&self, ways: WaysIn) -> bool {
        let by_password = self.has_password && ways.password.is_on();
        let has_a_way = by_password || ways.provider == ProviderWay::Open;
        self.role == Role::Owner && self.status == MemberStatus::Active && has_a_way
    }
}
