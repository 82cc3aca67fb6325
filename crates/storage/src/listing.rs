//! Keyset pages: a page begins where the one before ended, by sort key and id, so that a deep page
//! costs what the first one does and none shifts when rows come or go before it.

use rollcall_application::ports::{Cursor, StoreError};

use crate::values::{Key, damaged, findable};

/// Puts the order of a keyset page on a boxed query, and its beginning.
macro_rules! keyset {
    ($rows:expr, $column:expr, $id:expr, $direction:expr, $after:expr) => {{
        let mut rows = $rows;
        // `column >= key` alone can use the index; the rest tells rows that share the key.
        match $direction {
            rollcall_application::ports::Direction::Ascending => {
                if let Some((at, id)) = $after {
                    let beyond = $column.gt(at.clone()).or($id.gt(id));
                    rows = rows.filter($column.ge(at)).filter(beyond);
                }
                rows.order(($column.asc(), $id.asc()))
            }
            rollcall_application::ports::Direction::Descending => {
                if let Some((at, id)) = $after {
                    let beyond = $column.lt(at.clone()).or($id.lt(id));
                    rows = rows.filter($column.le(at)).filter(beyond);
                }
                rows.order(($column.desc(), $id.desc()))
            }
        }
    }};
}
pub(crate) use keyset;

/// Puts order, beginning and end of a stretch on the live links of a connection. `$id` is the column
/// of the kind of object that is asked for.
macro_rules! stretched {
    ($rows:expr, $id:expr, $stretch:expr) => {{
        use rollcall_application::ports::{Direction, LiveSort, Window};
        let rows = $rows.limit(i64::from($stretch.limit));
        let (rows, after) = match &$stretch.window {
            Window::After(after) => (rows, after.as_ref()),
            Window::Offset(0) => (rows, None),
            Window::Offset(offset) => (
                rows.offset(i64::try_from(*offset).unwrap_or(i64::MAX)),
                None,
            ),
        };
        match ($stretch.sort, $stretch.direction) {
            (LiveSort::Id, Direction::Ascending) => match after {
                Some(row) => rows.filter($id.gt(crate::values::Key(row.id))),
                None => rows,
            }
            .order($id.asc()),
            (LiveSort::Id, Direction::Descending) => match after {
                Some(row) => rows.filter($id.lt(crate::values::Key(row.id))),
                None => rows,
            }
            .order($id.desc()),
            // The names of what is found are what the index sorts.
            (LiveSort::Name, direction) => {
                let rows = rows.filter(LiveAndFound);
                let after = crate::listing::after_text(after);
                crate::listing::keyset!(rows, links::key, $id, direction, after)
            }
        }
    }};
}
pub(crate) use stretched;

/// The ids of the organization's rows of a table whose instant lies in a span.
macro_rules! within {
    ($table:ident, $at:expr, $organization:expr, $span:expr) => {{
        let first = $span.from.map_or(i64::MIN, crate::values::micros);
        let end = $span.until.map_or(i64::MAX, crate::values::micros);
        $table::table
            .filter($table::org_id.eq(key($organization)))
            .filter($at.ge(first))
            .filter($at.lt(end))
            .select($table::id.nullable())
    }};
}
pub(crate) use within;

/// A row's place in its order: its id and its sort key as text.
pub(crate) type Place = (Key, String);

/// Where a page sorted by text begins.
pub(crate) fn after_text(after: Option<&Cursor>) -> Option<(String, Key)> {
    after.map(|cursor| (findable(&cursor.key).to_owned(), Key(cursor.id)))
}

/// Where a page sorted by time begins.
pub(crate) fn after_time(after: Option<&Cursor>) -> Result<Option<(i64, Key)>, StoreError> {
    after
        .map(|cursor| {
            let at = cursor.key.parse().map_err(|_| damaged("cursor"))?;
            Ok((at, Key(cursor.id)))
        })
        .transpose()
}

/// Cuts off the one row too many that tells whether there is a next page, and says where it begins.
pub(crate) fn cut(places: &mut Vec<Place>, limit: u32) -> Option<Cursor> {
    let limit = limit as usize;
    if places.len() <= limit {
        return None;
    }
    places.truncate(limit);
    places.last().map(|(id, key)| Cursor {
        key: key.clone(),
        id: id.0,
    })
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
