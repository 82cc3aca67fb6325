//! Sorting as a list of the application takes it (RFC 7644 section 3.4.2.3).

use std::sync::Arc;

use rollcall_application::directory::Order;
use rollcall_application::ports::Direction;
use rollcall_scim_protocol::query::SortOrder;
use rollcall_scim_protocol::sort::Sort;
use serde_json::Value;

/// The order of rows by what a client would see of them. None where a list comes in that order
/// anyhow: by id.
pub(crate) fn order<T: 'static>(
    sort: Sort,
    render: impl Fn(&T) -> Value + Send + Sync + 'static,
) -> Option<Order<T>> {
    let direction = match sort.order {
        SortOrder::Ascending if sort.is_by("id") => return None,
        SortOrder::Ascending => Direction::Ascending,
        SortOrder::Descending => Direction::Descending,
    };
    let key = Arc::new(move |row: &T| sort.key(&render(row)));
    Some(Order { key, direction })
}
