//! Who asks, in the panel and its API.

use chrono::{DateTime, Utc};
use rollcall_domain::rules::permissions::{self, Permission};
use rollcall_domain::{Actor, MemberId, OrganizationId, Role, SessionId};

use crate::{Failure, RequestInfo, Stamp};

/// A signed-in member, as found at the beginning of this very request: nothing of it is kept from
/// one request to the next, so that a demotion or suspension holds at once (SEC-12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose member.
    pub organization: OrganizationId,
    /// Who.
    pub member: MemberId,
    /// The role now.
    pub role: Role,
    /// Through which session.
    pub session: SessionId,
    /// What people call the member.
    pub label: String,
    /// The request.
    pub request: RequestInfo,
}

impl Caller {
    /// The caller as the rules know one who acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::member(self.member, self.role, &self.label)
    }

    /// What stands on every entry this request leaves.
    #[must_use]
    pub fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        Stamp {
            organization: self.organization,
            actor: self.actor(),
            at,
            request: self.request.clone(),
        }
    }

    /// Demands a permission, for reads; what changes something asks its own rule.
    ///
    /// # Errors
    /// `not_allowed`.
    pub fn require(&self, permission: Permission) -> Result<(), Failure> {
        Ok(permissions::require(&self.actor(), permission)?)
    }
}
