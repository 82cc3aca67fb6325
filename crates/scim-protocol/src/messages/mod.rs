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

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::Value;

use crate::etag::ETag;
use crate::schema::ResourceKind;
use crate::urn;

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
        let total_results = u64::try_from(resources.len()).unwrap_or(u64::MAX);
        Self {
            total_results: Some(total_results),
            position: Position::Index(1),
            resources,
        }
    }
}

impl<T: Serialize> Serialize for ListResponse<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_struct("ListResponse", 5)?;
        message.serialize_field("schemas", &[urn::LIST_RESPONSE])?;
        if let Some(total) = self.total_results {
            message.serialize_field("totalResults", &total)?;
        }
        match &self.position {
            Position::Index(start) => message.serialize_field("startIndex", start)?,
            Position::Cursor(Some(next)) => message.serialize_field("nextCursor", next)?,
            Position::Cursor(None) => {}
        }
        message.serialize_field("itemsPerPage", &self.resources.len())?;
        message.serialize_field("Resources", &self.resources)?;
        message.end()
    }
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
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("texts always render")
    }
}

/// Moments are in UTC with milliseconds (S-2.3.5-01).
impl Serialize for Meta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment = |moment: &DateTime<Utc>| moment.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut meta = serializer.serialize_struct("Meta", 5)?;
        meta.serialize_field("resourceType", self.kind.name())?;
        meta.serialize_field("created", &moment(&self.created))?;
        meta.serialize_field("lastModified", &moment(&self.last_modified))?;
        meta.serialize_field("location", &self.location)?;
        meta.serialize_field("version", &self.version.to_string())?;
        meta.end()
    }
}

/// The absolute address of a resource. `base_url` has no trailing slash.
#[must_use]
pub fn location(base_url: &str, kind: ResourceKind, id: &str) -> String {
    format!("{base_url}{}/{id}", kind.endpoint())
}

#[cfg(test)]
mod tests;
