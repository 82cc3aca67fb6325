//! Validated text: what is stored is well-formed once and for all, so that every database and
//! every reader behaves alike (no NUL, no control characters, bounded length).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_compatible;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The version of the folding that made a stored [`FoldedKey`]; kept beside the key, so that a
/// better fold can be told from an older one.
pub const FOLD_VERSION: i32 = 1;

/// Why a text is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than its limit.
    #[error("must not be longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes of UTF-8.
        limit: usize,
    },
    /// A control, invisible or, in an identifier, unassigned character.
    #[error("must not contain control, invisible or unassigned characters")]
    Forbidden,
    /// An e-mail address needs a name, one `@` and a domain.
    #[error("must be an e-mail address, such as jane@example.com")]
    NotAnEmail,
}

/// Characters that show nothing and only serve to deceive: zero-width characters, fillers,
/// direction controls, line separators and tags.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{E0000}'..='\u{E007F}')
}

/// What no identifier may hold besides: code points that Unicode has not assigned, which a later
/// version may make equal to others (RFC 8264 section 8), and further ones that show nothing, such as
/// selectors of variants, which names and emoji are written with.
fn is_unfit_for_identifiers(character: char) -> bool {
    let shows_nothing = matches!(character,
        '\u{34F}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0080}'..='\u{E0FFF}');
    shows_nothing
        || !character.is_ascii() && character.general_category() == GeneralCategory::Unassigned
}

/// The zero-width joiner and non-joiner: Persian words and composed emoji are written with them, so
/// a name may hold them; an identifier may not.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
}

/// What a text is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// People read it.
    Name,
    /// It tells one object from another.
    Identifier,
}

fn checked(text: &str, limit: usize, purpose: Use) -> Result<(), TextError> {
    if text.chars().all(|c| c.is_whitespace() || is_joiner(c)) {
        return Err(TextError::Empty);
    }
    if text.len() > limit {
        return Err(TextError::TooLong { limit });
    }
    let forbidden = |c: char| match purpose {
        Use::Name if is_joiner(c) => false,
        Use::Name => c.is_control() || is_invisible(c),
        Use::Identifier => c.is_control() || is_invisible(c) || is_unfit_for_identifiers(c),
    };
    if text.chars().any(forbidden) {
        return Err(TextError::Forbidden);
    }
    Ok(())
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $limit:expr, $trim:ident, $purpose:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest accepted value, in bytes of UTF-8.
            pub const LIMIT: usize = $limit;

            /// Checks a text and takes it.
            ///
            /// # Errors
            /// [`TextError`] when it is blank, too long, or holds control or invisible characters.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                let text = text!(@$trim text);
                checked(text, Self::LIMIT, Use::$purpose)?;
                Ok(Self(text.to_owned()))
            }

            /// Takes a text that was checked when it was stored.
            #[must_use]
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    (@trimmed $text:ident) => { $text.trim() };
    (@exact $text:ident) => { $text };
}

text!(
    /// A short text a person reads, such as a part of a name.
    Text,
    1024,
    exact,
    Name
);
text!(
    /// The name of an organization.
    OrganizationName,
    200,
    trimmed,
    Name
);
text!(
    /// The name of a team. Compared trimmed and folded (part B, Teams), shown as given.
    TeamName,
    1024,
    exact,
    Name
);
text!(
    /// The name by which a directory knows a member, kept exactly as sent (RFC 7643 section
    /// 4.1.1, `userName`) and compared by its folded key.
    UserName,
    320,
    exact,
    Identifier
);
text!(
    /// The directory's own id of an object (RFC 7643 section 3.1, `externalId`); case exact.
    ExternalId,
    1024,
    exact,
    Identifier
);

/// An e-mail address, kept as given and compared folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// The longest accepted address, in bytes of UTF-8.
    pub const LIMIT: usize = 320;

    /// Checks an address that a person typed.
    ///
    /// # Errors
    /// [`TextError`] when it is blank, too long, or not of the form `name@domain`.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        checked(text, Self::LIMIT, Use::Identifier)?;
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(TextError::NotAnEmail);
        };
        let odd = |c: char| c.is_whitespace() || "<>,;\"()[]\\@".contains(c);
        let dots = domain.starts_with('.') || domain.ends_with('.') || domain.contains("..");
        if local.is_empty() || domain.is_empty() || dots || text.matches('@').count() > 1 {
            return Err(TextError::NotAnEmail);
        }
        if local.chars().any(odd) || domain.chars().any(odd) {
            return Err(TextError::NotAnEmail);
        }
        Ok(Self(text.to_owned()))
    }

    /// Checks what a directory calls an e-mail address: directories send free text, and refusing
    /// it would lose the whole person.
    ///
    /// # Errors
    /// [`TextError`] when it is blank, too long, or holds control or invisible characters.
    pub fn from_directory(text: &str) -> Result<Self, TextError> {
        checked(text, Self::LIMIT, Use::Identifier)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes an address that was checked when it was stored.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key it is compared by.
    #[must_use]
    pub fn key(&self) -> FoldedKey {
        FoldedKey::of(self.0.trim())
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl UserName {
    /// The key it is compared by.
    #[must_use]
    pub fn key(&self) -> FoldedKey {
        FoldedKey::of(&self.0)
    }
}

impl TeamName {
    /// The key it is compared by: trimmed and folded (part B, Teams).
    #[must_use]
    pub fn key(&self) -> FoldedKey {
        FoldedKey::of(self.0.trim())
    }
}

/// A text folded for comparison: full- and half-width forms mapped to their plain ones, lower
/// case, NFC (the mapping of PRECIS `UsernameCaseMapped`, RFC 8265 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoldedKey(String);

impl FoldedKey {
    /// Folds a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.is_ascii() {
            return Self(text.to_ascii_lowercase());
        }
        let mut plain = String::with_capacity(text.len());
        // Composed first, so that a letter and its accent are lowered as the one letter they are.
        for character in text.nfc() {
            if is_width_variant(character) {
                decompose_compatible(character, |c| plain.push(c));
            } else {
                plain.push(character);
            }
        }
        // Letter by letter: a folded text never depends on its neighbours. So a sigma at the end
        // of a word is the sigma it would be elsewhere, or capitals would not equal small letters.
        let lowered: String = plain
            .chars()
            .flat_map(char::to_lowercase)
            .map(|letter| if letter == 'ς' { 'σ' } else { letter })
            .collect();
        Self(lowered.nfc().collect())
    }

    /// Takes a key that was folded when it was stored.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FoldedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_width_variant(character: char) -> bool {
    matches!(character, '\u{3000}' | '\u{FF01}'..='\u{FFEE}')
}
