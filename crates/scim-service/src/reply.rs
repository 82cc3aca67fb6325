//! An answer, ready to be written.

use rollcall_scim_protocol::etag::ETag;
use rollcall_scim_protocol::json_text;
use serde_json::Value;

/// An answer: status, body and the headers that go with a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body as JSON; none where there is none.
    pub body: Option<Vec<u8>>,
    /// The version, for the `ETag` header (RFC 7644 section 3.14).
    pub etag: Option<String>,
    /// The absolute address of a new resource, for the `Location` header (P-3.3-03).
    pub location: Option<String>,
}

impl Reply {
    /// 200 with a body, as JSON.
    pub(crate) fn ok(body: Vec<u8>) -> Self {
        Self {
            body: Some(body),
            ..Self::empty(200)
        }
    }

    /// 201 with the new resource, as JSON.
    pub(crate) fn created(body: Vec<u8>, location: String) -> Self {
        Self {
            status: 201,
            location: Some(location),
            ..Self::ok(body)
        }
    }

    /// 204.
    pub(crate) const fn no_content() -> Self {
        Self::empty(204)
    }

    /// 304: the client has this version (P-3.14-02).
    pub(crate) const fn not_modified() -> Self {
        Self::empty(304)
    }

    pub(crate) fn with_etag(self, etag: ETag) -> Self {
        Self {
            etag: Some(etag.to_string()),
            ..self
        }
    }

    const fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            etag: None,
            location: None,
        }
    }
}

/// A body of any shape.
pub(crate) fn body_of(value: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    json_text::value(&mut body, value);
    body
}
