//! How text of a case-insensitive attribute is compared.
//!
//! RFC 7643 section 2.2 (`caseExact`) and RFC 7644 section 5 ask for more than ASCII: full-width and
//! half-width forms are mapped, letters lower-cased and the result composed, as in the
//! `UsernameCaseMapped` profile (RFC 8265 section 3.3) but without its class check, so that the odd
//! names that identity providers send are still comparable.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The comparison key of `text`: equal keys mean equal text for an attribute with `caseExact` false.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let narrowed: String = text.chars().flat_map(narrow).collect();
    Cow::Owned(narrowed.to_lowercase().nfc().collect())
}

/// Maps a full-width or half-width form to its ordinary letter and leaves all else as it is.
fn narrow(letter: char) -> impl Iterator<Item = char> {
    let is_width_form = matches!(letter, '\u{3000}' | '\u{ff00}'..='\u{ffef}');
    let mapped = is_width_form.then(|| std::iter::once(letter).nfkc());
    let kept = (!is_width_form).then_some(letter);
    mapped.into_iter().flatten().chain(kept)
}

/// Folds only where the attribute asks for it.
pub(crate) fn fold_unless(case_exact: bool, text: &str) -> Cow<'_, str> {
    if case_exact {
        Cow::Borrowed(text)
    } else {
        fold(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_and_composition_do_not_distinguish() {
        assert_eq!(fold("BJensen"), "bjensen");
        assert_eq!(fold("ｂｊ"), "bj");
        assert_eq!(fold("e\u{301}"), fold("É"));
    }

    /// Section 19 of the requirements: RFC 8265 lower-cases, it does not case-fold.
    #[test]
    fn sharp_s_stays_different_from_double_s() {
        assert_ne!(fold("STRASSE"), fold("straße"));
    }
}
