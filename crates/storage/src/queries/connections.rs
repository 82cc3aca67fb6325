//! Connections, their tokens, and links that wait for an owner's word.

use chrono::{DateTime, Duration, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use rollcall_application::Stamp;
use rollcall_application::ports::{
    ConnectionReads, ConnectionWrites, Digest, LinkCounts, LinkRequest, StoreError,
};
use rollcall_domain::{
    ActivityEvent, Change, ChangeKind, Connection, ConnectionId, Directories, DirectoryKind,
    Member, MemberId, OrganizationId, Profile, Switch, Team, TeamId, Version,
};

use super::Tx;
use super::dialect::{Live, OfMember, OfTeam};
use super::errors::store_error;
use super::organizations::{require_one, require_own_stamp};
use crate::schema::{connections, link_requests, links, tokens};
use crate::settling::Matter;
use crate::values::{Key, counted, damaged, instant, key, maybe_instant, micros};

/// How exactly it is kept when a directory was last heard, in seconds.
const HEARD_GRANULARITY_SECONDS: i64 = 60;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = connections, primary_key(org_id, id), treat_none_as_null = true)]
pub(crate) struct ConnectionRow {
    org_id: Key,
    id: Key,
    directory: String,
    profile: String,
    is_on: bool,
    enabled_at: Option<i64>,
    last_request_at: Option<i64>,
    version: i64,
    created_at: i64,
}

impl ConnectionRow {
    fn new(connection: &Connection) -> Self {
        Self {
            org_id: key(connection.organization),
            id: key(connection.id),
            directory: connection.directory.as_str().to_owned(),
            profile: connection.profile.as_str().to_owned(),
            is_on: connection.is_on(),
            enabled_at: connection.enabled_at.map(micros),
            last_request_at: connection.last_request_at.map(micros),
            version: connection.version.0,
            created_at: micros(connection.created_at),
        }
    }

    pub(crate) fn connection(self) -> Result<Connection, StoreError> {
        let directory = DirectoryKind::parse(&self.directory);
        Ok(Connection {
            id: self.id.into(),
            organization: self.org_id.into(),
            directory: directory.ok_or_else(|| damaged("kind of directory"))?,
            profile: Profile::parse(&self.profile).ok_or_else(|| damaged("profile"))?,
            switch: if self.is_on { Switch::On } else { Switch::Off },
            enabled_at: maybe_instant(self.enabled_at)?,
            last_request_at: maybe_instant(self.last_request_at)?,
            version: Version(self.version),
            created_at: instant(self.created_at)?,
        })
    }
}

impl ConnectionReads for Tx {
    fn directories(&mut self, organization: OrganizationId) -> Result<Directories, StoreError> {
        self.settle(organization, Matter::Connections)?;
        let rows: Vec<ConnectionRow> = connections::table
            .filter(connections::org_id.eq(key(organization)))
            .order(connections::id)
            .select(ConnectionRow::as_select())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let connections: Result<Vec<_>, _> =
            rows.into_iter().map(ConnectionRow::connection).collect();
        Ok(Directories::new(connections?))
    }

    fn link_counts(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<LinkCounts, StoreError> {
        let kept: Option<(i64, i64, i64, i64)> = connections::table
            .filter(connections::org_id.eq(key(organization)))
            .filter(connections::id.eq(key(connection)))
            .select((
                connections::live_members,
                connections::lost_members,
                connections::live_teams,
                connections::lost_teams,
            ))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        let (live_members, lost_members, live_teams, lost_teams) = kept.unwrap_or_default();
        Ok(LinkCounts {
            live_members: counted(live_members),
            lost_members: counted(lost_members),
            live_teams: counted(live_teams),
            lost_teams: counted(lost_teams),
        })
    }

    fn has_live_links(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
    ) -> Result<bool, StoreError> {
        let live = links::table
            .filter(links::org_id.eq(key(organization)))
            .filter(links::connection_id.eq(key(connection)))
            .filter(Live);
        let any_member = exists(live.filter(OfMember));
        diesel::select(any_member.or(exists(live.filter(OfTeam))))
            .get_result(&mut *self.connection)
            .map_err(store_error)
    }

    fn token_is_live(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: &Digest,
    ) -> Result<bool, StoreError> {
        self.settle(organization, Matter::Connections)?;
        let on = connections::table
            .filter(connections::org_id.eq(tokens::org_id))
            .filter(connections::id.eq(tokens::connection_id))
            .filter(connections::is_on.eq(true));
        let opening = tokens::table
            .filter(tokens::digest.eq(token.0.as_slice()))
            .filter(tokens::org_id.eq(key(organization)))
            .filter(tokens::connection_id.eq(key(connection)))
            .filter(exists(on));
        diesel::select(exists(opening))
            .get_result(&mut *self.connection)
            .map_err(store_error)
    }

    fn directories_opened(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: &Digest,
    ) -> Result<Option<Directories>, StoreError> {
        self.settle(organization, Matter::Connections)?;
        let rows: Vec<(ConnectionRow, bool)> = connections::table
            .left_join(
                tokens::table.on(tokens::org_id
                    .eq(connections::org_id)
                    .and(tokens::connection_id.eq(connections::id))
                    .and(tokens::digest.eq(token.0.as_slice()))),
            )
            .filter(connections::org_id.eq(key(organization)))
            .order(connections::id)
            .select((
                ConnectionRow::as_select(),
                tokens::digest.nullable().is_not_null(),
            ))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let mut is_open = false;
        let mut all = Vec::with_capacity(rows.len());
        for (row, has_token) in rows {
            is_open |= has_token && row.is_on && row.id == key(connection);
            all.push(row.connection()?);
        }
        Ok(is_open.then(|| Directories::new(all)))
    }

    fn link_requests(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<LinkRequest>, StoreError> {
        let rows: Vec<(Key, Key, i64, Option<i64>)> = link_requests::table
            .filter(link_requests::org_id.eq(key(organization)))
            .order((
                link_requests::requested_at.desc(),
                link_requests::member_id.desc(),
            ))
            .select((
                link_requests::member_id,
                link_requests::connection_id,
                link_requests::requested_at,
                link_requests::allowed_until,
            ))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        rows.into_iter()
            .map(|(member, connection, requested_at, allowed_until)| {
                Ok(LinkRequest {
                    member: member.into(),
                    connection: connection.into(),
                    requested_at: instant(requested_at)?,
                    allowed_until: maybe_instant(allowed_until)?,
                })
            })
            .collect()
    }

    fn members_to_relink(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        after: Option<MemberId>,
        limit: u32,
    ) -> Result<Vec<Member>, StoreError> {
        self.members_judged_anew(organization, connection, after, limit)
    }

    fn teams_to_relink(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        after: Option<TeamId>,
        limit: u32,
    ) -> Result<Vec<Team>, StoreError> {
        self.teams_judged_anew(organization, connection, after, limit)
    }

    fn outsiders(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        limit: u32,
    ) -> Result<(Vec<(Team, Member)>, u64), StoreError> {
        self.outsiders_shown(organization, connection, limit)
    }
}

impl ConnectionWrites for Tx {
    fn save_connection(
        &mut self,
        change: Change<Connection>,
        stamp: &Stamp,
    ) -> Result<Connection, StoreError> {
        let mut saved = change.value;
        require_own_stamp(stamp, saved.organization)?;
        self.settle(saved.organization, Matter::ConnectionsChange)?;
        match change.kind {
            ChangeKind::None => return Ok(saved),
            ChangeKind::Create => {
                diesel::insert_into(connections::table)
                    .values(ConnectionRow::new(&saved))
                    .execute(&mut *self.connection)
                    .map_err(store_error)?;
            }
            ChangeKind::Update => saved = self.update_connection(saved)?,
            ChangeKind::Remove => {
                let unmoved = connections::table
                    .filter(connections::org_id.eq(key(saved.organization)))
                    .filter(connections::id.eq(key(saved.id)))
                    .filter(connections::version.eq(saved.version.0));
                let deleted = diesel::delete(unmoved)
                    .execute(&mut *self.connection)
                    .map_err(store_error)?;
                require_one(deleted)?;
            }
        }
        self.write_entries(change.events, stamp)?;
        Ok(saved)
    }

    fn replace_tokens(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        token: Option<&Digest>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.settle(organization, Matter::ConnectionsChange)?;
        let old = tokens::table
            .filter(tokens::org_id.eq(key(organization)))
            .filter(tokens::connection_id.eq(key(connection)));
        diesel::delete(old)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let Some(token) = token else {
            return Ok(());
        };
        diesel::insert_into(tokens::table)
            .values((
                tokens::digest.eq(token.0.as_slice()),
                tokens::org_id.eq(key(organization)),
                tokens::connection_id.eq(key(connection)),
                tokens::created_at.eq(micros(at)),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn note_request(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let due = micros(at - Duration::seconds(HEARD_GRANULARITY_SECONDS));
        let heard_long_ago = connections::last_request_at
            .is_null()
            .or(connections::last_request_at.le(due).assume_not_null());
        let connection = connections::table
            .filter(connections::org_id.eq(key(organization)))
            .filter(connections::id.eq(key(connection)))
            .filter(heard_long_ago);
        diesel::update(connection)
            .set(connections::last_request_at.eq(micros(at)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn request_link(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        connection: ConnectionId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        diesel::insert_into(link_requests::table)
            .values((
                link_requests::org_id.eq(key(organization)),
                link_requests::connection_id.eq(key(connection)),
                link_requests::member_id.eq(key(member)),
                link_requests::requested_at.eq(micros(at)),
            ))
            .on_conflict((
                link_requests::org_id,
                link_requests::connection_id,
                link_requests::member_id,
            ))
            .do_update()
            .set(link_requests::requested_at.eq(micros(at)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn allow_link(
        &mut self,
        member: MemberId,
        connection: ConnectionId,
        until: DateTime<Utc>,
        event: ActivityEvent,
        stamp: &Stamp,
    ) -> Result<(), StoreError> {
        diesel::insert_into(link_requests::table)
            .values((
                link_requests::org_id.eq(key(stamp.organization)),
                link_requests::connection_id.eq(key(connection)),
                link_requests::member_id.eq(key(member)),
                link_requests::requested_at.eq(micros(stamp.at)),
                link_requests::allowed_until.eq(micros(until)),
            ))
            .on_conflict((
                link_requests::org_id,
                link_requests::connection_id,
                link_requests::member_id,
            ))
            .do_update()
            .set(link_requests::allowed_until.eq(micros(until)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        self.write_entries(vec![event], stamp)
    }

    fn remove_outsiders(
        &mut self,
        organization: OrganizationId,
        connection: ConnectionId,
        stamp: &Stamp,
    ) -> Result<u64, StoreError> {
        require_own_stamp(stamp, organization)?;
        self.outsiders_leave(organization, connection, stamp)
    }
}

impl Tx {
    /// Saves a connection's next state. When the directory was last heard is noted beside the
    /// version, so the stored instant stays unless the change forgets it.
    fn update_connection(&mut self, mut next: Connection) -> Result<Connection, StoreError> {
        let stored: Option<(i64, Option<i64>)> = connections::table
            .filter(connections::org_id.eq(key(next.organization)))
            .filter(connections::id.eq(key(next.id)))
            .select((connections::version, connections::last_request_at))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        let (version, heard) = stored.ok_or(StoreError::VersionConflict)?;
        if version != next.version.0 {
            return Err(StoreError::VersionConflict);
        }
        if next.last_request_at.is_some() {
            next.last_request_at = maybe_instant(heard)?;
        }
        let unmoved = connections::table
            .filter(connections::org_id.eq(key(next.organization)))
            .filter(connections::id.eq(key(next.id)))
            .filter(connections::version.eq(version));
        next.version = next.version.next();
        let updated = diesel::update(unmoved)
            .set(ConnectionRow::new(&next))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        require_one(updated)?;
        Ok(next)
    }
}
