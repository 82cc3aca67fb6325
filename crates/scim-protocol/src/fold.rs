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
    // Composed first, so that a letter and its accent are lowered as the one letter they are; then
    // letter by letter, so that a folded text does not depend on its neighbours: a sigma at the end
    // of a word is the sigma it would be elsewhere.
    let narrowed = text.nfc().flat_map(narrow).flat_map(char::to_lowercase);
    let one_sigma = narrowed.map(|letter| if letter == 'ς' { 'σ' } else { letter });
    Cow::Owned(one_sigma.nfc().collect())
}

/// Maps a full-width or half-width form to its ordinary letter and leaves all else as it is.
fn narrow(letter: char) -> impl Iterator<Item = char> {
    let is_width_form = matches!(letter, '\u{3000}' | '\u{ff01}'..='\u{ffee}');
    let mapped = is_width_form.then(|| std::iter::once(letter).nfkd());
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

    #[test]
    fn the_end_of_a_word_and_the_order_of_accents_make_no_difference() {
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("ΟΔΟΣ x"), fold("οδοσ x"));
        assert_eq!(fold("İ"), fold("I\u{307}"));
    }

    /// RFC 8265 section 3.3.2 lower-cases, it does not case-fold.
    #[test]
    fn sharp_s_stays_different_from_double_s() {
        assert_ne!(fold("STRASSE"), fold("straße"));
    }
}
