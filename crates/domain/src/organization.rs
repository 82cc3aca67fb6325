//! Organizations and their seats.

use chrono::{DateTime, Utc};

use crate::ids::OrganizationId;
use crate::text::OrganizationName;
use crate::version::Version;

/// The tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Never changes.
    pub id: OrganizationId,
    /// As given.
    pub name: OrganizationName,
    /// How many members may be invited, active or suspended at once; no limit when absent.
    pub seat_limit: Option<u32>,
    /// Whether roles of managed members are assigned in the panel (part B, Roles).
    pub roles_in_panel: bool,
    /// Moves with every effective change.
    pub version: Version,
    /// When it came to be.
    pub created_at: DateTime<Utc>,
}

/// Seats in use, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats {
    /// Members that use one.
    pub used: u32,
    /// How many there are; no limit when absent.
    pub limit: Option<u32>,
}
