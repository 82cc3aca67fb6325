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

/// Some versions of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions {
    /// Every one.
    Any,
    /// One of these.
    OneOf(Vec<Version>),
}

impl Versions {
    fn contain(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// Which stored versions a change is meant for; asked in the transaction that makes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Precondition {
    /// It must be one of these (If-Match).
    pub wanted: Option<Versions>,
    /// It must be none of these (If-None-Match).
    pub unwanted: Option<Versions>,
}

impl Precondition {
    pub(super) fn check(&self, stored: Version) -> Result<(), Failure> {
        let is_wanted = |versions: &Versions| versions.contain(stored);
        if self.wanted.as_ref().is_none_or(is_wanted)
            && !self.unwanted.as_ref().is_some_and(is_wanted)
        {
            Ok(())
        } else {
            Err(Failure::PreconditionFailed)
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
