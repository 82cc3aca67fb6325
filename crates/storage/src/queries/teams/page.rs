//! The panel's list of teams.

use diesel::prelude::*;
use rollcall_application::ports::{Page, StoreError, TeamQuery, TeamSort};
use rollcall_domain::{FoldedKey, OrganizationId, Team};

use super::super::Backend;
use super::super::errors::store_error;
use super::Tx;
use crate::listing::{Place, after_text, after_time, contains_pattern, cut, keyset};
use crate::schema::teams;
use crate::values::{Key, counted, findable, key};

/// The teams a query asks for, but for order and page.
fn asked(organization: OrganizationId, query: &TeamQuery) -> teams::BoxedQuery<'_, Backend> {
    let mut rows = teams::table
        .filter(teams::org_id.eq(key(organization)))
        .into_boxed();
    if let Some(source) = query.source {
        rows = rows.filter(teams::origin.eq(source.as_str()));
    }
    let search = query.search.as_deref().map(str::trim).unwrap_or_default();
    if !search.is_empty() {
        let pattern = contains_pattern(findable(FoldedKey::of(search).as_str()));
        rows = rows.filter(teams::name_key.like(pattern).escape('\\'));
    }
    rows
}

impl Tx {
    pub(super) fn page_of_teams(
        &mut self,
        organization: OrganizationId,
        query: &TeamQuery,
    ) -> Result<Page<Team>, StoreError> {
        let total: i64 = asked(organization, query)
            .count()
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        let mut places = self.places_of_teams(organization, query)?;
        let next = cut(&mut places, query.limit);
        let ids: Vec<Key> = places.into_iter().map(|(id, _)| id).collect();
        Ok(Page {
            items: self.teams_in_order(organization, &ids)?,
            next,
            total: counted(total),
        })
    }

    /// Ids and sort keys of a page and of one row more.
    fn places_of_teams(
        &mut self,
        organization: OrganizationId,
        query: &TeamQuery,
    ) -> Result<Vec<Place>, StoreError> {
        let rows = asked(organization, query).limit(i64::from(query.limit) + 1);
        let (id, direction, after) = (teams::id, query.direction, query.after.as_ref());
        match query.sort {
            TeamSort::Name => keyset!(rows, teams::name_key, id, direction, after_text(after))
                .select((id, teams::name_key))
                .load(&mut *self.connection),
            TeamSort::Created => {
                keyset!(rows, teams::created_at, id, direction, after_time(after)?)
                    .select((id, teams::created_at))
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
}
