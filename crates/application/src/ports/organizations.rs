//! Organizations.

use rollcall_domain::{Change, Organization, OrganizationId, Seats};

use crate::Stamp;
use crate::ports::StoreError;

/// Reads of organizations.
pub trait OrganizationReads {
    /// The organization.
    fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError>;

    /// Seats in use and available; its cost does not grow with the members.
    fn seats(&mut self, id: OrganizationId) -> Result<Seats, StoreError>;

    /// Both at once.
    fn organization_with_seats(
        &mut self,
        id: OrganizationId,
    ) -> Result<Option<(Organization, Seats)>, StoreError>;
}

/// Writes of organizations.
pub trait OrganizationWrites {
    /// Saves a change with its entries.
    fn save_organization(
        &mut self,
        change: Change<Organization>,
        stamp: &Stamp,
    ) -> Result<Organization, StoreError>;
}
