//! The discovery resources (RFC 7644 section 4, RFC 7643 sections 5 to 7).

use serde_json::{Value, json};

use super::ListResponse;
use crate::paging;
use crate::schema::{self, ResourceKind, Schema};
use crate::urn;

/// A way to authenticate (RFC 7643 section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationScheme {
    /// One of `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic`, `httpdigest`.
    pub kind: &'static str,
    /// The name, for people.
    pub name: &'static str,
    /// What to do, for people.
    pub description: &'static str,
    /// Its specification.
    pub spec_uri: &'static str,
}

impl AuthenticationScheme {
    /// A bearer token in the `Authorization` header (RFC 6750).
    pub const BEARER: Self = Self {
        kind: "oauthbearertoken",
        name: "OAuth Bearer Token",
        description: "Authentication with a token in the Authorization header.",
        spec_uri: "https://www.rfc-editor.org/info/rfc6750",
    };
}

/// Whether a feature is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It is.
    Yes,
    /// It is not.
    No,
}

impl Support {
    const fn is_yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// Limits of bulk requests, for providers that take them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLimits {
    /// The largest number of operations in a request.
    pub max_operations: u32,
    /// The largest size of a request, in bytes.
    pub max_payload_bytes: u64,
}

/// What the provider can do. PATCH, filters, `SearchRequest` and both ways of paging it always can:
/// this crate reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Bulk requests, if they are taken.
    pub bulk: Option<BulkLimits>,
    /// The largest number of resources in a response.
    pub max_results: u32,
    /// Sorting.
    pub sort: Support,
    /// Versions and conditional requests.
    pub etag: Support,
    /// Where the documentation is, if anywhere.
    pub documentation_uri: Option<String>,
    /// The ways to authenticate, the preferred one first.
    pub authentication: Vec<AuthenticationScheme>,
}

/// `/ServiceProviderConfig` (RFC 7643 section 5): one object, not a list. `base_url` has no trailing
/// slash.
#[must_use]
pub fn service_provider_config(base_url: &str, capabilities: &Capabilities) -> Value {
    let limits = BulkLimits {
        max_operations: 0,
        max_payload_bytes: 0,
    };
    let limits = capabilities.bulk.unwrap_or(limits);
    let schemes = capabilities.authentication.iter().enumerate();
    let schemes: Vec<_> = schemes
        .map(|(place, scheme)| authentication(place, scheme))
        .collect();
    let mut body = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": capabilities.bulk.is_some(),
            "maxOperations": limits.max_operations,
            "maxPayloadSize": limits.max_payload_bytes
        },
        "filter": {"supported": true, "maxResults": capabilities.max_results},
        "changePassword": {"supported": false},
        "sort": {"supported": capabilities.sort.is_yes()},
        "etag": {"supported": capabilities.etag.is_yes()},
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": paging::DEFAULT_COUNT,
            "maxPageSize": paging::MAX_COUNT,
            "cursorTimeout": paging::CURSOR_SECONDS
        },
        "authenticationSchemes": schemes,
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig")
        }
    });
    if let Some(uri) = &capabilities.documentation_uri {
        body["documentationUri"] = uri.as_str().into();
    }
    body
}

fn authentication(place: usize, scheme: &AuthenticationScheme) -> Value {
    json!({
        "type": scheme.kind,
        "name": scheme.name,
        "description": scheme.description,
        "specUri": scheme.spec_uri,
        "primary": place == 0
    })
}

/// `/ResourceTypes` (RFC 7644 section 4): everything, whatever the paging parameters (P-4-02).
#[must_use]
pub fn resource_types(base_url: &str) -> ListResponse<Value> {
    let types = ResourceKind::ALL
        .into_iter()
        .map(|kind| render_type(kind, base_url));
    ListResponse::complete(types.collect())
}

/// `/ResourceTypes/{name}`; none if there is no such type (P-4-03).
#[must_use]
pub fn resource_type(name: &str, base_url: &str) -> Option<Value> {
    let kind = ResourceKind::ALL
        .into_iter()
        .find(|kind| kind.name().eq_ignore_ascii_case(name))?;
    Some(render_type(kind, base_url))
}

fn render_type(kind: ResourceKind, base_url: &str) -> Value {
    let extensions = kind.extensions().iter();
    let extensions: Vec<_> = extensions
        .map(|schema| json!({"schema": schema.urn, "required": false}))
        .collect();
    json!({
        "schemas": [urn::RESOURCE_TYPE],
        "id": kind.name(),
        "name": kind.name(),
        "endpoint": kind.endpoint(),
        "description": kind.description(),
        "schema": kind.schema().urn,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base_url}/ResourceTypes/{}", kind.name())
        }
    })
}

/// `/Schemas` (RFC 7644 section 4): everything, whatever the paging parameters (P-4-02).
#[must_use]
pub fn schemas(base_url: &str) -> ListResponse<Value> {
    let render = |found: &'static Schema| schema::render::schema(found, base_url);
    ListResponse::complete(schema::published().into_iter().map(render).collect())
}

/// `/Schemas/{urn}`, compared without case; none if there is no such schema (P-4-03, P-4-05).
#[must_use]
pub fn schema(wanted: &str, base_url: &str) -> Option<Value> {
    let found = schema::published()
        .into_iter()
        .find(|schema| urn::same(schema.urn, wanted))?;
    Some(schema::render::schema(found, base_url))
}
