//! Members as a directory sees them: one, or a list (part B, *Seen by the directory*).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rollcall_domain::{Member, MemberId};

use super::DirectoryCaller;
use super::ranking::{Order, Ranking};
use crate::ports::{Cursor, MemberCondition, ReadTx, StoreExt, Stretch, TeamLabel, Window};
use crate::{Failure, Services};

/// How many rows are judged at a time where an index does not narrow a list enough.
const BATCH: u32 = 500;

/// How many rows are judged for one list before the directory is asked to narrow it.
pub const SCAN_LIMIT: u64 = 200_000;

/// Whether the teams of a member are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teams {
    /// Those live on the connection.
    Load,
    /// They are not wanted.
    Skip,
}

/// Whom the further attributes of a member refer to, such as a manager.
pub type Referrer = fn(&Member) -> Option<MemberId>;

/// What is loaded beside a member.
#[derive(Debug, Clone, Copy)]
pub struct UserDetail {
    /// The member's teams.
    pub teams: Teams,
    /// Whether who is referred to is a live member; not asked when absent.
    pub refers_to: Option<Referrer>,
}

/// A member as a directory sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView {
    /// The member.
    pub member: Member,
    /// The member's teams that are live on the connection, if they were asked for.
    pub teams: Vec<TeamLabel>,
    /// Whether [`UserDetail::refers_to`] names a live member.
    pub reference_is_live: bool,
}

/// Judges what no index can.
pub type Keep<T> = Arc<dyn Fn(&T) -> bool + Send + Sync>;

/// Which members a directory asks for.
#[derive(Clone)]
pub struct UserQuery {
    /// What an index serves.
    pub conditions: Vec<MemberCondition>,
    /// What it does not.
    pub keep: Option<Keep<UserView>>,
    /// The order; the one in which they came to be when absent.
    pub order: Option<Order<UserView>>,
    /// What is loaded beside each.
    pub detail: UserDetail,
    /// How many are passed over.
    pub offset: u64,
    /// At most this many; none asks for the total alone.
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The page.
    pub items: Vec<T>,
    /// How many there are in all; unknown where more than [`SCAN_LIMIT`] rows had to be judged.
    pub total: Option<u64>,
}

/// One member that the directory sees.
///
/// # Errors
/// `absent`.
pub async fn get_user(
    services: &Services,
    caller: &DirectoryCaller,
    id: MemberId,
    detail: UserDetail,
) -> Result<UserView, Failure> {
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| {
        let member = tx.member(caller.organization, id)?;
        let seen = member.filter(|member| caller.sees(member.link.as_ref()));
        let member = seen.ok_or(Failure::Absent("member"))?;
        view(tx, &caller, member, detail)
    };
    services.store.read(job).await
}

/// A member at hand, with what is wanted beside it.
pub async fn describe_user(
    services: &Services,
    caller: &DirectoryCaller,
    member: Member,
    detail: UserDetail,
) -> Result<UserView, Failure> {
    let refers = detail.refers_to.and_then(|refers_to| refers_to(&member));
    if detail.teams == Teams::Skip && refers.is_none() {
        return Ok(UserView {
            member,
            teams: Vec::new(),
            reference_is_live: false,
        });
    }
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| view(tx, &caller, member.clone(), detail);
    services.store.read(job).await
}

/// A page of the members that the directory sees, in the order that was asked for.
pub async fn list_users(
    services: &Services,
    caller: &DirectoryCaller,
    query: UserQuery,
) -> Result<Listed<UserView>, Failure> {
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| match (&query.order, &query.keep) {
        (Some(order), _) => ranked(tx, &caller, &query, order),
        (None, Some(_)) => judged(tx, &caller, &query),
        (None, None) => narrowed(tx, &caller, &query),
    };
    services.store.read(job).await
}

/// An index serves all of it.
fn narrowed(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &UserQuery,
) -> Result<Listed<UserView>, Failure> {
    let (organization, connection) = (caller.organization, caller.connection);
    let window = Window::Offset(query.offset);
    let members = match query.limit {
        0 => Vec::new(),
        limit => {
            let stretch = Stretch::by_id(window, limit);
            tx.live_members(organization, connection, &query.conditions, &stretch)?
        }
    };
    let found = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let is_all = query.offset == 0 && found < query.limit;
    let total = if is_all {
        u64::from(found)
    } else {
        tx.count_live_members(organization, connection, &query.conditions)?
    };
    Ok(Listed {
        items: views(tx, caller, members, query.detail)?,
        total: Some(total),
    })
}

/// The page is taken as it comes by.
fn judged(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &UserQuery,
) -> Result<Listed<UserView>, Failure> {
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let (mut items, mut passed) = (Vec::new(), 0_u64);
    let total = survey(tx, caller, query, |view| {
        if passed >= query.offset && items.len() < limit {
            items.push(view);
        }
        passed += 1;
    })?;
    Ok(Listed { items, total })
}

/// The page is known once every row came by (RFC 7644 section 3.4.2.3).
fn ranked(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &UserQuery,
    order: &Order<UserView>,
) -> Result<Listed<UserView>, Failure> {
    let mut ranking = Ranking::new(order.direction, query.offset, query.limit);
    let total = survey(tx, caller, query, |view| {
        ranking.add((order.key)(&view), view.member.id.uuid());
    })?;
    if total.is_none() {
        let items = Vec::new();
        return Ok(Listed { items, total });
    }
    let ids: Vec<MemberId> = ranking.page().into_iter().map(MemberId::new).collect();
    let members = tx.members(caller.organization, &ids)?;
    let items = views(tx, caller, members, query.detail)?;
    Ok(Listed { items, total })
}

/// Shows every row that is kept, in batches: memory holds one. Answers how many there are;
/// nothing where there were too many to judge.
fn survey(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    query: &UserQuery,
    mut show: impl FnMut(UserView),
) -> Result<Option<u64>, Failure> {
    let (organization, connection) = (caller.organization, caller.connection);
    let (mut total, mut scanned, mut after) = (0_u64, 0_u64, None);
    loop {
        let stretch = Stretch::by_id(Window::After(after), BATCH);
        let batch = tx.live_members(organization, connection, &query.conditions, &stretch)?;
        let Some(last) = batch.last() else { break };
        after = Some(Cursor {
            key: String::new(),
            id: last.id.uuid(),
        });
        let size = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        scanned += size;
        for view in views(tx, caller, batch, query.detail)? {
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

fn view(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    member: Member,
    detail: UserDetail,
) -> Result<UserView, Failure> {
    let mut views = views(tx, caller, vec![member], detail)?;
    views.pop().ok_or(Failure::Absent("member"))
}

fn views(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    members: Vec<Member>,
    detail: UserDetail,
) -> Result<Vec<UserView>, Failure> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let mut teams = teams(tx, caller, &members, detail.teams)?;
    let live = live_references(tx, caller, &members, detail.refers_to)?;
    let refers = |member: &Member| detail.refers_to.and_then(|refers_to| refers_to(member));
    Ok(members
        .into_iter()
        .map(|member| UserView {
            teams: teams.remove(&member.id).unwrap_or_default(),
            reference_is_live: refers(&member).is_some_and(|id| live.contains(&id)),
            member,
        })
        .collect())
}

fn teams(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    members: &[Member],
    teams: Teams,
) -> Result<HashMap<MemberId, Vec<TeamLabel>>, Failure> {
    let mut found: HashMap<MemberId, Vec<TeamLabel>> = HashMap::new();
    if teams == Teams::Skip {
        return Ok(found);
    }
    let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
    let rows = tx.live_teams_of_members(caller.organization, caller.connection, &ids)?;
    for (member, team) in rows {
        found.entry(member).or_default().push(team);
    }
    Ok(found)
}

fn live_references(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    members: &[Member],
    refers_to: Option<Referrer>,
) -> Result<HashSet<MemberId>, Failure> {
    let Some(refers_to) = refers_to else {
        return Ok(HashSet::new());
    };
    let named: HashSet<MemberId> = members.iter().filter_map(refers_to).collect();
    if named.is_empty() {
        return Ok(named);
    }
    let named: Vec<MemberId> = named.into_iter().collect();
    let stored = tx.members(caller.organization, &named)?;
    let seen = stored
        .into_iter()
        .filter(|member| caller.sees(member.link.as_ref()));
    Ok(seen.map(|member| member.id).collect())
}
