//! What only SQLite understands, and how the queries say it: lists of ids as one bound value,
//! conditions that its partial indexes serve, instants compared.

use diesel::sql_types::{BigInt, Text};

use crate::literal::literals;
use crate::values::Key;

/// A list of ids as a bound value: a JSON array of hexadecimal texts. One value for however many
/// there are, so that the statement stays the same and no limit on bound values applies.
pub(crate) type IdList = String;
/// The SQL type of [`IdList`].
pub(crate) type IdListSql = Text;

/// Ids as one bound value.
pub(crate) fn id_list(ids: impl IntoIterator<Item = Key>) -> IdList {
    let ids: Vec<String> = ids
        .into_iter()
        .map(|id| id.0.simple().to_string())
        .collect();
    serde_json::to_string(&ids).expect("a list of texts always renders")
}

/// A condition: the column is one of these ids.
macro_rules! is_one_of {
    ($column:literal, $ids:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!(
            $column,
            " IN (SELECT unhex(value) FROM json_each("
        ))
        .bind::<diesel::sql_types::Text, _>(crate::sqlite::dialect::id_list($ids))
        .sql("))")
    };
}
pub(crate) use is_one_of;

literals! {
    /// A link that is live.
    Live = "links.state = 'live'";
    /// A link that is live and still says what its object's key is: what is unique.
    LiveAndFound = "links.state = 'live' AND links.moved = 0";
    /// A member's link.
    OfMember = "links.member_id IS NOT NULL";
    /// A team's link.
    OfTeam = "links.team_id IS NOT NULL";
    /// The live link of a team, where a member's link stands in the statement, too.
    OfLiveTeam = "team_links.team_id IS NOT NULL AND team_links.state = 'live'";
    /// An owner who may sign in, by whatever way, spelled as the partial index is.
    ActiveOwner = "role = 'owner' AND status = 'active'";
    /// Who may sign in and has no password, spelled as the partial index is.
    WithoutPassword = "status = 'active' AND has_password = 0";
    /// A link to a member whose status is other than the directory's last word.
    StatusOtherThanSaid = "members.status <> CASE links.active WHEN 1 THEN 'active' ELSE 'deactivated' END";
}

diesel::define_sql_function! {
    /// The later of two instants.
    #[sql_name = "max"]
    fn later(left: BigInt, right: BigInt) -> BigInt;
}

/// Reads an object that the transaction may be about to change. There is one writer: nobody else
/// changes it meanwhile.
macro_rules! read_to_change {
    ($tx:expr, $query:expr, $table:literal) => {
        $query.first(&mut *$tx.connection)
    };
}
pub(crate) use read_to_change;

pub(crate) use super::effects::{effect_here, update_here};
