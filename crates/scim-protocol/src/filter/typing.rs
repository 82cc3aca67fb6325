//! Fits attribute, operator and literal together.

use super::ast::{Comparison, Operator, Test};
use super::literal::{Literal, read_instant};
use super::parser::Problem;
use crate::binary;
use crate::dialect::Literals;
use crate::json::holds_refused_control;
use crate::path::AttributePath;
use crate::resource::value::read_boolean;
use crate::schema::{Attribute, AttributeType};

/// A literal before it is known what it is compared with.
pub(super) enum Raw {
    Text(String),
    Number(serde_json::Number),
    Boolean(bool),
    Null,
}

/// Fits attribute, operator and literal together (RFC 7644 section 3.4.2.2, table 3).
pub(super) fn compare(
    path: AttributePath,
    operator: Operator,
    raw: Raw,
    literals: Literals,
) -> Result<Comparison, Problem> {
    if matches!(raw, Raw::Null) {
        // `eq null` asks for what is unassigned (RFC 7643 section 2.5), of whatever type.
        if !matches!(operator, Operator::Equal | Operator::NotEqual) {
            return Err(Problem::Literal {
                attribute: path.leaf().name,
                wanted: "a value",
            });
        }
        return Ok(Comparison {
            path,
            test: Test::Compare(operator, Literal::Null),
        });
    }
    let path = named_value(path)?;
    let leaf = path.leaf();
    check_operator(leaf, operator)?;
    let literal = match (leaf.data_type, raw) {
        (AttributeType::Boolean, Raw::Boolean(value)) => Some(Literal::Boolean(value)),
        (AttributeType::Boolean, Raw::Text(text)) if literals == Literals::Lenient => {
            read_boolean(&text).map(Literal::Boolean)
        }
        (AttributeType::Integer, Raw::Number(number)) => Some(Literal::Number(number)),
        (AttributeType::DateTime, Raw::Text(text)) => read_instant(&text).map(Literal::Instant),
        (_, Raw::Text(text)) if holds_refused_control(&text) => {
            return Err(Problem::Literal {
                attribute: leaf.name,
                wanted: "a text without control characters",
            });
        }
        (AttributeType::Binary, Raw::Text(text)) => {
            binary::decode(&text).map(|_| Literal::Text(text))
        }
        (AttributeType::String | AttributeType::Reference, Raw::Text(text)) => {
            Some(Literal::Text(text))
        }
        _ => None,
    };
    let wanted = wanted_literal(leaf.data_type);
    let literal = literal.ok_or(Problem::Literal {
        attribute: leaf.name,
        wanted,
    })?;
    Ok(Comparison {
        path,
        test: Test::Compare(operator, literal),
    })
}

/// A complex attribute is compared through its `value`, if it has one (P-3.4.2.2-06).
fn named_value(path: AttributePath) -> Result<AttributePath, Problem> {
    if !path.leaf().is_complex() {
        return Ok(path);
    }
    let value = path.attribute.sub_attribute("value");
    value
        .map(|value| path.with_sub(value))
        .ok_or(Problem::Complex(path.attribute.name))
}

fn check_operator(leaf: &'static Attribute, operator: Operator) -> Result<(), Problem> {
    let is_allowed = match leaf.data_type {
        AttributeType::Boolean | AttributeType::Binary => {
            !operator.is_ordering() && !operator.is_substring()
        }
        AttributeType::Integer | AttributeType::DateTime => !operator.is_substring(),
        AttributeType::String | AttributeType::Reference => true,
        AttributeType::Complex => false,
    };
    if is_allowed {
        return Ok(());
    }
    Err(Problem::Operator {
        operator: operator.as_str(),
        attribute: leaf.name,
        data_type: leaf.data_type.as_str(),
    })
}

const fn wanted_literal(data_type: AttributeType) -> &'static str {
    match data_type {
        AttributeType::Boolean => "true or false",
        AttributeType::Integer => "a number",
        AttributeType::DateTime => "a date and time",
        AttributeType::Binary => "a quoted base64 text",
        AttributeType::String | AttributeType::Reference | AttributeType::Complex => {
            "a quoted text"
        }
    }
}
