//! A strict JSON reader: what is ambiguous or dangerous is refused, not interpreted.
//!
//! Depth and length of numbers are checked by a scanner over the bytes, before any tree is built.
//! Duplicate keys, also those that differ only in case (SEC-28, P-3.8-04), and control characters are
//! found while the tree is built. The work is linear in the size of the body.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::ScimError;
use crate::path::is_name;
use crate::resource::quotable;

/// The deepest nesting of objects and arrays.
pub const MAX_DEPTH: usize = 32;
/// The longest string, in bytes after decoding.
pub const MAX_STRING_BYTES: usize = 64 * 1024;
/// The longest number, in characters.
pub const MAX_NUMBER_LENGTH: usize = 40;
/// Up to this many keys are compared pairwise; beyond it a hash set takes over.
const SMALL_OBJECT: usize = 12;

/// A body is refused: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", .attribute.as_ref().map(|name| format!("{name}: ")).unwrap_or_default())]
pub struct JsonError {
    /// The attribute at fault as a dotted path, where there is one and its name can be shown.
    pub attribute: Option<String>,
    /// The rule that it breaks.
    pub reason: JsonFault,
}

impl From<JsonFault> for JsonError {
    fn from(reason: JsonFault) -> Self {
        Self {
            attribute: None,
            reason,
        }
    }
}

/// Why a body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// A byte order mark, which RFC 8259 section 8.1 forbids.
    #[error("the body starts with a byte order mark")]
    ByteOrderMark,
    /// Bytes that are not UTF-8 (RFC 8259 section 8.1).
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Too many levels.
    #[error("the body is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A number that is too long.
    #[error("a number is longer than {MAX_NUMBER_LENGTH} characters")]
    NumberTooLong,
    /// A string that is too long.
    #[error("a string is longer than {MAX_STRING_BYTES} bytes")]
    StringTooLong,
    /// NUL, or another control character than tab and line break.
    #[error("a string contains a control character")]
    ControlCharacter,
    /// A key that occurs twice in one object.
    #[error("an object has the same key twice (keys are compared without case)")]
    DuplicateKey,
    /// Not JSON, or a number or escape that has no value.
    #[error("the body is not valid JSON (line {line}, column {column})")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

impl From<JsonError> for ScimError {
    fn from(error: JsonError) -> Self {
        match error.reason {
            JsonFault::StringTooLong | JsonFault::NumberTooLong | JsonFault::ControlCharacter => {
                Self::invalid_value(error.to_string())
            }
            _ => Self::invalid_syntax(error.to_string()),
        }
    }
}

/// Reads a body. The order of keys is kept.
///
/// # Errors
/// [`JsonError`] for what is no JSON, or has not one reading alone.
pub fn parse(body: &[u8]) -> Result<Value, JsonError> {
    if body.starts_with(b"\xef\xbb\xbf") {
        return Err(JsonFault::ByteOrderMark.into());
    }
    let text = std::str::from_utf8(body).map_err(|_| JsonFault::NotUtf8)?;
    scan(text)?;
    let fault = RefCell::new(Fault::default());
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Reader { fault: &fault }.deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let fault = fault.take();
        JsonError {
            attribute: fault.attribute(),
            reason: fault
                .reason
                .unwrap_or(JsonFault::Malformed { line, column }),
        }
    })
}

/// What the reader found, and the keys that lead there, the innermost first.
#[derive(Default)]
struct Fault {
    reason: Option<JsonFault>,
    keys: Vec<String>,
}

impl Fault {
    /// The path, if every key of it is a plain name or a URN.
    fn attribute(&self) -> Option<String> {
        let is_shown = self.reason.is_some() && !self.keys.is_empty();
        let keys: Vec<&str> = self.keys.iter().rev().map(String::as_str).collect();
        (is_shown && keys.iter().all(|key| quotable(key) == *key)).then(|| keys.join("."))
    }
}

/// Counts levels and the length of numbers without building anything.
fn scan(body: &str) -> Result<(), JsonError> {
    let mut depth = 0_usize;
    let mut number = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let (mut string, mut key) = (0..0, 0..0);
    for (place, byte) in body.bytes().enumerate() {
        if in_string {
            (escaped, in_string) = match byte {
                _ if escaped => (false, true),
                b'\\' => (true, true),
                b'"' => (false, false),
                _ => (false, true),
            };
            string.end = place;
            continue;
        }
        number = match byte {
            b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E' => number + 1,
            _ => 0,
        };
        match byte {
            b'"' => (in_string, string.start) = (true, place + 1),
            b':' => key = string.clone(),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(JsonFault::TooDeep.into());
        }
        if number > MAX_NUMBER_LENGTH {
            let name = body.get(key).unwrap_or_default();
            return Err(JsonError {
                attribute: (is_name(name) && quotable(name) == name).then(|| name.to_owned()),
                reason: JsonFault::NumberTooLong,
            });
        }
    }
    Ok(())
}

/// Whether a character may not be stored: databases, logs and pages treat them differently.
#[must_use]
pub fn is_refused_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r')
}

/// Whether a text has such a character. Most are of visible ASCII alone, which is asked of many bytes at
/// a time.
pub(crate) fn holds_refused_control(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    !is_plain && text.chars().any(is_refused_control)
}

/// Builds the tree. serde carries only text in its errors, so the reason travels beside it.
#[derive(Clone, Copy)]
struct Reader<'a> {
    fault: &'a RefCell<Fault>,
}

impl Reader<'_> {
    fn refuse<E: serde::de::Error>(self, reason: JsonFault) -> E {
        self.fault.borrow_mut().reason = Some(reason);
        E::custom(reason)
    }

    /// Notes on the way out of a value that is refused which one it is.
    fn below(self, key: &str) {
        self.fault.borrow_mut().keys.push(key.to_owned());
    }

    fn check_text<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text.len() > MAX_STRING_BYTES {
            return Err(self.refuse(JsonFault::StringTooLong));
        }
        if holds_refused_control(text) {
            return Err(self.refuse(JsonFault::ControlCharacter));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Value::Number(number))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.check_text(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        let mut folded: HashSet<String> = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.check_text::<A::Error>(&key)?;
            if is_duplicate(&object, &mut folded, &key) {
                self.below(&key);
                return Err(self.refuse(JsonFault::DuplicateKey));
            }
            let value = entries.next_value_seed(self);
            let value = value.inspect_err(|_| self.below(&key))?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// Whether the key was seen, compared without case. Objects are small, except those of an attacker.
fn is_duplicate(object: &Map<String, Value>, folded: &mut HashSet<String>, key: &str) -> bool {
    if object.len() < SMALL_OBJECT {
        return object.keys().any(|seen| seen.eq_ignore_ascii_case(key));
    }
    if folded.is_empty() {
        folded.extend(object.keys().map(|seen| seen.to_ascii_lowercase()));
    }
    !folded.insert(key.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> JsonFault {
        parse(body.as_bytes()).expect_err("refused").reason
    }

    #[test]
    fn an_ordinary_body_is_read_and_its_order_kept() {
        let value = parse(br#"{"b":1,"a":[true,null,-2.5,"x\n"]}"#).expect("valid");
        assert_eq!(value.to_string(), r#"{"b":1,"a":[true,null,-2.5,"x\n"]}"#);
    }

    #[test]
    fn sec_28_the_same_key_twice_is_refused_in_any_case_and_at_any_size() {
        assert_eq!(refused(r#"{"a":1,"a":2}"#), JsonFault::DuplicateKey);
        assert_eq!(
            refused(r#"{"x":{"userName":1,"USERNAME":2}}"#),
            JsonFault::DuplicateKey
        );
        assert_eq!(refused(r#"{"a":1,"\u0061":2}"#), JsonFault::DuplicateKey);
        let many: Vec<_> = (0..5_000).map(|n| format!("\"k{n}\":0")).collect();
        let body = format!("{{{},\"K17\":1}}", many.join(","));
        assert_eq!(refused(&body), JsonFault::DuplicateKey);
        let body = format!("{{{}}}", many.join(","));
        assert!(parse(body.as_bytes()).is_ok());
    }

    #[test]
    fn sec_28_bytes_that_have_no_single_reading_are_refused() {
        assert_eq!(
            parse(b"\xef\xbb\xbf{}"),
            Err(JsonFault::ByteOrderMark.into())
        );
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(JsonFault::NotUtf8.into()));
        assert!(matches!(
            refused(r#"{"a":"\ud800"}"#),
            JsonFault::Malformed { .. }
        ));
        assert!(matches!(
            refused(r#"{"a":NaN}"#),
            JsonFault::Malformed { .. }
        ));
        assert!(matches!(
            refused(r#"{"a":1e999}"#),
            JsonFault::Malformed { .. }
        ));
        assert!(matches!(
            refused(r#"{"a":1} {}"#),
            JsonFault::Malformed { .. }
        ));
        assert!(matches!(refused(""), JsonFault::Malformed { .. }));
    }

    #[test]
    fn control_characters_are_refused_except_tab_and_line_breaks() {
        assert_eq!(refused(r#"{"a":"\u0000"}"#), JsonFault::ControlCharacter);
        assert_eq!(refused(r#"{"\u0007":1}"#), JsonFault::ControlCharacter);
        assert_eq!(refused(r#"{"a":"\u009f"}"#), JsonFault::ControlCharacter);
        assert!(parse(br#"{"a":"1\t2\r\n3"}"#).is_ok());
    }

    #[test]
    fn depth_is_checked_before_a_tree_is_built() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), JsonFault::TooDeep);
        assert_eq!(refused(&"[".repeat(1_000_000)), JsonFault::TooDeep);
        assert!(parse(br#"{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}"#).is_ok());
        assert!(parse(br#"{"a":"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}"#).is_ok());
    }

    #[test]
    fn long_numbers_and_strings_are_refused() {
        assert_eq!(
            refused(&format!("[{}]", "1".repeat(41))),
            JsonFault::NumberTooLong
        );
        assert!(parse(format!("[{}]", "1".repeat(40)).as_bytes()).is_ok());
        let long = "x".repeat(MAX_STRING_BYTES + 1);
        assert_eq!(refused(&format!("[\"{long}\"]")), JsonFault::StringTooLong);
    }

    #[test]
    fn p_3_3_05_unparsable_json_is_invalid_syntax() {
        let error = ScimError::from(parse(b"{").expect_err("refused"));
        assert_eq!(error.scim_type, Some(crate::error::ScimType::InvalidSyntax));
    }

    #[test]
    fn p_3_3_05_what_is_refused_is_named_by_its_path_where_that_can_be_shown() {
        let detail = |body: &str| parse(body.as_bytes()).expect_err("refused").to_string();
        let long = "1".repeat(41);
        for (body, says) in [
            (
                r#"{"name":{"givenName":"a\u0000"}}"#.to_owned(),
                "name.givenName: a string contains a control character",
            ),
            (
                r#"{"Operations":[{"data":{"a:b":"\u0007"}}]}"#.to_owned(),
                "Operations.data.a:b: a string contains a control character",
            ),
            (
                r#"{"title":1,"TITLE":2}"#.to_owned(),
                "TITLE: an object has the same key twice (keys are compared without case)",
            ),
            (
                format!(r#"{{"a":"x","title":["y",{long}]}}"#),
                "title: a number is longer than 40 characters",
            ),
            (
                format!(r#"{{"a b":{long}}}"#),
                "a number is longer than 40 characters",
            ),
            (
                r#"{"<b>":"\u0000"}"#.to_owned(),
                "a string contains a control character",
            ),
        ] {
            assert_eq!(detail(&body), says);
        }
    }
}
