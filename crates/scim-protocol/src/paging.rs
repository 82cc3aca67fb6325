//! Index-based paging (RFC 7644 section 3.4.2.4).

use crate::error::ScimError;

/// How many resources a page holds when the client does not say.
pub const DEFAULT_COUNT: u32 = 100;
/// How many resources a page holds at most, whatever the client says.
pub const MAX_COUNT: u32 = 1_000;

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
    /// Reads the parameters as text. Less than 1 is 1 (P-3.4.2.4-01), a negative count is 0 and a large
    /// one is [`MAX_COUNT`] (P-3.4.2.4-02, -04).
    ///
    /// # Errors
    /// `invalidValue` for what is no integer.
    pub fn parse(start_index: Option<&str>, count: Option<&str>) -> Result<Self, ScimError> {
        let start = read("startIndex", start_index)?;
        let count = read("count", count)?;
        Ok(Self::clamp(start, count))
    }

    /// Brings the numbers into their bounds.
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
fn read(name: &str, text: Option<&str>) -> Result<Option<i64>, ScimError> {
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
        let page = Page::parse(Some(start), Some(count)).expect("valid");
        (page.start_index, page.count)
    }

    #[test]
    fn p_3_4_2_4_the_bounds_of_start_and_count() {
        assert_eq!(
            Page::parse(None, None),
            Ok(Page {
                start_index: 1,
                count: 100
            })
        );
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
            assert!(Page::parse(Some(text), None).is_err(), "{text}");
            assert!(Page::parse(None, Some(text)).is_err(), "{text}");
        }
    }
}
