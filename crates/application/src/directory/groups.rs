//! Teams as a directory sees them: one, or a list (part B, *Seen by the directory*).

use rollcall_domain::{Team, TeamId};

use super::DirectoryCaller;
use super::ranking::{Order, Ranking};
use super::users::{Keep, Listed, SCAN_LIMIT};
use crate::ports::{Cursor, MemberLabel, ReadTx, StoreExt, Stretch, TeamCondition, Window};
use crate::{Failure, Services};

/// How many teams are judged at a time where an index does not narrow a list enough.
const BATCH: u32 = 100;

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
    /// What it does not.
    pub keep: Option<Keep<GroupView>>,
    /// The order; the one in which they came to be when absent.
    pub order: Option<Order<GroupView>>,
    /// Whether the judge, or the order, needs the members.
    pub judged_by: Members,
    /// Whether the page carries the members.
    pub members: Members,
    /// How many are passed over.
    pub offset: u64,
    /// At most this many; none asks for the total alone.
    pub limit: u32,
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
    services.store.read(job).await
}

/// A page of the teams that the directory sees, in the order that was asked for. The total is
/// unknown where the list would carry too much.
pub async fn list_groups(
    services: &Services,
    caller: &DirectoryCaller,
    query: GroupQuery,
) -> Result<Listed<GroupView>, Failure> {
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| {
        let listed = match (&query.order, &query.keep) {
            (Some(order), _) => ranked(tx, &caller, &query, order)?,
            (None, Some(_)) => judged(tx, &caller, &query)?,
            (None, None) => narrowed(tx, &caller, &query)?,
        };
        with_members(tx, listed, query.members)
    };
    services.store.read(job).await
}

fn narrowed(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &GroupQuery,
) -> Result<Listed<GroupView>, Failure> {
    let (organization, connection) = (caller.organization, caller.connection);
    let window = Window::Offset(query.offset);
    let teams = match query.limit {
        0 => Vec::new(),
        limit => {
            let stretch = Stretch::by_id(window, limit);
            tx.live_teams(organization, connection, &query.conditions, &stretch)?
        }
    };
    let found = u32::try_from(teams.len()).unwrap_or(u32::MAX);
    let is_all = query.offset == 0 && found < query.limit;
    let total = if is_all {
        u64::from(found)
    } else {
        tx.count_live_teams(organization, connection, &query.conditions)?
    };
    Ok(Listed {
        items: teams.into_iter().map(bare).collect(),
        total: Some(total),
    })
}

/// The page is taken as it comes by.
fn judged(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &GroupQuery,
) -> Result<Listed<GroupView>, Failure> {
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let (mut items, mut passed) = (Vec::new(), 0_u64);
    let total = survey(tx, caller, query, |view| {
        if passed >= query.offset && items.len() < limit {
            items.push(bare(view.team));
        }
        passed += 1;
    })?;
    Ok(Listed { items, total })
}

/// The page is known once every row came by (RFC 7644 section 3.4.2.3).
fn ranked(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &GroupQuery,
    order: &Order<GroupView>,
) -> Result<Listed<GroupView>, Failure> {
    let mut ranking = Ranking::new(order.direction, query.offset, query.limit);
    let total = survey(tx, caller, query, |view| {
        ranking.add((order.key)(&view), view.team.id.uuid());
    })?;
    if total.is_none() {
        let items = Vec::new();
        return Ok(Listed { items, total });
    }
    let ids: Vec<TeamId> = ranking.page().into_iter().map(TeamId::new).collect();
    let teams = tx.teams(caller.organization, &ids)?;
    let items = teams.into_iter().map(bare).collect();
    Ok(Listed { items, total })
}

/// Shows every row that is kept, in batches: memory holds one. Answers how many there are;
/// nothing where there were too many to judge.
fn survey(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &GroupQuery,
    mut show: impl FnMut(GroupView),
) -> Result<Option<u64>, Failure> {
    let (organization, connection) = (caller.organization, caller.connection);
    let (mut total, mut scanned, mut after) = (0_u64, 0_u64, None);
    loop {
        let stretch = Stretch::by_id(Window::After(after), BATCH);
        let batch = tx.live_teams(organization, connection, &query.conditions, &stretch)?;
        let Some(last) = batch.last() else { break };
        after = Some(Cursor {
            key: String::new(),
            id: last.id.uuid(),
        });
        let size = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        for team in batch {
            scanned += 1;
            let view = view(tx, team, query.judged_by)?;
            scanned += view.members.as_ref().map_or(0, |all| all.len() as u64);
            if query.keep.as_ref().is_none_or(|keep| keep(&view)) {
                total += 1;
                show(view);
            }
        }
        if size < u64::from(BATCH) {
            break;
        }
        if scanned >= SCAN_LIMIT {
            return Ok(None);
        }
    }
    Ok(Some(total))
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
) -> Result<Listed<GroupView>, Failure> {
    if members == Members::Skip {
        return Ok(listed);
    }
    let mut carried = 0;
    for item in &mut listed.items {
        let all = all_members(tx, &item.team)?;
        carried += all.len();
        item.members = Some(all);
        if carried > LISTED_MEMBERS {
            return Ok(Listed {
                items: Vec::new(),
                total: None,
            });
        }
    }
    Ok(listed)
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
