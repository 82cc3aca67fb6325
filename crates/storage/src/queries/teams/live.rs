//! What one connection's directory sees of teams: live links, in id order.

use diesel::dsl::exists;
use diesel::prelude::*;
use rollcall_application::ports::{StoreError, Stretch, TeamCondition};
use rollcall_domain::{ConnectionId, OrganizationId, Team};

use super::super::Backend;
use super::super::dialect::{Live, LiveAndFound, OfTeam};
use super::super::errors::store_error;
use super::Tx;
use crate::kept::Keep;
use crate::listing::{stretched, within};
use crate::schema::{connections, links, memberships, teams};
use crate::values::{Key, counted, findable, key};

/// The live links of teams that satisfy every condition.
fn live(
    organization: OrganizationId,
    connection: ConnectionId,
    conditions: &[TeamCondition],
) -> links::BoxedQuery<'_, Backend> {
    let mut rows = links::table
        .filter(links::org_id.eq(key(organization)))
        .filter(links::connection_id.eq(key(connection)))
        .filter(Live)
        .filter(OfTeam)
        .into_boxed();
    for condition in conditions {
        rows = match condition {
            TeamCondition::Id(id) => rows.filter(links::team_id.eq(key(*id))),
            TeamCondition::Name(name) => {
                let named = teams::table
                    .filter(teams::org_id.eq(key(organization)))
                    .filter(teams::namespace.eq(Key(connection.uuid())))
                    .filter(teams::name_key.eq(findable(name.as_str())))
                    .select(teams::id.nullable());
                rows.filter(links::team_id.eq_any(named))
            }
            TeamCondition::ExternalId(id) => rows
                .filter(LiveAndFound)
                .filter(links::external_id.eq(findable(id.as_str()))),
            TeamCondition::HasMember(member) => {
                let inside = memberships::table
                    .filter(memberships::org_id.eq(links::org_id))
                    .filter(memberships::member_id.eq(key(*member)))
                    .filter(memberships::team_id.nullable().eq(links::team_id));
                rows.filter(exists(inside))
            }
            TeamCondition::Created(span) => {
                let inside = within!(teams, teams::created_at, organization, span);
                rows.filter(links::team_id.eq_any(inside))
            }
            TeamCondition::Changed(span) => {
                let inside = within!(teams, teams::updated_at, organization, span);
                rows.filter(links::team_id.eq_any(inside))
            }
        };
    }
    rows
}

impl Tx {
    pub(super) fn count_of_live_teams(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[TeamCondition],
    ) -> Result<u64, StoreError> {
        let count: i64 = if conditions.is_empty() {
            connections::table
                .filter(connections::org_id.eq(key(organization)))
                .filter(connections::id.eq(key(connection)))
                .select(connections::live_teams)
                .first(&mut *self.connection)
                .optional()
                .map(Option::unwrap_or_default)
        } else {
            live(organization, connection, conditions)
                .count()
                .kept()
                .get_result(&mut *self.connection)
        }
        .map_err(store_error)?;
        Ok(counted(count))
    }

    pub(super) fn stretch_of_live_teams(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        conditions: &[TeamCondition],
        stretch: &Stretch,
    ) -> Result<Vec<Team>, StoreError> {
        let rows = live(organization, connection, conditions);
        let rows = stretched!(rows, links::team_id, stretch);
        let ids: Vec<Key> = rows
            .select(links::team_id.assume_not_null())
            .kept()
            .load(&mut *self.connection)
            .map_err(store_error)?;
        self.teams_in_order(organization, &ids)
    }
}
