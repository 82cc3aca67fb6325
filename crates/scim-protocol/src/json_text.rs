//! JSON written straight into bytes.
//!
//! Answers are most of what a provider does. What is passed on in them is a document that is ready
//! ([`RawValue`]), and the rest are names that need no escaping and short texts that hardly ever do:
//! looking at each byte of all that by itself costs more than everything else in an answer.
//!
//! ```
//! use rollcall_scim_protocol::json_text::object;
//!
//! let mut text = Vec::new();
//! object(&mut text, |user| {
//!     user.text("userName", "jane@example.com");
//!     user.boolean("active", true);
//!     user.list("emails", |emails| {
//!         emails.object(|email| email.text("value", "jane@example.com"));
//!     });
//! });
//! assert_eq!(
//!     String::from_utf8(text).unwrap(),
//!     r#"{"userName":"jane@example.com","active":true,"emails":[{"value":"jane@example.com"}]}"#
//! );
//! ```

use std::io::Write;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::etag::ETag;

/// Writes an object.
pub fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object(Members::of(out)));
    out.push(b'}');
}

/// Writes a list.
pub fn list(out: &mut Vec<u8>, write: impl FnOnce(&mut List<'_>)) {
    out.push(b'[');
    write(&mut List(Members::of(out)));
    out.push(b']');
}

/// What stands between two brackets.
struct Members<'a> {
    out: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Members<'a> {
    const fn of(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            is_first: true,
        }
    }

    fn next(&mut self) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_first) {
            self.out.push(b',');
        }
        self.out
    }
}

/// An object that is being written: one call for each member, in their order.
pub struct Object<'a>(Members<'a>);

impl Object<'_> {
    /// A text.
    pub fn text(&mut self, name: &'static str, text: &str) {
        quoted(self.member(name), text);
    }

    /// A text, where there is one.
    pub fn maybe_text(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// True or false.
    pub fn boolean(&mut self, name: &'static str, value: bool) {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.member(name).extend_from_slice(text);
    }

    /// A whole number.
    pub fn number(&mut self, name: &'static str, number: u64) {
        // Writing to bytes does not fail.
        let _ = write!(self.member(name), "{number}");
    }

    /// A moment in UTC with milliseconds (S-2.3.5-01).
    pub fn moment(&mut self, name: &'static str, moment: DateTime<Utc>) {
        let out = self.member(name);
        out.push(b'"');
        write_moment(out, moment);
        out.push(b'"');
    }

    /// A version, which is written with quotation marks of its own.
    pub fn etag(&mut self, name: &'static str, etag: ETag) {
        // Writing to bytes does not fail.
        let _ = write!(self.member(name), r#""W/\"{}\"""#, etag.version());
    }

    /// A document that is ready.
    pub fn ready(&mut self, name: &'static str, document: &RawValue) {
        self.member(name)
            .extend_from_slice(document.get().as_bytes());
    }

    /// Members that are ready, as they stand between the brackets of another object: at least one.
    pub fn members(&mut self, ready: &str) {
        self.0.next().extend_from_slice(ready.as_bytes());
    }

    /// Any value.
    pub fn value(&mut self, name: &'static str, document: &Value) {
        value(self.member(name), document);
    }

    /// Any value, where there is one.
    pub fn maybe_value(&mut self, name: &'static str, value: Option<&Value>) {
        if let Some(value) = value {
            self.value(name, value);
        }
    }

    /// An object.
    pub fn object(&mut self, name: &'static str, write: impl FnOnce(&mut Object<'_>)) {
        object(self.member(name), write);
    }

    /// A list.
    pub fn list(&mut self, name: &'static str, write: impl FnOnce(&mut List<'_>)) {
        list(self.member(name), write);
    }

    /// A document that is ready, under a name that somebody sent.
    pub fn ready_as(&mut self, name: &str, document: &RawValue) {
        let out = self.0.next();
        quoted(out, name);
        out.push(b':');
        out.extend_from_slice(document.get().as_bytes());
    }

    /// Names of ours need no escaping.
    fn member(&mut self, name: &'static str) -> &mut Vec<u8> {
        debug_assert!(!needs_escapes(name), "{name}");
        let out = self.0.next();
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        out
    }
}

/// A list that is being written: one call for each element, in their order.
pub struct List<'a>(Members<'a>);

impl List<'_> {
    /// A text.
    pub fn text(&mut self, text: &str) {
        quoted(self.0.next(), text);
    }

    /// An object.
    pub fn object(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        object(self.0.next(), write);
    }

    /// Whatever is written to the bytes: one whole value.
    pub fn element(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(self.0.next());
    }
}

/// Writes any value.
///
/// # Panics
/// Never: a value renders, and bytes take everything.
pub fn value(out: &mut Vec<u8>, value: &Value) {
    serde_json::to_writer(out, value).expect("values render, and bytes take everything");
}

/// A text in quotation marks, with what has to be escaped escaped (RFC 8259 section 7).
fn quoted(out: &mut Vec<u8>, text: &str) {
    if needs_escapes(text) {
        serde_json::to_writer(out, text).expect("texts render, and bytes take everything");
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Whether some byte of a text may have to be escaped, asked of eight bytes at a time.
fn needs_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (eights, rest) = bytes.as_chunks();
    // Most of the last eight were seen before, which costs less than setting the rest apart.
    let last = bytes.last_chunk().copied().unwrap_or_else(|| {
        let mut last = [b' '; 8];
        for (place, byte) in last.iter_mut().zip(rest) {
            *place = *byte;
        }
        last
    });
    eights.iter().any(|eight| one_needs_escapes(*eight)) || one_needs_escapes(last)
}

/// Whether one of eight bytes is a control character, a quotation mark or a backslash; now and then it
/// is said of others beside one that is.
const fn one_needs_escapes(bytes: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    /// The highest bit of each byte that is less than `than`, which is at most 128.
    const fn less(bytes: u64, than: u8) -> u64 {
        bytes.wrapping_sub(ONES * than as u64) & !bytes
    }
    let bytes = u64::from_ne_bytes(bytes);
    let quotes = bytes ^ (ONES * b'"' as u64);
    let backslashes = bytes ^ (ONES * b'\\' as u64);
    (less(bytes, b' ') | less(quotes, 1) | less(backslashes, 1)) & (ONES * 128) != 0
}

/// As [`DateTime::to_rfc3339_opts`] has it with milliseconds, without its general way there.
fn write_moment(out: &mut Vec<u8>, moment: DateTime<Utc>) {
    let (date, time) = (moment.date_naive(), moment.time());
    let year = date.year();
    // A leap second is beyond three digits.
    let milliseconds = moment.timestamp_subsec_millis();
    let (true, Ok(year), true) = (
        (0..=9_999).contains(&year),
        u32::try_from(year),
        milliseconds < 1_000,
    ) else {
        let text = moment.to_rfc3339_opts(SecondsFormat::Millis, true);
        out.extend_from_slice(text.as_bytes());
        return;
    };
    out.extend_from_slice(&digits::<4>(year));
    for (mark, number) in [
        (b'-', date.month()),
        (b'-', date.day()),
        (b'T', time.hour()),
        (b':', time.minute()),
        (b':', time.second()),
    ] {
        out.push(mark);
        out.extend_from_slice(&digits::<2>(number));
    }
    out.push(b'.');
    out.extend_from_slice(&digits::<3>(milliseconds));
    out.push(b'Z');
}

/// The last digits of a number.
fn digits<const COUNT: usize>(number: u32) -> [u8; COUNT] {
    let mut left = number;
    let mut text = [b'0'; COUNT];
    for place in text.iter_mut().rev() {
        *place += u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;

    fn written(write: impl FnOnce(&mut Object<'_>)) -> String {
        let mut text = Vec::new();
        object(&mut text, write);
        String::from_utf8(text).expect("UTF-8")
    }

    #[test]
    fn every_kind_of_member_stands_in_its_order() {
        let ready = RawValue::from_string(r#"{"a": [1]}"#.to_owned()).expect("JSON");
        let text = written(|object| {
            object.text("text", "Ada");
            object.maybe_text("none", None);
            object.maybe_text("some", Some(""));
            object.boolean("yes", true);
            object.boolean("no", false);
            object.number("number", u64::MAX);
            object.ready("ready", &ready);
            object.value("value", &json!({"b": null}));
            object.object("empty", |_| {});
            object.list("list", |list| {
                list.text("a");
                list.object(|inner| inner.number("n", 1));
                list.element(|out| out.extend_from_slice(b"2"));
            });
            object.list("nothing", |_| {});
        });
        let expected = r#"{"text":"Ada","some":"","yes":true,"no":false,"number":18446744073709551615,"ready":{"a": [1]},"value":{"b":null},"empty":{},"list":["a",{"n":1},2],"nothing":[]}"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn texts_and_names_are_escaped_as_any_writer_escapes_them() {
        let every_ascii: String = (0..=127_u8).map(char::from).collect();
        let long = "x".repeat(100);
        let texts = [
            "",
            "Björn 日本 🦀",
            "\"",
            "\\",
            "a\nb",
            "\u{7f}",
            "\u{2028}",
            &every_ascii,
            &long,
        ];
        for text in texts {
            let document = serde_json::value::to_raw_value(text).expect("JSON");
            let expected = json!({ "text": text, text: text }).to_string();
            let write = |object: &mut Object<'_>| {
                object.text("text", text);
                object.ready_as(text, &document);
            };
            assert_eq!(written(write), expected);
        }
        // Wherever a byte stands, and whatever stands beside it.
        for (place, filler) in
            (0..20).flat_map(|place| ["x", "é", "\u{7f}"].map(|one| (place, one)))
        {
            for byte in (0..=127_u8).map(char::from) {
                let text = format!("{}{byte}{filler}", filler.repeat(place));
                let mut out = Vec::new();
                quoted(&mut out, &text);
                assert_eq!(out, json!(text).to_string().into_bytes());
                let is_plain = out.len() == text.len() + 2;
                assert_eq!(needs_escapes(&text), !is_plain, "{text:?}");
            }
        }
    }

    #[test]
    fn moments_are_those_of_rfc_3339_in_every_year() {
        let day = TimeDelta::days(1);
        let odd = TimeDelta::milliseconds(86_399_999);
        let at = |seconds, nanoseconds| {
            DateTime::from_timestamp(seconds, nanoseconds).expect("an instant")
        };
        let end = at(253_500_000_000, 0);
        let leap_second = at(59, 1_999_999_999);
        let mut moments = vec![leap_second, at(-62_200_000_000, 999_999_999)];
        while let Some(last) = moments.last().copied().filter(|last| *last < end) {
            moments.push(last + day * 97 + odd);
        }
        assert!(moments.len() > 30_000, "{}", moments.len());
        for moment in moments {
            let expected = moment.to_rfc3339_opts(SecondsFormat::Millis, true);
            let mut text = Vec::new();
            write_moment(&mut text, moment);
            assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }
}
