//! What SCIM means for members and teams: `User` is a member, `Group` a team, a filter a query, a
//! modification a delta, a refusal an Error message.
//!
//! A [`ScimSession`] is one authenticated directory at work. It takes bodies, query strings and
//! header values as they came and answers a [`Reply`] or a [`ScimFailure`], both ready to be
//! written; it knows neither HTTP servers nor SQL. Rules live in `rollcall-domain`, transactions
//! in `rollcall-application`, the protocol in `rollcall-scim-protocol`.

mod bulk;
mod cursor;
mod dialects;
mod discovery;
mod failure;
mod filters;
mod group_resource;
mod groups;
mod listing;
mod reply;
mod root;
mod session;
mod sorting;
mod user_resource;
mod user_text;
mod users;

pub use bulk::BULK_LIMITS;
pub use discovery::Discovery;
pub use failure::ScimFailure;
pub use reply::Reply;
pub use rollcall_scim_protocol::error::{ScimError, ScimType};
pub use rollcall_scim_protocol::urn::MEDIA_TYPE;
pub use session::{Change, Conditions, Request, ScimSession};
pub use user_text::DOCUMENTS;
