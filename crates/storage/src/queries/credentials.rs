//! Passwords, sessions and resets.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use rollcall_application::ports::{
    CredentialReads, CredentialWrites, Digest, NewSession, SessionRecord, StoreError,
};
use rollcall_domain::{MemberId, OrganizationId, SessionId};

use super::Tx;
use super::errors::store_error;
use crate::schema::{passwords, resets, sessions};
use crate::values::{Key, instant, key, micros};

/// How exactly it is kept when a session was last used, in seconds.
const SEEN_GRANULARITY_SECONDS: i64 = 60;

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: Key,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl SessionRow {
    fn record(self) -> Result<SessionRecord, StoreError> {
        Ok(SessionRecord {
            id: self.id.into(),
            created_at: instant(self.created_at)?,
            last_seen_at: instant(self.last_seen_at)?,
            expires_at: instant(self.expires_at)?,
            ip: self.ip,
            user_agent: self.user_agent,
        })
    }
}

impl CredentialReads for Tx {
    fn password_hash(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<Option<String>, StoreError> {
        passwords::table
            .filter(passwords::org_id.eq(key(organization)))
            .filter(passwords::member_id.eq(key(member)))
            .select(passwords::hash)
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)
    }

    fn sessions(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        let rows: Vec<SessionRow> = sessions::table
            .filter(sessions::org_id.eq(key(organization)))
            .filter(sessions::member_id.eq(key(member)))
            .filter(sessions::expires_at.gt(micros(now)))
            .order((sessions::created_at.desc(), sessions::id.desc()))
            .select(SessionRow::as_select())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        rows.into_iter().map(SessionRow::record).collect()
    }
}

impl CredentialWrites for Tx {
    fn put_password_hash(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        hash: &str,
    ) -> Result<(), StoreError> {
        diesel::insert_into(passwords::table)
            .values((
                passwords::org_id.eq(key(organization)),
                passwords::member_id.eq(key(member)),
                passwords::hash.eq(hash),
            ))
            .on_conflict((passwords::org_id, passwords::member_id))
            .do_update()
            .set(passwords::hash.eq(hash))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn create_session(&mut self, session: &NewSession) -> Result<(), StoreError> {
        diesel::insert_into(sessions::table)
            .values((
                sessions::digest.eq(session.token.0.as_slice()),
                sessions::org_id.eq(key(session.organization)),
                sessions::id.eq(key(session.id)),
                sessions::member_id.eq(key(session.member)),
                sessions::created_at.eq(micros(session.created_at)),
                sessions::last_seen_at.eq(micros(session.created_at)),
                sessions::expires_at.eq(micros(session.expires_at)),
                sessions::ip.eq(&session.ip),
                sessions::user_agent.eq(&session.user_agent),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn touch_session(
        &mut self,
        organization: OrganizationId,
        session: SessionId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let due = micros(at - Duration::seconds(SEEN_GRANULARITY_SECONDS));
        let session = sessions::table
            .filter(sessions::org_id.eq(key(organization)))
            .filter(sessions::id.eq(key(session)))
            .filter(sessions::last_seen_at.le(due));
        diesel::update(session)
            .set(sessions::last_seen_at.eq(micros(at)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn end_session(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        session: SessionId,
    ) -> Result<bool, StoreError> {
        let session = sessions::table
            .filter(sessions::org_id.eq(key(organization)))
            .filter(sessions::member_id.eq(key(member)))
            .filter(sessions::id.eq(key(session)));
        let ended = diesel::delete(session)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(ended > 0)
    }

    fn end_other_sessions(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        kept: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        let theirs = sessions::table
            .filter(sessions::org_id.eq(key(organization)))
            .filter(sessions::member_id.eq(key(member)));
        let ended = match kept {
            Some(kept) => diesel::delete(theirs.filter(sessions::id.ne(key(kept))))
                .execute(&mut *self.connection),
            None => diesel::delete(theirs).execute(&mut *self.connection),
        };
        Ok(ended.map_err(store_error)? as u64)
    }

    fn put_reset(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
        token: &Digest,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (digest, expires_at) = (token.0.as_slice(), micros(expires_at));
        diesel::insert_into(resets::table)
            .values((
                resets::org_id.eq(key(organization)),
                resets::member_id.eq(key(member)),
                resets::digest.eq(digest),
                resets::expires_at.eq(expires_at),
            ))
            .on_conflict((resets::org_id, resets::member_id))
            .do_update()
            .set((resets::digest.eq(digest), resets::expires_at.eq(expires_at)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }
}
