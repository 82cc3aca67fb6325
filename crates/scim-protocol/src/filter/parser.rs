//! Reads a filter: one pass, an operator stack instead of recursion, three limits.
//!
//! The grammar is RFC 7644 figure 1 with errata 4690, 7319 and 7322, and with what clients send in
//! practice: any case of keywords, no space before a quote, bare words, `attr[filter].sub op value`.

use super::ast::{Comparison, Expression, Filter, Node, Operator, Term, Test, ValuePath};
use super::lexer::{LexError, Lexer, Token, read_number};
use super::typing::{Raw, compare};
use crate::dialect::Literals;
use crate::error::ScimError;
use crate::path::{AttributePath, PathError};
use crate::resource::value::read_boolean;
use crate::schema::{ResourceKind, Returned};

/// How large a filter may be (P-3.4.2.2-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the text, in bytes.
    pub bytes: usize,
    /// Parentheses inside one another.
    pub depth: usize,
    /// Comparisons.
    pub terms: usize,
}

impl Limits {
    /// For a filter in an address.
    pub const ADDRESS: Self = Self {
        bytes: 4 * 1024,
        depth: 16,
        terms: 100,
    };
    /// For a filter in a body (`.search`).
    pub const BODY: Self = Self {
        bytes: 16 * 1024,
        ..Self::ADDRESS
    };
}

/// How a filter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseOptions {
    /// How large it may be.
    pub limits: Limits,
    /// Which literals are accepted.
    pub literals: Literals,
    /// What is asked.
    pub scope: Scope,
}

/// Of which resources a filter is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// Of one kind: an attribute that it has not is an error (P-3.4.2.2-12).
    #[default]
    OneKind,
    /// Of every kind, one after the other: an attribute of another kind has no value
    /// (RFC 7644 section 3.4.2.1).
    EveryKind,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self {
            limits: Limits::ADDRESS,
            literals: Literals::Lenient,
            scope: Scope::OneKind,
        }
    }
}

/// What is wrong with a filter. No part of the filter is repeated: it may hold personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Something else should stand here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// No schema of the resource has the attribute.
    #[error("unknown attribute")]
    UnknownAttribute,
    /// The attribute may not be asked about (P-3.4.2.2-13).
    #[error("this attribute cannot be used in a filter")]
    Forbidden,
    /// A complex attribute without `value` was compared as a whole.
    #[error("{0} is complex: name one of its sub-attributes")]
    Complex(&'static str),
    /// The operator does not go with the type of the attribute.
    #[error("{operator} cannot be used with {attribute}, which is a {data_type}")]
    Operator {
        /// The operator's keyword.
        operator: &'static str,
        /// The attribute's name.
        attribute: &'static str,
        /// The attribute's type.
        data_type: &'static str,
    },
    /// The literal does not go with the type of the attribute.
    #[error("{attribute} is compared with {wanted}")]
    Literal {
        /// The attribute's name.
        attribute: &'static str,
        /// What it can be compared with.
        wanted: &'static str,
    },
    /// The text is too long.
    #[error("the filter is longer than {0} bytes")]
    TooLong(usize),
    /// Too many levels.
    #[error("the filter is nested deeper than {0} levels")]
    TooDeep(usize),
    /// Too many comparisons.
    #[error("the filter has more than {0} terms")]
    TooManyTerms(usize),
}

/// A filter that cannot be used, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("filter, byte {position}: {problem}")]
pub struct FilterError {
    /// The byte at which it was noticed, from 0.
    pub position: usize,
    /// What is wrong.
    pub problem: Problem,
}

impl From<FilterError> for ScimError {
    fn from(error: FilterError) -> Self {
        Self::invalid_filter(error.to_string())
    }
}

impl From<LexError> for FilterError {
    fn from(error: LexError) -> Self {
        Self {
            position: error.position,
            problem: Problem::Expected(error.expected),
        }
    }
}

impl Filter {
    /// Reads a filter over resources of this kind.
    pub fn parse(
        text: &str,
        kind: ResourceKind,
        options: ParseOptions,
    ) -> Result<Self, FilterError> {
        let mut parser = Parser::new(text, kind, options)?;
        let filter = parser.expression(None, Parser::term)?;
        match parser.lexer.next()? {
            None => Ok(filter),
            Some(_) => Err(parser.expected("`and`, `or` or the end")),
        }
    }
}

/// The head of a modification's path: `attribute[filter]`, and what stands behind it.
pub(crate) struct ElementFilter {
    pub(crate) filter: Expression<Comparison>,
    /// What follows the closing bracket.
    pub(crate) rest: usize,
}

/// Reads `filter]` for the values of `attribute`; `text` begins after the opening bracket.
pub(crate) fn parse_element_filter(
    text: &str,
    attribute: AttributePath,
    kind: ResourceKind,
    options: ParseOptions,
) -> Result<ElementFilter, FilterError> {
    let mut parser = Parser::new(text, kind, options)?;
    let filter = parser.element_expression(attribute)?;
    let rest = parser.lexer.position();
    Ok(ElementFilter { filter, rest })
}

/// What waits for its right side.
#[derive(Clone, Copy, PartialEq)]
enum Pending {
    Or,
    And,
    Group,
    NegatedGroup,
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    kind: ResourceKind,
    options: ParseOptions,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, kind: ResourceKind, options: ParseOptions) -> Result<Self, FilterError> {
        let limit = options.limits.bytes;
        if text.len() > limit {
            return Err(FilterError {
                position: limit,
                problem: Problem::TooLong(limit),
            });
        }
        Ok(Self {
            lexer: Lexer::new(text),
            kind,
            options,
            depth: 0,
            terms: 0,
        })
    }

    fn fail(&mut self, problem: Problem) -> FilterError {
        FilterError {
            position: self.lexer.position(),
            problem,
        }
    }

    fn expected(&mut self, what: &'static str) -> FilterError {
        self.fail(Problem::Expected(what))
    }

    /// Reads operands and operators in turn until the closing token or the end (shunting yard).
    fn expression<T>(
        &mut self,
        closing: Option<&Token>,
        mut term: impl FnMut(&mut Self) -> Result<T, FilterError>,
    ) -> Result<Expression<T>, FilterError> {
        let mut output = Vec::new();
        let mut pending = Vec::new();
        loop {
            self.open_groups(&mut pending)?;
            let leaf = term(self)?;
            output.push(Node::Term(leaf));
            self.close_groups(&mut pending, &mut output)?;
            let Some(operator) = self.connective(closing)? else {
                break;
            };
            if operator == Pending::Or {
                pop_while(&mut pending, &mut output, &[Pending::And, Pending::Or]);
            } else {
                pop_while(&mut pending, &mut output, &[Pending::And]);
            }
            pending.push(operator);
        }
        pop_while(&mut pending, &mut output, &[Pending::And, Pending::Or]);
        if !pending.is_empty() {
            return Err(self.expected("`)`"));
        }
        Ok(Expression::from_nodes(output))
    }

    /// Takes every `(` and `not (` that stands before an operand.
    fn open_groups(&mut self, pending: &mut Vec<Pending>) -> Result<(), FilterError> {
        loop {
            let group = match self.lexer.peek()? {
                Some(Token::Open) => Pending::Group,
                Some(Token::Word(word)) if word.eq_ignore_ascii_case("not") => {
                    self.lexer.next()?;
                    if self.lexer.peek()? != Some(Token::Open) {
                        return Err(self.expected("`(` after `not`"));
                    }
                    Pending::NegatedGroup
                }
                _ => return Ok(()),
            };
            self.depth += 1;
            if self.depth > self.options.limits.depth {
                return Err(self.fail(Problem::TooDeep(self.options.limits.depth)));
            }
            self.lexer.next()?;
            pending.push(group);
        }
    }

    /// Takes every `)` that stands behind an operand.
    fn close_groups<T>(
        &mut self,
        pending: &mut Vec<Pending>,
        output: &mut Vec<Node<T>>,
    ) -> Result<(), FilterError> {
        while self.lexer.peek()? == Some(Token::Close) {
            pop_while(pending, output, &[Pending::And, Pending::Or]);
            match pending.pop() {
                Some(Pending::Group) => {}
                Some(Pending::NegatedGroup) => output.push(Node::Not),
                _ => return Err(self.expected("no `)` here")),
            }
            self.depth -= 1;
            self.lexer.next()?;
        }
        Ok(())
    }

    fn connective(&mut self, closing: Option<&Token>) -> Result<Option<Pending>, FilterError> {
        let next = self.lexer.peek()?;
        if next.as_ref() == closing {
            return Ok(None);
        }
        let operator = match &next {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("and") => Pending::And,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("or") => Pending::Or,
            _ if closing.is_some() => return Err(self.expected("`and`, `or` or `]`")),
            _ => return Err(self.expected("`and`, `or` or the end")),
        };
        self.lexer.next()?;
        Ok(Some(operator))
    }

    fn term(&mut self) -> Result<Term, FilterError> {
        let position = self.lexer.position();
        let path = self.path()?;
        if self.lexer.peek()? != Some(Token::OpenBracket) {
            return Ok(Term::Comparison(self.test(path, position)?));
        }
        if path.sub.is_some() || !path.attribute.is_complex() {
            return Err(self.expected("an operator"));
        }
        self.lexer.next()?;
        let filter = self.element_expression(path)?;
        let has_tail = self.lexer.take_adjacent('.');
        let tail = has_tail.then(|| self.element_term(path)).transpose()?;
        Ok(Term::ValuePath(ValuePath {
            attribute: path,
            filter,
            tail,
        }))
    }

    /// The inside of `[ ]` up to and with the closing bracket. It cannot hold another one.
    fn element_expression(
        &mut self,
        attribute: AttributePath,
    ) -> Result<Expression<Comparison>, FilterError> {
        let term = |parser: &mut Self| parser.element_term(attribute);
        let filter = self.expression(Some(&Token::CloseBracket), term)?;
        self.lexer.next()?;
        Ok(filter)
    }

    fn element_term(&mut self, attribute: AttributePath) -> Result<Comparison, FilterError> {
        let position = self.lexer.position();
        let Some(Token::Word(name)) = self.lexer.next()? else {
            return Err(at(position, Problem::Expected("a sub-attribute")));
        };
        let sub = attribute.attribute.sub_attribute(&name);
        let sub = sub.ok_or(at(position, Problem::UnknownAttribute))?;
        self.test(attribute.with_sub(sub), position)
    }

    fn path(&mut self) -> Result<AttributePath, FilterError> {
        let position = self.lexer.position();
        let Some(Token::Word(word)) = self.lexer.next()? else {
            return Err(at(position, Problem::Expected("an attribute")));
        };
        let path = self.resolved(&word).map_err(|error| match error {
            PathError::Malformed => at(position, Problem::Expected("an attribute")),
            PathError::Unknown => at(position, Problem::UnknownAttribute),
        })?;
        if path.leaf().returned == Returned::Never {
            return Err(at(position, Problem::Forbidden));
        }
        Ok(path)
    }

    /// The attribute of a name: of this kind, or of another one where every kind is asked.
    fn resolved(&self, name: &str) -> Result<AttributePath, PathError> {
        match self.options.scope {
            Scope::OneKind => AttributePath::parse(name, self.kind),
            Scope::EveryKind => AttributePath::parse_for_every_kind(name, self.kind),
        }
    }

    /// Reads the operator and the literal behind a path.
    fn test(&mut self, path: AttributePath, begin: usize) -> Result<Comparison, FilterError> {
        self.terms += 1;
        if self.terms > self.options.limits.terms {
            return Err(at(begin, Problem::TooManyTerms(self.options.limits.terms)));
        }
        let position = self.lexer.position();
        let Some(Token::Word(word)) = self.lexer.next()? else {
            return Err(at(position, Problem::Expected("an operator")));
        };
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Comparison {
                path,
                test: Test::Present,
            });
        }
        let operator = Operator::ALL
            .into_iter()
            .find(|o| word.eq_ignore_ascii_case(o.as_str()));
        let operator = operator.ok_or(at(position, Problem::Expected("an operator")))?;
        let position = self.lexer.position();
        let Some(raw) = self.lexer.next()? else {
            return Err(at(position, Problem::Expected("a value")));
        };
        let raw = self
            .raw_literal(raw)
            .ok_or(at(position, Problem::Expected("a value")))?;
        compare(path, operator, raw, self.options.literals).map_err(|problem| at(begin, problem))
    }

    fn raw_literal(&self, token: Token) -> Option<Raw> {
        let is_lenient = self.options.literals == Literals::Lenient;
        match token {
            Token::Quoted(text) => Some(Raw::Text(text)),
            Token::SingleQuoted(text) if is_lenient => Some(Raw::Text(text)),
            Token::Word(word) if word.eq_ignore_ascii_case("null") => Some(Raw::Null),
            Token::Word(word) => match (read_boolean(&word), read_number(&word)) {
                (Some(value), _) => Some(Raw::Boolean(value)),
                (_, Some(number)) => Some(Raw::Number(number)),
                _ if is_lenient => Some(Raw::Text(word)),
                _ => None,
            },
            _ => None,
        }
    }
}

const fn at(position: usize, problem: Problem) -> FilterError {
    FilterError { position, problem }
}

fn pop_while<T>(pending: &mut Vec<Pending>, output: &mut Vec<Node<T>>, stronger: &[Pending]) {
    while let Some(top) = pending.pop_if(|top| stronger.contains(top)) {
        output.push(if top == Pending::And {
            Node::And
        } else {
            Node::Or
        });
    }
}
