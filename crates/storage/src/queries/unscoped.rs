//! What cannot name an organization because it finds it: tokens, sign-in, the outbox, retention.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rollcall_application::ports::{
    Attempts, Digest, InvitationHolder, OfferedProvider, OutboxMail, ResetHolder, SessionHolder,
    SignInCandidate, StoreError, TokenHolder, UnscopedReads, UnscopedWrites,
};
use rollcall_domain::{
    DirectoryKind, FoldedKey, Invitation, MemberId, Organization, OrganizationId, Profile,
};
use uuid::Uuid;

use super::Tx;
use super::dialect::read_to_change;
use super::errors::store_error;
use super::organizations::OrganizationRow;
use super::statements::{PURGE, PURGE_ACTIVITY};
use crate::kept::kept_here;
use crate::schema::{
    attempts, connections, invitations, members, organizations, passwords, resets, sessions, tokens,
};
use crate::values::{Key, damaged, instant, maybe_instant, micros};

/// How many members one e-mail means at most, over all organizations.
const CANDIDATES: i64 = 20;

/// Active members whom a folded e-mail means.
macro_rules! active_members_called {
    ($called:expr) => {
        members::table
            .filter(members::status.eq("active"))
            .filter(
                members::login_key
                    .eq($called.as_str())
                    .or(members::email_key.eq($called.as_str()).assume_not_null()),
            )
            .order((members::org_id, members::id))
            .limit(CANDIDATES)
    };
}

impl UnscopedReads for Tx {
    fn organizations(&mut self, limit: u32) -> Result<Vec<Organization>, StoreError> {
        let rows: Vec<OrganizationRow> = organizations::table
            .order((organizations::created_at, organizations::id))
            .limit(i64::from(limit))
            .select(OrganizationRow::as_select())
            .load(&mut *self.connection)
            .map_err(store_error)?;
        rows.into_iter()
            .map(OrganizationRow::organization)
            .collect()
    }

    fn token_holder(&mut self, token: &Digest) -> Result<Option<TokenHolder>, StoreError> {
        let holder = tokens::table
            .inner_join(
                connections::table.on(connections::org_id
                    .eq(tokens::org_id)
                    .and(connections::id.eq(tokens::connection_id))),
            )
            .filter(tokens::digest.eq(token.0.as_slice()))
            .filter(connections::is_on.eq(true))
            .select((
                connections::org_id,
                connections::id,
                connections::directory,
                connections::profile,
                connections::last_request_at,
            ));
        let rows: Vec<(Key, Key, String, String, Option<i64>)> = kept_here!(holder)
            .load(&mut *self.connection)
            .map_err(store_error)?;
        let holder =
            |(organization, id, directory, profile, heard): (Key, Key, String, String, _)| {
                Ok(TokenHolder {
                    organization: organization.into(),
                    connection: id.into(),
                    directory: DirectoryKind::parse(&directory)
                        .ok_or_else(|| damaged("kind of directory"))?,
                    profile: Profile::parse(&profile).ok_or_else(|| damaged("profile"))?,
                    last_request_at: maybe_instant(heard)?,
                })
            };
        rows.into_iter().next().map(holder).transpose()
    }

    fn session_holder(&mut self, token: &Digest) -> Result<Option<SessionHolder>, StoreError> {
        let row: Option<(Key, Key, Key, i64, i64)> = sessions::table
            .filter(sessions::digest.eq(token.0.as_slice()))
            .select((
                sessions::id,
                sessions::org_id,
                sessions::member_id,
                sessions::last_seen_at,
                sessions::expires_at,
            ))
            .first(&mut *self.connection)
            .optional()
            .map_err(store_error)?;
        row.map(
            |(session, organization, member, last_seen_at, expires_at)| {
                Ok(SessionHolder {
                    session: session.into(),
                    organization: organization.into(),
                    member: member.into(),
                    last_seen_at: instant(last_seen_at)?,
                    expires_at: instant(expires_at)?,
                })
            },
        )
        .transpose()
    }

    fn invitation_holder(
        &mut self,
        token: &Digest,
    ) -> Result<Option<InvitationHolder>, StoreError> {
        let named = invitations::table
            .filter(invitations::digest.eq(token.0.as_slice()))
            .select((
                invitations::org_id,
                invitations::member_id,
                invitations::expires_at,
            ));
        let row: Option<(Key, Key, i64)> = read_to_change!(self, named, "invitations")
            .optional()
            .map_err(store_error)?;
        let Some((organization, member, expires_at)) = row else {
            return Ok(None);
        };
        let (organization, member) = (organization.into(), member.into());
        Ok(Some(InvitationHolder {
            invitation: Invitation {
                organization,
                member,
                teams: self.invitation_teams(organization, member)?,
                expires_at: instant(expires_at)?,
            },
        }))
    }

    fn reset_holder(&mut self, token: &Digest) -> Result<Option<ResetHolder>, StoreError> {
        let named = resets::table
            .filter(resets::digest.eq(token.0.as_slice()))
            .select((resets::org_id, resets::member_id, resets::expires_at));
        let row: Option<(Key, Key, i64)> = read_to_change!(self, named, "resets")
            .optional()
            .map_err(store_error)?;
        row.map(|(organization, member, expires_at)| {
            Ok(ResetHolder {
                organization: organization.into(),
                member: member.into(),
                expires_at: instant(expires_at)?,
            })
        })
        .transpose()
    }

    fn sign_in_candidates(
        &mut self,
        called: &FoldedKey,
    ) -> Result<Vec<SignInCandidate>, StoreError> {
        let rows: Vec<(Key, String, Key, String)> = active_members_called!(called)
            .filter(members::has_password.eq(true))
            .inner_join(organizations::table.on(organizations::id.eq(members::org_id)))
            .inner_join(
                passwords::table.on(passwords::org_id
                    .eq(members::org_id)
                    .and(passwords::member_id.eq(members::id))),
            )
            .select((
                members::org_id,
                organizations::name,
                members::id,
                passwords::hash,
            ))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(
                |(organization, name, member, password_hash)| SignInCandidate {
                    organization: organization.into(),
                    organization_name: name,
                    member: member.into(),
                    password_hash,
                },
            )
            .collect())
    }

    fn providers_of_domain(&mut self, domain: &str) -> Result<Vec<OfferedProvider>, StoreError> {
        self.offers_of_domain(domain)
    }

    fn members_by_email(
        &mut self,
        called: &FoldedKey,
    ) -> Result<Vec<(OrganizationId, MemberId)>, StoreError> {
        let rows: Vec<(Key, Key)> = active_members_called!(called)
            .select((members::org_id, members::id))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        Ok(rows
            .into_iter()
            .map(|(organization, member)| (organization.into(), member.into()))
            .collect())
    }
}

impl UnscopedWrites for Tx {
    fn count_attempt(
        &mut self,
        key: &Digest,
        at: DateTime<Utc>,
        window_seconds: u32,
    ) -> Result<Attempts, StoreError> {
        let key = key.0.as_slice();
        let ended = attempts::table
            .filter(attempts::key.eq(key))
            .filter(attempts::window_ends_at.le(micros(at)));
        diesel::delete(ended)
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        let window_ends_at = at + Duration::seconds(i64::from(window_seconds));
        let (count, window_ends_at): (i64, i64) = diesel::insert_into(attempts::table)
            .values((
                attempts::key.eq(key),
                attempts::count.eq(1_i64),
                attempts::window_ends_at.eq(micros(window_ends_at)),
            ))
            .on_conflict(attempts::key)
            .do_update()
            .set(attempts::count.eq(attempts::count + 1))
            .returning((attempts::count, attempts::window_ends_at))
            .get_result(&mut *self.connection)
            .map_err(store_error)?;
        Ok(Attempts {
            count: u32::try_from(count).unwrap_or(u32::MAX),
            window_ends_at: instant(window_ends_at)?,
        })
    }

    fn forget_attempts(&mut self, key: &Digest) -> Result<(), StoreError> {
        diesel::delete(attempts::table.filter(attempts::key.eq(key.0.as_slice())))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    fn lease_mails(
        &mut self,
        now: DateTime<Utc>,
        leased_until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        self.lease(now, leased_until, limit)
    }

    fn mail_sent(&mut self, id: Uuid) -> Result<(), StoreError> {
        self.drop_mail(id)
    }

    fn mail_failed(&mut self, id: Uuid, retry_at: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        match retry_at {
            Some(at) => self.retry_mail(id, at),
            None => self.drop_mail(id),
        }
    }

    fn purge(
        &mut self,
        now: DateTime<Utc>,
        activity_before: Option<DateTime<Utc>>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut gone = 0;
        for statement in PURGE {
            gone += self.purge_by(statement, now, limit)?;
        }
        if let Some(before) = activity_before {
            gone += self.purge_by(PURGE_ACTIVITY, before, limit)?;
        }
        Ok(gone)
    }
}

impl Tx {
    fn purge_by(
        &mut self,
        statement: &str,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let gone = diesel::sql_query(statement)
            .bind::<BigInt, _>(micros(until))
            .bind::<BigInt, _>(i64::from(limit))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(gone as u64)
    }
}
