//! SCIM 2.0 as the RFCs define it: schemas, filters, PATCH, messages, projection.

pub mod dialect;
pub mod error;
pub mod etag;
pub mod filter;
pub mod fold;
pub mod json;
pub mod messages;
pub mod paging;
pub mod path;
pub mod projection;
pub mod query;
pub mod resource;
pub mod schema;
pub mod urn;
