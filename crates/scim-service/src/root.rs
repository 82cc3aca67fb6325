//! Queries on the root: users and groups in one list (RFC 7644 sections 3.4.2.1 and 3.4.3).
//!
//! Without an order users come first, then groups. In an order the two lists are merged by the key
//! of each resource, of a kind that has not the attribute by none.

use std::cmp::Ordering;

use rollcall_application::directory::{GroupView, Listed, Place, Start, UserView};
use rollcall_scim_protocol::filter::{Limits, Scope};
use rollcall_scim_protocol::messages::{ListResponse, Position, parse_search_request};
use rollcall_scim_protocol::paging::{MAX_COUNT, Paging};
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::query::{Query, SortOrder};
use rollcall_scim_protocol::schema::ResourceKind;
use rollcall_scim_protocol::sort::Sort;
use serde_json::Value;
use uuid::Uuid;

use crate::cursor::CursorScope;
use crate::failure::{ScimFailure, too_many};
use crate::groups::GroupWish;
use crate::listing::PageOf;
use crate::reply::Reply;
use crate::session::{Change, Request, ScimSession, body};
use crate::sorting::Sorted;
use crate::users::UserWish;
use crate::{group_resource, user_resource};

/// The parts of the list, as a cursor names them.
const USERS: u8 = 0;
const GROUPS: u8 = 1;

/// What a cursor of the root is for.
const LIST: &str = "/";

/// A page of the merged list.
struct Merged {
    total: Option<u64>,
    next: Option<(u8, Place)>,
    resources: Vec<Value>,
}

/// Where a page of the merged list begins.
enum Begin {
    Offset(u64),
    After(Option<(u8, Place)>),
}

impl ScimSession {
    /// `GET /`: a query on every kind of resource.
    ///
    /// # Errors
    /// `invalidFilter`, `invalidValue`, `tooMany`, and those of a cursor.
    pub async fn list_all(&self, request: Request<'_>) -> Result<Reply, ScimFailure> {
        let query = Query::parse(request.query)?;
        self.answer_all(&query, Limits::ADDRESS).await
    }

    /// `POST /.search` (RFC 7644 section 3.4.3): the same without personal data in the address.
    ///
    /// # Errors
    /// As [`Self::list_all`], and `invalidSyntax` for another message.
    pub async fn search_all(&self, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let query = parse_search_request(&body(change.body)?)?;
        self.answer_all(&query, Limits::BODY).await
    }

    async fn answer_all(&self, query: &Query, limits: Limits) -> Result<Reply, ScimFailure> {
        let both = Both::read(self, query, limits)?;
        let scope = CursorScope {
            session: self,
            list: LIST,
            query,
        };
        let (begin, count) = match &query.paging {
            Paging::Index(page) => (Begin::Offset(page.offset()), page.count),
            Paging::Cursor(page) => {
                let opened = scope.open(page)?;
                (Begin::After(opened.after), opened.count)
            }
        };
        let merged = match both.sort {
            Some((users, _)) => both.sorted(begin, count, users.order).await?,
            None => both.in_turn(begin, count).await?,
        };
        let position = match &query.paging {
            Paging::Index(page) => Position::Index(page.start_index),
            Paging::Cursor(_) => Position::Cursor(
                merged
                    .next
                    .map(|(part, place)| scope.seal(count, part, &place)),
            ),
        };
        let message = ListResponse {
            total_results: merged.total,
            position,
            resources: merged.resources,
        };
        Ok(Reply::ok(message.to_json()))
    }
}

/// A query, read for either kind.
struct Both<'a> {
    session: &'a ScimSession,
    query: &'a Query,
    limits: Limits,
    projections: (Projection, Projection),
    sort: Option<(Sort, Sort)>,
}

impl<'a> Both<'a> {
    fn read(
        session: &'a ScimSession,
        query: &'a Query,
        limits: Limits,
    ) -> Result<Self, ScimFailure> {
        let sort = |kind| query.sort(kind, Scope::EveryKind);
        Ok(Self {
            session,
            query,
            limits,
            projections: (
                query.projection(ResourceKind::User)?,
                query.projection(ResourceKind::Group)?,
            ),
            sort: sort(ResourceKind::User)?.zip(sort(ResourceKind::Group)?),
        })
    }

    async fn users(&self, start: Start, limit: u32) -> Result<Listed<UserView>, ScimFailure> {
        let (kind, scope) = (ResourceKind::User, Scope::EveryKind);
        let wish = UserWish {
            filter: self.session.filter(self.query, kind, self.limits, scope)?,
            sort: self.sort.map(|(users, _)| users),
            sorted: Sorted::ByKey,
            projection: &self.projections.0,
            page: PageOf { start, limit },
        };
        self.session.find_users(&wish).await
    }

    async fn groups(&self, start: Start, limit: u32) -> Result<Listed<GroupView>, ScimFailure> {
        let (kind, scope) = (ResourceKind::Group, Scope::EveryKind);
        let wish = GroupWish {
            filter: self.session.filter(self.query, kind, self.limits, scope)?,
            sort: self.sort.map(|(_, groups)| groups),
            sorted: Sorted::ByKey,
            projection: &self.projections.1,
            page: PageOf { start, limit },
        };
        self.session.find_groups(&wish).await
    }

    fn shown_user(&self, view: &UserView) -> Value {
        let whole = user_resource::render(view, self.session.base_url());
        self.projections.0.apply(whole)
    }

    fn shown_group(&self, view: &GroupView) -> Value {
        let whole = group_resource::render(view, self.session.base_url());
        self.projections.1.apply(whole)
    }

    /// All users, then all groups.
    async fn in_turn(&self, begin: Begin, count: u32) -> Result<Merged, ScimFailure> {
        let (users, groups) = match begin {
            Begin::Offset(offset) => {
                let users = self.users(Start::Offset(offset), count).await?;
                let passed = offset.saturating_sub(users.total.unwrap_or_default());
                let left = left(count, &users.items);
                (users, self.groups(Start::Offset(passed), left).await?)
            }
            Begin::After(Some((GROUPS, place))) => {
                let users = self.users(Start::After(None), 0).await?;
                (users, self.groups(Start::After(Some(place)), count).await?)
            }
            Begin::After(place) => {
                let after = Start::After(place.map(|(_, place)| place));
                let users = self.users(after, count).await?;
                let left = match users.next {
                    Some(_) => 0,
                    None => left(count, &users.items),
                };
                (users, self.groups(Start::After(None), left).await?)
            }
        };
        let total = users
            .total
            .zip(groups.total)
            .map(|(users, groups)| users + groups);
        let next = match (users.next, groups.next) {
            (Some(place), _) => Some((USERS, place)),
            (None, Some(place)) => Some((GROUPS, place)),
            // The page is full of users: the groups, if there are any, begin the next one.
            (None, None) if count > 0 && left(count, &users.items) == 0 => {
                let any = self.groups(Start::After(None), 1).await?;
                (!any.items.is_empty()).then(|| (GROUPS, at(Vec::new(), Uuid::nil())))
            }
            (None, None) => None,
        };
        let users = users.items.iter().map(|view| self.shown_user(view));
        let groups = groups.items.iter().map(|view| self.shown_group(view));
        Ok(Merged {
            total,
            next,
            resources: users.chain(groups).collect(),
        })
    }

    /// By key, of equal keys users first, then by id.
    async fn sorted(
        &self,
        begin: Begin,
        count: u32,
        order: SortOrder,
    ) -> Result<Merged, ScimFailure> {
        let (skipped, limit, starts) = match begin {
            Begin::Offset(offset) => {
                let end = offset.saturating_add(count.into());
                let end = u32::try_from(end).ok().filter(|end| *end <= MAX_COUNT);
                let (end, first) = (end.ok_or_else(too_many)?, Start::Offset(0));
                (offset, end, (first.clone(), first))
            }
            Begin::After(place) => (0, count, starts(place)),
        };
        let users = self.users(starts.0, limit).await?;
        let groups = self.groups(starts.1, limit).await?;
        let mut rows = self.keyed(&users, &groups);
        rows.sort_by(|left, right| left.order(right, order));
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let page: Vec<&Row<'_>> = rows.iter().skip(skipped).take(count as usize).collect();
        let is_cut = users.next.is_some() || groups.next.is_some() || page.len() < rows.len();
        let last = page.last().filter(|_| is_cut);
        Ok(Merged {
            total: users.total.zip(groups.total).map(|(a, b)| a + b),
            next: last.map(|row| (row.part(), at(row.key.clone(), row.id))),
            resources: page.iter().map(|row| self.shown(row)).collect(),
        })
    }

    fn keyed<'v>(
        &self,
        users: &'v Listed<UserView>,
        groups: &'v Listed<GroupView>,
    ) -> Vec<Row<'v>> {
        let base = self.session.base_url();
        let key = |sort: Option<Sort>, resource: &Value| {
            sort.map(|sort| sort.key(resource)).unwrap_or_default()
        };
        let users = users.items.iter().map(|view| Row {
            key: key(
                self.sort.map(|both| both.0),
                &user_resource::render(view, base),
            ),
            id: view.member.id.uuid(),
            view: View::User(view),
        });
        let groups = groups.items.iter().map(|view| Row {
            key: key(
                self.sort.map(|both| both.1),
                &group_resource::render(view, base),
            ),
            id: view.team.id.uuid(),
            view: View::Group(view),
        });
        users.chain(groups).collect()
    }

    fn shown(&self, row: &Row<'_>) -> Value {
        match row.view {
            View::User(view) => self.shown_user(view),
            View::Group(view) => self.shown_group(view),
        }
    }
}

/// Where either list goes on after a row of the merged one.
fn starts(place: Option<(u8, Place)>) -> (Start, Start) {
    let after = |place: Place| Start::After(Some(place));
    match place {
        None => (Start::After(None), Start::After(None)),
        Some((GROUPS, place)) => (after(at(place.key.clone(), Uuid::max())), after(place)),
        Some((_, place)) => (after(place.clone()), after(at(place.key, Uuid::nil()))),
    }
}

const fn at(key: Vec<u8>, id: Uuid) -> Place {
    Place { key, id }
}

/// How many more go on a page.
fn left<T>(count: u32, items: &[T]) -> u32 {
    count.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX))
}

enum View<'a> {
    User(&'a UserView),
    Group(&'a GroupView),
}

struct Row<'a> {
    key: Vec<u8>,
    id: Uuid,
    view: View<'a>,
}

impl Row<'_> {
    const fn part(&self) -> u8 {
        match self.view {
            View::User(_) => USERS,
            View::Group(_) => GROUPS,
        }
    }

    fn order(&self, other: &Self, order: SortOrder) -> Ordering {
        let keys = match order {
            SortOrder::Ascending => self.key.cmp(&other.key),
            SortOrder::Descending => other.key.cmp(&self.key),
        };
        keys.then(self.part().cmp(&other.part()))
            .then(self.id.cmp(&other.id))
    }
}
