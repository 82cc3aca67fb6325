//! Members as a directory sees them: one, or a list (part B, *Seen by the directory*).

use std::collections::{HashMap, HashSet};

use rollcall_domain::{Member, MemberId};
use uuid::Uuid;

use super::DirectoryCaller;
use super::listing::{Found, Source, Wanted, page};
use crate::ports::{
    MemberCondition, MemberDocument, ReadTx, StoreError, StoreExt, Stretch, TeamLabel, Teams,
    Window, WithTeams,
};
use crate::{Failure, Services};

/// As what a member is read: whole, or as the document that is kept of it, which costs a fraction.
pub trait Readable: Clone + Send + Sync + Sized + 'static {
    /// Whose it is.
    fn id(&self) -> MemberId;

    /// The folded name that the directory knows the member by.
    fn key(&self) -> &str;

    /// A member that the directory sees.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn one(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        id: MemberId,
        teams: Teams,
    ) -> Result<Option<WithTeams<Self>>, StoreError>;

    /// The members that the directory sees and that satisfy the conditions.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn some(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        conditions: &[MemberCondition],
        stretch: &Stretch,
        teams: Teams,
    ) -> Result<Vec<WithTeams<Self>>, StoreError>;

    /// Members of these ids, in this order.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn named(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        ids: &[MemberId],
        teams: Teams,
    ) -> Result<Vec<WithTeams<Self>>, StoreError>;
}

impl Readable for Member {
    fn id(&self) -> MemberId {
        self.id
    }

    fn key(&self) -> &str {
        let link = self.link.as_ref();
        link.map_or(&self.login_key, |link| &link.key).as_str()
    }

    fn one(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        id: MemberId,
        teams: Teams,
    ) -> Result<Option<WithTeams<Self>>, StoreError> {
        let member = tx.member(caller.organization, id)?;
        let seen = member.filter(|member| caller.sees(member.link.as_ref()));
        Ok(with_teams(tx, caller, seen.into_iter().collect(), teams)?.pop())
    }

    fn some(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        conditions: &[MemberCondition],
        stretch: &Stretch,
        teams: Teams,
    ) -> Result<Vec<WithTeams<Self>>, StoreError> {
        let members =
            tx.live_members(caller.organization, caller.connection, conditions, stretch)?;
        with_teams(tx, caller, members, teams)
    }

    fn named(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        ids: &[MemberId],
        teams: Teams,
    ) -> Result<Vec<WithTeams<Self>>, StoreError> {
        let members = tx.members(caller.organization, ids)?;
        with_teams(tx, caller, members, teams)
    }
}

impl Readable for MemberDocument {
    fn id(&self) -> MemberId {
        self.id
    }

    fn key(&self) -> &str {
        self.key.as_str()
    }

    fn one(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        id: MemberId,
        teams: Teams,
    ) -> Result<Option<WithTeams<Self>>, StoreError> {
        let first = Stretch::by_id(Window::After(None), 1);
        let mut found = Self::some(tx, caller, &[MemberCondition::Id(id)], &first, teams)?;
        Ok(found.pop())
    }

    fn some(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        conditions: &[MemberCondition],
        stretch: &Stretch,
        teams: Teams,
    ) -> Result<Vec<WithTeams<Self>>, StoreError> {
        let (organization, connection) = (caller.organization, caller.connection);
        tx.live_documents(organization, connection, conditions, stretch, teams)
    }

    fn named(
        tx: &mut dyn ReadTx,
        caller: &DirectoryCaller,
        ids: &[MemberId],
        teams: Teams,
    ) -> Result<Vec<WithTeams<Self>>, StoreError> {
        let found = ids.iter().map(|id| Self::one(tx, caller, *id, teams));
        found.filter_map(Result::transpose).collect()
    }
}

/// Whom the further attributes of a member refer to, such as a manager.
pub type Referrer<M = Member> = fn(&M) -> Option<MemberId>;

/// What is loaded beside a member.
#[derive(Debug)]
pub struct UserDetail<M = Member> {
    /// The member's teams.
    pub teams: Teams,
    /// Who is referred to, if that is a live member; not asked when absent.
    pub refers_to: Option<Referrer<M>>,
}

impl<M> Clone for UserDetail<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for UserDetail<M> {}

/// A member as a directory sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView<M = Member> {
    /// The member.
    pub member: M,
    /// The member's teams that are live on the connection, if they were asked for.
    pub teams: Vec<TeamLabel>,
    /// What people call whom [`UserDetail::refers_to`] names, if that is a live member.
    pub reference: Option<String>,
}

/// Which members a directory asks for.
#[derive(Clone)]
pub struct UserQuery<M = Member> {
    /// What an index serves.
    pub conditions: Vec<MemberCondition>,
    /// What is loaded beside each.
    pub detail: UserDetail<M>,
    /// Which of them, and in which order.
    pub wanted: Wanted<UserView<M>>,
}

/// One member that the directory sees.
///
/// # Errors
/// `absent`.
pub async fn get_user<M: Readable>(
    services: &Services,
    caller: &DirectoryCaller,
    id: MemberId,
    detail: UserDetail<M>,
) -> Result<UserView<M>, Failure> {
    let caller = caller.clone();
    let job = move |tx: &mut dyn ReadTx| {
        let seen = M::one(tx, &caller, id, detail.teams)?;
        view(tx, &caller, seen, detail)
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
    let job = move |tx: &mut dyn ReadTx| {
        let mut members = with_teams(tx, &caller, vec![member.clone()], detail.teams)?;
        view(tx, &caller, members.pop(), detail)
    };
    services.store.glance(job).await
}

/// A page of the members that the directory sees.
///
/// # Errors
/// When the store cannot be read.
pub async fn list_users<M: Readable>(
    services: &Services,
    caller: &DirectoryCaller,
    query: UserQuery<M>,
) -> Result<Found<UserView<M>>, Failure> {
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
struct UserSource<M> {
    caller: DirectoryCaller,
    conditions: Vec<MemberCondition>,
    detail: UserDetail<M>,
}

impl<M: Readable> Source for UserSource<M> {
    type Item = UserView<M>;

    const BATCH: u32 = 500;

    fn rows(&self, tx: &mut dyn ReadTx, stretch: &Stretch) -> Result<Vec<UserView<M>>, Failure> {
        let members = M::some(
            tx,
            &self.caller,
            &self.conditions,
            stretch,
            self.detail.teams,
        )?;
        views(tx, &self.caller, members, self.detail)
    }

    fn count(&self, tx: &mut dyn ReadTx) -> Result<u64, Failure> {
        let (organization, connection) = (self.caller.organization, self.caller.connection);
        Ok(tx.count_live_members(organization, connection, &self.conditions)?)
    }

    fn named(&self, tx: &mut dyn ReadTx, ids: &[Uuid]) -> Result<Vec<UserView<M>>, Failure> {
        let ids: Vec<MemberId> = ids.iter().copied().map(MemberId::new).collect();
        let members = M::named(tx, &self.caller, &ids, self.detail.teams)?;
        views(tx, &self.caller, members, self.detail)
    }

    fn id(item: &UserView<M>) -> Uuid {
        item.member.id().uuid()
    }

    fn name(item: &UserView<M>) -> &str {
        item.member.key()
    }
}

/// Members at hand, and the teams of each.
fn with_teams(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    members: Vec<Member>,
    teams: Teams,
) -> Result<Vec<WithTeams<Member>>, StoreError> {
    let mut found = match teams {
        Teams::Skip => HashMap::new(),
        Teams::Load => {
            let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
            tx.live_teams_of_members(caller.organization, caller.connection, &ids)?
        }
    };
    let teams_of = |member: Member| {
        let teams = found.remove(&member.id).unwrap_or_default();
        (member, teams)
    };
    Ok(members.into_iter().map(teams_of).collect())
}

fn view<M: Readable>(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    member: Option<WithTeams<M>>,
    detail: UserDetail<M>,
) -> Result<UserView<M>, Failure> {
    let mut views = views(tx, caller, member.into_iter().collect(), detail)?;
    views.pop().ok_or(Failure::Absent("member"))
}

fn views<M: Readable>(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    members: Vec<WithTeams<M>>,
    detail: UserDetail<M>,
) -> Result<Vec<UserView<M>>, Failure> {
    let live = live_references(tx, caller, &members, detail.refers_to)?;
    // Most refer to nobody, and are not asked again.
    let refers_to = detail.refers_to.filter(|_| !live.is_empty());
    let refers = |member: &M| refers_to.and_then(|refers_to| refers_to(member));
    Ok(members
        .into_iter()
        .map(|(member, teams)| UserView {
            teams,
            reference: refers(&member).and_then(|id| live.get(&id).cloned()),
            member,
        })
        .collect())
}

fn live_references<M>(
    tx: &mut dyn ReadTx,
    caller: &DirectoryCaller,
    members: &[WithTeams<M>],
    refers_to: Option<Referrer<M>>,
) -> Result<HashMap<MemberId, String>, Failure> {
    let Some(refers_to) = refers_to else {
        return Ok(HashMap::new());
    };
    let named: HashSet<MemberId> = members
        .iter()
        .filter_map(|(member, _)| refers_to(member))
        .collect();
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
