//! Memberships change by deltas, never by rewriting a list (part B, Membership by SCIM).

use crate::ids::{ConnectionId, MemberId, OrganizationId, TeamId};

/// Whom a delta may add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeltaScope {
    /// Members that a rule has let in one by one.
    Panel,
    /// Only live members of this connection; any other id is skipped and reported.
    Directory(ConnectionId),
}

/// The net change of one team's memberships. Made by [`crate::rules::memberships`] alone.
#[must_use = "a delta has no effect until it is applied"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipDelta {
    pub(crate) organization: OrganizationId,
    pub(crate) team: TeamId,
    pub(crate) scope: DeltaScope,
    pub(crate) replace: bool,
    pub(crate) add: Vec<MemberId>,
    pub(crate) remove: Vec<MemberId>,
}

impl MembershipDelta {
    /// Whose team.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Which team.
    #[must_use]
    pub fn team(&self) -> TeamId {
        self.team
    }

    /// Whom it may add.
    #[must_use]
    pub fn scope(&self) -> DeltaScope {
        self.scope
    }

    /// Whether everybody not in [`Self::added`] leaves.
    #[must_use]
    pub fn replaces(&self) -> bool {
        self.replace
    }

    /// Who joins, each once.
    #[must_use]
    pub fn added(&self) -> &[MemberId] {
        &self.add
    }

    /// Who leaves, each once; empty when it replaces.
    #[must_use]
    pub fn removed(&self) -> &[MemberId] {
        &self.remove
    }
}
