//! Teams.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::connection::Origin;
use crate::ids::{OrganizationId, TeamId};
use crate::link::Link;
use crate::text::{FoldedKey, TeamName};
use crate::version::Version;

/// A group of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Never changes, never reused.
    pub id: TeamId,
    /// Whose team.
    pub organization: OrganizationId,
    /// Decides the badge (R08) and who may join (R10).
    pub origin: Origin,
    /// As given.
    pub name: TeamName,
    /// Folded: unique in its namespace.
    pub name_key: FoldedKey,
    /// Where the name must be unique: the organization's own namespace (its id) for manual and
    /// lost teams, the connection's (its id) for what that connection still finds (part B, Teams).
    pub namespace: Uuid,
    /// The tie to a directory, live or lost.
    pub link: Option<Link>,
    /// How many members it has, kept by the store.
    pub member_count: i64,
    /// Moves with every effective change, membership included.
    pub version: Version,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
    /// When it last changed; never goes back.
    pub updated_at: DateTime<Utc>,
}
