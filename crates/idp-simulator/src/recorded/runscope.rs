//! The export of a Runscope test, in which Okta publishes its certification suite.
//!
//! Pauses are left out, and so are assertions on the response time and scripts.

use serde_json::{Map, Value};

use super::journey::{operator, text};
use super::json_lines::OF_THE_CONNECTION;
use super::{Assertion, BadJourney, Journey, RecordedStep};
use crate::http::HeaderSet;

/// The variable that Okta's suite puts before each path.
const BASE: &str = "{{SCIMBaseURL}}";

/// Reads the requests of an export.
///
/// # Errors
/// [`BadJourney`] with the step that cannot be read; pauses are counted too.
pub fn parse(export: &str) -> Result<Journey, BadJourney> {
    let export: Map<String, Value> = serde_json::from_str(export)?;
    let name = text(0, &export, "name")?;
    let steps = export.get("steps").and_then(Value::as_array);
    let steps = steps.ok_or(BadJourney::Member {
        step: 0,
        member: "steps",
    })?;
    let requests = steps
        .iter()
        .enumerate()
        .filter_map(|(index, step)| Some((index + 1, step.as_object()?)))
        .filter(|(_, step)| step.get("step_type").and_then(Value::as_str) == Some("request"))
        .filter(|(_, step)| step.get("skipped") != Some(&Value::Bool(true)));
    let steps = requests
        .map(|(number, step)| request(number, step))
        .collect::<Result<_, _>>()?;
    Ok(Journey { name, steps })
}

fn request(number: usize, step: &Map<String, Value>) -> Result<RecordedStep, BadJourney> {
    let url = text(number, step, "url")?;
    let body = step
        .get("body")
        .and_then(Value::as_str)
        .filter(|body| !body.is_empty());
    let (statuses, assertions) = assertions(number, step)?;
    Ok(RecordedStep {
        title: text(number, step, "note")?,
        method: text(number, step, "method")?,
        path: url.strip_prefix(BASE).unwrap_or(&url).to_owned(),
        headers: headers(step),
        header_set: HeaderSet::Exact,
        request: body.map(serde_json::from_str).transpose()?,
        statuses,
        assertions,
        save: saved(number, step)?,
    })
}

/// Runscope keeps a list of values for each name.
fn headers(step: &Map<String, Value>) -> Vec<(String, Option<String>)> {
    let headers = step
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    headers
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()))
        .filter_map(|(name, values)| {
            Some((
                name.clone(),
                Some(values.as_array()?.first()?.as_str()?.to_owned()),
            ))
        })
        .collect()
}

fn assertions(
    number: usize,
    step: &Map<String, Value>,
) -> Result<(Vec<u16>, Vec<Assertion>), BadJourney> {
    let mut statuses = Vec::new();
    let mut assertions = Vec::new();
    let rows = step
        .get("assertions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for row in rows.filter_map(Value::as_object) {
        let operand = row.get("value").cloned().unwrap_or_default();
        match text(number, row, "source")?.as_str() {
            "response_status" => {
                statuses.extend(operand.as_str().and_then(|code| code.parse::<u16>().ok()));
            }
            "response_json" => assertions.push(Assertion {
                place: text(number, row, "property")?,
                operator: operator(number, &text(number, row, "comparison")?)?,
                operand,
            }),
            "response_time" => {}
            _ => {
                return Err(BadJourney::Member {
                    step: number,
                    member: "source",
                });
            }
        }
    }
    if statuses.is_empty() {
        return Err(BadJourney::Member {
            step: number,
            member: "response_status",
        });
    }
    Ok((statuses, assertions))
}

fn saved(number: usize, step: &Map<String, Value>) -> Result<Vec<(String, String)>, BadJourney> {
    let rows = step
        .get("variables")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    rows.filter_map(Value::as_object)
        .map(|row| Ok((text(number, row, "name")?, text(number, row, "property")?)))
        .collect()
}
