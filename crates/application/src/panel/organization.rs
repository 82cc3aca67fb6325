//! The organization's own settings and seats.

use rollcall_domain::rules::organizations::{OrganizationSettings, change_settings};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{Organization, OrganizationName, Seats, Version};

use super::Patch;
use super::surroundings::organization_of;
use crate::ports::{ReadTx, StoreExt};
use crate::{Caller, Failure, InvalidInput, Services};

/// The organization as its settings show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationDetails {
    /// The organization.
    pub organization: Organization,
    /// Its seats.
    pub seats: Seats,
}

/// A change of the settings; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsChange {
    /// Name.
    pub name: Option<String>,
    /// Seat limit; cleared, there is none.
    pub seat_limit: Patch<u32>,
    /// Whether roles of managed members are assigned in the panel.
    pub roles_in_panel: Option<bool>,
    /// The version the caller saw (If-Match).
    pub seen: Option<Version>,
}

/// The organization and its seats.
///
/// # Errors
/// `not_allowed`.
pub async fn get_organization(
    services: &Services,
    caller: &Caller,
) -> Result<OrganizationDetails, Failure> {
    caller.require(Permission::ViewSettings)?;
    let caller = caller.clone();
    services.store.read(move |tx| load(tx, &caller)).await
}

/// Changes the settings.
///
/// # Errors
/// `not_allowed`; [`Failure::Invalid`], [`Failure::PreconditionFailed`].
pub async fn change_organization(
    services: &Services,
    caller: &Caller,
    command: SettingsChange,
) -> Result<OrganizationDetails, Failure> {
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .write(move |tx| {
            let organization = organization_of(tx, caller.organization)?;
            if command
                .seen
                .is_some_and(|seen| seen != organization.version)
            {
                return Err(Failure::PreconditionFailed);
            }
            let settings = settings(&organization, &command)?;
            let change = change_settings(&organization, settings, &caller.actor())?;
            tx.save_organization(change, &caller.stamp(now))?;
            load(tx, &caller)
        })
        .await
}

fn load(tx: &mut dyn ReadTx, caller: &Caller) -> Result<OrganizationDetails, Failure> {
    Ok(OrganizationDetails {
        organization: organization_of(tx, caller.organization)?,
        seats: tx.seats(caller.organization)?,
    })
}

fn settings(
    organization: &Organization,
    command: &SettingsChange,
) -> Result<OrganizationSettings, Failure> {
    let name = match &command.name {
        None => organization.name.clone(),
        Some(name) => {
            OrganizationName::parse(name).map_err(|error| InvalidInput::new("name", error))?
        }
    };
    let seat_limit = command.seat_limit.over(organization.seat_limit);
    if command.seat_limit == Patch::Set(0) {
        let reason = "must be at least 1; null lifts the limit";
        return Err(InvalidInput::new("seat_limit", reason).into());
    }
    Ok(OrganizationSettings {
        name,
        seat_limit,
        roles_in_panel: command
            .roles_in_panel
            .unwrap_or(organization.roles_in_panel),
    })
}
