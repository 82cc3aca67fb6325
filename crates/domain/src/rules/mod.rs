//! The rules, one family per file. Each is a function of values that answers a
//! [`crate::Change`] or a [`crate::Refusal`].

use chrono::{DateTime, Utc};

use crate::connection::Directories;
use crate::organization::Seats;

pub mod invitations;
pub mod members;
pub mod memberships;
pub mod organizations;
pub mod owners;
pub mod permissions;
pub mod provisioning;
pub mod seats;
pub mod sign_on;
pub mod switching;
pub mod teams;

/// What a rule about one member has to know of the organization around it.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The moment of the request.
    pub now: DateTime<Utc>,
    /// The organization's connections.
    pub directories: &'a Directories,
    /// Seats in use and available.
    pub seats: Seats,
    /// Owners who can sign in, and whether the member at hand can.
    pub owners: owners::Owners,
    /// Whether roles of managed members are assigned in the panel.
    pub roles_in_panel: bool,
}
