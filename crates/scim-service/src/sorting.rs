//! Sorting as a list of the application takes it (RFC 7644 section 3.4.2.3).

use std::sync::Arc;

use rollcall_application::directory::{Order, SortBy};
use rollcall_application::ports::Direction;
use rollcall_scim_protocol::query::SortOrder;
use rollcall_scim_protocol::sort::Sort;
use serde_json::Value;

/// By what rows may be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sorted {
    /// By an index where one keeps the order; this is the attribute that the index of names sorts.
    ByIndex(&'static str),
    /// By the key of each row, which can be compared with those of another list.
    ByKey,
}

/// The order that a client asked for: by an index where one keeps it, else by what the client would
/// see of each row.
pub(crate) fn order<T: 'static>(
    sort: Option<Sort>,
    sorted: Sorted,
    render: impl Fn(&T) -> Value + Send + Sync + 'static,
) -> Order<T> {
    match (order_of_index(sort.as_ref(), sorted), sort) {
        (None, Some(sort)) => Order {
            direction: direction(sort.order),
            by: SortBy::Key(Arc::new(move |row: &T| sort.key(&render(row)))),
        },
        (order, _) => order.unwrap_or_default(),
    }
}

/// The order that a client asked for, where an index keeps it.
pub(crate) fn order_of_index<T>(sort: Option<&Sort>, sorted: Sorted) -> Option<Order<T>> {
    let Some(sort) = sort else {
        return Some(Order::default());
    };
    let by = match sorted {
        Sorted::ByIndex(_) if sort.is_by("id") => SortBy::Age,
        Sorted::ByIndex(name) if sort.is_by(name) => SortBy::Name,
        _ => return None,
    };
    Some(Order {
        by,
        direction: direction(sort.order),
    })
}

/// The direction in the words of the application.
const fn direction(order: SortOrder) -> Direction {
    match order {
        SortOrder::Ascending => Direction::Ascending,
        SortOrder::Descending => Direction::Descending,
    }
}
