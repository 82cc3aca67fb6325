//! The discovery endpoints (RFC 7644 section 4), told from what this crate really does (P-43).

use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::messages::{
    AuthenticationScheme, Capabilities, Support, resource_type, resource_types, schema, schemas,
    service_provider_config,
};
use rollcall_scim_protocol::paging::MAX_COUNT;

use crate::bulk::BULK_LIMITS;
use crate::failure::ScimFailure;
use crate::reply::{Reply, body_of};
use crate::session::ScimSession;

/// What a client wants to discover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovery<'a> {
    /// `/ServiceProviderConfig`.
    ServiceProviderConfig,
    /// `/ResourceTypes`.
    ResourceTypes,
    /// `/ResourceTypes/{name}`.
    ResourceType(&'a str),
    /// `/Schemas`.
    Schemas,
    /// `/Schemas/{urn}`.
    Schema(&'a str),
}

impl ScimSession {
    /// Answers a discovery request. Paging parameters mean nothing there (P-4-02).
    ///
    /// # Errors
    /// 403 for a filter (P-4-04), 404 for an unknown name.
    pub fn discover(&self, wanted: Discovery<'_>, query: &str) -> Result<Reply, ScimFailure> {
        let asks_for = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            name.eq_ignore_ascii_case("filter") && !value.is_empty()
        };
        if query.split('&').any(asks_for) {
            let detail = "filter cannot be used here";
            return Err(ScimError::with_status(403, detail).into());
        }
        let base = self.base_url();
        let one = |found: Option<serde_json::Value>, what: &str| {
            found.ok_or_else(|| ScimError::not_found(format!("there is no such {what}")))
        };
        let body = match wanted {
            Discovery::ServiceProviderConfig => {
                body_of(&service_provider_config(base, &capabilities()))
            }
            Discovery::ResourceTypes => resource_types(base).to_json(),
            Discovery::ResourceType(name) => {
                body_of(&one(resource_type(name, base), "ResourceType")?)
            }
            Discovery::Schemas => schemas(base).to_json(),
            Discovery::Schema(urn) => body_of(&one(schema(urn, base), "Schema")?),
        };
        Ok(Reply::ok(body))
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        bulk: Some(BULK_LIMITS),
        max_results: MAX_COUNT,
        sort: Support::Yes,
        etag: Support::Yes,
        documentation_uri: None,
        authentication: vec![AuthenticationScheme::BEARER],
    }
}
