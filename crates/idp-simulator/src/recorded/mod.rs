//! Recorded journeys: requests as data, with what each answer must fulfil.
//!
//! Three ways to write them are read: [`journey`] (the project's own files), [`json_lines`]
//! (recorded exchanges, one a line) and [`runscope`] (the export of a Runscope test).

pub mod journey;
pub mod json_lines;
mod runner;
pub mod runscope;
mod variables;

pub use runner::Runner;
pub use variables::Variables;

use serde_json::Value;

use crate::http::HeaderSet;

/// A file could not be read as a journey.
#[derive(Debug, thiserror::Error)]
pub enum BadJourney {
    /// The text is not JSON.
    #[error("not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A member is missing, or has another type.
    #[error("step {step}: `{member}` is missing or has the wrong type")]
    Member {
        /// The step, counted from 1.
        step: usize,
        /// The name of the member.
        member: &'static str,
    },
    /// An assertion uses an operator that nobody knows. Skipping it would be a check that cannot fail.
    #[error("step {step}: unknown operator `{operator}`")]
    Operator {
        /// The step, counted from 1.
        step: usize,
        /// The operator as written.
        operator: String,
    },
}

/// Steps that belong together.
#[derive(Debug, Clone)]
pub struct Journey {
    /// What it is called.
    pub name: String,
    /// The requests, in order.
    pub steps: Vec<RecordedStep>,
}

/// One request and what its answer must fulfil. Texts may hold `{{VARIABLE}}`.
#[derive(Debug, Clone)]
pub struct RecordedStep {
    /// What happens, in plain words.
    pub title: String,
    /// The method.
    pub method: String,
    /// The path below the tenant URL.
    pub path: String,
    /// Headers; `None` removes one.
    pub headers: Vec<(String, Option<String>)>,
    /// What the headers are laid over.
    pub header_set: HeaderSet,
    /// The body.
    pub request: Option<Value>,
    /// The statuses that are fine.
    pub statuses: Vec<u16>,
    /// What else the answer must fulfil.
    pub assertions: Vec<Assertion>,
    /// Variables to take out of the answer, each with its path.
    pub save: Vec<(String, String)>,
}

/// One thing that an answer must fulfil: a place, an operator and its operand.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// A path into the body, or `header:NAME`.
    pub place: String,
    /// What must hold there.
    pub operator: Operator,
    /// What it is compared with; null where the operator needs nothing.
    pub operand: Value,
}

/// The operators of the recorded assertions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal as JSON.
    Equals,
    /// Equal as JSON, or no body at all.
    EqualsIfBody,
    /// Equal when both are written as text.
    EqualsWritten,
    /// A JSON text with exactly these characters.
    EqualsString,
    /// Equal without regard to letter case.
    EqualsFolded,
    /// One of the values in a list.
    OneOf,
    /// A list with this element, or a text with this part.
    Contains,
    /// A list without this element, or a text without this part.
    Lacks,
    /// A list with exactly these elements, in any order.
    SameSet,
    /// A list of that length.
    Length,
    /// Something that is not empty.
    NotEmpty,
    /// Nothing, or something empty.
    Empty,
    /// Nothing.
    Absent,
    /// A whole number; in a header, a text that is one.
    IsInteger,
    /// A number.
    IsNumber,
    /// A list.
    IsArray,
    /// Time: told with the exchange, never judged.
    Informational,
}

impl Operator {
    /// Reads the name of an operator, in any of the three vocabularies.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "equals" => Self::Equals,
            "equals_if_body" => Self::EqualsIfBody,
            "equal" | "equal_number" | "equals_written" => Self::EqualsWritten,
            "equals_string" => Self::EqualsString,
            "equals_folded" => Self::EqualsFolded,
            "one_of" => Self::OneOf,
            "contains" | "has_value" => Self::Contains,
            "lacks" => Self::Lacks,
            "same_set" => Self::SameSet,
            "length" => Self::Length,
            "not_empty" => Self::NotEmpty,
            "empty" => Self::Empty,
            "absent" => Self::Absent,
            "is_integer" => Self::IsInteger,
            "is_a_number" | "is_number" => Self::IsNumber,
            "is_array" => Self::IsArray,
            "is_less_than" | "less_than" => Self::Informational,
            _ => return None,
        })
    }
}
