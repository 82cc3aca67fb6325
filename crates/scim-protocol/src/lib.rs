//! SCIM 2.0 as the RFCs define it: schemas, filters, PATCH, messages, projection.
//!
//! Everything here is a function of values: RFC 7643 and RFC 7644 and nothing of a particular
//! product. The crate does no I/O, knows no database and no web framework, and must never learn of
//! either. What clients do differently is data in a [`dialect::Dialect`].
//!
//! One table of attribute characteristics ([`schema`]) types filters, validates bodies, applies
//! projections and is published at `/Schemas`, so that these cannot disagree.
//!
//! # From the body of a request to a resource
//!
//! ```
//! use rollcall_scim_protocol::dialect::Dialect;
//! use rollcall_scim_protocol::error::ScimError;
//! use rollcall_scim_protocol::filter::{Filter, ParseOptions};
//! use rollcall_scim_protocol::query::Query;
//! use rollcall_scim_protocol::schema::ResourceKind;
//! use rollcall_scim_protocol::{json, resource};
//!
//! # fn main() -> Result<(), ScimError> {
//! let body = json::parse(br#"{"USERNAME": "Jane@example.com", "active": "True", "shoeSize": 38}"#)?;
//! let read = resource::normalise(body, ResourceKind::User, &Dialect::OKTA)?;
//! assert_eq!(read.resource["userName"], "Jane@example.com");
//! assert_eq!(read.resource["active"], true);
//! assert_eq!(read.ignored, ["shoeSize"]);
//!
//! let query = Query::parse("filter=userName+eq+%22jane%40example.com%22&count=10")?;
//! let filter = query.filter.unwrap_or_default();
//! let filter = Filter::parse(&filter, ResourceKind::User, ParseOptions::default())?;
//! assert!(filter.matches(&read.resource));
//! # Ok(())
//! # }
//! ```
//!
//! # Bounds
//!
//! What a client sends is bounded before anything is built from it: [`json::parse`] checks depth and
//! numbers with a scanner, [`filter::Limits`] holds for filters and for paths of modifications, and
//! no structure here recurses when it is built, judged or dropped.

mod binary;
pub mod dialect;
pub mod error;
pub mod etag;
pub mod filter;
pub mod fold;
pub mod json;
pub mod json_text;
pub mod messages;
pub mod paging;
pub mod patch;
pub mod path;
pub mod projection;
pub mod query;
mod reference;
pub mod resource;
pub mod schema;
pub mod sort;
pub mod urn;
