//! One's own profile.

use rollcall_domain::rules::members::edit_own_name;
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{Organization, Version};

use super::NameChanges;
use super::members::MemberDetails;
use super::surroundings::{Surroundings, member_of};
use crate::ports::{ReadTx, StoreExt};
use crate::{Caller, Failure, Services};

/// Oneself, as one's own page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The member, with teams.
    pub details: MemberDetails,
    /// The organization.
    pub organization: Organization,
}

/// The caller's own profile and teams.
///
/// # Errors
/// Only what the store answers.
pub async fn get_profile(services: &Services, caller: &Caller) -> Result<Profile, Failure> {
    caller.require(Permission::OwnProfile)?;
    let (caller, now) = (caller.clone(), services.clock.now());
    services.store.read(move |tx| load(tx, &caller, now)).await
}

/// Changes the caller's own name.
///
/// # Errors
/// `provisioned_read_only`; [`Failure::Invalid`], [`Failure::PreconditionFailed`].
pub async fn edit_profile(
    services: &Services,
    caller: &Caller,
    name: NameChanges,
    seen: Option<Version>,
) -> Result<Profile, Failure> {
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .write(move |tx| {
            let member = member_of(tx, caller.organization, caller.member, seen)?;
            let around = Surroundings::load(tx, caller.organization, member.id, now)?;
            let name = name.over(&member.name)?;
            let change = edit_own_name(&member, name, &caller.actor(), &around.facts())?;
            tx.save_member(change, &caller.stamp(now))?;
            load(tx, &caller, now)
        })
        .await
}

fn load(
    tx: &mut dyn ReadTx,
    caller: &Caller,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Profile, Failure> {
    let member = member_of(tx, caller.organization, caller.member, None)?;
    let around = Surroundings::load(tx, caller.organization, member.id, now)?;
    Ok(Profile {
        details: MemberDetails::load(tx, member, &around.directories)?,
        organization: around.organization,
    })
}
