//! Runs journeys and judges the answers.

use serde_json::Value;

use super::{Assertion, Journey, Operator, RecordedStep, Variables};
use crate::check::{self, Expectation, Is, written};
use crate::http::{Request, ScimClient};
use crate::json_path;
use crate::observe::{Observer, Report, Step};

/// Replays journeys against one tenant. Variables live on from journey to journey.
pub struct Runner<'a> {
    client: &'a ScimClient,
    variables: Variables,
    report: Report,
    observer: Box<dyn Observer + 'a>,
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl<'a> Runner<'a> {
    /// A runner with these variables to begin with.
    #[must_use]
    pub fn new(client: &'a ScimClient, variables: Variables, observer: impl Observer + 'a) -> Self {
        Self {
            client,
            variables,
            report: Report::default(),
            observer: Box::new(observer),
        }
    }

    /// The variables as they are now; set one here that a journey needs and another made.
    pub fn variables(&mut self) -> &mut Variables {
        &mut self.variables
    }

    /// The sum of all steps so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Runs all steps of a journey, also after one that failed, and answers their sum.
    pub fn run(&mut self, journey: &Journey) -> Report {
        let mut report = Report::default();
        for recorded in &journey.steps {
            let step = self.run_step(&journey.name, recorded);
            report.add(&step);
            self.report.add(&step);
            self.observer.step(&step);
        }
        report
    }

    /// Runs one step.
    fn run_step(&mut self, journey: &str, recorded: &RecordedStep) -> Step {
        let mut step = Step::new(format!("{journey}: {}", recorded.title));
        let (request, expectations) = match self.prepare(recorded) {
            Ok(prepared) => prepared,
            Err(name) => {
                let why = "an earlier step did not save it, or the caller did not set it";
                step.find(&format!("the variable {name}"), "a value", "nothing", why);
                return step;
            }
        };
        match self.client.send(&request) {
            Ok(exchange) => {
                step.findings = check::judge(&exchange, &expectations);
                for (name, path) in &recorded.save {
                    let body = exchange.body.as_ref();
                    match body.and_then(|body| json_path::find(body, path)) {
                        Some(value) => self.variables.set(name, value),
                        None => {
                            step.find(path, "a value to keep", "nothing", "later steps need it");
                        }
                    }
                }
                step.exchanges.push(exchange);
            }
            Err(error) => {
                let what = format!("{} {}", error.method, error.path);
                step.find(&what, "an answer", error.reason, "");
            }
        }
        step
    }

    /// Fills in the variables; answers the name of the first one that is missing.
    fn prepare(&self, recorded: &RecordedStep) -> Result<(Request, Vec<Expectation>), String> {
        let body = recorded
            .request
            .as_ref()
            .map(|body| self.variables.fill_value(body));
        let request = Request {
            method: recorded.method.clone(),
            path: self.variables.fill(&recorded.path)?,
            headers: self.headers(recorded)?,
            header_set: recorded.header_set,
            body: body.transpose()?,
        };
        let mut expectations = vec![Expectation::status(&recorded.statuses, "")];
        for assertion in &recorded.assertions {
            let operand = self.variables.fill_value(&assertion.operand)?;
            expectations.extend(expectation(assertion, operand));
        }
        Ok((request, expectations))
    }

    /// Headers with their variables; those of the credentials are left to the client.
    fn headers(&self, recorded: &RecordedStep) -> Result<Vec<(String, Option<String>)>, String> {
        let fill = |value: &Option<String>| match value {
            Some(text) if text.contains("{{TOKEN}}") || text.contains("{{auth}}") => {
                Ok(Some(text.clone()))
            }
            Some(text) => self.variables.fill(text).map(Some),
            None => Ok(None),
        };
        recorded
            .headers
            .iter()
            .map(|(name, value)| Ok((name.clone(), fill(value)?)))
            .collect()
    }
}

fn expectation(assertion: &Assertion, operand: Value) -> Option<Expectation> {
    let header = assertion.place.strip_prefix("header:");
    let is = match assertion.operator {
        Operator::Informational => return None,
        Operator::Equals | Operator::EqualsIfBody => Is::Equal(operand),
        Operator::EqualsWritten => Is::Written(written(&operand)),
        Operator::EqualsString => Is::Text(written(&operand)),
        Operator::EqualsFolded => Is::SameFolded(written(&operand)),
        Operator::OneOf => Is::OneOf(operand.as_array().cloned().unwrap_or_default()),
        Operator::Contains => Is::Containing(operand),
        Operator::Lacks => Is::NotContaining(operand),
        Operator::SameSet => Is::SameSet(operand.as_array().cloned().unwrap_or_default()),
        Operator::Length => Is::OfLength(usize::try_from(operand.as_u64()?).ok()?),
        Operator::NotEmpty => Is::Something,
        Operator::Empty => Is::Cleared,
        // Gathered from every element: absent is what none of them has.
        Operator::Absent if assertion.place.contains("[*]") => Is::SameSet(Vec::new()),
        Operator::Absent => Is::Absent,
        Operator::IsInteger if header.is_some() => Is::WholeSeconds,
        Operator::IsInteger => Is::Integer,
        Operator::IsNumber => Is::Number,
        Operator::IsArray => Is::List,
    };
    Some(match (header, assertion.operator) {
        (Some(name), _) => Expectation::header(name, is, ""),
        (None, Operator::EqualsIfBody) => Expectation::if_body(&assertion.place, is, ""),
        (None, _) => Expectation::body(&assertion.place, is, ""),
    })
}
