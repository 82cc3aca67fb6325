//! Links between objects and directories.

use diesel::prelude::*;
use rollcall_application::ports::{Documents, StoreError};
use rollcall_domain::{
    ExternalId, FOLD_VERSION, FoldedKey, Link, LinkState, Member, MemberId, OrganizationId, Team,
    TeamId,
};

use super::Tx;
use super::dialect::effect_here;
use super::errors::store_error;
use crate::schema::{connections, links};
use crate::values::{Key, Word, key};

/// What a link hangs on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LinkedObject {
    Member(MemberId),
    Team(TeamId),
}

/// A link as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Insertable, AsChangeset)]
#[diesel(table_name = links, primary_key(org_id, member_id, team_id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct LinkRow {
    org_id: Key,
    member_id: Option<Key>,
    team_id: Option<Key>,
    connection_id: Key,
    state: String,
    external_id: Option<String>,
    name: String,
    key: String,
    email_key: Option<String>,
    fold_version: i32,
    active: bool,
    moved: bool,
}

impl LinkRow {
    /// The row of a member's link.
    pub(crate) fn of_member(member: &Member) -> Option<Self> {
        let link = member.link.as_ref()?;
        let object = LinkedObject::Member(member.id);
        Some(Self::new(
            member.organization,
            object,
            link,
            &member.login_key,
        ))
    }

    /// The row of a team's link.
    pub(crate) fn of_team(team: &Team) -> Option<Self> {
        let link = team.link.as_ref()?;
        let object = LinkedObject::Team(team.id);
        Some(Self::new(team.organization, object, link, &team.name_key))
    }

    fn new(
        organization: OrganizationId,
        object: LinkedObject,
        link: &Link,
        present_key: &FoldedKey,
    ) -> Self {
        let (member_id, team_id) = match object {
            LinkedObject::Member(id) => (Some(key(id)), None),
            LinkedObject::Team(id) => (None, Some(key(id))),
        };
        Self {
            org_id: key(organization),
            member_id,
            team_id,
            connection_id: key(link.connection),
            state: link.state.as_str().to_owned(),
            external_id: link.external_id.as_ref().map(ToString::to_string),
            name: link.name.clone(),
            key: link.key.to_string(),
            email_key: link.email_key.as_ref().map(ToString::to_string),
            fold_version: FOLD_VERSION,
            active: link.active,
            moved: link.key != *present_key,
        }
    }

    /// Whether the directory's word on `active` is all that may differ: no index has that column,
    /// and each would be written anew for any other that an update names.
    fn differs_in_word_at_most(&self, other: &Self) -> bool {
        let said = Self {
            active: other.active,
            ..self.clone()
        };
        said == *other
    }
}

/// The document of a member, kept with the link: what a directory reads of somebody is one row.
#[derive(Debug, Default, Insertable, AsChangeset)]
#[diesel(table_name = links, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct DocumentColumns {
    document: Option<String>,
    document_form: Option<i32>,
    document_version: Option<i64>,
}

impl DocumentColumns {
    /// The document of a member that a directory finds; of any other, none.
    pub(crate) fn of(member: &Member, documents: Documents) -> Self {
        let link = member.link.as_ref();
        if link.is_none_or(|link| link.state != LinkState::Live) {
            return Self::default();
        }
        Self {
            document: Some((documents.write)(member)),
            document_form: Some(documents.form),
            document_version: Some(member.version.0),
        }
    }
}

/// A link as it is read: without what only searches look at.
#[derive(Queryable, Selectable)]
#[diesel(table_name = links)]
pub(crate) struct StoredLink {
    connection_id: Key,
    state: Word<LinkState>,
    external_id: Option<String>,
    name: String,
    key: String,
    email_key: Option<String>,
    active: bool,
}

impl StoredLink {
    /// The link of a row.
    pub(crate) fn link(self) -> Link {
        Link {
            connection: self.connection_id.into(),
            state: self.state.0,
            external_id: self.external_id.map(ExternalId::from_stored),
            name: self.name,
            key: FoldedKey::from_stored(self.key),
            email_key: self.email_key.map(FoldedKey::from_stored),
            active: self.active,
        }
    }
}

/// Adds to one of the counts of a link's connection.
macro_rules! move_count {
    ($tx:expr, $link:expr, $count:expr, $by:expr) => {{
        let connection = connections::table
            .filter(connections::org_id.eq($link.org_id))
            .filter(connections::id.eq($link.connection_id));
        let moved = diesel::update(connection).set($count.eq($count + $by));
        effect_here!($tx, moved, connections::id)
    }};
}

impl Tx {
    /// Makes the stored link of a member what it is to be, with the document of what the member
    /// is now.
    pub(crate) fn save_member_link(
        &mut self,
        before: Option<&Member>,
        after: &Member,
    ) -> Result<(), StoreError> {
        let document = DocumentColumns::of(after, self.documents());
        let before = before.and_then(LinkRow::of_member);
        let after = LinkRow::of_member(after);
        match (&before, &after) {
            (None, Some(after)) => {
                let linked = diesel::insert_into(links::table).values((after, document));
                effect_here!(self, linked, links::connection_id)
            }
            (Some(before), Some(after)) if before.differs_in_word_at_most(after) => {
                let said = (links::active.eq(after.active), document);
                let saved = diesel::update(of_member(before)).set(said);
                effect_here!(self, saved, links::connection_id)
            }
            (Some(before), Some(after)) => {
                let saved = diesel::update(of_member(before)).set((after, document));
                effect_here!(self, saved, links::connection_id)
            }
            (Some(before), None) => {
                let gone = diesel::delete(of_member(before));
                gone.execute(&mut *self.connection).map(drop)
            }
            (None, None) => Ok(()),
        }
        .map_err(store_error)?;
        self.move_link_counts(before.as_ref(), after.as_ref())
    }

    /// Makes the stored link of a team what it is to be.
    pub(crate) fn save_team_link(
        &mut self,
        before: Option<&Team>,
        after: &Team,
    ) -> Result<(), StoreError> {
        let before = before.and_then(LinkRow::of_team);
        let after = LinkRow::of_team(after);
        if before == after {
            return Ok(());
        }
        match (&before, &after) {
            (None, Some(after)) => {
                let linked = diesel::insert_into(links::table).values(after);
                effect_here!(self, linked, links::connection_id)
            }
            (Some(before), Some(after)) => {
                let saved = diesel::update(of_team(before)).set(after);
                effect_here!(self, saved, links::connection_id)
            }
            (Some(before), None) => {
                let gone = diesel::delete(of_team(before));
                gone.execute(&mut *self.connection).map(drop)
            }
            (None, None) => Ok(()),
        }
        .map_err(store_error)?;
        self.move_link_counts(before.as_ref(), after.as_ref())
    }

    fn move_link_counts(
        &mut self,
        before: Option<&LinkRow>,
        after: Option<&LinkRow>,
    ) -> Result<(), StoreError> {
        let place = |row: &LinkRow| (row.connection_id, row.state == LinkState::Live.as_str());
        if before.map(place) == after.map(place) {
            return Ok(());
        }
        self.count_link(before, -1)?;
        self.count_link(after, 1)
    }

    /// Moves the count that a connection keeps of such links.
    pub(crate) fn count_link(&mut self, link: Option<&LinkRow>, by: i64) -> Result<(), StoreError> {
        let Some(link) = link else {
            return Ok(());
        };
        let is_live = link.state == LinkState::Live.as_str();
        match (link.member_id.is_some(), is_live) {
            (true, true) => move_count!(self, link, connections::live_members, by),
            (true, false) => move_count!(self, link, connections::lost_members, by),
            (false, true) => move_count!(self, link, connections::live_teams, by),
            (false, false) => move_count!(self, link, connections::lost_teams, by),
        }
        .map_err(store_error)
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of_member(row: &LinkRow) -> _ {
    let organization: Key = row.org_id;
    let member: Option<Key> = row.member_id;
    links::table
        .filter(links::org_id.eq(organization))
        .filter(links::member_id.eq(member))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of_team(row: &LinkRow) -> _ {
    let organization: Key = row.org_id;
    let team: Option<Key> = row.team_id;
    links::table
        .filter(links::org_id.eq(organization))
        .filter(links::team_id.eq(team))
}
