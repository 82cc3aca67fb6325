//! Statements that answer no rows, prepared once.
//!
//! An `execute` looks past what says that a statement is to be kept, and a `RETURNING`, which would
//! make a query of it, has SQLite open a table of its own for the rows each time: that costs more than
//! most updates do. So such a statement is loaded, and what it answers is nothing.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Untyped};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, QueryableByName, RunQueryDsl, SqliteConnection, deserialize, row};

use super::Tx;
use crate::kept::Keep;

/// A statement that answers no rows.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct Effect<Q>(pub(crate) Q);

impl<Q> Query for Effect<Q> {
    type SqlType = Untyped;
}

impl<Q> RunQueryDsl<SqliteConnection> for Effect<Q> {}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Effect<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }
}

/// The rows of a statement that answers none.
pub(crate) struct Nothing;

impl QueryableByName<Sqlite> for Nothing {
    fn build<'a>(_row: &impl row::NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        Ok(Self)
    }
}

#[derive(QueryableByName)]
struct Changes {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows the last statement changed.
pub(crate) fn changed(tx: &mut Tx) -> QueryResult<usize> {
    count(tx, "SELECT changes() AS rows").map(|rows| usize::try_from(rows).unwrap_or(0))
}

/// How many rows this connection has ever changed.
pub(crate) fn ever_changed(tx: &mut Tx) -> QueryResult<i64> {
    count(tx, "SELECT total_changes() AS rows")
}

fn count(tx: &mut Tx, question: &'static str) -> QueryResult<i64> {
    let asked = diesel::sql_query(question).kept();
    asked
        .get_result(&mut *tx.connection)
        .map(|Changes { rows }| rows)
}

/// Runs an update or an insertion. Only values may differ between any two times that this line is reached. The column
/// is for engines that have to name one.
macro_rules! effect_here {
    ($tx:expr, $update:expr, $column:expr) => {{
        let _ = $column;
        let effect = crate::kept::kept_here!(crate::sqlite::effects::Effect($update));
        let none: diesel::QueryResult<Vec<crate::sqlite::effects::Nothing>> =
            diesel::RunQueryDsl::load(effect, &mut *$tx.connection);
        none.map(drop)
    }};
}
pub(crate) use effect_here;

/// The same, and answers how many rows it changed.
macro_rules! update_here {
    ($tx:expr, $update:expr, $column:expr) => {
        crate::sqlite::effects::effect_here!($tx, $update, $column)
            .and_then(|()| crate::sqlite::effects::changed($tx))
    };
}
pub(crate) use update_here;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::InstrumentationEvent;
    use diesel::prelude::*;
    use rollcall_testkit::supplies;
    use uuid::Uuid;

    use crate::schema::organizations;
    use crate::sqlite::pool::Connections;
    use crate::values::Key;

    #[test]
    fn updates_and_insertions_are_prepared_once_and_updates_count_what_they_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let connections = Connections::open(&file, String::new(), 1, supplies(1)).unwrap();
        let mut tx = connections.lease().unwrap();
        for statement in [
            "CREATE TABLE organizations (id BLOB, member_count BIGINT)",
            "INSERT INTO organizations VALUES (x'01', 1), (x'02', 2)",
        ] {
            diesel::sql_query(statement)
                .execute(&mut *tx.connection)
                .unwrap();
        }
        let prepared = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&prepared);
        tx.connection
            .set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        for by in [1_i64, 2, 3] {
            let moved = diesel::update(organizations::table)
                .set(organizations::member_count.eq(organizations::member_count + by));
            let rows = update_here!(&mut tx, moved, organizations::id);
            assert_eq!(rows, Ok(2));
        }
        // The update and the question how many rows it changed.
        assert_eq!(prepared.load(Ordering::Relaxed), 2);
        for id in [3, 4, 5] {
            let entered = diesel::insert_into(organizations::table)
                .values(organizations::id.eq(Key(Uuid::from_u128(id))));
            assert_eq!(effect_here!(&mut tx, entered, organizations::id), Ok(()));
        }
        assert_eq!(prepared.load(Ordering::Relaxed), 3);
    }
}
