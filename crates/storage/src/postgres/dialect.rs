//! What only PostgreSQL understands, and how the queries say it.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt};
use diesel::{PgConnection, RunQueryDsl};

use super::Backend;
use crate::literal::literals;
use crate::values::{Id, Key};

/// A list of ids as a bound value: one array for however many there are, so that the statement
/// stays the same.
pub(crate) type IdList = Vec<Key>;
/// The SQL type of [`IdList`].
pub(crate) type IdListSql = Array<Id>;

/// Ids as one bound value.
pub(crate) fn id_list(ids: impl IntoIterator<Item = Key>) -> IdList {
    ids.into_iter().collect()
}

/// A condition: the column is one of these ids.
macro_rules! is_one_of {
    ($column:literal, $ids:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!($column, " = ANY("))
            .bind::<crate::postgres::dialect::IdListSql, _>(crate::postgres::dialect::id_list($ids))
            .sql(")")
    };
}
pub(crate) use is_one_of;

literals! {
    /// A link that is live.
    Live = "links.state = 'live'";
    /// A link that is live and still says what its object's key is: what is unique.
    LiveAndFound = "links.state = 'live' AND NOT links.moved";
    /// A member's link.
    OfMember = "links.member_id IS NOT NULL";
    /// A team's link.
    OfTeam = "links.team_id IS NOT NULL";
    /// The live link of a team, where a member's link stands in the statement, too.
    OfLiveTeam = "team_links.team_id IS NOT NULL AND team_links.state = 'live'";
    /// An owner who may sign in, by whatever way, spelled as the partial index is.
    ActiveOwner = "role = 'owner' AND status = 'active'";
    /// Who may sign in and has no password, spelled as the partial index is.
    WithoutPassword = "status = 'active' AND NOT has_password";
    /// A link to a member whose status is other than the directory's last word.
    StatusOtherThanSaid = "members.status <> CASE WHEN links.active THEN 'active' ELSE 'deactivated' END";
}

diesel::define_sql_function! {
    /// The later of two instants.
    #[sql_name = "greatest"]
    fn later(left: BigInt, right: BigInt) -> BigInt;
}

/// Reads an object that the transaction may be about to change. In a transaction that writes, its
/// row is locked first: whoever else is about to change it waits for the commit and then reads
/// what it left, so that no decision rests on a state that has passed.
macro_rules! read_to_change {
    ($tx:expr, $query:expr, $table:literal) => {
        if $tx.writes() {
            crate::postgres::dialect::Locking {
                query: $query,
                clause: concat!(" FOR NO KEY UPDATE OF ", $table),
            }
            .get_result(&mut *$tx.connection)
        } else {
            $query.first(&mut *$tx.connection)
        }
    };
}
pub(crate) use read_to_change;

/// Runs an update and answers how many rows it changed. Only values may differ between any two times
/// that this line is reached. A column is returned of each row, since an `execute` looks past what says
/// that a statement is to be kept.
macro_rules! update_here {
    ($tx:expr, $update:expr, $column:expr) => {{
        let kept = crate::kept::kept_here!($update.returning($column));
        let rows: diesel::QueryResult<Vec<crate::values::Key>> =
            diesel::RunQueryDsl::load(kept, &mut *$tx.connection);
        rows.map(|rows| rows.len())
    }};
}
pub(crate) use update_here;

/// The same where nobody asks how many they were.
macro_rules! effect_here {
    ($tx:expr, $update:expr, $column:expr) => {
        crate::postgres::dialect::update_here!($tx, $update, $column).map(drop)
    };
}
pub(crate) use effect_here;

/// A query that locks the rows of one of its tables. diesel's own clause names no table, and locks
/// of the far side of an outer join are refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Locking<Q> {
    pub(crate) query: Q,
    /// `FOR … OF` a table.
    pub(crate) clause: &'static str,
}

impl<Q: QueryId> QueryId for Locking<Q> {
    type QueryId = Locking<Q::QueryId>;
    // One query locks by one clause: the same type never stands for two texts.
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Locking<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for Locking<Q> {}

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Locking<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(self.clause);
        Ok(())
    }
}
