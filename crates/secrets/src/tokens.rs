//! Random tokens and their digests.

use rollcall_application::ports::{Digest, SecretText, TokenKind, Tokens};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Letters and digits alone: a double click selects a whole token, and nothing needs escaping in
/// a URL, a header or a shell.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 256 bits in base 62.
const BODY_LENGTH: usize = 43;

/// 32 bits in base 62.
const CHECKSUM_LENGTH: usize = 6;

/// Every prefix.
const PREFIXES: [&str; 5] = [
    prefix(TokenKind::ScimSecret),
    prefix(TokenKind::Session),
    prefix(TokenKind::Invitation),
    prefix(TokenKind::PasswordReset),
    prefix(TokenKind::SignIn),
];

/// Tokens of 256 bits from the operating system: `rcs_` (or the prefix of another kind), 43
/// letters and digits, and 6 more that are the CRC-32 of all before them, so that a secret scanner
/// can tell a token from a look-alike without asking anybody (SEC-6).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomTokens;

impl Tokens for RandomTokens {
    fn mint(&self, kind: TokenKind) -> SecretText {
        let mut random = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *random).expect("the operating system gives random bytes");
        SecretText::new(render(kind, &random))
    }

    fn digest(&self, token: &str) -> Digest {
        Digest(Sha256::digest(token.as_bytes()).into())
    }
}

/// Whether a text has the form of one of our tokens, checksum included. It says nothing about
/// whether the token opens anything.
#[must_use]
pub fn checksum_holds(token: &str) -> bool {
    let Some(body) = PREFIXES
        .iter()
        .find_map(|prefix| token.strip_prefix(prefix))
    else {
        return false;
    };
    if body.len() != BODY_LENGTH + CHECKSUM_LENGTH || !body.is_ascii() {
        return false;
    }
    let (signed, checksum) = token.split_at(token.len() - CHECKSUM_LENGTH);
    checksum == checksum_of(signed)
}

/// A password that nobody has to think of: 20 random letters and digits (119 bits), in groups that
/// can be read aloud.
#[must_use]
pub fn generated_password() -> SecretText {
    let mut random = Zeroizing::new([0; 15]);
    getrandom::fill(&mut *random).expect("the operating system gives random bytes");
    let letters = Zeroizing::new(base62(&*random, 20));
    let mut password = String::with_capacity(23);
    for (at, letter) in letters.chars().enumerate() {
        if at > 0 && at % 5 == 0 {
            password.push('-');
        }
        password.push(letter);
    }
    SecretText::new(password)
}

/// Compares two digests in a time that does not depend on where they differ (SEC-7).
#[must_use]
pub fn digests_match(left: &Digest, right: &Digest) -> bool {
    left.0.ct_eq(&right.0).into()
}

const fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::ScimSecret => "rcs_",
        TokenKind::Session => "rcp_",
        TokenKind::Invitation => "rci_",
        TokenKind::PasswordReset => "rcr_",
        TokenKind::SignIn => "rco_",
    }
}

fn render(kind: TokenKind, random: &[u8; 32]) -> String {
    let mut token = String::with_capacity(4 + BODY_LENGTH + CHECKSUM_LENGTH);
    token.push_str(prefix(kind));
    token.push_str(&base62(random, BODY_LENGTH));
    let checksum = checksum_of(&token);
    token.push_str(&checksum);
    token
}

fn checksum_of(text: &str) -> String {
    let sum = crc32fast::hash(text.as_bytes());
    base62(&sum.to_be_bytes(), CHECKSUM_LENGTH)
}

/// A big-endian number in base 62, padded with zeros to `width` digits.
fn base62(number: &[u8], width: usize) -> String {
    let mut rest = Zeroizing::new(number.to_vec());
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        let mut carry = 0_u32;
        for byte in rest.iter_mut() {
            let value = carry << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).expect("a remainder below 62 keeps it below 256");
            carry = value % 62;
        }
        digits.push(digit(carry));
    }
    digits.iter().rev().collect()
}

fn digit(value: u32) -> char {
    let index = usize::try_from(value).expect("a digit is below 62");
    let byte = ALPHABET.get(index).expect("a digit is below 62");
    char::from(*byte)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const KINDS: [TokenKind; 5] = [
        TokenKind::ScimSecret,
        TokenKind::Session,
        TokenKind::Invitation,
        TokenKind::PasswordReset,
        TokenKind::SignIn,
    ];

    #[test]
    fn a_thousand_tokens_have_the_form_and_do_not_repeat_sec_6() {
        for kind in KINDS {
            let tokens: HashSet<String> = (0..1_000)
                .map(|_| RandomTokens.mint(kind).expose().to_owned())
                .collect();
            assert_eq!(tokens.len(), 1_000);
            for token in tokens {
                let body = token.strip_prefix(prefix(kind)).expect("the prefix");
                assert_eq!(body.len(), 49);
                assert!(body.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                assert!(checksum_holds(&token));
            }
        }
    }

    #[test]
    fn any_changed_letter_breaks_the_checksum_sec_6() {
        let token = RandomTokens.mint(TokenKind::ScimSecret).expose().to_owned();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).expect("still ASCII");
            assert!(!checksum_holds(&changed), "changed at {at}");
        }
        assert!(!checksum_holds(""));
        assert!(!checksum_holds("rcs_"));
        assert!(!checksum_holds(&token[..token.len() - 1]));
    }

    #[test]
    fn all_256_bits_reach_the_token_sec_6() {
        let zeros = render(TokenKind::ScimSecret, &[0; 32]);
        for bit in 0..256 {
            let mut random = [0; 32];
            random[bit / 8] = 1 << (bit % 8);
            let token = render(TokenKind::ScimSecret, &random);
            assert_ne!(token[4..47], zeros[4..47], "bit {bit}");
        }
        assert_eq!(&base62(&[0xFF; 32], BODY_LENGTH).len(), &BODY_LENGTH);
        assert_eq!(base62(&[0, 0, 0, 62], CHECKSUM_LENGTH), "000010");
        assert_eq!(base62(&u32::MAX.to_be_bytes(), CHECKSUM_LENGTH), "4gfFC3");
    }

    #[test]
    fn a_generated_password_is_long_and_never_the_same() {
        let made: HashSet<String> = (0..1_000)
            .map(|_| generated_password().expose().to_owned())
            .collect();
        assert_eq!(made.len(), 1_000);
        assert!(made.iter().all(|password| password.len() == 23));
    }

    #[test]
    fn the_digest_is_sha_256_sec_7() {
        let digest = RandomTokens.digest("abc");
        assert_eq!(digest.0[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert!(digests_match(&digest, &RandomTokens.digest("abc")));
        assert!(!digests_match(&digest, &RandomTokens.digest("abd")));
    }

    #[test]
    fn debug_shows_neither_token_nor_digest_sec_7() {
        let token = RandomTokens.mint(TokenKind::Session);
        assert_eq!(format!("{token:?}"), "SecretText");
        assert_eq!(
            format!("{:?}", RandomTokens.digest(token.expose())),
            "Digest"
        );
    }
}
