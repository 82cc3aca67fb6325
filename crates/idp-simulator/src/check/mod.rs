//! What an answer must look like, and what is found when it does not.
//!
//! An [`Expectation`] is a value: the operations of the simulator and the recorded journeys judge
//! answers with the same ones.

mod answers;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

pub use answers::{changed, conflict, error, list, resource, throttled};

use crate::http::{Exchange, SCIM_JSON};
use crate::json_path;

/// The message URN of lists (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The message URN of errors (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// How much of an unexpected value a finding shows, in characters.
const SHOWN: usize = 160;

/// An answer that is not what the identity provider needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, such as `GET /Users/7: totalResults`.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
    /// Why it matters, in plain words.
    pub why: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, got {}",
            self.what, self.expected, self.got
        )?;
        if !self.why.is_empty() {
            write!(f, " ({})", self.why)?;
        }
        Ok(())
    }
}

/// What of an answer is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Status,
    Header(String),
    ContentType,
    Body(String),
    /// As `Body`, and content when the answer has no body: 204 is a fair answer to a PATCH.
    BodyIfAny(String),
    /// As `Body`, when the path leads somewhere: for attributes that a server may leave out.
    BodyIfPresent(String),
}

/// A predicate on one value.
#[derive(Debug, Clone, PartialEq)]
pub enum Is {
    /// Equal as JSON, letter case included.
    Equal(Value),
    /// Equal to one of these.
    OneOf(Vec<Value>),
    /// A JSON string with exactly this text; a number does not do.
    Text(String),
    /// Equal when written as text: `true` is "true", `0` is "0".
    Written(String),
    /// Equal without regard to letter case.
    SameFolded(String),
    /// A list that holds this value, or a text that holds this text.
    Containing(Value),
    /// A list that does not hold this value, or a text that does not hold this text.
    NotContaining(Value),
    /// A list of exactly these, in any order.
    SameSet(Vec<Value>),
    /// There, and not an empty text, list or object. `false` and `0` are something.
    Something,
    /// A JSON number without a fraction.
    Integer,
    /// A JSON number.
    Number,
    /// A JSON list.
    List,
    /// A list of that many elements.
    OfLength(usize),
    /// Not there, or null.
    Absent,
    /// Not there, null, or an empty text or list: what is left of a value that was cleared.
    Cleared,
    /// Text that holds a whole number: for headers.
    WholeSeconds,
}

impl Is {
    /// Whether the predicate holds; `None` is a value that is not there.
    #[must_use]
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let value = match value {
            Some(Value::Null) | None => return matches!(self, Self::Absent | Self::Cleared),
            Some(value) => value,
        };
        match self {
            Self::Equal(expected) => value == expected,
            Self::OneOf(expected) => expected.contains(value),
            Self::Text(expected) => value.as_str() == Some(expected),
            Self::Written(expected) => written(value) == *expected,
            Self::SameFolded(expected) => value
                .as_str()
                .is_some_and(|text| text.to_lowercase() == expected.to_lowercase()),
            Self::Containing(expected) => contains(value, expected),
            Self::NotContaining(expected) => !contains(value, expected),
            Self::SameSet(expected) => value.as_array().is_some_and(|found| {
                found.len() == expected.len() && expected.iter().all(|one| found.contains(one))
            }),
            Self::Something => !is_empty(value),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::List => value.is_array(),
            Self::OfLength(length) => value.as_array().is_some_and(|list| list.len() == *length),
            Self::Absent => false,
            Self::Cleared => is_empty(value),
            Self::WholeSeconds => value
                .as_str()
                .is_some_and(|text| text.parse::<u64>().is_ok()),
        }
    }
}

impl fmt::Display for Is {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(value) => write!(f, "{value}"),
            Self::OneOf(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                f.write_str(&values.join(" or "))
            }
            Self::Text(text) => write!(f, "the text {text:?}"),
            Self::Written(text) => f.write_str(text),
            Self::SameFolded(text) => write!(f, "{text:?} in any letter case"),
            Self::Containing(value) => write!(f, "something that contains {value}"),
            Self::NotContaining(value) => write!(f, "something without {value}"),
            Self::SameSet(values) => {
                write!(
                    f,
                    "exactly {}",
                    shortened(&Value::Array(values.clone()).to_string())
                )
            }
            Self::Something => f.write_str("something"),
            Self::Integer => f.write_str("a whole number"),
            Self::Number => f.write_str("a number"),
            Self::List => f.write_str("a list"),
            Self::OfLength(length) => write!(f, "a list of {length}"),
            Self::Absent => f.write_str("nothing"),
            Self::Cleared => f.write_str("nothing, or an empty value"),
            Self::WholeSeconds => f.write_str("a whole number of seconds"),
        }
    }
}

fn contains(value: &Value, expected: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.contains(expected),
        Value::String(text) => expected.as_str().is_some_and(|part| text.contains(part)),
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value as text, without the quotes of a JSON string.
pub(crate) fn written(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let mut shown: String = text.chars().take(SHOWN).collect();
    shown.push('…');
    shown
}

/// One thing that an answer must fulfil.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    subject: Subject,
    is: Is,
    why: Cow<'static, str>,
}

impl Expectation {
    fn new(subject: Subject, is: Is, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            subject,
            is,
            why: why.into(),
        }
    }

    /// The HTTP status is one of these.
    #[must_use]
    pub fn status(allowed: &[u16], why: impl Into<Cow<'static, str>>) -> Self {
        let allowed = allowed.iter().map(|status| Value::from(*status)).collect();
        Self::new(Subject::Status, Is::OneOf(allowed), why)
    }

    /// A header of the answer.
    #[must_use]
    pub fn header(name: &str, is: Is, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Subject::Header(name.to_owned()), is, why)
    }

    /// The answer says that it is SCIM JSON, or JSON (RFC 7644 section 3.8).
    #[must_use]
    pub fn content_type() -> Self {
        let allowed = [SCIM_JSON, "application/json"].map(Value::from).to_vec();
        Self::new(
            Subject::ContentType,
            Is::OneOf(allowed),
            "Okta parses the answer as JSON",
        )
    }

    /// The value at a path of the body ([`json_path::find`]).
    #[must_use]
    pub fn body(path: &str, is: Is, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Subject::Body(path.to_owned()), is, why)
    }

    /// As [`Expectation::body`], and fulfilled when there is no body at all.
    #[must_use]
    pub fn if_body(path: &str, is: Is, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Subject::BodyIfAny(path.to_owned()), is, why)
    }

    /// As [`Expectation::body`], and fulfilled when the path leads nowhere.
    #[must_use]
    pub fn if_present(path: &str, is: Is, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Subject::BodyIfPresent(path.to_owned()), is, why)
    }

    /// Judges one answer.
    #[must_use]
    pub fn judge(&self, exchange: &Exchange) -> Option<Finding> {
        let value = self.value(exchange);
        let waived = match &self.subject {
            Subject::BodyIfAny(_) => exchange.raw.is_empty(),
            Subject::BodyIfPresent(_) => value.is_none() && exchange.body.is_some(),
            _ => false,
        };
        if waived || self.is.holds(value.as_ref()) && !self.needs_json(exchange) {
            return None;
        }
        Some(Finding {
            what: format!("{} {}: {}", exchange.method, exchange.path, self.name()),
            expected: self.is.to_string(),
            got: self.got(exchange, value.as_ref()),
            why: self.why.clone().into_owned(),
        })
    }

    /// "Absent" is not proved by a body that cannot be read.
    fn needs_json(&self, exchange: &Exchange) -> bool {
        let reads_body = !matches!(
            self.subject,
            Subject::Status | Subject::Header(_) | Subject::ContentType
        );
        reads_body && exchange.body.is_none()
    }

    fn value(&self, exchange: &Exchange) -> Option<Value> {
        match &self.subject {
            Subject::Status => Some(Value::from(exchange.status)),
            Subject::Header(name) => exchange.header(name).map(Value::from),
            Subject::ContentType => {
                let (media_type, _) = exchange
                    .header("content-type")?
                    .split_once(';')
                    .unwrap_or((exchange.header("content-type")?, ""));
                Some(Value::from(media_type.trim().to_ascii_lowercase()))
            }
            Subject::Body(path) | Subject::BodyIfAny(path) | Subject::BodyIfPresent(path) => {
                json_path::find(exchange.body.as_ref()?, path)
            }
        }
    }

    fn name(&self) -> &str {
        match &self.subject {
            Subject::Status => "HTTP status",
            Subject::Header(name) => name,
            Subject::ContentType => "Content-Type",
            Subject::Body(path) | Subject::BodyIfAny(path) | Subject::BodyIfPresent(path) => {
                if path.is_empty() { "body" } else { path }
            }
        }
    }

    fn got(&self, exchange: &Exchange, value: Option<&Value>) -> String {
        if self.subject == Subject::Status && exchange.status >= 400 {
            return shortened(&format!("{}: {}", exchange.status, exchange.raw));
        }
        if self.needs_json(exchange) {
            return if exchange.raw.is_empty() {
                "an empty body".to_owned()
            } else {
                format!("a body that is no JSON: {}", shortened(&exchange.raw))
            };
        }
        value.map_or_else(
            || "nothing".to_owned(),
            |value| shortened(&value.to_string()),
        )
    }
}

/// Judges an answer by all of them.
#[must_use]
pub fn judge(exchange: &Exchange, expectations: &[Expectation]) -> Vec<Finding> {
    expectations
        .iter()
        .filter_map(|expectation| expectation.judge(exchange))
        .collect()
}
