//! Filters (RFC 7644 section 3.4.2.2).
//!
//! An expression is a flat vector in post-order: no boxes, so that neither building nor dropping it
//! recurses. Length, depth and number of terms are bounded while the text is read. A filter is
//! resolved against the schema as it is parsed; a name that no schema has is an error (P-3.4.2.2-12).
//!
//! ```
//! use rollcall_scim_protocol::filter::{Filter, ParseOptions};
//! use rollcall_scim_protocol::schema::ResourceKind;
//! use serde_json::json;
//!
//! let options = ParseOptions::default();
//! let filter = Filter::parse(r#"emails[type eq "work"] and active eq true"#, ResourceKind::User, options)?;
//! assert!(filter.matches(&json!({"active": true, "emails": [{"type": "Work", "value": "a@b"}]})));
//! # Ok::<(), rollcall_scim_protocol::filter::FilterError>(())
//! ```

mod ast;
mod evaluate;
mod lexer;
mod literal;
mod parser;
mod typing;
mod write;

pub use ast::{Comparison, Expression, Filter, Node, Operator, Term, Test, ValuePath};
pub use literal::Literal;
pub use parser::{FilterError, Limits, ParseOptions, Problem, Scope};

pub(crate) use ast::eq_terms;
pub(crate) use literal::read_instant;
pub(crate) use parser::{ElementFilter, parse_element_filter};

#[cfg(test)]
mod tests;
