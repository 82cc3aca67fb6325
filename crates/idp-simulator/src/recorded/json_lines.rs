//! Recorded exchanges, one JSON object a line: `idp`, `flow`, `step`, `method`, `path`, `headers`,
//! `body`, `expect: {status, assert: [{path, op, value}]}`, `save`.

use serde_json::{Map, Value};

use super::journey::{headers, operator, save, statuses, text};
use super::{Assertion, BadJourney, Journey, RecordedStep};
use crate::http::HeaderSet;

/// Headers that belong to the connection, not to the request: the client sees to them.
pub(super) const OF_THE_CONNECTION: [&str; 3] = ["connection", "accept-encoding", "content-length"];

/// Reads all flows, each as a journey named `idp/flow`, in the order of the lines.
///
/// # Errors
/// [`BadJourney`] with the number of the line that cannot be read.
pub fn parse(text: &str) -> Result<Vec<Journey>, BadJourney> {
    let mut journeys: Vec<Journey> = Vec::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let row: Map<String, Value> = serde_json::from_str(line)?;
        let (name, step) = row_as_step(index + 1, &row)?;
        match journeys.iter_mut().find(|journey| journey.name == name) {
            Some(journey) => journey.steps.push(step),
            None => journeys.push(Journey {
                name,
                steps: vec![step],
            }),
        }
    }
    Ok(journeys)
}

fn row_as_step(
    number: usize,
    row: &Map<String, Value>,
) -> Result<(String, RecordedStep), BadJourney> {
    let name = format!(
        "{}/{}",
        text(number, row, "idp")?,
        text(number, row, "flow")?
    );
    let expect = row.get("expect").and_then(Value::as_object);
    let expect = expect.ok_or(BadJourney::Member {
        step: number,
        member: "expect",
    })?;
    let mut headers = headers(number, row)?;
    headers.retain(|(name, _)| !OF_THE_CONNECTION.contains(&name.to_ascii_lowercase().as_str()));
    let step = RecordedStep {
        title: text(number, row, "step")?,
        method: text(number, row, "method")?,
        path: text(number, row, "path")?,
        headers,
        header_set: HeaderSet::Exact,
        request: row.get("body").filter(|body| !body.is_null()).cloned(),
        statuses: statuses(number, expect.get("status"))?,
        assertions: assertions(number, expect)?,
        save: save(number, row)?,
    };
    Ok((name, step))
}

fn assertions(number: usize, expect: &Map<String, Value>) -> Result<Vec<Assertion>, BadJourney> {
    let rows = expect
        .get("assert")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    rows.iter()
        .map(|row| {
            let row = row.as_object();
            let row = row.ok_or(BadJourney::Member {
                step: number,
                member: "assert",
            })?;
            Ok(Assertion {
                place: text(number, row, "path")?,
                operator: operator(number, &text(number, row, "op")?)?,
                operand: row.get("value").cloned().unwrap_or_default(),
            })
        })
        .collect()
}
