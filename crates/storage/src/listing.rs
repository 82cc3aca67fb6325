//! Keyset pages: a page begins where the one before ended, by sort key and id, so that a deep page
//! costs what the first one does and none shifts when rows come or go before it.

use rollcall_application::ports::{Cursor, StoreError};

use crate::values::{Key, damaged};

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

/// A row's place in its order: its id and its sort key as text.
pub(crate) type Place = (Key, String);

/// Where a page sorted by text begins.
pub(crate) fn after_text(after: Option<&Cursor>) -> Option<(String, Key)> {
    after.map(|cursor| (cursor.key.clone(), Key(cursor.id)))
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
