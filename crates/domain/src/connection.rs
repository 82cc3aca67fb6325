//! Connections to directories, and who holds an object's pen.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::ids::{ConnectionId, OrganizationId};
use crate::link::{Link, LinkState};
use crate::version::Version;

/// An identity provider that pushes. A new kind is a new line here and a SCIM dialect beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DirectoryKind {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
}

impl DirectoryKind {
    /// Every kind the rules know.
    pub const ALL: [Self; 2] = [Self::Okta, Self::Entra];

    /// The kinds that an organization can turn on, in the order the panel shows them.
    pub const OFFERED: [Self; 2] = Self::ALL;

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
        }
    }

    /// The kind of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Microsoft Entra ID",
        }
    }

    /// The icon on the avatar of what it provisioned (R08).
    #[must_use]
    pub const fn icon(self) -> &'static str {
        self.as_str()
    }
}

impl fmt::Display for DirectoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// How the SCIM of a connection is read where the RFCs leave room, or where clients do not keep to
/// them. What each one means stands beside the protocol; the rules never ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// As Okta speaks.
    Okta,
    /// As Microsoft Entra ID speaks.
    Entra,
    /// As Microsoft Entra ID speaks where it writes an addition as a replacement.
    EntraAdditive,
    /// The RFCs, with the tolerance that any client may need.
    Generic,
    /// The interoperability profile, to the letter.
    Strict,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 5] = [
        Self::Okta,
        Self::Entra,
        Self::EntraAdditive,
        Self::Generic,
        Self::Strict,
    ];

    /// What a connection to a directory of this kind begins with.
    #[must_use]
    pub const fn usual(directory: DirectoryKind) -> Self {
        match directory {
            DirectoryKind::Okta => Self::Okta,
            DirectoryKind::Entra => Self::Entra,
        }
    }

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::EntraAdditive => "entra_additive",
            Self::Generic => "generic",
            Self::Strict => "strict",
        }
    }

    /// The profile of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
    }
}

/// Where an object came from. Once provisioned, never manual again; it decides the badge (R08)
/// and who may join (R10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Made by hand in the panel.
    Manual,
    /// Pushed by a directory of this kind.
    Provisioned(DirectoryKind),
}

impl Origin {
    /// The directory, if it is a directory's.
    #[must_use]
    pub const fn directory(self) -> Option<DirectoryKind> {
        match self {
            Self::Manual => None,
            Self::Provisioned(kind) => Some(kind),
        }
    }

    /// The stable name: `manual`, or the directory's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Provisioned(kind) => kind.as_str(),
        }
    }

    /// The origin of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "manual" {
            return Some(Self::Manual);
        }
        DirectoryKind::parse(text).map(Self::Provisioned)
    }
}

/// Whether provisioning through a connection is turned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Switch {
    /// The directory pushes; what it pushed is read-only in the panel.
    On,
    /// The old token is refused; what it pushed is editable.
    Off,
}

/// One organization's provisioning from one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id, and the tenant key in the Tenant URL: the same for as long as it exists.
    pub id: ConnectionId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Which kind of directory pushes.
    pub directory: DirectoryKind,
    /// How its SCIM is read.
    pub profile: Profile,
    /// On or off.
    pub switch: Switch,
    /// When it was last turned on; never, if it never was.
    pub enabled_at: Option<DateTime<Utc>>,
    /// When the directory was last heard, to the granularity the store keeps.
    pub last_request_at: Option<DateTime<Utc>>,
    /// Moves with every change.
    pub version: Version,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Connection {
    /// A connection that was never turned on.
    #[must_use]
    pub fn new(
        id: ConnectionId,
        organization: OrganizationId,
        directory: DirectoryKind,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            organization,
            directory,
            profile: Profile::usual(directory),
            switch: Switch::Off,
            enabled_at: None,
            last_request_at: None,
            version: Version::FIRST,
            created_at: now,
        }
    }

    /// The same connection with the switch in the given position.
    #[must_use]
    pub fn switched(&self, switch: Switch, now: DateTime<Utc>) -> Self {
        let enabled_at = match switch {
            Switch::On => Some(now),
            Switch::Off => self.enabled_at,
        };
        Self {
            switch,
            enabled_at,
            ..self.clone()
        }
    }

    /// Whether the directory pushes.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.switch == Switch::On
    }
}

/// Who may edit an object: decided here and nowhere else (the word *Managed* of the rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Custody {
    /// The panel.
    Panel,
    /// This directory alone, through its own connection: read-only in the panel (R07).
    Directory(ConnectionId, DirectoryKind),
}

/// Every connection of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directories(Vec<Connection>);

impl Directories {
    /// The connections of one organization.
    #[must_use]
    pub fn new(connections: Vec<Connection>) -> Self {
        Self(connections)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Connection] {
        &self.0
    }

    /// The connection of an id.
    #[must_use]
    pub fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.0.iter().find(|connection| connection.id == id)
    }

    /// The connection to a kind of directory.
    #[must_use]
    pub fn of(&self, kind: DirectoryKind) -> Option<&Connection> {
        self.0
            .iter()
            .find(|connection| connection.directory == kind)
    }

    /// Whether provisioning from this kind of directory is turned on.
    #[must_use]
    pub fn is_on(&self, kind: DirectoryKind) -> bool {
        self.of(kind).is_some_and(Connection::is_on)
    }

    /// Who holds the pen of an object: managed means origin provisioned, connection on, link live.
    #[must_use]
    pub fn custody(&self, origin: Origin, link: Option<&Link>) -> Custody {
        let (Origin::Provisioned(_), Some(link)) = (origin, link) else {
            return Custody::Panel;
        };
        match self.get(link.connection) {
            Some(connection) if connection.is_on() && link.state == LinkState::Live => {
                Custody::Directory(connection.id, connection.directory)
            }
            _ => Custody::Panel,
        }
    }
}
