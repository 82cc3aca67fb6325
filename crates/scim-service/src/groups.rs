//! The `/Groups` endpoint (RFC 7644 sections 3.3 to 3.6).

use std::sync::Arc;

use rollcall_application::directory::{
    GroupQuery, GroupView, Keep, Listed, Members, Strangers, TeamWish, Wanted, delete_team,
    get_group, list_groups, receive_team, update_team,
};
use rollcall_domain::rules::teams::DirectoryGroup;
use rollcall_domain::{ExternalId, Team, TeamId, TeamName};
use rollcall_scim_protocol::dialect::UnknownMembers;
use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::etag::ETag;
use rollcall_scim_protocol::filter::{Filter, Limits, Scope};
use rollcall_scim_protocol::json_text;
use rollcall_scim_protocol::messages::{location, parse_search_request};
use rollcall_scim_protocol::patch::PatchRequest;
use rollcall_scim_protocol::patch::group::{NetMembership, plan};
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::query::Query;
use rollcall_scim_protocol::resource::normalise;
use rollcall_scim_protocol::schema::ResourceKind;
use rollcall_scim_protocol::sort::Sort;
use serde_json::Value;

use crate::failure::ScimFailure;
use crate::filters::{Lowered, Residual, looks_at, lower_groups};
use crate::group_resource::{GroupBody, etag, external_id, read, render, team_name, wish};
use crate::listing::{PageOf, require_page};
use crate::reply::{Reply, body_of};
use crate::session::{Change, Conditions, Request, ScimSession, body, id, write_query};
use crate::sorting::{Sorted, order};

const KIND: ResourceKind = ResourceKind::Group;

/// A replacement that takes away at least this many members, and more than half, is worth a
/// line: some clients mean an addition (P-05).
const NOTEWORTHY_SHRINKAGE: i64 = 10;

impl ScimSession {
    /// `POST /Groups` (RFC 7644 section 3.3).
    ///
    /// # Errors
    /// As RFC 7644 section 3.12 says, with the refusals of part B, Teams.
    pub async fn create_group(&self, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let projection = write_query(change.query)?.projection(KIND)?;
        let normalised = normalise(body(change.body)?, KIND, self.dialect())?;
        self.report(&normalised.ignored);
        let GroupBody {
            name,
            external_id,
            members,
        } = read(normalised.resource)?;
        let group = DirectoryGroup { name, external_id };
        let wish = wish(group, &members, self.on_strangers());
        let team = receive_team(&self.services, &self.caller, wish).await?;
        let address = location(self.base_url(), KIND, &team.id.to_string());
        let (body, tag) = self.group_body(team.id, &projection).await?;
        Ok(Reply::created(body_of(&body), address).with_etag(tag))
    }

    /// `GET /Groups/{id}` (RFC 7644 section 3.4.1).
    ///
    /// # Errors
    /// 404 for what the directory does not see.
    pub async fn get_group(&self, group: &str, request: Request<'_>) -> Result<Reply, ScimFailure> {
        let projection = write_query(request.query)?.projection(KIND)?;
        let id: TeamId = id(group, "team")?;
        if request.conditions != Conditions::default() {
            let view = get_group(&self.services, &self.caller, id, Members::Skip).await?;
            let tag = etag(&view.team);
            if request.conditions.refuse(tag) {
                return Err(rollcall_application::Failure::PreconditionFailed.into());
            }
            if request.conditions.is_known(tag) {
                return Ok(Reply::not_modified().with_etag(tag));
            }
        }
        let (body, tag) = self.group_body(id, &projection).await?;
        Ok(Reply::ok(body_of(&body)).with_etag(tag))
    }

    /// `GET /Groups` (RFC 7644 section 3.4.2).
    ///
    /// # Errors
    /// `invalidFilter`, `invalidValue`, `tooMany`.
    pub async fn list_groups(&self, request: Request<'_>) -> Result<Reply, ScimFailure> {
        let query = Query::parse(request.query)?;
        self.answer_groups(&query, Limits::ADDRESS).await
    }

    /// `POST /Groups/.search` (RFC 7644 section 3.4.3).
    ///
    /// # Errors
    /// As [`Self::list_groups`], and `invalidSyntax` for another message.
    pub async fn search_groups(&self, change: Change<'_>) -> Result<Reply, ScimFailure> {
        let query = parse_search_request(&body(change.body)?)?;
        self.answer_groups(&query, Limits::BODY).await
    }

    async fn answer_groups(&self, query: &Query, limits: Limits) -> Result<Reply, ScimFailure> {
        let projection = query.projection(KIND)?;
        let page = self.page_of(KIND.endpoint(), query)?;
        let wish = GroupWish {
            filter: self.filter(query, KIND, limits, Scope::OneKind)?,
            sort: query.sort(KIND, Scope::OneKind)?,
            sorted: Sorted::ByIndex("displayName"),
            projection: &projection,
            page: page.clone(),
        };
        let listed = self.find_groups(&wish).await?;
        let write = |view: &GroupView, out: &mut Vec<u8>| {
            json_text::value(out, &projection.apply(render(view, self.base_url())));
        };
        Ok(self.list_reply(KIND.endpoint(), query, &page, listed, write))
    }

    /// `PUT /Groups/{id}` (RFC 7644 section 3.5.1): whoever is not named leaves.
    ///
    /// # Errors
    /// As RFC 7644 section 3.12 says, with the refusals of part B, Teams.
    pub async fn replace_group(
        &self,
        group: &str,
        change: Change<'_>,
    ) -> Result<Reply, ScimFailure> {
        let id: TeamId = id(group, "team")?;
        let parsed = write_query(change.query).and_then(|query| {
            let normalised = normalise(body(change.body)?, KIND, self.dialect())?;
            self.report(&normalised.ignored);
            let clears_external_id = normalised.cleared.iter().any(|name| name == "externalId");
            let said = read(normalised.resource)?;
            let group = GroupChange {
                name: Some(said.name),
                external_id: match (said.external_id, clears_external_id) {
                    (None, false) => ExternalIdChange::Keep,
                    (said, _) => ExternalIdChange::To(said),
                },
                members: NetMembership {
                    replace_all: true,
                    ..said.members
                },
                on_strangers: self.on_strangers(),
            };
            Ok((query.projection(KIND)?, group))
        });
        let (projection, wanted) = self.settled_group(id, change, parsed).await?;
        self.change_group(id, change, wanted).await?;
        let (body, tag) = self.group_body(id, &projection).await?;
        Ok(Reply::ok(body_of(&body)).with_etag(tag))
    }

    /// `PATCH /Groups/{id}` (RFC 7644 section 3.5.2) as a plan of differences: the members are
    /// neither loaded nor echoed, unless the client asks for attributes (P-3.5.2-07, P-19).
    ///
    /// # Errors
    /// As RFC 7644 sections 3.5.2 and 3.12 say, with the refusals of part B, Teams.
    pub async fn modify_group(
        &self,
        group: &str,
        change: Change<'_>,
    ) -> Result<Reply, ScimFailure> {
        let id: TeamId = id(group, "team")?;
        let parsed = write_query(change.query).and_then(|query| {
            let request = PatchRequest::parse(body(change.body)?, self.dialect())?;
            Ok((query.projection(KIND)?, self.planned(request)?))
        });
        let (projection, wanted) = self.settled_group(id, change, parsed).await?;
        let team = self.change_group(id, change, wanted).await?;
        if !projection.is_chosen() {
            return Ok(Reply::no_content().with_etag(etag(&team)));
        }
        let (body, tag) = self.group_body(id, &projection).await?;
        Ok(Reply::ok(body_of(&body)).with_etag(tag))
    }

    /// `DELETE /Groups/{id}` (RFC 7644 section 3.6); its members stay.
    ///
    /// # Errors
    /// 404, 412.
    pub async fn delete_group(
        &self,
        group: &str,
        change: Change<'_>,
    ) -> Result<Reply, ScimFailure> {
        let precondition = change.conditions.precondition();
        let id = id(group, "team")?;
        delete_team(&self.services, &self.caller, id, precondition).await?;
        Ok(Reply::no_content())
    }

    fn planned(&self, request: PatchRequest) -> Result<GroupChange, ScimError> {
        let plan = plan(request, self.dialect())?;
        self.report(&plan.ignored);
        let members = plan.normalise();
        Ok(GroupChange {
            name: plan.rename.as_deref().map(team_name).transpose()?,
            external_id: match plan.external_id {
                Some(said) => ExternalIdChange::To(external_id(said.as_deref())?),
                None => ExternalIdChange::Keep,
            },
            members,
            on_strangers: self.on_strangers(),
        })
    }

    /// What the profile of the connection makes of members who are nobody (P-18).
    fn on_strangers(&self) -> Strangers {
        match self.dialect().unknown_members {
            UnknownMembers::Skip => Strangers::Skip,
            UnknownMembers::Refuse => Strangers::Refuse,
        }
    }

    async fn change_group(
        &self,
        id: TeamId,
        change: Change<'_>,
        wanted: GroupChange,
    ) -> Result<Team, ScimFailure> {
        let precondition = change.conditions.precondition();
        let replaces = wanted.members.replace_all;
        let resolve = move |team: &Team| Ok::<_, ScimError>(wanted.applied_to(team));
        let (services, caller) = (&self.services, &self.caller);
        let update = update_team(services, caller, id, precondition, resolve).await?;
        let (before, after) = (update.members_before, update.team.member_count);
        if replaces && before - after >= NOTEWORTHY_SHRINKAGE && after * 2 < before {
            tracing::warn!(
                team.id = %id,
                connection.id = %caller.connection,
                before,
                after,
                "a replacement took most members out of a team"
            );
        }
        Ok(update.team)
    }

    /// Existence and precondition come before what is wrong with a body (P-3.5.2-11).
    async fn settled_group<T>(
        &self,
        id: TeamId,
        change: Change<'_>,
        parsed: Result<T, ScimError>,
    ) -> Result<T, ScimFailure> {
        let error = match parsed {
            Ok(parsed) => return Ok(parsed),
            Err(error) => error,
        };
        let view = get_group(&self.services, &self.caller, id, Members::Skip).await?;
        let tag = etag(&view.team);
        if change.conditions.refuse_change(tag) {
            return Err(rollcall_application::Failure::PreconditionFailed.into());
        }
        Err(error.into())
    }

    async fn group_body(
        &self,
        id: TeamId,
        projection: &Projection,
    ) -> Result<(Value, ETag), ScimFailure> {
        let members = members(projection);
        let view = get_group(&self.services, &self.caller, id, members).await?;
        let resource = projection.apply(render(&view, self.base_url()));
        Ok((resource, etag(&view.team)))
    }

    /// A page of groups.
    pub(crate) async fn find_groups(
        &self,
        wish: &GroupWish<'_>,
    ) -> Result<Listed<GroupView>, ScimFailure> {
        let lowered = wish.filter.as_ref().map_or(
            Lowered::Rows {
                conditions: Vec::new(),
                residual: Residual::None,
            },
            lower_groups,
        );
        let Lowered::Rows {
            conditions,
            residual,
        } = lowered
        else {
            return Ok(Listed::nothing());
        };
        let judge = wish
            .filter
            .clone()
            .filter(|_| residual == Residual::WholeFilter);
        let needs_members = judge.as_ref().is_some_and(|f| looks_at(f, "members"))
            || wish
                .sort
                .is_some_and(|sort| sort.attribute().name == "members");
        let base = self.base_url().to_owned();
        let shown = base.clone();
        let keep = judge.map(|judge| {
            let keep = move |view: &GroupView| judge.matches(&render(view, &base));
            Arc::new(keep) as Keep<GroupView>
        });
        let query = GroupQuery {
            conditions,
            judged_by: if needs_members {
                Members::Load
            } else {
                Members::Skip
            },
            members: members(wish.projection),
            wanted: Wanted {
                keep,
                order: order(wish.sort, wish.sorted, move |view| render(view, &shown)),
                start: wish.page.start.clone(),
                limit: wish.page.limit,
            },
        };
        require_page(list_groups(&self.services, &self.caller, query).await?)
    }
}

/// Which groups a client asks for, and what of them.
pub(crate) struct GroupWish<'a> {
    pub(crate) filter: Option<Filter>,
    pub(crate) sort: Option<Sort>,
    pub(crate) sorted: Sorted,
    pub(crate) projection: &'a Projection,
    pub(crate) page: PageOf,
}

/// Whether a projection needs the members (P-3.9-07).
fn members(projection: &Projection) -> Members {
    if projection.includes("members") {
        Members::Load
    } else {
        Members::Skip
    }
}

/// What a request makes of a group: nothing of what it does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GroupChange {
    name: Option<TeamName>,
    external_id: ExternalIdChange,
    members: NetMembership,
    on_strangers: Strangers,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ExternalIdChange {
    Keep,
    To(Option<ExternalId>),
}

impl GroupChange {
    fn applied_to(&self, team: &Team) -> TeamWish {
        let stored = team.link.as_ref().and_then(|link| link.external_id.clone());
        let group = DirectoryGroup {
            name: self.name.clone().unwrap_or_else(|| team.name.clone()),
            external_id: match &self.external_id {
                ExternalIdChange::Keep => stored,
                ExternalIdChange::To(said) => said.clone(),
            },
        };
        wish(group, &self.members, self.on_strangers)
    }
}
