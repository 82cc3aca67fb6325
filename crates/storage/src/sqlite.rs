//! SQL that only SQLite understands, in one place: lists of ids as one bound value, counts of
//! bounded queries. Set-wise statements that need more stand beside it, in `memberships`.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel::{RunQueryDsl, SqliteConnection};

use crate::values::Key;

/// Ids as one JSON array of hexadecimal texts: one bound value for however many there are, so
/// that the statement stays the same and no limit on bound values applies.
pub(crate) fn json_ids(ids: impl IntoIterator<Item = Key>) -> String {
    let ids: Vec<String> = ids
        .into_iter()
        .map(|id| id.0.simple().to_string())
        .collect();
    serde_json::to_string(&ids).expect("a list of texts always renders")
}

/// A condition: the column is one of the ids of [`json_ids`].
macro_rules! is_one_of {
    ($column:literal, $json:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!(
            $column,
            " IN (SELECT unhex(value) FROM json_each("
        ))
        .bind::<diesel::sql_types::Text, _>($json)
        .sql("))")
    };
}
pub(crate) use is_one_of;

/// A literal condition: partial indexes serve literals, not bound values.
pub(crate) fn literally(
    condition: &str,
) -> diesel::expression::SqlLiteral<diesel::sql_types::Bool> {
    diesel::dsl::sql(condition)
}

/// A link that is live.
pub(crate) const LIVE: &str = "links.state = 'live'";
/// A link that is live and still says what its object's key is: what is unique.
pub(crate) const LIVE_AND_FOUND: &str = "links.state = 'live' AND links.moved = 0";
/// A member's link.
pub(crate) const OF_MEMBER: &str = "links.member_id IS NOT NULL";
/// A team's link.
pub(crate) const OF_TEAM: &str = "links.team_id IS NOT NULL";

/// How many rows a query answers, counted by the database; bound the query to bound the cost.
#[derive(Debug, Clone, Copy, QueryId)]
pub(crate) struct CountOf<Q>(pub(crate) Q);

impl<Q: Query> Query for CountOf<Q> {
    type SqlType = BigInt;
}

impl<Q> RunQueryDsl<SqliteConnection> for CountOf<Q> {}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for CountOf<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted");
        Ok(())
    }
}

/// Escapes what `LIKE … ESCAPE '\'` would take for a pattern, and looks for it anywhere (SEC-30).
pub(crate) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

diesel::define_sql_function! {
    /// The later of two instants.
    #[sql_name = "max"]
    fn later(left: BigInt, right: BigInt) -> BigInt;
}
