//! The right side of a comparison, typed by the attribute on its left (RFC 7644 section 3.4.2.2).

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde_json::{Number, Value};

use crate::binary;
use crate::fold::fold_unless;
use crate::reference;
use crate::schema::{Attribute, AttributeType};

/// A value to compare with. Its kind fits the attribute: the parser sees to that.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// For strings, references and binary values.
    Text(String),
    /// For integers.
    Number(Number),
    /// For booleans.
    Boolean(bool),
    /// For moments, in UTC.
    Instant(DateTime<Utc>),
    /// `null`: unassigned.
    Null,
}

impl Literal {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The literal as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Boolean(value) => Value::Bool(*value),
            Self::Instant(moment) => {
                Value::String(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
            Self::Null => Value::Null,
        }
    }

    /// How a stored value stands to this literal; none if they cannot be compared.
    pub(super) fn order(&self, stored: &Value, attribute: &Attribute) -> Option<Ordering> {
        match (self, stored) {
            (Self::Text(wanted), Value::String(stored)) => {
                Some(order_texts(stored, wanted, attribute))
            }
            (Self::Boolean(wanted), Value::Bool(stored)) => Some(stored.cmp(wanted)),
            (Self::Number(wanted), Value::Number(stored)) => order_numbers(stored, wanted),
            (Self::Instant(wanted), Value::String(stored)) => {
                Some(read_instant(stored)?.cmp(wanted))
            }
            _ => None,
        }
    }
}

/// Texts as their attribute says: binary values as bytes (RFC 7643 section 2.3.6), addresses of
/// resources without what stands for the version of the protocol, all else by its case rule.
fn order_texts(stored: &str, wanted: &str, attribute: &Attribute) -> Ordering {
    if attribute.data_type == AttributeType::Binary {
        return binary::decode(stored).cmp(&binary::decode(wanted));
    }
    if attribute.is_resource_address() && reference::is_same(stored, wanted) {
        return Ordering::Equal;
    }
    let exact = attribute.case_exact;
    fold_unless(exact, stored).cmp(&fold_unless(exact, wanted))
}

fn order_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return Some(left.cmp(&right));
    }
    left.as_f64()?.partial_cmp(&right.as_f64()?)
}

/// Reads an `xsd:dateTime` (RFC 7643 section 2.3.5). Without a zone it is UTC; a date alone is its
/// first moment, since some clients send one.
#[must_use]
pub(crate) fn read_instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.with_timezone(&Utc));
    }
    if let Ok(moment) = text.parse::<NaiveDateTime>() {
        return Some(moment.and_utc());
    }
    let date = text.parse::<NaiveDate>().ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}
