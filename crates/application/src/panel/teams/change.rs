//! Creating, renaming and deleting teams by hand (R09, R12, R13).

use rollcall_domain::rules::teams::{self, Namesakes};
use rollcall_domain::rules::{memberships, permissions::Permission};
use rollcall_domain::{FoldedKey, MemberId, OrganizationId, Team, TeamId, Version};

use super::TeamDetails;
use crate::panel::input;
use crate::panel::surroundings::{every_member, team_of};
use crate::ports::{ReadTx, StoreExt};
use crate::{Caller, Failure, Services};

/// A team to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTeam {
    /// Its name.
    pub name: String,
    /// Its first members, provisioned ones included (R11): all of them or no team at all.
    pub members: Vec<MemberId>,
}

/// Creates a team with its first members.
///
/// # Errors
/// `not_allowed`, `name_taken`, `invalid_state` for who has not accepted an invitation yet;
/// [`Failure::Absent`] for a member, [`Failure::Invalid`].
pub async fn create_team(
    services: &Services,
    caller: &Caller,
    command: CreateTeam,
) -> Result<TeamDetails, Failure> {
    caller.require(Permission::ManageTeams)?;
    let name = input::team_name(&command.name)?;
    let id = TeamId::new(services.ids.next());
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let organization = stamp.organization;
            let namesake = tx.team_by_name(organization, organization.uuid(), &name.key())?;
            let (by, at) = (&stamp.actor, stamp.at);
            let change = teams::create(id, organization, name.clone(), by, namesake, at)?;
            let mut team = tx.save_team(change, &stamp)?;
            let directories = tx.directories(organization)?;
            if !command.members.is_empty() {
                let members = every_member(tx, organization, &command.members)?;
                let delta = memberships::add(&team, &members, by, &directories)?;
                tx.apply_memberships(&delta, &stamp)?;
                team = team_of(tx, organization, id, None)?;
            }
            Ok(TeamDetails::of(team, &directories))
        })
        .await
}

/// Renames a team.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`, `name_taken`; [`Failure::Absent`],
/// [`Failure::Invalid`], [`Failure::PreconditionFailed`].
pub async fn rename_team(
    services: &Services,
    caller: &Caller,
    id: TeamId,
    name: &str,
    seen: Option<Version>,
) -> Result<TeamDetails, Failure> {
    let name = input::team_name(name)?;
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let team = team_of(tx, stamp.organization, id, seen)?;
            let directories = tx.directories(stamp.organization)?;
            let namesakes = namesakes(tx, &team, &name.key())?;
            let change = teams::rename(&team, name.clone(), &stamp.actor, &directories, namesakes)?;
            let team = tx.save_team(change, &stamp)?;
            Ok(TeamDetails::of(team, &directories))
        })
        .await
}

/// Other teams that bear the name, in the organization's namespace and in the one of the
/// directory that remembers the team.
fn namesakes(tx: &mut dyn ReadTx, team: &Team, key: &FoldedKey) -> Result<Namesakes, Failure> {
    let organization: OrganizationId = team.organization;
    let other = |found: Option<TeamId>| found.filter(|id| *id != team.id);
    let connection = match &team.link {
        Some(link) => tx.team_by_name(organization, link.connection.uuid(), key)?,
        None => None,
    };
    Ok(Namesakes {
        organization: other(tx.team_by_name(organization, organization.uuid(), key)?),
        connection: other(connection),
        external_id: None,
    })
}

/// Deletes a team; its members stay.
///
/// # Errors
/// `not_allowed`, `provisioned_read_only`; [`Failure::Absent`], [`Failure::PreconditionFailed`].
pub async fn delete_team(
    services: &Services,
    caller: &Caller,
    id: TeamId,
    seen: Option<Version>,
) -> Result<(), Failure> {
    let stamp = caller.stamp(services.clock.now());
    services
        .store
        .write(move |tx| {
            let team = team_of(tx, stamp.organization, id, seen)?;
            let directories = tx.directories(stamp.organization)?;
            let change = teams::delete(&team, &stamp.actor, &directories)?;
            tx.save_team(change, &stamp)?;
            Ok(())
        })
        .await
}
