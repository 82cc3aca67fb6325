//! Teams as a directory sees them: one, or a list (part B, *Seen by the directory*).

use rollcall_domain::{Team, TeamId};
use uuid::Uuid;

use super::DirectoryCaller;
use super::listing::{Found, Listed, Source, Wanted, page};
use crate::ports::{MemberLabel, ReadTx, StoreExt, Stretch, TeamCondition};
use crate::{Failure, Services};

/// How many members are read at a time.
const MEMBER_BATCH: u32 = 5_000;

/// How many members one list may carry over all of its teams.
const LISTED_MEMBERS: usize = 250_000;

/// Whether the members of a team are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// All of them.
    Load,
    /// They are not wanted: nothing of the cost depends on them.
    Skip,
}

/// A team as a directory sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The team.
    pub team: Team,
    /// Its members in id order; none when they were not asked for.
    pub members: Option<Vec<MemberLabel>>,
}

/// Which teams a directory asks for.
#[derive(Clone)]
pub struct GroupQuery {
    /// What an index serves.
    pub conditions: Vec<TeamCondition>,
    /// Whether the judge, or the order, needs the members.
    pub judged_by: Members,
    /// Whether the page carries the members.
    pub members: Members,
    /// Which of them, and in which order.
    pub wanted: Wanted<GroupView>,
}

/// One team that the directory sees.
///
/// # Errors
/// `absent`.
pub async fn get_group(
    services: &Services,
    caller: &DirectoryCaller,
    id: TeamId,
    members: Members,
) -> Result<GroupView, Failure> {
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| {
        let team = tx.team(caller.organization, id)?;
        let seen = team.filter(|team| caller.sees(team.link.as_ref()));
        let team = seen.ok_or(Failure::Absent("team"))?;
        view(tx, team, members)
    };
    match members {
        Members::Load => services.store.read(job).await,
        Members::Skip => services.store.glance(job).await,
    }
}

/// A page of the teams that the directory sees; too many where it would carry too many members.
///
/// # Errors
/// When the store cannot be read.
pub async fn list_groups(
    services: &Services,
    caller: &DirectoryCaller,
    query: GroupQuery,
) -> Result<Found<GroupView>, Failure> {
    let source = GroupSource {
        caller: caller.clone(),
        conditions: query.conditions,
        judged_by: query.judged_by,
    };
    let (wanted, members) = (query.wanted, query.members);
    let job = move |tx: &mut dyn ReadTx| match page(tx, &source, &wanted)? {
        Found::Page(listed) => with_members(tx, listed, members),
        Found::TooMany => Ok(Found::TooMany),
    };
    services.store.read(job).await
}

/// The teams of a connection that satisfy what an index serves.
struct GroupSource {
    caller: DirectoryCaller,
    conditions: Vec<TeamCondition>,
    judged_by: Members,
}

impl Source for GroupSource {
    type Item = GroupView;

    const BATCH: u32 = 100;

    fn rows(&self, tx: &mut dyn ReadTx, stretch: &Stretch) -> Result<Vec<GroupView>, Failure> {
        let (organization, connection) = (self.caller.organization, self.caller.connection);
        let teams = tx.live_teams(organization, connection, &self.conditions, stretch)?;
        teams
            .into_iter()
            .map(|team| view(tx, team, self.judged_by))
            .collect()
    }

    fn count(&self, tx: &mut dyn ReadTx) -> Result<u64, Failure> {
        let (organization, connection) = (self.caller.organization, self.caller.connection);
        Ok(tx.count_live_teams(organization, connection, &self.conditions)?)
    }

    fn named(&self, tx: &mut dyn ReadTx, ids: &[Uuid]) -> Result<Vec<GroupView>, Failure> {
        let ids: Vec<TeamId> = ids.iter().copied().map(TeamId::new).collect();
        let teams = tx.teams(self.caller.organization, &ids)?;
        Ok(teams.into_iter().map(bare).collect())
    }

    fn id(item: &GroupView) -> Uuid {
        item.team.id.uuid()
    }

    fn name(item: &GroupView) -> &str {
        let team = &item.team;
        let link = team.link.as_ref();
        link.map_or(&team.name_key, |link| &link.key).as_str()
    }

    fn weight(item: &GroupView) -> u64 {
        1 + item.members.as_ref().map_or(0, |all| all.len() as u64)
    }
}

const fn bare(team: Team) -> GroupView {
    GroupView {
        team,
        members: None,
    }
}

/// Loads the members of the page alone, and stops where it would carry too many.
fn with_members(
    tx: &mut dyn ReadTx,
    mut listed: Listed<GroupView>,
    members: Members,
) -> Result<Found<GroupView>, Failure> {
    let mut carried = 0;
    for item in &mut listed.items {
        if members == Members::Skip {
            item.members = None;
            continue;
        }
        let all = match item.members.take() {
            Some(judged) => judged,
            None => all_members(tx, &item.team)?,
        };
        carried += all.len();
        item.members = Some(all);
        if carried > LISTED_MEMBERS {
            return Ok(Found::TooMany);
        }
    }
    Ok(Found::Page(listed))
}

fn view(tx: &mut dyn ReadTx, team: Team, members: Members) -> Result<GroupView, Failure> {
    let members = match members {
        Members::Load => Some(all_members(tx, &team)?),
        Members::Skip => None,
    };
    Ok(GroupView { team, members })
}

fn all_members(tx: &mut dyn ReadTx, team: &Team) -> Result<Vec<MemberLabel>, Failure> {
    let mut all = Vec::new();
    if team.member_count == 0 {
        return Ok(all);
    }
    loop {
        let after = all.last().map(|label: &MemberLabel| label.id);
        let batch = tx.team_member_labels(team.organization, team.id, after, MEMBER_BATCH)?;
        let is_last = batch.len() < MEMBER_BATCH as usize;
        all.extend(batch);
        if is_last {
            return Ok(all);
        }
    }
}
