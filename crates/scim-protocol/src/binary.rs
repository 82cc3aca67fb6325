//! Binary values: base64 whose padding may be missing (RFC 7643 section 2.3.6).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// RFC 4648 section 4. Bits beyond the last byte say nothing and are let pass.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a DER certificate begins with: it is a SEQUENCE (RFC 5280 section 4.1).
const SEQUENCE: u8 = 0x30;

/// The bytes that a text stands for; none if it is no base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// Whether one DER certificate is followed by another: a value of `x509Certificates` holds exactly
/// one (RFC 7643 section 4.1.2). What is no DER at all is not judged.
pub(crate) fn holds_two_certificates(bytes: &[u8]) -> bool {
    let rest = after_sequence(bytes);
    rest.is_some_and(|rest| rest.first() == Some(&SEQUENCE))
}

/// What follows the SEQUENCE at the beginning, whose length is definite (X.690 section 8.1.3).
fn after_sequence(bytes: &[u8]) -> Option<&[u8]> {
    let [SEQUENCE, length, rest @ ..] = bytes else {
        return None;
    };
    if *length < 0x80 {
        return rest.get(usize::from(*length)..);
    }
    let (length, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
    let length = length.iter().try_fold(0_usize, |sum, byte| {
        Some(sum.checked_mul(0x100)? + usize::from(*byte))
    });
    rest.get(length?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_2_3_6_01_padding_may_be_missing_and_nothing_else_is_base64() {
        assert_eq!(decode("MAA="), Some(vec![0x30, 0]));
        assert_eq!(decode("MAA"), decode("MAA="));
        assert_eq!(decode("MAB="), decode("MAA="));
        for odd in ["!!", "M", "MAA==", "MA A=", "MAA=MAA=", "-_-_", "="] {
            assert_eq!(decode(odd), None, "{odd}");
        }
    }

    #[test]
    fn s_4_1_2_04_two_certificates_in_one_value_are_told_from_one() {
        let long: Vec<u8> = [vec![0x30, 0x82, 0x01, 0x00], vec![7; 0x100]].concat();
        assert!(!holds_two_certificates(&[0x30, 0]));
        assert!(!holds_two_certificates(&long));
        assert!(holds_two_certificates(&[0x30, 0, 0x30, 0]));
        assert!(holds_two_certificates(&[&long[..], &long[..]].concat()));
        for other in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[1, 2],
            &[0x30, 9, 1],
            &[0x30, 0xff, 1],
        ] {
            assert!(!holds_two_certificates(other), "{other:?}");
        }
    }
}
