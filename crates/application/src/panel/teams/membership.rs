//! Who is in which team, by hand (R10, R11).

use rollcall_domain::rules::memberships;
use rollcall_domain::{MemberId, TeamId};

use super::TeamDetails;
use crate::panel::surroundings::{every_member, team_of};
use crate::ports::StoreExt;
use crate::{Caller, Failure, Services};

/// How many members one request can name.
pub const MEMBERSHIP_LIMIT: usize = 1000;

/// Adds members to a team, all of them or none.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `manual_member_in_provisioned_team`, `invalid_state`;
/// [`Failure::Absent`].
pub async fn add_members(
    services: &Services,
    caller: &Caller,
    id: TeamId,
    members: Vec<MemberId>,
) -> Result<TeamDetails, Failure> {
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let organization = stamp.organization;
            let team = team_of(tx, organization, id, None)?;
            let directories = tx.directories(organization)?;
            let members = every_member(tx, organization, &members)?;
            let delta = memberships::add(&team, &members, &stamp.actor, &directories)?;
            tx.apply_memberships(&delta, &stamp)?;
            let team = team_of(tx, organization, id, None)?;
            Ok(TeamDetails::of(team, &directories))
        })
        .await
}

/// Removes members from a team. Who is not in it stays out of it.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`; [`Failure::Absent`].
pub async fn remove_members(
    services: &Services,
    caller: &Caller,
    id: TeamId,
    members: Vec<MemberId>,
) -> Result<TeamDetails, Failure> {
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let organization = stamp.organization;
            let team = team_of(tx, organization, id, None)?;
            let directories = tx.directories(organization)?;
            every_member(tx, organization, &members)?;
            let delta = memberships::remove(&team, &members, &stamp.actor, &directories)?;
            tx.apply_memberships(&delta, &stamp)?;
            let team = team_of(tx, organization, id, None)?;
            Ok(TeamDetails::of(team, &directories))
        })
        .await
}
