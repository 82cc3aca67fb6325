//! How values of the domain stand in columns.

use std::io::Write;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{SqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use rollcall_application::ports::StoreError;
use rollcall_domain::{
    ConnectionId, LinkState, MemberId, OrganizationId, Origin, RequestId, Role, SessionId, TeamId,
};
use uuid::Uuid;

/// The SQL type of an id: a UUID where the engine has the type, its sixteen bytes where not. Both
/// sort alike, by bytes.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(sqlite_type(name = "Binary"))]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
pub struct Id;

/// An id of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub(crate) struct Key(pub(crate) Uuid);

impl ToSql<Id, Sqlite> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Sqlite> for Key {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.read_blob())?))
    }
}

impl ToSql<Id, Pg> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
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

/// A word that stands for a value of the domain, read where it stands: most columns of a row are such
/// words, and each would be copied to be looked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub(crate) struct Word<T>(pub(crate) T);

/// What a word can stand for.
pub(crate) trait Worded: Sized {
    /// What it is called where it cannot be read.
    const WHAT: &'static str;

    /// The value of a word.
    fn read(word: &str) -> Option<Self>;
}

impl<T: Worded> Word<T> {
    fn of(word: &str) -> deserialize::Result<Self> {
        let value = T::read(word).ok_or(Damaged(T::WHAT))?;
        Ok(Self(value))
    }
}

impl<T: Worded> FromSql<Text, Sqlite> for Word<T> {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Self::of(value.read_text())
    }
}

impl<T: Worded> FromSql<Text, Pg> for Word<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Self::of(std::str::from_utf8(value.as_bytes())?)
    }
}

macro_rules! worded {
    ($($value:ty => $what:literal),+ $(,)?) => {
        $(
            impl Worded for $value {
                const WHAT: &'static str = $what;

                fn read(word: &str) -> Option<Self> {
                    Self::parse(word)
                }
            }
        )+
    };
}

worded!(Origin => "origin", Role => "role", LinkState => "state of a link");

/// What is found nowhere: no stored text holds a control character, and every engine takes this one.
const NOWHERE: &str = "\u{1}";

/// The longest text that is looked for, in bytes. What is stored is far shorter, and SQLite refuses
/// patterns of more than 50,000 bytes.
const LONGEST_SEARCH: usize = 16 * 1024;

/// A text to be looked for. PostgreSQL takes no NUL, not even to compare, and no stored text holds
/// one: whoever asks for it, or for what is too long for any name, finds nothing, on every engine.
pub(crate) fn findable(text: &str) -> &str {
    if text.len() > LONGEST_SEARCH || text.contains('\0') {
        NOWHERE
    } else {
        text
    }
}
