//! The panel's list of members.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rollcall_application::ports::{
    MemberListItem, MemberQuery, MemberSort, Page, StatusFilter, StoreError, TeamLabel,
};
use rollcall_domain::{FoldedKey, MemberId, OrganizationId, Origin, TeamId, TeamName};

use super::super::Backend;
use super::super::Tx;
use super::super::dialect::{IdListSql, id_list};
use super::super::errors::store_error;
use super::super::statements::TEAMS_OF_PAGE;
use crate::kept::Keep;
use crate::listing::{Place, after_text, after_time, contains_pattern, cut, keyset};
use crate::schema::{members, memberships};
use crate::values::{Id, Key, counted, damaged, findable, key, micros};

#[derive(QueryableByName)]
struct TeamOfMember {
    #[diesel(sql_type = Id)]
    member_id: Key,
    #[diesel(sql_type = Id)]
    team_id: Key,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    origin: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// The members a query asks for, but for order and page.
fn asked(organization: OrganizationId, query: &MemberQuery) -> members::BoxedQuery<'_, Backend> {
    let mut rows = members::table
        .filter(members::org_id.eq(key(organization)))
        .into_boxed();
    match query.status {
        None => {}
        Some(StatusFilter::Invited(now)) => {
            rows = rows
                .filter(members::status.eq("invited"))
                .filter(members::invited_until.gt(micros(now)));
        }
        Some(StatusFilter::Expired(now)) => {
            rows = rows
                .filter(members::status.eq("invited"))
                .filter(members::invited_until.le(micros(now)));
        }
        Some(StatusFilter::Active) => rows = rows.filter(members::status.eq("active")),
        Some(StatusFilter::Suspended) => rows = rows.filter(members::status.eq("suspended")),
        Some(StatusFilter::Deactivated) => rows = rows.filter(members::status.eq("deactivated")),
    }
    if let Some(role) = query.role {
        rows = rows.filter(members::role.eq(role.as_str()));
    }
    if let Some(source) = query.source {
        rows = rows.filter(members::origin.eq(source.as_str()));
    }
    if let Some(team) = query.team {
        let inside = memberships::table
            .filter(memberships::org_id.eq(key(organization)))
            .filter(memberships::team_id.eq(key(team)))
            .select(memberships::member_id);
        rows = rows.filter(members::id.eq_any(inside));
    }
    let search = query.search.as_deref().map(str::trim).unwrap_or_default();
    if !search.is_empty() {
        let pattern = contains_pattern(findable(FoldedKey::of(search).as_str()));
        rows = rows.filter(members::search_text.like(pattern).escape('\\'));
    }
    rows
}

/// Whether a query leaves nobody out.
fn is_everybody(query: &MemberQuery) -> bool {
    let search = query.search.as_deref().map(str::trim).unwrap_or_default();
    search.is_empty()
        && query.status.is_none()
        && query.role.is_none()
        && query.source.is_none()
        && query.team.is_none()
}

impl Tx {
    pub(super) fn page_of_members(
        &mut self,
        organization: OrganizationId,
        query: &MemberQuery,
    ) -> Result<Page<MemberListItem>, StoreError> {
        let total: i64 = if is_everybody(query) {
            self.member_count(organization)?
        } else {
            asked(organization, query)
                .count()
                .get_result(&mut *self.connection)
                .map_err(store_error)?
        };
        let mut places = self.places_of_members(organization, query)?;
        let next = cut(&mut places, query.limit);
        let ids: Vec<Key> = places.into_iter().map(|(id, _)| id).collect();
        let mut teams = self.teams_of_page(organization, &ids)?;
        let items = self
            .members_in_order(organization, &ids)?
            .into_iter()
            .map(|member| {
                let (teams, team_count) = teams.remove(&member.id).unwrap_or_default();
                MemberListItem {
                    member,
                    teams,
                    team_count,
                }
            })
            .collect();
        Ok(Page {
            items,
            next,
            total: counted(total),
        })
    }

    /// Ids and sort keys of a page and of one row more.
    fn places_of_members(
        &mut self,
        organization: OrganizationId,
        query: &MemberQuery,
    ) -> Result<Vec<Place>, StoreError> {
        let rows = asked(organization, query).limit(i64::from(query.limit) + 1);
        let (id, direction, after) = (members::id, query.direction, query.after.as_ref());
        match query.sort {
            MemberSort::Name => keyset!(rows, members::label_key, id, direction, after_text(after))
                .select((id, members::label_key))
                .load(&mut *self.connection),
            MemberSort::Email => {
                keyset!(rows, members::login_key, id, direction, after_text(after))
                    .select((id, members::login_key))
                    .load(&mut *self.connection)
            }
            MemberSort::Created => {
                keyset!(rows, members::created_at, id, direction, after_time(after)?)
                    .select((id, members::created_at))
                    .load::<(Key, i64)>(&mut *self.connection)
                    .map(|rows| {
                        rows.into_iter()
                            .map(|(id, at)| (id, at.to_string()))
                            .collect()
                    })
            }
        }
        .map_err(store_error)
    }

    fn teams_of_page(
        &mut self,
        organization: OrganizationId,
        ids: &[Key],
    ) -> Result<HashMap<MemberId, (Vec<TeamLabel>, u64)>, StoreError> {
        let rows: Vec<TeamOfMember> = diesel::sql_query(TEAMS_OF_PAGE)
            .bind::<Id, _>(key(organization))
            .bind::<IdListSql, _>(id_list(ids.iter().copied()))
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let mut teams: HashMap<MemberId, (Vec<TeamLabel>, u64)> = HashMap::new();
        for row in rows {
            let label = TeamLabel {
                id: TeamId::from(row.team_id),
                name: TeamName::from_stored(row.name),
                origin: Origin::parse(&row.origin).ok_or_else(|| damaged("origin"))?,
            };
            let (labels, count) = teams.entry(row.member_id.into()).or_default();
            labels.push(label);
            *count = counted(row.total);
        }
        Ok(teams)
    }
}
