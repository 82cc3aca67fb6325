//! Who acts.

use std::fmt;

use crate::connection::DirectoryKind;
use crate::ids::{ConnectionId, MemberId};

/// What a member may do (part B, Roles). Ordered: a later role may do more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Signs in, sees the own profile and teams.
    Member,
    /// Members, teams, provisioning, activity; nothing on an owner.
    Admin,
    /// Everything.
    Owner,
}

impl Role {
    /// Every role, from least to most.
    pub const ALL: [Self; 3] = [Self::Member, Self::Admin, Self::Owner];

    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role of a stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who did it: the first half of the stamp on every activity entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in member, in the panel or its API.
    Member {
        /// Who.
        id: MemberId,
        /// The role at the time.
        role: Role,
        /// What people called them.
        label: String,
    },
    /// A directory, over SCIM.
    Directory {
        /// Through which connection.
        connection: ConnectionId,
        /// Which kind.
        directory: DirectoryKind,
    },
    /// The operator, or the service itself.
    System {
        /// Which part.
        label: String,
    },
}

impl Actor {
    /// A signed-in member.
    #[must_use]
    pub fn member(id: MemberId, role: Role, label: &str) -> Self {
        Self::Member {
            id,
            role,
            label: label.to_owned(),
        }
    }

    /// The operator at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self::System {
            label: "operator".to_owned(),
        }
    }

    /// The stable name of the kind: `member`, `directory` or `system`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Directory { .. } => "directory",
            Self::System { .. } => "system",
        }
    }

    /// The id of a member or connection; none of the system.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Member { id, .. } => Some(id.to_string()),
            Self::Directory { connection, .. } => Some(connection.to_string()),
            Self::System { .. } => None,
        }
    }

    /// What people read.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Member { label, .. } | Self::System { label } => label,
            Self::Directory { directory, .. } => directory.label(),
        }
    }
}
