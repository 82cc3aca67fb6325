//! One authenticated directory at work.

use std::str::FromStr;
use std::sync::Arc;

use rollcall_application::Services;
use rollcall_application::directory::{DirectoryCaller, Precondition, Versions};
use rollcall_domain::Version;
use rollcall_scim_protocol::dialect::Dialect;
use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::etag::{Condition, ETag};
use rollcall_scim_protocol::filter::{Filter, Limits, ParseOptions, Scope};
use rollcall_scim_protocol::json;
use rollcall_scim_protocol::query::Query;
use rollcall_scim_protocol::schema::ResourceKind;
use serde_json::Value;

use crate::dialects::dialect_of;
use crate::failure::ScimFailure;

/// One authenticated directory at work, for the length of one request.
#[derive(Clone)]
pub struct ScimSession {
    pub(crate) services: Arc<Services>,
    pub(crate) caller: DirectoryCaller,
    base_url: String,
}

/// A request for one resource or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request<'a> {
    /// The query string, without its `?`.
    pub query: &'a str,
    /// What must hold of the version.
    pub conditions: Conditions<'a>,
}

/// Conditions on the version of a resource (RFC 7644 section 3.14, RFC 9110 section 13.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions<'a> {
    /// `If-Match`, as sent.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`, as sent.
    pub if_none_match: Option<&'a str>,
}

impl Conditions<'_> {
    /// As versions, for the transaction that changes the resource (P-3.14-03, P-3.14-06).
    pub(crate) fn precondition(&self) -> Precondition {
        Precondition {
            wanted: self.if_match.map(versions),
            unwanted: self.if_none_match.map(versions),
        }
    }

    /// Whether a change of the resource of this version is refused.
    pub(crate) fn refuse_change(&self, current: ETag) -> bool {
        self.refuse(current) || self.is_known(current)
    }

    /// Whether the resource of this version is not the one that was asked for.
    pub(crate) fn refuse(&self, current: ETag) -> bool {
        let matches = |header| Condition::parse(header).matches(current);
        !self.if_match.is_none_or(matches)
    }

    /// Whether the client has this version.
    pub(crate) fn is_known(&self, current: ETag) -> bool {
        let matches = |header| Condition::parse(header).matches(current);
        self.if_none_match.is_some_and(matches)
    }
}

/// A request to change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change<'a> {
    /// The body, as sent.
    pub body: &'a [u8],
    /// The query string, without its `?`; a filter in it means nothing (P-3.4.2-06).
    pub query: &'a str,
    /// What must hold of the version.
    pub conditions: Conditions<'a>,
}

impl ScimSession {
    /// A session of a directory that has shown its token. Addresses are made of the configured
    /// public one, never of the request's (SEC-33).
    #[must_use]
    pub fn new(services: Arc<Services>, caller: DirectoryCaller) -> Self {
        let base_url = services.public_url.tenant_url(caller.connection);
        Self {
            services,
            caller,
            base_url,
        }
    }

    /// Who was let in.
    #[must_use]
    pub const fn caller(&self) -> &DirectoryCaller {
        &self.caller
    }

    /// The SCIM base, without a trailing slash: the Tenant URL.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn dialect(&self) -> &'static Dialect {
        dialect_of(self.caller.profile)
    }

    /// The filter of a query, within the limits of where it was sent.
    pub(crate) fn filter(
        &self,
        query: &Query,
        kind: ResourceKind,
        limits: Limits,
        scope: Scope,
    ) -> Result<Option<Filter>, ScimFailure> {
        let options = ParseOptions {
            limits,
            literals: self.dialect().literals,
            scope,
        };
        match &query.filter {
            Some(text) => Ok(Some(Filter::parse(text, kind, options)?)),
            None => Ok(None),
        }
    }

    /// Names that no schema has: ignored, and said once for who looks for them (P-3.3-07).
    pub(crate) fn report(&self, ignored: &[String]) {
        if !ignored.is_empty() {
            tracing::debug!(
                connection.id = %self.caller.connection,
                attributes = ?ignored,
                "unknown attributes were ignored"
            );
        }
    }
}

/// The id in an address, exactly as it was given out: anything else names nothing, and answers
/// as an unknown id does (SEC-4, and request 4 of Okta's suite: 404, never 400).
pub(crate) fn id<T: FromStr>(text: &str, what: &'static str) -> Result<T, ScimFailure> {
    let parsed = text.parse().ok();
    parsed.ok_or_else(|| rollcall_application::Failure::Absent(what).into())
}

/// What of the query string matters to a write: `attributes` and `excludedAttributes`.
pub(crate) fn write_query(query: &str) -> Result<Query, ScimError> {
    let matters = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        name.eq_ignore_ascii_case("attributes") || name.eq_ignore_ascii_case("excludedAttributes")
    };
    let kept: Vec<&str> = query.split('&').filter(matters).collect();
    Query::parse(&kept.join("&"))
}

pub(crate) fn body(bytes: &[u8]) -> Result<Value, ScimError> {
    Ok(json::parse(bytes)?)
}

/// The tags of a header as versions. One that is no version of ours is none of them.
fn versions(header: &str) -> Versions {
    let tags = match Condition::parse(header) {
        Condition::Any => return Versions::Any,
        Condition::OneOf(tags) => tags,
    };
    let version = |tag: &String| {
        let number: i64 = tag.parse().ok()?;
        (number.to_string() == *tag).then_some(Version(number))
    };
    Versions::OneOf(tags.iter().filter_map(version).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_3_14_03_a_condition_is_a_list_of_versions_and_the_star_is_any() {
        assert_eq!(versions("*"), Versions::Any);
        let some = Versions::OneOf(vec![Version(7), Version(8)]);
        assert_eq!(versions("W/\"7\", \"8\""), some);
        assert_eq!(versions("\"007\""), Versions::OneOf(Vec::new()));
        assert_eq!(versions("nonsense"), Versions::OneOf(Vec::new()));
        assert_eq!(
            Conditions::default().precondition(),
            Precondition::default()
        );
    }

    #[test]
    fn a_filter_in_the_address_of_a_write_means_nothing() {
        let query = write_query("filter=broken(&filter=x&attributes=id").unwrap();
        assert_eq!(query.filter, None);
        assert_eq!(query.attributes, Some(vec!["id".to_owned()]));
    }
}
