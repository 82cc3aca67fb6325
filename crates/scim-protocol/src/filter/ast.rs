//! The shape of a filter.

use serde_json::Value;

use super::literal::Literal;
use crate::path::AttributePath;

/// A comparison operator (RFC 7644 section 3.4.2.2, table 3), `pr` apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Contains.
    Contains,
    /// Starts with.
    StartsWith,
    /// Ends with.
    EndsWith,
    /// Greater than.
    Greater,
    /// Greater than or equal.
    GreaterOrEqual,
    /// Less than.
    Less,
    /// Less than or equal.
    LessOrEqual,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// The keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    /// Whether it looks inside text.
    #[must_use]
    pub const fn is_substring(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }

    /// Whether it asks for an order.
    #[must_use]
    pub const fn is_ordering(self) -> bool {
        matches!(
            self,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual
        )
    }
}

/// What is asked of the value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `pr`: there is one.
    Present,
    /// It compares with a literal in this way.
    Compare(Operator, Literal),
}

/// A question about one attribute. Inside a value filter the path names the sub-attribute in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What is looked at. A complex attribute stands for its `value` (P-3.4.2.2-06), except in `pr`
    /// and in comparisons with `null`.
    pub path: AttributePath,
    /// What is asked.
    pub test: Test,
}

impl Comparison {
    /// The literal, if the question is `eq` with anything but `null`.
    #[must_use]
    pub fn equals(&self) -> Option<&Literal> {
        match &self.test {
            Test::Compare(Operator::Equal, literal) if *literal != Literal::Null => Some(literal),
            _ => None,
        }
    }

    /// The text, if the question is whether the attribute named so equals a text.
    #[must_use]
    pub fn text_equal_to(&self, name: &str) -> Option<&str> {
        if !self.path.is(name) {
            return None;
        }
        self.equals()?.as_text()
    }
}

/// `attribute[filter]`, and the tail `.sub op value` that some clients put behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct ValuePath {
    /// The complex attribute whose values are looked at one by one.
    pub attribute: AttributePath,
    /// What one and the same value must satisfy (P-3.4.2.2-05).
    pub filter: Expression<Comparison>,
    /// What that value must satisfy besides.
    pub tail: Option<Comparison>,
}

/// A leaf of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A question about an attribute.
    Comparison(Comparison),
    /// A question about one value of an attribute.
    ValuePath(ValuePath),
}

/// A step of an expression in post-order.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<T> {
    /// Pushes the answer to a leaf.
    Term(T),
    /// Pops two answers and pushes whether both are yes.
    And,
    /// Pops two answers and pushes whether one is yes.
    Or,
    /// Pops one answer and pushes its opposite.
    Not,
}

/// A logical expression over leaves, flat and in post-order.
///
/// By construction every operator finds its operands, and exactly one answer remains.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression<T> {
    nodes: Vec<Node<T>>,
}

/// A filter over a resource.
pub type Filter = Expression<Term>;

impl<T> Expression<T> {
    pub(super) const fn from_nodes(nodes: Vec<Node<T>>) -> Self {
        Self { nodes }
    }

    /// The steps.
    #[must_use]
    pub fn nodes(&self) -> &[Node<T>] {
        &self.nodes
    }

    /// Every leaf, from left to right.
    pub fn terms(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Term(term) => Some(term),
            _ => None,
        })
    }

    /// The leaves, if all of them are joined by `and` alone: each must hold.
    #[must_use]
    pub fn as_conjunction(&self) -> Option<Vec<&T>> {
        let is_pure = self
            .nodes
            .iter()
            .all(|node| matches!(node, Node::Term(_) | Node::And));
        is_pure.then(|| self.terms().collect())
    }

    /// The leaves that must hold for the whole to hold, whatever the rest says.
    ///
    /// A caller may look them up in an index and judge only what it finds. The vector is empty when
    /// nothing is certain.
    #[must_use]
    pub fn required_terms(&self) -> Vec<&T> {
        let mut sets: Vec<Vec<&T>> = Vec::new();
        for node in &self.nodes {
            match node {
                Node::Term(term) => sets.push(vec![term]),
                Node::And => {
                    let mut right = sets.pop().unwrap_or_default();
                    sets.last_mut()
                        .into_iter()
                        .for_each(|left| left.append(&mut right));
                }
                Node::Or => {
                    sets.pop();
                    sets.last_mut().into_iter().for_each(Vec::clear);
                }
                Node::Not => sets.last_mut().into_iter().for_each(Vec::clear),
            }
        }
        sets.pop().unwrap_or_default()
    }

    /// Folds the expression: `leaf` answers for a term, the others combine answers.
    ///
    /// This is the way to translate a filter into another language without recursion.
    pub fn fold<A>(
        &self,
        mut leaf: impl FnMut(&T) -> A,
        mut both: impl FnMut(A, A) -> A,
        mut either: impl FnMut(A, A) -> A,
        mut opposite: impl FnMut(A) -> A,
    ) -> A {
        let mut answers = Vec::new();
        let whole = "an expression is post-order, so that operators find their operands";
        for node in &self.nodes {
            let answer = match node {
                Node::Term(term) => leaf(term),
                Node::Not => opposite(answers.pop().expect(whole)),
                Node::And | Node::Or => {
                    let right = answers.pop().expect(whole);
                    let left = answers.pop().expect(whole);
                    if matches!(node, Node::And) {
                        both(left, right)
                    } else {
                        either(left, right)
                    }
                }
            };
            answers.push(answer);
        }
        answers.pop().expect(whole)
    }

    /// Whether the expression holds, given the answers to its leaves.
    pub fn evaluate(&self, leaf: impl FnMut(&T) -> bool) -> bool {
        self.fold(
            leaf,
            |left, right| left && right,
            |left, right| left || right,
            |answer| !answer,
        )
    }
}

impl Filter {
    /// The comparisons that must hold for a resource to match: those of [`Self::required_terms`], and
    /// of value paths the ones inside, since some value must satisfy them.
    #[must_use]
    pub fn required_comparisons(&self) -> Vec<&Comparison> {
        let mut found = Vec::new();
        for term in self.required_terms() {
            match term {
                Term::Comparison(comparison) => found.push(comparison),
                Term::ValuePath(path) => {
                    found.extend(path.filter.required_terms());
                    found.extend(&path.tail);
                }
            }
        }
        found
    }
}

/// The sub-attributes and values that a filter pins down, if it is made of `eq` terms alone.
pub(crate) fn eq_terms(filter: &Expression<Comparison>) -> Option<Vec<(&'static str, Value)>> {
    let terms = filter.as_conjunction()?;
    let pin = |term: &&Comparison| Some((term.path.sub?.name, term.equals()?.to_value()));
    terms.iter().map(pin).collect()
}
