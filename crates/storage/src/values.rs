//! How values of the domain stand in columns.

use chrono::{DateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;
use rollcall_application::ports::StoreError;
use rollcall_domain::{ConnectionId, MemberId, OrganizationId, RequestId, SessionId, TeamId};
use uuid::Uuid;

/// An id of any kind in its sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub(crate) struct Key(pub(crate) Uuid);

impl<DB> ToSql<Binary, DB> for Key
where
    DB: Backend,
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_bytes().as_slice().to_sql(out)
    }
}

impl<DB> FromSql<Binary, DB> for Key
where
    DB: Backend,
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = Vec::<u8>::from_sql(bytes)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

macro_rules! keys {
    ($($id:ident),+) => {
        $(
            impl From<$id> for Key {
                fn from(id: $id) -> Self {
                    Self(id.uuid())
                }
            }

            impl From<Key> for $id {
                fn from(key: Key) -> Self {
                    Self::new(key.0)
                }
            }
        )+
    };
}

keys!(
    OrganizationId,
    MemberId,
    TeamId,
    ConnectionId,
    SessionId,
    RequestId
);

/// The column of an id.
pub(crate) fn key(id: impl Into<Key>) -> Key {
    id.into()
}

/// The column of an instant: microseconds since 1970.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// The instant of a column.
pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| damaged("instant"))
}

/// The instant of a column that may be empty.
pub(crate) fn maybe_instant(micros: Option<i64>) -> Result<Option<DateTime<Utc>>, StoreError> {
    micros.map(instant).transpose()
}

/// A count as ports say it.
pub(crate) fn counted(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// A column holds what this program never writes.
#[derive(Debug, thiserror::Error)]
#[error("the stored {0} cannot be read")]
struct Damaged(&'static str);

/// Says which stored value cannot be read.
pub(crate) fn damaged(what: &'static str) -> StoreError {
    StoreError::Internal(Box::new(Damaged(what)))
}
