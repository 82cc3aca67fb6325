//! The `/Users` endpoint (RFC 7644 sections 3.3 to 3.6).

use std::sync::Arc;

use rollcall_application::directory::{
    Keep, Listed, Order, Readable, Received, Referrer, UserDetail, UserQuery, UserView, Wanted,
    delete_user, describe_user, get_user, list_users, receive_user, update_user,
};
use rollcall_application::ports::{MemberCondition, Teams};
use rollcall_domain::rules::provisioning::DirectoryUser;
use rollcall_domain::{FoldedKey, Link, Member, MemberId};
use rollcall_scim_protocol::dialect::Dialect;
use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::etag::ETag;
use rollcall_scim_protocol::filter::{Filter, Limits, Scope};
use rollcall_scim_protocol::messages::{location, parse_search_request};
use rollcall_scim_protocol::patch::{PatchRequest, apply};
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::query::Query;
use rollcall_scim_protocol::resource::{Normalised, normalise};
use rollcall_scim_protocol::schema::ResourceKind;
use rollcall_scim_protocol::sort::Sort;
use serde_json::{Value, json};

use crate::failure::ScimFailure;
use crate::filters::{Lowered, Residual, looks_at, lower_users};
use crate::listing::{PageOf, require_page};
use crate::reply::Reply;
use crate::session::{Change, Request, ScimSession, body, id, write_query};
use crate::sorting::{Sorted, order, order_of_index};
use crate::user_resource::{etag, manager_of, manager_of_document, read, render};
use crate::user_text::Showing;

const KIND: ResourceKind = ResourceKind::User;

/// The attribute whose `$ref` depends on another user.
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

impl ScimSession {
    /// `POST /Users` (RFC 7644 section 3.3; part B, POST /Users).
    ///
    /// # Errors
    /// As RFC 7644 section 3.12 says, with the refusals of part B.
    pub async fn create_user(&self, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let projection = write_query(change.query)?.projection(KIND)?;
        let normalised = normalise(body(change.body)?, KIND, self.dialect())?;
        self.report(&normalised.ignored);
        let user = read(normalised.resource)?;
        let mut detail = detail(&projection, manager_of);
        let member = match receive_user(&self.services, &self.caller, user).await? {
            Received::New(member) => {
                detail.teams = Teams::Skip;
                member
            }
            Received::Known(member) => member,
        };
        let address = location(self.base_url(), KIND, &member.id.to_string());
        let view = describe_user(&self.services, &self.caller, member, detail).await?;
        let reply = Reply::created(self.showing(&projection).text(&view), address);
        Ok(reply.with_etag(etag(&view.member)))
    }

    /// `GET /Users/{id}` (RFC 7644 section 3.4.1).
    ///
    /// # Errors
    /// 404 for whom the directory does not see.
    pub async fn get_user(&self, user: &str, request: Request<'_>) -> Result<Reply, ScimFailure> {
        let projection = write_query(request.query)?.projection(KIND)?;
        let (services, caller, id) = (&self.services, &self.caller, id(user, "member")?);
        let showing = self.showing(&projection);
        let (version, teams, text) = if showing.passes_on() {
            let detail = detail(&projection, manager_of_document);
            let view = get_user(services, caller, id, detail).await?;
            (view.member.version, detail.teams, showing.passed_on(&view))
        } else {
            let detail = detail(&projection, manager_of);
            let view = get_user(services, caller, id, detail).await?;
            (view.member.version, detail.teams, showing.text(&view))
        };
        let tag = ETag::of_version(version.0);
        if request.conditions.refuse(tag) {
            return Err(rollcall_application::Failure::PreconditionFailed.into());
        }
        // The version does not follow `groups`, so it says nothing about them (P-3.14-07).
        if teams == Teams::Skip && request.conditions.is_known(tag) {
            return Ok(Reply::not_modified().with_etag(tag));
        }
        Ok(Reply::ok(text).with_etag(tag))
    }

    /// `GET /Users` (RFC 7644 section 3.4.2).
    ///
    /// # Errors
    /// `invalidFilter`, `invalidValue`, `tooMany`.
    pub async fn list_users(&self, request: Request<'_>) -> Result<Reply, ScimFailure> {
        let query = Query::parse(request.query)?;
        self.answer_users(&query, Limits::ADDRESS).await
    }

    /// `POST /Users/.search` (RFC 7644 section 3.4.3): the same query without personal data in
    /// the address (SEC-22).
    ///
    /// # Errors
    /// As [`Self::list_users`], and `invalidSyntax` for another message.
    pub async fn search_users(&self, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let query = parse_search_request(&body(change.body)?)?;
        self.answer_users(&query, Limits::BODY).await
    }

    async fn answer_users(&self, query: &Query, limits: Limits) -> Result<Reply, ScimFailure> {
        let projection = query.projection(KIND)?;
        let page = self.page_of(KIND.endpoint(), query)?;
        let wish = UserWish {
            filter: self.filter(query, KIND, limits, Scope::OneKind)?,
            sort: query.sort(KIND, Scope::OneKind)?,
            sorted: Sorted::ByIndex("userName"),
            projection: &projection,
            page: page.clone(),
        };
        let showing = self.showing(&projection);
        if showing.passes_on()
            && let Some(conditions) = wish.conditions_of_index()
            && let Some(order) = order_of_index(wish.sort.as_ref(), wish.sorted)
        {
            let find = |conditions, order| self.find(&wish, conditions, order, manager_of_document);
            let mut listed = find(conditions, order).await?;
            if let Some(condition) = wish.found_with_plus(listed.total) {
                listed = find(vec![condition], Order::default()).await?;
            }
            let write = |view: &_, out: &mut _| showing.pass_on(view, out);
            return Ok(self.list_reply(KIND.endpoint(), query, &page, listed, write));
        }
        let mut listed = self.find_users(&wish).await?;
        if let Some(condition) = wish.found_with_plus(listed.total) {
            let order = Order::default();
            listed = self.find(&wish, vec![condition], order, manager_of).await?;
        }
        let write = |view: &_, out: &mut _| showing.write(view, out);
        Ok(self.list_reply(KIND.endpoint(), query, &page, listed, write))
    }

    /// `PUT /Users/{id}` (RFC 7644 section 3.5.1).
    ///
    /// # Errors
    /// As RFC 7644 section 3.12 says, with the refusals of part B.
    pub async fn replace_user(&self, user: &str, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let id: MemberId = id(user, "member")?;
        let parsed = write_query(change.query).and_then(|query| {
            let normalised = normalise(body(change.body)?, KIND, self.dialect())?;
            Ok((query.projection(KIND)?, Replacement::read(normalised)?))
        });
        let (projection, replacement) = self.settled_user(id, change, parsed).await?;
        self.report(&replacement.ignored);
        let resolve = move |member: &Member| Ok(replacement.applied_to(member));
        self.change_user(id, change, &projection, resolve).await
    }

    /// `PATCH /Users/{id}` (RFC 7644 section 3.5.2), worked out on the member loaded in the
    /// transaction that saves it.
    ///
    /// # Errors
    /// As RFC 7644 sections 3.5.2 and 3.12 say, with the refusals of part B.
    pub async fn modify_user(&self, user: &str, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let id: MemberId = id(user, "member")?;
        let dialect = self.dialect();
        let parsed = write_query(change.query).and_then(|query| {
            let request = PatchRequest::parse(body(change.body)?, dialect)?;
            Ok((query.projection(KIND)?, request))
        });
        let (projection, request) = self.settled_user(id, change, parsed).await?;
        let base = self.base_url().to_owned();
        let resolve = move |member: &Member| patched(member, &request, dialect, &base);
        self.change_user(id, change, &projection, resolve).await
    }

    /// `DELETE /Users/{id}` (RFC 7644 section 3.6).
    ///
    /// # Errors
    /// 404, 412, 403 for the last owner.
    pub async fn delete_user(&self, user: &str, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let precondition = change.conditions.precondition();
        let id = id(user, "member")?;
        delete_user(&self.services, &self.caller, id, precondition).await?;
        Ok(Reply::no_content())
    }

    async fn change_user<F>(
        &self,
        id: MemberId,
        change: Change<'_>,
        projection: &Projection,
        resolve: F,
    ) -> Result<Reply, ScimFailure>
    where
        F: FnMut(&Member) -> Result<DirectoryUser, ScimError> + Send + 'static,
    {
        let precondition = change.conditions.precondition();
        let (services, caller) = (&self.services, &self.caller);
        let member = update_user(services, caller, id, precondition, resolve).await?;
        let view = self.described(member, projection).await?;
        let reply = Reply::ok(self.showing(projection).text(&view));
        Ok(reply.with_etag(etag(&view.member)))
    }

    /// Existence and precondition come before what is wrong with a body (P-3.5.2-11, and the
    /// order of checks of section 16).
    async fn settled_user<T>(
        &self,
        id: MemberId,
        change: Change<'_>,
        parsed: Result<T, ScimError>,
    ) -> Result<T, ScimFailure> {
        let error = match parsed {
            Ok(parsed) => return Ok(parsed),
            Err(error) => error,
        };
        let view = get_user(&self.services, &self.caller, id, BARE).await?;
        let tag = etag(&view.member);
        if change.conditions.refuse_change(tag) {
            return Err(rollcall_application::Failure::PreconditionFailed.into());
        }
        Err(error.into())
    }

    async fn described(
        &self,
        member: Member,
        projection: &Projection,
    ) -> Result<UserView, ScimFailure> {
        let detail = detail(projection, manager_of);
        Ok(describe_user(&self.services, &self.caller, member, detail).await?)
    }

    fn showing<'a>(&'a self, projection: &'a Projection) -> Showing<'a> {
        Showing::new(self.base_url(), projection)
    }

    /// A page of users.
    pub(crate) async fn find_users(
        &self,
        wish: &UserWish<'_>,
    ) -> Result<Listed<UserView>, ScimFailure> {
        let lowered = wish.filter.as_ref().map_or(
            Lowered::Rows {
                conditions: Vec::new(),
                residual: Residual::None,
            },
            lower_users,
        );
        let Lowered::Rows {
            conditions,
            residual,
        } = lowered
        else {
            return Ok(Listed::nothing());
        };
        let mut detail = detail(wish.projection, manager_of);
        let judge = wish
            .filter
            .clone()
            .filter(|_| residual == Residual::WholeFilter);
        if let Some(judge) = &judge {
            widen(&mut detail, |attribute| looks_at(judge, attribute));
        }
        if let Some(sort) = &wish.sort {
            widen(&mut detail, |attribute| sort.attribute().name == attribute);
        }
        let base = self.base_url().to_owned();
        let shown = base.clone();
        let keep = judge.map(|judge| {
            let keep = move |view: &UserView| judge.matches(&render(view, &base));
            Arc::new(keep) as Keep<UserView>
        });
        let query = UserQuery {
            conditions,
            detail,
            wanted: Wanted {
                keep,
                order: order(wish.sort, wish.sorted, move |view| render(view, &shown)),
                start: wish.page.start.clone(),
                limit: wish.page.limit,
            },
        };
        require_page(list_users(&self.services, &self.caller, query).await?)
    }

    /// A page of users that an index serves.
    async fn find<M: Readable>(
        &self,
        wish: &UserWish<'_>,
        conditions: Vec<MemberCondition>,
        order: Order<UserView<M>>,
        manager: Referrer<M>,
    ) -> Result<Listed<UserView<M>>, ScimFailure> {
        let query = UserQuery {
            conditions,
            detail: detail(wish.projection, manager),
            wanted: Wanted {
                keep: None,
                order,
                start: wish.page.start.clone(),
                limit: wish.page.limit,
            },
        };
        require_page(list_users(&self.services, &self.caller, query).await?)
    }
}

/// Which users a client asks for, and what of them.
pub(crate) struct UserWish<'a> {
    pub(crate) filter: Option<Filter>,
    pub(crate) sort: Option<Sort>,
    pub(crate) sorted: Sorted,
    pub(crate) projection: &'a Projection,
    pub(crate) page: PageOf,
}

impl UserWish<'_> {
    /// The conditions, where an index serves all of them.
    fn conditions_of_index(&self) -> Option<Vec<MemberCondition>> {
        match self.filter.as_ref().map(lower_users) {
            None => Some(Vec::new()),
            Some(Lowered::Rows {
                conditions,
                residual: Residual::None,
            }) => Some(conditions),
            Some(_) => None,
        }
    }

    /// P-36: some clients do not encode the plus of an address, and a plus in a query string is a
    /// space. Where nobody bears the name with the space, the one with the plus is meant.
    fn found_with_plus(&self, total: Option<u64>) -> Option<MemberCondition> {
        if total != Some(0) {
            return None;
        }
        match self.conditions_of_index()?.as_slice() {
            [MemberCondition::UserName(key)] if key.as_str().trim().contains(' ') => {
                let key = FoldedKey::of(&key.as_str().replace(' ', "+"));
                Some(MemberCondition::UserName(key))
            }
            _ => None,
        }
    }
}

const BARE: UserDetail = UserDetail {
    teams: Teams::Skip,
    refers_to: None,
};

/// What has to be loaded for a projection (P-3.9-07).
fn detail<M>(projection: &Projection, manager: Referrer<M>) -> UserDetail<M> {
    // Both are there unless the client chose otherwise.
    let wants = |name| !projection.is_chosen() || projection.includes(name);
    UserDetail {
        teams: if wants("groups") {
            Teams::Load
        } else {
            Teams::Skip
        },
        refers_to: wants(MANAGER).then_some(manager),
    }
}

/// What has to be loaded for a filter or an order that is asked of every row.
fn widen(detail: &mut UserDetail, needs: impl Fn(&str) -> bool) {
    if needs("groups") {
        detail.teams = Teams::Load;
    }
    if needs("manager") {
        detail.refers_to = Some(manager_of);
    }
}

/// A user that takes the place of another (RFC 7644 section 3.5.1): what is left out is cleared,
/// but for `active` and `externalId`, which a client may leave out without meaning to (P-14).
struct Replacement {
    user: DirectoryUser,
    clears_external_id: bool,
    ignored: Vec<String>,
}

impl Replacement {
    fn read(normalised: Normalised) -> Result<Self, ScimError> {
        let clears_external_id = normalised.cleared.iter().any(|name| name == "externalId");
        Ok(Self {
            user: read(normalised.resource)?,
            clears_external_id,
            ignored: normalised.ignored,
        })
    }

    fn applied_to(&self, member: &Member) -> DirectoryUser {
        let mut user = self.user.clone();
        if user.external_id.is_none() && !self.clears_external_id {
            user.external_id = link(member).and_then(|link| link.external_id.clone());
        }
        user
    }
}

fn link(member: &Member) -> Option<&Link> {
    member.link.as_ref()
}

/// Works a modification out on a member. `active` is left out of what it works on, so that
/// afterwards it says what the client said, and nothing if the client said nothing. Where that is all
/// the client speaks of, as directories do when somebody leaves, the rest stays as it is stored.
pub(crate) fn patched(
    member: &Member,
    request: &PatchRequest,
    dialect: &Dialect,
    base_url: &str,
) -> Result<DirectoryUser, ScimError> {
    if request.is_only_about("active", KIND, dialect)
        && let Some(link) = link(member)
    {
        let resource = json!({ "userName": link.name });
        let patched = apply(&resource, request, KIND, dialect)?;
        return Ok(DirectoryUser {
            external_id: link.external_id.clone(),
            email: member.email.clone(),
            name: member.name.clone(),
            attributes: member.attributes.clone(),
            ..read(patched.resource)?
        });
    }
    let view = UserView {
        member: member.clone(),
        teams: Vec::new(),
        reference: None,
    };
    let mut resource = render(&view, base_url);
    if let Value::Object(fields) = &mut resource {
        fields.shift_remove("active");
    }
    let patched = apply(&resource, request, KIND, dialect)?;
    read(patched.resource)
}
