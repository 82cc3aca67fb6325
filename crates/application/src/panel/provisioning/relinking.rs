//! Finding again what a directory left behind, batch by batch, so that memory stays flat however
//! large the organization is (R13; part B, *On again*).
//!
//! The live links are asked first: who is lost frees the name or `externalId` that it held.

use std::collections::HashSet;

use rollcall_domain::rules::switching;
use rollcall_domain::rules::teams::Namesakes;
use rollcall_domain::{Change, Connection, LinkState, Member, MemberId, Team, TeamId};

use crate::panel::owners_around;
use crate::ports::{ReadTx, WriteTx};
use crate::{Failure, Stamp};

/// How many objects are looked at in one go.
const BATCH: u32 = 500;

/// What turning on would take away, while it is not saved yet.
#[derive(Debug, Default)]
pub(super) struct Forgotten {
    /// Members whose link would be lost.
    pub(super) members: HashSet<MemberId>,
    /// Teams whose link would be lost.
    pub(super) teams: HashSet<TeamId>,
}

/// Saves what turning on does to members.
pub(super) fn relink_members(
    tx: &mut dyn WriteTx,
    connection: &Connection,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let saved = Forgotten::default();
    each_member(tx, connection, |tx, member| {
        let owners = owners_around(tx, member)?;
        let namesake = member_namesake(tx, connection, member, &saved)?;
        let change = switching::relink_member(member, connection, owners, namesake)?;
        if !change.is_none() {
            tx.save_member(change, stamp)?;
        }
        Ok(())
    })
}

/// Saves what turning on does to teams.
pub(super) fn relink_teams(
    tx: &mut dyn WriteTx,
    connection: &Connection,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let saved = Forgotten::default();
    each_team(tx, connection, |tx, team| {
        let change = team_change(tx, connection, team, &saved)?;
        if !change.is_none() {
            tx.save_team(change, stamp)?;
        }
        Ok(())
    })
}

/// Visits every member that turning on could change, live links first.
pub(super) fn each_member<T: ReadTx + ?Sized>(
    tx: &mut T,
    connection: &Connection,
    mut visit: impl FnMut(&mut T, &Member) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (organization, id) = (connection.organization, connection.id);
    for state in [LinkState::Live, LinkState::Lost] {
        let mut after = None;
        loop {
            let batch = tx.members_to_relink(organization, id, after, BATCH)?;
            let Some(last) = batch.last() else {
                break;
            };
            after = Some(last.id);
            for member in &batch {
                if member.link.as_ref().is_some_and(|link| link.state == state) {
                    visit(tx, member)?;
                }
            }
        }
    }
    Ok(())
}

/// Visits every team that turning on could change, live links first.
pub(super) fn each_team<T: ReadTx + ?Sized>(
    tx: &mut T,
    connection: &Connection,
    mut visit: impl FnMut(&mut T, &Team) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (organization, id) = (connection.organization, connection.id);
    for state in [LinkState::Live, LinkState::Lost] {
        let mut after = None;
        loop {
            let batch = tx.teams_to_relink(organization, id, after, BATCH)?;
            let Some(last) = batch.last() else {
                break;
            };
            after = Some(last.id);
            for team in &batch {
                if team.link.as_ref().is_some_and(|link| link.state == state) {
                    visit(tx, team)?;
                }
            }
        }
    }
    Ok(())
}

/// Another member that the connection finds under the same `externalId`.
pub(super) fn member_namesake<T: ReadTx + ?Sized>(
    tx: &mut T,
    connection: &Connection,
    member: &Member,
    forgotten: &Forgotten,
) -> Result<Option<MemberId>, Failure> {
    let external_id = member.link.as_ref().and_then(|l| l.external_id.as_ref());
    let Some(external_id) = external_id else {
        return Ok(None);
    };
    let organization = connection.organization;
    let live = tx.live_member_by_external_id(organization, connection.id, external_id)?;
    let other = live.map(|live| live.id).filter(|id| *id != member.id);
    Ok(other.filter(|id| !forgotten.members.contains(id)))
}

/// What turning on does to a team, beside a namesake that is found in its stead.
pub(super) fn team_change<T: ReadTx + ?Sized>(
    tx: &mut T,
    connection: &Connection,
    team: &Team,
    forgotten: &Forgotten,
) -> Result<Change<Team>, Failure> {
    let namesakes = team_namesakes(tx, connection, team, forgotten)?;
    Ok(switching::relink_team(team, connection, namesakes))
}

/// Other teams that the connection finds under the same name or `externalId`.
fn team_namesakes<T: ReadTx + ?Sized>(
    tx: &mut T,
    connection: &Connection,
    team: &Team,
    forgotten: &Forgotten,
) -> Result<Namesakes, Failure> {
    let Some(link) = &team.link else {
        return Ok(Namesakes::default());
    };
    let (organization, id) = (connection.organization, connection.id);
    let other =
        |found: Option<TeamId>| found.filter(|id| *id != team.id && !forgotten.teams.contains(id));
    let by_name = other(tx.team_by_name(organization, id.uuid(), &link.key)?);
    let by_id = match &link.external_id {
        Some(external_id) => other(tx.live_team_by_external_id(organization, id, external_id)?),
        None => None,
    };
    Ok(Namesakes {
        connection: by_name,
        external_id: by_id,
        ..Namesakes::default()
    })
}
