//! Organizations.

use rollcall_domain::{Change, LoginMethods, Organization, OrganizationId, Seats};

use crate::Stamp;
use crate::ports::StoreError;

/// Reads of organizations.
pub trait OrganizationReads {
    /// The organization.
    fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, StoreError>;

    /// Seats in use and available; its cost does not grow with the members.
    fn seats(&mut self, id: OrganizationId) -> Result<Seats, StoreError>;

    /// Login methods.
    fn login_methods(&mut self, id: OrganizationId) -> Result<LoginMethods, StoreError>;

    /// Whether a client secret is stored for Okta as a login method.
    fn has_okta_secret(&mut self, id: OrganizationId) -> Result<bool, StoreError>;
}

/// Writes of organizations.
pub trait OrganizationWrites {
    /// Saves a change with its entries.
    fn save_organization(
        &mut self,
        change: Change<Organization>,
        stamp: &Stamp,
    ) -> Result<Organization, StoreError>;

    /// Saves the login methods with their entries; a given sealed secret replaces the stored one.
    fn save_login_methods(
        &mut self,
        change: Change<LoginMethods>,
        sealed_okta_secret: Option<Vec<u8>>,
        stamp: &Stamp,
    ) -> Result<(), StoreError>;
}
