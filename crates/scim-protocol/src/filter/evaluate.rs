//! Judges a filter over a resource whose names are canonical (RFC 7644 section 3.4.2.2).

use std::cmp::Ordering;

use serde_json::Value;

use super::ast::{Comparison, Expression, Filter, Operator, Term, Test, ValuePath};
use super::literal::Literal;
use crate::fold::fold_unless;
use crate::path::AttributePath;
use crate::schema::Attribute;

impl Filter {
    /// Whether the resource matches.
    #[must_use]
    pub fn matches(&self, resource: &Value) -> bool {
        self.evaluate(|term| match term {
            Term::Comparison(comparison) => matches_comparison(comparison, resource),
            Term::ValuePath(path) => matches_value_path(path, resource),
        })
    }
}

impl Expression<Comparison> {
    /// Whether one value of the attribute satisfies the filter inside the brackets.
    #[must_use]
    pub fn matches_element(&self, element: &Value) -> bool {
        self.evaluate(|comparison| matches_part(comparison, element))
    }
}

fn matches_value_path(path: &ValuePath, resource: &Value) -> bool {
    values(path.attribute.attribute_in(resource))
        .iter()
        .any(|element| {
            let tail = path.tail.as_ref();
            path.filter.matches_element(element)
                && tail.is_none_or(|tail| matches_part(tail, element))
        })
}

/// One value, several or none, as a slice.
fn values(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(values)) => values,
        Some(one) => std::slice::from_ref(one),
    }
}

/// Any value that satisfies the test is enough (P-3.4.2.2-05).
fn matches_comparison(comparison: &Comparison, resource: &Value) -> bool {
    let values = values(comparison.path.attribute_in(resource));
    let is_present = || values.iter().any(|value| has_part(&comparison.path, value));
    match &comparison.test {
        // Unassigned means that no value has the part, not that some value lacks it.
        Test::Compare(Operator::Equal, Literal::Null) => !is_present(),
        Test::Present | Test::Compare(Operator::NotEqual, Literal::Null) => is_present(),
        // Nobody's `primary` is false where there is nobody: of no value only `ne` holds.
        Test::Compare(operator, _) if values.is_empty() => *operator == Operator::NotEqual,
        Test::Compare(..) => values.iter().any(|value| matches_part(comparison, value)),
    }
}

/// Asks one value: itself for a simple attribute, its part for a complex one.
fn matches_part(comparison: &Comparison, value: &Value) -> bool {
    let part = part(&comparison.path, value);
    match &comparison.test {
        Test::Present | Test::Compare(Operator::NotEqual, Literal::Null) => {
            part.is_some_and(is_assigned)
        }
        Test::Compare(Operator::Equal, Literal::Null) => !part.is_some_and(is_assigned),
        Test::Compare(operator, literal) => {
            compare(*operator, literal, part, comparison.path.leaf())
        }
    }
}

fn part<'a>(path: &AttributePath, value: &'a Value) -> Option<&'a Value> {
    match path.sub {
        Some(sub) => value.get(sub.name),
        None => Some(value),
    }
}

fn has_part(path: &AttributePath, value: &Value) -> bool {
    part(path, value).is_some_and(is_assigned)
}

/// Whether there is a value: not null, not empty, and for an object some part of it (P-3.4.2.2-09).
fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_assigned),
        Value::Object(parts) => parts.values().any(is_assigned),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(
    operator: Operator,
    literal: &Literal,
    stored: Option<&Value>,
    attribute: &Attribute,
) -> bool {
    // A missing `primary` is false (RFC 7643 section 2.4).
    const NOT_PRIMARY: Value = Value::Bool(false);
    let is_missing_primary = stored.is_none() && attribute.name == "primary";
    let stored = if is_missing_primary {
        Some(&NOT_PRIMARY)
    } else {
        stored
    };
    let Some(stored) = stored else {
        return operator == Operator::NotEqual;
    };
    if operator.is_substring() {
        return contains(operator, literal, stored, attribute);
    }
    let order = literal.order(stored, attribute);
    match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::NotEqual => order != Some(Ordering::Equal),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        Operator::Less => order == Some(Ordering::Less),
        Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => false,
    }
}

/// Substrings are literal: nothing in them is a pattern (SEC-30).
fn contains(operator: Operator, literal: &Literal, stored: &Value, attribute: &Attribute) -> bool {
    let (Some(wanted), Value::String(stored)) = (literal.as_text(), stored) else {
        return false;
    };
    let wanted = fold_unless(attribute.case_exact, wanted);
    let stored = fold_unless(attribute.case_exact, stored);
    match operator {
        Operator::StartsWith => stored.starts_with(wanted.as_ref()),
        Operator::EndsWith => stored.ends_with(wanted.as_ref()),
        _ => stored.contains(wanted.as_ref()),
    }
}
