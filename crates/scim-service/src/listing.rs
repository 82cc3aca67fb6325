//! Lists: one query, answered by index or by cursor (RFC 7644 section 3.4.2, RFC 9865).

use rollcall_application::directory::{Found, Listed, Start};
use rollcall_scim_protocol::messages::{ListResponse, Position};
use rollcall_scim_protocol::paging::Paging;
use rollcall_scim_protocol::query::Query;

use crate::cursor::CursorScope;
use crate::failure::{ScimFailure, too_many};
use crate::reply::Reply;
use crate::session::ScimSession;

/// A page of one kind of resource as it is asked of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageOf {
    pub(crate) start: Start,
    pub(crate) limit: u32,
}

impl ScimSession {
    /// Where the page of a query on one kind of resource begins.
    pub(crate) fn page_of(&self, list: &'static str, query: &Query) -> Result<PageOf, ScimFailure> {
        Ok(match &query.paging {
            Paging::Index(page) => PageOf {
                start: Start::Offset(page.offset()),
                limit: page.count,
            },
            Paging::Cursor(page) => {
                let scope = CursorScope {
                    session: self,
                    list,
                    query,
                };
                let opened = scope.open(page)?;
                PageOf {
                    start: Start::After(opened.after.map(|(_, place)| place)),
                    limit: opened.count,
                }
            }
        })
    }

    /// The answer to a query on one kind of resource.
    pub(crate) fn list_reply<T>(
        &self,
        list: &'static str,
        query: &Query,
        page: &PageOf,
        listed: Listed<T>,
        write: impl FnMut(&T, &mut Vec<u8>),
    ) -> Reply {
        let position = match &query.paging {
            Paging::Index(page) => Position::Index(page.start_index),
            Paging::Cursor(_) => {
                let scope = CursorScope {
                    session: self,
                    list,
                    query,
                };
                Position::Cursor(listed.next.map(|place| scope.seal(page.limit, 0, &place)))
            }
        };
        let message = ListResponse {
            total_results: listed.total,
            position,
            resources: listed.items,
        };
        Reply::ok(message.to_json_with(write))
    }
}

/// The page, where there is one.
pub(crate) fn require_page<T>(found: Found<T>) -> Result<Listed<T>, ScimFailure> {
    match found {
        Found::Page(listed) => Ok(listed),
        Found::TooMany => Err(too_many().into()),
    }
}
