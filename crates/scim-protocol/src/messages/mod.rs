//! The messages of RFC 7644 and the discovery resources of RFC 7643.

mod bulk;
mod discovery;
mod search;

pub use bulk::{BulkCall, BulkMethod, BulkOperation, BulkRequest, BulkResult, bulk_response};
pub use discovery::{
    AuthenticationScheme, BulkLimits, Capabilities, Support, resource_type, resource_types, schema,
    schemas, service_provider_config,
};
pub use search::parse_search_request;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::etag::ETag;
use crate::json_text::{self, Object};
use crate::schema::ResourceKind;
use crate::urn;

/// What a list takes at least, and each resource in it: most find one or none.
const FEW_BYTES: usize = 1_024;

/// Where a page stands in its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// The number of its first resource, from 1.
    Index(u64),
    /// The cursor of the page after it; none on the last (RFC 9865 section 2, C-2-02).
    Cursor(Option<String>),
}

/// A page of a result (RFC 7644 section 3.4.2). `itemsPerPage` is always written, and an empty result
/// has an empty array (P-3.4.2-02).
#[derive(Debug, Clone, PartialEq)]
pub struct ListResponse<T> {
    /// How many resources match, on all pages together. It is left out only where a page by cursor
    /// does not look at all of them (C-2-05).
    pub total_results: Option<u64>,
    /// Where the page stands.
    pub position: Position,
    /// The resources of this page; `itemsPerPage` is how many they are (P-3.4.2.4-03).
    pub resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// Everything on one page.
    #[must_use]
    pub fn complete(resources: Vec<T>) -> Self {
        Self {
            total_results: Some(counted(resources.len())),
            position: Position::Index(1),
            resources,
        }
    }

    /// The message as JSON; `write` writes one resource.
    #[must_use]
    pub fn to_json_with(&self, mut write: impl FnMut(&T, &mut Vec<u8>)) -> Vec<u8> {
        let mut text = Vec::with_capacity(FEW_BYTES * (1 + self.resources.len()));
        json_text::object(&mut text, |message| {
            message.list("schemas", |schemas| schemas.text(urn::LIST_RESPONSE));
            if let Some(total) = self.total_results {
                message.number("totalResults", total);
            }
            match &self.position {
                Position::Index(start) => message.number("startIndex", *start),
                Position::Cursor(next) => message.maybe_text("nextCursor", next.as_deref()),
            }
            message.number("itemsPerPage", counted(self.resources.len()));
            message.list("Resources", |resources| {
                for resource in &self.resources {
                    resources.element(|out| write(resource, out));
                }
            });
        });
        text
    }
}

impl ListResponse<Value> {
    /// The message as JSON.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.to_json_with(|resource, out| json_text::value(out, resource))
    }
}

fn counted(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// What the provider knows about a resource (RFC 7643 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The kind of resource.
    pub kind: ResourceKind,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub last_modified: DateTime<Utc>,
    /// Its absolute address.
    pub location: String,
    /// Its version.
    pub version: ETag,
}

impl Meta {
    /// The value of `meta`.
    ///
    /// # Panics
    /// Never: what [`Self::write`] writes can be read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut text = Vec::new();
        json_text::object(&mut text, |meta| self.write(meta));
        serde_json::from_slice(&text).expect("what was written is JSON")
    }

    /// Writes what `meta` says.
    pub fn write(&self, meta: &mut Object<'_>) {
        meta.text("resourceType", self.kind.name());
        meta.moment("created", self.created);
        meta.moment("lastModified", self.last_modified);
        meta.etag("version", self.version);
        meta.text("location", &self.location);
    }
}

/// The absolute address of a resource. `base_url` has no trailing slash.
#[must_use]
pub fn location(base_url: &str, kind: ResourceKind, id: &str) -> String {
    [base_url, kind.endpoint(), "/", id].concat()
}

#[cfg(test)]
mod tests;
