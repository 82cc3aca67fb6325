//! `SearchRequest` (RFC 7644 section 3.4.3): a query in a body.

use serde_json::{Map, Value};

use crate::dialect::MissingSchemas;
use crate::error::ScimError;
use crate::paging::{Paging, PagingWords};
use crate::query::Query;
use crate::resource::{check_message, get};
use crate::urn;

/// Reads a `SearchRequest`; it means the same as the parameters of the same names.
///
/// # Errors
/// `invalidSyntax` for the wrong message, `invalidValue` for a field of the wrong type (P-3.4.3-02).
pub fn parse_search_request(body: &Value) -> Result<Query, ScimError> {
    let Value::Object(body) = body else {
        return Err(ScimError::invalid_syntax(
            "a SearchRequest must be a JSON object",
        ));
    };
    // No client in the field leaves them out here (P-3.4.3-02).
    check_message(body, urn::SEARCH_REQUEST, MissingSchemas::Refuse)?;
    Ok(Query {
        filter: text(body, "filter")?,
        paging: paging(body)?,
        attributes: names(body, "attributes")?,
        excluded_attributes: names(body, "excludedAttributes")?,
        sort_by: text(body, "sortBy")?,
        sort_order: text(body, "sortOrder")?,
    })
}

/// An empty cursor begins (C-3-01).
fn paging(body: &Map<String, Value>) -> Result<Paging, ScimError> {
    let cursor = match get(body, "cursor") {
        None | Some(Value::Null) => None,
        Some(Value::String(cursor)) => Some(cursor.trim().to_owned()),
        Some(_) => return Err(ScimError::invalid_value("cursor must be a string")),
    };
    PagingWords {
        start_index: number(body, "startIndex")?,
        count: number(body, "count")?,
        cursor,
    }
    .meaning()
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, ScimError> {
    match get(body, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok((!text.trim().is_empty()).then(|| text.clone())),
        Some(_) => Err(ScimError::invalid_value(format!("{name} must be a string"))),
    }
}

fn number(body: &Map<String, Value>, name: &str) -> Result<Option<i64>, ScimError> {
    let wrong = || ScimError::invalid_value(format!("{name} must be an integer"));
    match get(body, name) {
        None | Some(Value::Null) => Ok(None),
        // A number beyond 64 bits is as far out as numbers go.
        Some(Value::Number(number)) if number.is_u64() => {
            Ok(Some(number.as_i64().unwrap_or(i64::MAX)))
        }
        Some(Value::Number(number)) => number.as_i64().map(Some).ok_or_else(wrong),
        Some(_) => Err(wrong()),
    }
}

fn names(body: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, ScimError> {
    let wrong = || ScimError::invalid_value(format!("{name} must be an array of strings"));
    let names: Vec<String> = match get(body, name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => {
            let texts = list.iter().map(|name| name.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or_else(wrong)?
        }
        Some(_) => return Err(wrong()),
    };
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    Ok((!names.is_empty()).then_some(names))
}
