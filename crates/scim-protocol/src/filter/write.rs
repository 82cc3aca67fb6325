//! How a filter is written: `parse(write(filter))` is the same filter.

use std::fmt;

use super::ast::{Comparison, Expression, Term, Test, ValuePath};

/// How tightly a written expression holds together.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Bond {
    Or,
    And,
    Unit,
}

impl<T> Expression<T> {
    /// Writes the expression with as few parentheses as its shape allows.
    fn write(&self, leaf: impl FnMut(&T) -> String) -> String {
        let mut leaf = leaf;
        let (text, _) = self.fold(
            |term| (leaf(term), Bond::Unit),
            |left, right| (join(left, "and", right, Bond::And), Bond::And),
            |left, right| (join(left, "or", right, Bond::Or), Bond::Or),
            |(text, _)| (format!("not ({text})"), Bond::Unit),
        );
        text
    }
}

/// Operators of one kind group to the left, so that only a right side of the same kind needs
/// parentheses to keep its shape.
fn join(left: (String, Bond), word: &str, right: (String, Bond), bond: Bond) -> String {
    let left = if left.1 < bond {
        format!("({})", left.0)
    } else {
        left.0
    };
    let right = if right.1 <= bond {
        format!("({})", right.0)
    } else {
        right.0
    };
    format!("{left} {word} {right}")
}

impl fmt::Display for Expression<Term> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.write(|term| match term {
            Term::Comparison(comparison) => comparison.to_string(),
            Term::ValuePath(path) => path.to_string(),
        }))
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}[{}]",
            self.attribute,
            self.filter.write(write_inside)
        )?;
        match &self.tail {
            Some(tail) => write!(formatter, ".{}", write_inside(tail)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&write_test(&self.path.to_string(), &self.test))
    }
}

/// Inside brackets the sub-attribute stands alone.
fn write_inside(comparison: &Comparison) -> String {
    write_test(comparison.path.leaf().name, &comparison.test)
}

fn write_test(name: &str, test: &Test) -> String {
    match test {
        Test::Present => format!("{name} pr"),
        Test::Compare(operator, literal) => {
            format!("{name} {} {}", operator.as_str(), literal.to_value())
        }
    }
}
