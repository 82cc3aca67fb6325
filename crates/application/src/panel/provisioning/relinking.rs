//! Finding again what a directory left behind, batch by batch, so that memory stays flat however
//! large the organization is (R13; part B, *On again*).

use rollcall_domain::rules::switching;
use rollcall_domain::{Change, Connection, Member, MemberId, Team, TeamId};

use crate::ports::{ReadTx, WriteTx};
use crate::{Failure, Stamp};

/// How many objects are looked at in one go.
pub(super) const BATCH: u32 = 500;

/// Saves what turning on does to members.
pub(super) fn relink_members(
    tx: &mut dyn WriteTx,
    connection: &Connection,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let batch = member_batch(tx, connection, after)?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for member in &batch {
            let owners = other_owners(tx, member)?;
            let change = switching::relink_member(member, connection, owners)?;
            if !change.is_none() {
                tx.save_member(change, stamp)?;
            }
        }
    }
}

/// Saves what turning on does to teams.
pub(super) fn relink_teams(
    tx: &mut dyn WriteTx,
    connection: &Connection,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let batch = team_batch(tx, connection, after)?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for team in &batch {
            let change = team_change(tx, connection, team)?;
            if !change.is_none() {
                tx.save_team(change, stamp)?;
            }
        }
    }
}

pub(super) fn member_batch(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    after: Option<MemberId>,
) -> Result<Vec<Member>, Failure> {
    let (organization, id) = (connection.organization, connection.id);
    Ok(tx.members_to_relink(organization, id, after, BATCH)?)
}

pub(super) fn team_batch(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    after: Option<TeamId>,
) -> Result<Vec<Team>, Failure> {
    let (organization, id) = (connection.organization, connection.id);
    Ok(tx.teams_to_relink(organization, id, after, BATCH)?)
}

/// Owners who can sign in beside this one: asked only where the rule looks at it.
pub(super) fn other_owners(tx: &mut dyn ReadTx, member: &Member) -> Result<u32, Failure> {
    if !member.is_effective_owner() {
        return Ok(0);
    }
    Ok(tx.other_effective_owners(member.organization, member.id)?)
}

/// What turning on does to a team, beside a namesake that is found in its stead.
pub(super) fn team_change(
    tx: &mut dyn ReadTx,
    connection: &Connection,
    team: &Team,
) -> Result<Change<Team>, Failure> {
    let namesake = match &team.link {
        Some(link) => tx.team_by_name(team.organization, connection.id.uuid(), &link.key)?,
        None => None,
    };
    Ok(switching::relink_team(team, connection, namesake))
}
