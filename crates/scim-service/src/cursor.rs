//! Cursors (RFC 9865): a place in a list, sealed for one client and one query.
//!
//! Nothing is remembered on the server. The seal is authenticated over the organization, the
//! connection, its present token and the query, so that a cursor opens nowhere else (C-5.2-01, -02),
//! and encrypted, since the place of a row may be somebody's name. Its key is the service's own, the
//! same on every node.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollcall_application::directory::Place;
use rollcall_application::ports::SecretText;
use rollcall_scim_protocol::error::{ScimError, ScimType};
use rollcall_scim_protocol::paging::{CURSOR_SECONDS, CursorPage, DEFAULT_COUNT};
use rollcall_scim_protocol::query::Query;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::session::ScimSession;

/// The longest cursor that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// When it was given out, in seconds since 1970.
    at: i64,
    /// How many resources its pages hold.
    count: u32,
    /// In which of the lists that make one up the place is.
    part: u8,
    /// The sort key, in base64.
    key: String,
    id: Uuid,
}

/// Where a page by cursor begins, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// After which row of which part; at the beginning when absent.
    pub(crate) after: Option<(u8, Place)>,
    /// At most this many resources.
    pub(crate) count: u32,
}

/// The list and the query a cursor is for, and who asks.
pub(crate) struct CursorScope<'a> {
    pub(crate) session: &'a ScimSession,
    /// The endpoint.
    pub(crate) list: &'static str,
    pub(crate) query: &'a Query,
}

impl CursorScope<'_> {
    /// Opens the cursor of a request.
    ///
    /// # Errors
    /// `invalidCursor` for what was never given out to this client for this query, `expiredCursor`,
    /// `invalidCount` for another count than the cursor's (C-2.1-01).
    pub(crate) fn open(&self, page: &CursorPage) -> Result<Opened, ScimError> {
        let Some(cursor) = &page.cursor else {
            return Ok(Opened {
                after: None,
                count: page.count.unwrap_or(DEFAULT_COUNT),
            });
        };
        let sealed = self.unsealed(cursor).ok_or_else(|| {
            ScimError::new(
                ScimType::InvalidCursor,
                "the cursor was not given out for this query: begin again with an empty one",
            )
        })?;
        let age = self.now() - sealed.at;
        if age > i64::from(CURSOR_SECONDS) {
            let detail = "the cursor is too old: begin again with an empty one";
            return Err(ScimError::new(ScimType::ExpiredCursor, detail));
        }
        if page.count.is_some_and(|count| count != sealed.count) {
            let detail = "count must stay what it was when the cursor was given out";
            return Err(ScimError::new(ScimType::InvalidCount, detail));
        }
        let key = URL_SAFE_NO_PAD.decode(&sealed.key).unwrap_or_default();
        let place = Place { key, id: sealed.id };
        Ok(Opened {
            after: Some((sealed.part, place)),
            count: sealed.count,
        })
    }

    /// Seals the place of the last row of a page.
    pub(crate) fn seal(&self, count: u32, part: u8, place: &Place) -> String {
        let sealed = Sealed {
            at: self.now(),
            count,
            part,
            key: URL_SAFE_NO_PAD.encode(&place.key),
            id: place.id,
        };
        let text = serde_json::to_string(&sealed).expect("numbers and texts always render");
        let services = &self.session.services;
        let cursor = services
            .sealer
            .seal(&self.context(), &SecretText::new(text));
        URL_SAFE_NO_PAD.encode(cursor)
    }

    fn unsealed(&self, cursor: &str) -> Option<Sealed> {
        if cursor.len() > LONGEST {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let text = self
            .session
            .services
            .sealer
            .open(&self.context(), &sealed)?;
        serde_json::from_str(text.expose()).ok()
    }

    /// Everything that must be the same on every page (C-2-04).
    fn context(&self) -> String {
        let (caller, query) = (self.session.caller(), self.query);
        let client = (
            caller.organization.to_string(),
            caller.connection.to_string(),
            caller.token.0,
        );
        let asked = (
            &query.filter,
            &query.sort_by,
            &query.sort_order,
            &query.attributes,
            &query.excluded_attributes,
        );
        serde_json::to_string(&("scim cursor", client, self.list, asked))
            .expect("texts always render")
    }

    fn now(&self) -> i64 {
        self.session.services.clock.now().timestamp()
    }
}
