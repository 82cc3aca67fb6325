//! The project's own journeys: a JSON list of steps.
//!
//! ```json
//! [{
//!   "title": "Okta creates Jane Doe",
//!   "method": "POST", "path": "/Users",
//!   "headers": {"Content-Type": "application/json", "Accept-Charset": null},
//!   "request": {"userName": "jane-{{RUN}}@example.com"},
//!   "status": 201,
//!   "response": {
//!     "userName": "jane-{{RUN}}@example.com",
//!     "id": {"is": "not_empty"},
//!     "schemas": {"contains": "urn:ietf:params:scim:schemas:core:2.0:User"}
//!   },
//!   "save": {"USER_ID": "id", "DOCUMENT": "$"}
//! }]
//! ```
//!
//! `headers` are laid over those of Okta's client, and null takes one away. In `response`, a plain
//! value must be equal; an object names one [`Operator`] and its operand, or `is` with an operator
//! that needs none.

use serde_json::{Map, Value};

use super::{Assertion, BadJourney, Journey, Operator, RecordedStep};
use crate::http::HeaderSet;

/// Reads a journey.
///
/// # Errors
/// [`BadJourney`] with the step that cannot be read.
pub fn parse(name: &str, text: &str) -> Result<Journey, BadJourney> {
    let rows: Vec<Map<String, Value>> = serde_json::from_str(text)?;
    let steps = rows
        .iter()
        .enumerate()
        .map(|(index, row)| step(index + 1, row));
    Ok(Journey {
        name: name.to_owned(),
        steps: steps.collect::<Result<_, _>>()?,
    })
}

fn step(number: usize, row: &Map<String, Value>) -> Result<RecordedStep, BadJourney> {
    Ok(RecordedStep {
        title: text(number, row, "title")?,
        method: text(number, row, "method")?,
        path: text(number, row, "path")?,
        headers: headers(number, row)?,
        header_set: HeaderSet::Okta,
        request: row.get("request").cloned(),
        statuses: statuses(number, row.get("status"))?,
        assertions: response(number, row)?,
        save: save(number, row)?,
    })
}

pub(super) fn text(
    number: usize,
    row: &Map<String, Value>,
    member: &'static str,
) -> Result<String, BadJourney> {
    let text = row.get(member).and_then(Value::as_str);
    text.map(str::to_owned).ok_or(BadJourney::Member {
        step: number,
        member,
    })
}

fn object<'r>(
    number: usize,
    row: &'r Map<String, Value>,
    member: &'static str,
) -> Result<Vec<(&'r String, &'r Value)>, BadJourney> {
    match row.get(member) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(entries)) => Ok(entries.iter().collect()),
        Some(_) => Err(BadJourney::Member {
            step: number,
            member,
        }),
    }
}

pub(super) fn headers(
    number: usize,
    row: &Map<String, Value>,
) -> Result<Vec<(String, Option<String>)>, BadJourney> {
    object(number, row, "headers")?
        .into_iter()
        .map(|(name, value)| match value {
            Value::Null => Ok((name.clone(), None)),
            Value::String(value) => Ok((name.clone(), Some(value.clone()))),
            _ => Err(BadJourney::Member {
                step: number,
                member: "headers",
            }),
        })
        .collect()
}

pub(super) fn statuses(number: usize, value: Option<&Value>) -> Result<Vec<u16>, BadJourney> {
    let bad = || BadJourney::Member {
        step: number,
        member: "status",
    };
    let one = |value: &Value| value.as_u64().and_then(|status| u16::try_from(status).ok());
    match value {
        Some(Value::Array(all)) if !all.is_empty() => {
            all.iter().map(one).collect::<Option<_>>().ok_or_else(bad)
        }
        Some(value) => Ok(vec![one(value).ok_or_else(bad)?]),
        None => Err(bad()),
    }
}

pub(super) fn save(
    number: usize,
    row: &Map<String, Value>,
) -> Result<Vec<(String, String)>, BadJourney> {
    object(number, row, "save")?
        .into_iter()
        .map(|(name, path)| {
            let path = path.as_str().ok_or(BadJourney::Member {
                step: number,
                member: "save",
            })?;
            Ok((name.clone(), path.to_owned()))
        })
        .collect()
}

pub(super) fn operator(number: usize, name: &str) -> Result<Operator, BadJourney> {
    let unknown = || BadJourney::Operator {
        step: number,
        operator: name.to_owned(),
    };
    Operator::parse(name).ok_or_else(unknown)
}

fn response(number: usize, row: &Map<String, Value>) -> Result<Vec<Assertion>, BadJourney> {
    object(number, row, "response")?
        .into_iter()
        .map(|(place, expected)| {
            let (operator, operand) = operator_and_operand(number, expected)?;
            Ok(Assertion {
                place: place.clone(),
                operator,
                operand,
            })
        })
        .collect()
}

fn operator_and_operand(number: usize, value: &Value) -> Result<(Operator, Value), BadJourney> {
    let Some(entries) = value.as_object() else {
        return Ok((Operator::Equals, value.clone()));
    };
    let mut entries = entries.iter();
    let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
        return Err(BadJourney::Member {
            step: number,
            member: "response",
        });
    };
    if name == "is" {
        let name = operand.as_str().unwrap_or_default();
        return Ok((operator(number, name)?, Value::Null));
    }
    Ok((operator(number, name)?, operand.clone()))
}
