//! A team as it stands in its table.

use diesel::prelude::*;
use rollcall_application::ports::{StoreError, TeamLabel};
use rollcall_domain::{FOLD_VERSION, FoldedKey, Origin, Team, TeamName, Version};

use super::super::links::StoredLink;
use crate::schema::teams;
use crate::values::{Key, damaged, instant, key, micros};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = teams, primary_key(org_id, id))]
pub(crate) struct TeamRow {
    org_id: Key,
    id: Key,
    origin: String,
    name: String,
    name_key: String,
    fold_version: i32,
    namespace: Key,
    member_count: i64,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TeamRow {
    pub(crate) fn new(team: &Team) -> Self {
        Self {
            org_id: key(team.organization),
            id: key(team.id),
            origin: team.origin.as_str().to_owned(),
            name: team.name.as_str().to_owned(),
            name_key: team.name_key.to_string(),
            fold_version: FOLD_VERSION,
            namespace: Key(team.namespace),
            member_count: team.member_count,
            version: team.version.0,
            created_at: micros(team.created_at),
            updated_at: micros(team.updated_at),
        }
    }

    pub(crate) fn team(self, link: Option<StoredLink>) -> Result<Team, StoreError> {
        Ok(Team {
            id: self.id.into(),
            organization: self.org_id.into(),
            origin: Origin::parse(&self.origin).ok_or_else(|| damaged("origin"))?,
            name: TeamName::from_stored(self.name),
            name_key: FoldedKey::from_stored(self.name_key),
            namespace: self.namespace.0,
            link: link.map(StoredLink::link),
            member_count: self.member_count,
            version: Version(self.version),
            created_at: instant(self.created_at)?,
            updated_at: instant(self.updated_at)?,
        })
    }
}

/// What a member's row shows of a team.
#[derive(Queryable, Selectable)]
#[diesel(table_name = teams)]
pub(crate) struct TeamLabelRow {
    pub(crate) id: Key,
    name: String,
    origin: String,
}

impl TeamLabelRow {
    pub(crate) fn label(self) -> Result<TeamLabel, StoreError> {
        Ok(TeamLabel {
            id: self.id.into(),
            name: TeamName::from_stored(self.name),
            origin: Origin::parse(&self.origin).ok_or_else(|| damaged("origin"))?,
        })
    }
}
