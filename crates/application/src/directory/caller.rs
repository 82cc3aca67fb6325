//! Who calls, and what a caller may demand.

use chrono::{DateTime, Utc};
use rollcall_domain::{
    Actor, ConnectionId, DirectoryKind, Link, LinkState, OrganizationId, Profile, Version,
};

use crate::ports::Digest;
use crate::{Failure, RequestInfo, Stamp};

/// A directory that has shown the Secret Token of its connection.
#[derive(Debug, Clone)]
pub struct DirectoryCaller {
    /// Whose members and teams.
    pub organization: OrganizationId,
    /// Through which connection.
    pub connection: ConnectionId,
    /// Which kind of directory.
    pub directory: DirectoryKind,
    /// How its requests are read.
    pub profile: Profile,
    /// The token's digest, to ask again in every write (R03).
    pub token: Digest,
    /// When the connection was last heard, as stored.
    pub last_heard_at: Option<DateTime<Utc>>,
    /// Which request.
    pub request: RequestInfo,
}

impl DirectoryCaller {
    pub(super) fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        Stamp {
            organization: self.organization,
            actor: Actor::Directory {
                connection: self.connection,
                directory: self.directory,
            },
            at,
            request: self.request.clone(),
        }
    }

    /// Whether the directory finds what bears this link.
    pub(super) fn sees(&self, link: Option<&Link>) -> bool {
        link.is_some_and(|link| link.connection == self.connection && link.state == LinkState::Live)
    }
}

/// Which stored versions a change is meant for (If-Match).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Precondition {
    /// Whatever is stored.
    #[default]
    None,
    /// One of these.
    OneOf(Vec<Version>),
}

impl Precondition {
    pub(super) fn check(&self, stored: Version) -> Result<(), Failure> {
        match self {
            Self::OneOf(versions) if !versions.contains(&stored) => {
                Err(Failure::PreconditionFailed)
            }
            _ => Ok(()),
        }
    }
}

/// Why a change that was worked out on the stored object did not happen.
#[derive(Debug)]
pub enum Rejection<E> {
    /// It could not be worked out.
    Unresolved(E),
    /// It was worked out and failed.
    Failed(Failure),
}

impl<E> From<Failure> for Rejection<E> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
