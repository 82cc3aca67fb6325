//! Members as a directory sees them: one, or a list (part B, *Seen by the directory*).

use std::collections::{HashMap, HashSet};

use rollcall_domain::{Member, MemberId};
use uuid::Uuid;

use super::DirectoryCaller;
use super::listing::{Found, Source, Wanted, page};
use crate::ports::{MemberCondition, ReadTx, StoreExt, Stretch, TeamLabel};
use crate::{Failure, Services};

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
    /// Who is referred to, if that is a live member; not asked when absent.
    pub refers_to: Option<Referrer>,
}

/// A member as a directory sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView {
    /// The member.
    pub member: Member,
    /// The member's teams that are live on the connection, if they were asked for.
    pub teams: Vec<TeamLabel>,
    /// What people call whom [`UserDetail::refers_to`] names, if that is a live member.
    pub reference: Option<String>,
}

/// Which members a directory asks for.
#[derive(Clone)]
pub struct UserQuery {
    /// What an index serves.
    pub conditions: Vec<MemberCondition>,
    /// What is loaded beside each.
    pub detail: UserDetail,
    /// Which of them, and in which order.
    pub wanted: Wanted<UserView>,
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
    services.store.glance(job).await
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
            reference: None,
        });
    }
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| view(tx, &caller, member.clone(), detail);
    services.store.glance(job).await
}

/// A page of the members that the directory sees.
///
/// # Errors
/// When the store cannot be read.
pub async fn list_users(
    services: &Services,
    caller: &DirectoryCaller,
    query: UserQuery,
) -> Result<Found<UserView>, Failure> {
    let source = UserSource {
        caller: caller.clone(),
        conditions: query.conditions,
        detail: query.detail,
    };
    let wanted = query.wanted;
    let is_glance = source.conditions.iter().any(names_one);
    let job = move |tx: &mut dyn ReadTx| page(tx, &source, &wanted);
    if is_glance {
        services.store.glance(job).await
    } else {
        services.store.read(job).await
    }
}

/// Whether a condition finds one member at most, by a key.
const fn names_one(condition: &MemberCondition) -> bool {
    matches!(
        condition,
        MemberCondition::Id(_) | MemberCondition::UserName(_) | MemberCondition::ExternalId(_)
    )
}

/// The members of a connection that satisfy what an index serves.
struct UserSource {
    caller: DirectoryCaller,
    conditions: Vec<MemberCondition>,
    detail: UserDetail,
}

impl Source for UserSource {
    type Item = UserView;

    const BATCH: u32 = 500;

    fn rows(&self, tx: &mut dyn ReadTx, stretch: &Stretch) -> Result<Vec<UserView>, Failure> {
        let (organization, connection) = (self.caller.organization, self.caller.connection);
        let members = tx.live_members(organization, connection, &self.conditions, stretch)?;
        views(tx, &self.caller, members, self.detail)
    }

    fn count(&self, tx: &mut dyn ReadTx) -> Result<u64, Failure> {
        let (organization, connection) = (self.caller.organization, self.caller.connection);
        Ok(tx.count_live_members(organization, connection, &self.conditions)?)
    }

    fn named(&self, tx: &mut dyn ReadTx, ids: &[Uuid]) -> Result<Vec<UserView>, Failure> {
        let ids: Vec<MemberId> = ids.iter().copied().map(MemberId::new).collect();
        let members = tx.members(self.caller.organization, &ids)?;
        views(tx, &self.caller, members, self.detail)
    }

    fn id(item: &UserView) -> Uuid {
        item.member.id.uuid()
    }

    fn name(item: &UserView) -> &str {
        let member = &item.member;
        let link = member.link.as_ref();
        link.map_or(&member.login_key, |link| &link.key).as_str()
    }
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
    // Most have neither, and are not asked about.
    let refers_to = detail.refers_to.filter(|_| !live.is_empty());
    let refers = |member: &Member| refers_to.and_then(|refers_to| refers_to(member));
    Ok(members
        .into_iter()
        .map(|member| UserView {
            teams: if teams.is_empty() {
                Vec::new()
            } else {
                teams.remove(&member.id).unwrap_or_default()
            },
            reference: refers(&member).and_then(|id| live.get(&id).cloned()),
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
) -> Result<HashMap<MemberId, String>, Failure> {
    let Some(refers_to) = refers_to else {
        return Ok(HashMap::new());
    };
    let named: HashSet<MemberId> = members.iter().filter_map(refers_to).collect();
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<MemberId> = named.into_iter().collect();
    let stored = tx.members(caller.organization, &named)?;
    let seen = stored
        .into_iter()
        .filter(|member| caller.sees(member.link.as_ref()));
    Ok(seen.map(|member| (member.id, member.label())).collect())
}
