//! Invitations by hand (R09).

use chrono::{DateTime, Utc};

use crate::ids::{MemberId, OrganizationId, TeamId};

/// How long an invitation can be accepted, in hours (part B, Member states).
pub const INVITATION_LIFETIME_HOURS: i64 = 72;

/// An open invitation: which teams its member joins on accepting. The secret of its link is kept
/// by the store as a digest alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Whose.
    pub organization: OrganizationId,
    /// Who is invited.
    pub member: MemberId,
    /// Manually created teams to join on accepting (R10).
    pub teams: Vec<TeamId>,
    /// When the link dies.
    pub expires_at: DateTime<Utc>,
}
