//! Paging by index (RFC 7644 section 3.4.2.4) and by cursor (RFC 9865).

use crate::error::ScimError;

/// How many resources a page holds when the client does not say.
pub const DEFAULT_COUNT: u32 = 100;
/// How many resources a page holds at most, whatever the client says.
pub const MAX_COUNT: u32 = 1_000;

/// How long a cursor is good for at least, in seconds from when it was given out (RFC 9865 section
/// 4, `cursorTimeout`).
pub const CURSOR_SECONDS: u32 = 3_600;

/// In which of the two ways a client pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// By index: what a server that began with it takes by default (C-2.4-01).
    Index(Page),
    /// By cursor.
    Cursor(CursorPage),
}

impl Default for Paging {
    fn default() -> Self {
        Self::Index(Page::default())
    }
}

/// A page by cursor (RFC 9865 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CursorPage {
    /// Where it begins, as it was given out; at the beginning when absent.
    pub cursor: Option<String>,
    /// The largest number of resources; the one the cursor was given out for, or
    /// [`DEFAULT_COUNT`], when absent. Beyond [`MAX_COUNT`] it is that.
    pub count: Option<u32>,
}

/// What a client said about paging.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PagingWords {
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
    /// Given, if empty (C-2-01).
    pub(crate) cursor: Option<String>,
}

impl PagingWords {
    /// Which way of paging they mean.
    ///
    /// # Errors
    /// `invalidValue` where they ask for both (C-2.4-01).
    pub(crate) fn meaning(self) -> Result<Paging, ScimError> {
        let Some(cursor) = self.cursor else {
            return Ok(Paging::Index(Page::clamp(self.start_index, self.count)));
        };
        if self.start_index.is_some() {
            return Err(ScimError::invalid_value(
                "startIndex and cursor cannot be used together",
            ));
        }
        Ok(Paging::Cursor(CursorPage {
            cursor: (!cursor.is_empty()).then_some(cursor),
            count: self.count.map(|count| Page::clamp(None, Some(count)).count),
        }))
    }
}

/// Which part of the result is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The number of the first resource, from 1.
    pub start_index: u64,
    /// The largest number of resources; 0 asks for the total alone.
    pub count: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            start_index: 1,
            count: DEFAULT_COUNT,
        }
    }
}

impl Page {
    /// Brings the numbers into their bounds: less than 1 is 1 (P-3.4.2.4-01), a negative count is 0
    /// and a large one is [`MAX_COUNT`] (P-3.4.2.4-02, -04).
    #[must_use]
    pub fn clamp(start_index: Option<i64>, count: Option<i64>) -> Self {
        let start_index = u64::try_from(start_index.unwrap_or(1).max(1)).unwrap_or(1);
        let count = count
            .unwrap_or(DEFAULT_COUNT.into())
            .clamp(0, MAX_COUNT.into());
        Self {
            start_index,
            count: u32::try_from(count).unwrap_or(MAX_COUNT),
        }
    }

    /// How many resources are passed over.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.start_index.saturating_sub(1)
    }
}

/// An integer of any length; what does not fit is as far out as numbers go.
pub(crate) fn integer(name: &str, text: Option<&str>) -> Result<Option<i64>, ScimError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ScimError::invalid_value(format!(
            "{name} must be an integer"
        )));
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX);
    Ok(Some(if is_negative { -size } else { size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(start: &str, count: &str) -> (u64, u32) {
        let read = |name, text| integer(name, Some(text)).expect("valid");
        let page = Page::clamp(read("startIndex", start), read("count", count));
        (page.start_index, page.count)
    }

    fn words(start_index: Option<i64>, count: Option<i64>, cursor: Option<&str>) -> PagingWords {
        PagingWords {
            start_index,
            count,
            cursor: cursor.map(str::to_owned),
        }
    }

    #[test]
    fn c_2_01_and_c_2_4_01_a_cursor_selects_its_way_of_paging() {
        let cursor = |text: Option<&str>, count| {
            Ok(Paging::Cursor(CursorPage {
                cursor: text.map(str::to_owned),
                count,
            }))
        };
        assert_eq!(words(None, None, Some("")).meaning(), cursor(None, None));
        assert_eq!(
            words(None, Some(5_000), Some("abc")).meaning(),
            cursor(Some("abc"), Some(1_000))
        );
        assert_eq!(
            words(None, Some(-1), Some("")).meaning(),
            cursor(None, Some(0))
        );
        assert_eq!(
            words(Some(3), None, None).meaning(),
            Ok(Paging::Index(Page::clamp(Some(3), None)))
        );
        assert!(words(Some(1), None, Some("")).meaning().is_err());
    }

    #[test]
    fn p_3_4_2_4_the_bounds_of_start_and_count() {
        assert_eq!(Page::clamp(None, None), Page::default());
        assert_eq!(page("", ""), (1, 100));
        assert_eq!(page("0", "0"), (1, 0));
        assert_eq!(page("-5", "-1"), (1, 0));
        assert_eq!(page("101", "100"), (101, 100));
        assert_eq!(page("9999", "1001"), (9999, 1000));
        assert_eq!(
            page(&"9".repeat(500), &"9".repeat(500)),
            (i64::MAX as u64, 1000)
        );
        assert_eq!(page(&format!("-{}", "9".repeat(500)), "1"), (1, 1));
        assert_eq!(Page::clamp(Some(3), None).offset(), 2);
    }

    #[test]
    fn p_3_4_2_4_02_what_is_no_integer_is_refused() {
        for text in ["a", "1.5", "1e3", "-", "0x10", "1 2", "٣"] {
            assert!(integer("count", Some(text)).is_err(), "{text}");
        }
    }
}
