//! Cuts the text of a filter into tokens, one at a time and with their positions.

use serde_json::Number;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// A name, a keyword, a number or any other unquoted text.
    Word(String),
    /// A JSON string, decoded.
    Quoted(String),
    /// Text in single quotes, which the grammar does not have but examples in RFC 7644 do.
    SingleQuoted(String),
}

/// Reads tokens from a text.
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
}

/// A token cannot be read here.
pub(super) struct LexError {
    pub(super) position: usize,
    pub(super) expected: &'static str,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// Where the next token begins, in bytes; the spaces before it are passed over.
    pub(super) fn position(&mut self) -> usize {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.position
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    /// Whether the next character, with no space before it, is this one; if so it is taken.
    pub(super) fn take_adjacent(&mut self, wanted: char) -> bool {
        let is_next = self.rest().starts_with(wanted);
        self.position += if is_next { wanted.len_utf8() } else { 0 };
        is_next
    }

    pub(super) fn peek(&mut self) -> Result<Option<Token>, LexError> {
        let before = self.position;
        let token = self.next();
        self.position = before;
        token
    }

    pub(super) fn next(&mut self) -> Result<Option<Token>, LexError> {
        self.position();
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '(' => self.symbol(Token::Open),
            ')' => self.symbol(Token::Close),
            '[' => self.symbol(Token::OpenBracket),
            ']' => self.symbol(Token::CloseBracket),
            '"' => self.quoted()?,
            '\'' => self.single_quoted()?,
            _ => self.word(),
        };
        Ok(Some(token))
    }

    fn symbol(&mut self, token: Token) -> Token {
        self.position += 1;
        token
    }

    /// A word ends where a space, a bracket or a quote begins.
    fn word(&mut self) -> Token {
        let rest = self.rest();
        let is_end = |letter: char| letter.is_whitespace() || "()[]\"".contains(letter);
        // A character that ends words but begins no token must not stop the reader for ever.
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, letter)| is_end(*letter));
        let word = end.map_or(rest, |(end, _)| rest.get(..end).unwrap_or(rest));
        self.position += word.len();
        Token::Word(word.to_owned())
    }

    fn quoted(&mut self) -> Result<Token, LexError> {
        let position = self.position;
        let rest = self.rest();
        let mut is_escaped = false;
        let close = rest.bytes().enumerate().skip(1).find(|&(_, byte)| {
            let closes = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            closes
        });
        let quoted = close.and_then(|(close, _)| rest.get(..=close));
        let Some(quoted) = quoted else {
            return Err(LexError {
                position,
                expected: "a closing quote",
            });
        };
        let text = serde_json::from_str::<String>(quoted).map_err(|_| LexError {
            position,
            expected: "a JSON string",
        })?;
        self.position += quoted.len();
        Ok(Token::Quoted(text))
    }

    fn single_quoted(&mut self) -> Result<Token, LexError> {
        let inside = self.rest().get(1..).unwrap_or_default();
        let Some(close) = inside.find('\'') else {
            return Err(LexError {
                position: self.position,
                expected: "a closing quote",
            });
        };
        self.position += close + 2;
        Ok(Token::SingleQuoted(
            inside.get(..close).unwrap_or_default().to_owned(),
        ))
    }
}

/// A word as a JSON number, if it is one.
pub(super) fn read_number(word: &str) -> Option<Number> {
    let begins = word.starts_with(|letter: char| letter == '-' || letter.is_ascii_digit());
    if !begins || word.len() > crate::json::MAX_NUMBER_LENGTH {
        return None;
    }
    serde_json::from_str(word).ok()
}
