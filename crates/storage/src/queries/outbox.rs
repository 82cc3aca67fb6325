//! Mails that leave after commit, handed to one worker at a time.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rollcall_application::ports::{OutboxMail, OutboxWrites, OutgoingMail, StoreError};
use rollcall_domain::{Email, OrganizationId};
use uuid::Uuid;

use super::Tx;
use super::errors::store_error;
use super::statements::LEASE_MAILS;
use crate::schema::outbox;
use crate::values::{Key, key, micros};

#[derive(QueryableByName)]
#[diesel(table_name = outbox)]
struct OutboxRow {
    id: Key,
    org_id: Key,
    recipient: String,
    subject: String,
    body: String,
    attempts: i64,
    created_at: i64,
}

impl OutboxWrites for Tx {
    fn enqueue(
        &mut self,
        organization: OrganizationId,
        mail: &OutgoingMail,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let id = self.next_id();
        diesel::insert_into(outbox::table)
            .values((
                outbox::id.eq(Key(id)),
                outbox::org_id.eq(key(organization)),
                outbox::recipient.eq(mail.to.as_str()),
                outbox::subject.eq(&mail.subject),
                outbox::body.eq(&mail.body),
                outbox::attempts.eq(0_i64),
                outbox::due_at.eq(micros(at)),
                outbox::created_at.eq(micros(at)),
            ))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }
}

impl Tx {
    /// Hands out mails that are due, oldest first.
    pub(crate) fn lease(
        &mut self,
        now: DateTime<Utc>,
        leased_until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<OutboxMail>, StoreError> {
        let mut rows: Vec<OutboxRow> = diesel::sql_query(LEASE_MAILS)
            .bind::<BigInt, _>(micros(leased_until))
            .bind::<BigInt, _>(micros(now))
            .bind::<BigInt, _>(i64::from(limit))
            .load(&mut *self.connection)
            .map_err(store_error)?;
        rows.sort_unstable_by_key(|row| (row.created_at, row.id));
        Ok(rows
            .into_iter()
            .map(|row| OutboxMail {
                id: row.id.0,
                organization: row.org_id.into(),
                attempts: u32::try_from(row.attempts - 1).unwrap_or(u32::MAX),
                mail: OutgoingMail {
                    to: Email::from_stored(row.recipient),
                    subject: row.subject,
                    body: row.body,
                },
            })
            .collect())
    }

    /// A mail was sent, or is given up.
    pub(crate) fn drop_mail(&mut self, id: Uuid) -> Result<(), StoreError> {
        diesel::delete(outbox::table.filter(outbox::id.eq(Key(id))))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }

    /// A mail is due again.
    pub(crate) fn retry_mail(&mut self, id: Uuid, at: DateTime<Utc>) -> Result<(), StoreError> {
        diesel::update(outbox::table.filter(outbox::id.eq(Key(id))))
            .set(outbox::due_at.eq(micros(at)))
            .execute(&mut *self.connection)
            .map_err(store_error)?;
        Ok(())
    }
}
