//! Part B, Identity and Teams: validated text, and how it is compared.

use proptest::prelude::*;
use rollcall_domain::{
    Attributes, Email, ExternalId, FoldedKey, MemberId, OrganizationName, TeamName, Text,
    TextError, UserName,
};

type Parser = fn(&str) -> Result<String, TextError>;

/// Every parser of one line of text.
const PARSERS: [(&str, Parser); 7] = [
    ("Text", |text| {
        Text::parse(text).map(|text| text.to_string())
    }),
    ("OrganizationName", |text| {
        OrganizationName::parse(text).map(|text| text.to_string())
    }),
    ("TeamName", |text| {
        TeamName::parse(text).map(|text| text.to_string())
    }),
    ("UserName", |text| {
        UserName::parse(text).map(|text| text.to_string())
    }),
    ("ExternalId", |text| {
        ExternalId::parse(text).map(|text| text.to_string())
    }),
    ("Email", |text| {
        Email::parse(text).map(|text| text.to_string())
    }),
    ("directory e-mail", |text| {
        Email::from_directory(text).map(|text| text.to_string())
    }),
];

/// One of each kind of character nobody can see.
const UNSEEN: [char; 16] = [
    '\0',
    '\t',
    '\n',
    '\u{1B}',
    '\u{7F}',
    '\u{85}',
    '\u{AD}',
    '\u{61C}',
    '\u{180E}',
    '\u{200B}',
    '\u{202E}',
    '\u{2029}',
    '\u{2066}',
    '\u{3164}',
    '\u{FEFF}',
    '\u{E0041}',
];

#[test]
fn sec_27_no_text_holds_nul_controls_or_invisible_characters() {
    for (parser, parse) in PARSERS {
        for unseen in UNSEEN {
            let text = format!("jane{unseen}doe@x.io");
            let code = u32::from(unseen);
            assert_eq!(
                parse(&text),
                Err(TextError::Forbidden),
                "{parser} U+{code:04X}"
            );
        }
        assert!(parse("jane.doe@x.io").is_ok(), "{parser}");
    }
}

/// RFC 8265 section 3.3 and P-5-01: what Unicode has not assigned may become equal to something, and
/// what shows nothing tells nobody from anybody.
#[test]
fn p_5_01_identifiers_hold_no_unassigned_or_unseen_characters_and_names_may() {
    for unfit in [
        '\u{378}',
        '\u{FDD0}',
        '\u{FFF9}',
        '\u{FE0F}',
        '\u{34F}',
        '\u{E0100}',
        '\u{17B4}',
    ] {
        let text = format!("jane{unfit}doe@x.io");
        let code = u32::from(unfit);
        assert_eq!(
            UserName::parse(&text),
            Err(TextError::Forbidden),
            "U+{code:04X}"
        );
        assert_eq!(
            Email::from_directory(&text),
            Err(TextError::Forbidden),
            "U+{code:04X}"
        );
        assert!(Text::parse(&text).is_ok(), "U+{code:04X}");
    }
    for odd in ["John Smith", "\u{E000}x", "日本 太郎", "жанна@почта.рф"] {
        assert!(UserName::parse(odd).is_ok(), "{odd}");
    }
}

/// Persian words and family emoji are written with joiners; an identifier is not.
#[test]
fn sec_27_names_may_hold_joiners_and_identifiers_may_not() {
    for joined in ["می\u{200C}خواهم", "\u{1F469}\u{200D}\u{1F467} crew"] {
        assert!(Text::parse(joined).is_ok(), "{joined}");
        assert!(TeamName::parse(joined).is_ok(), "{joined}");
        assert_eq!(
            UserName::parse(joined),
            Err(TextError::Forbidden),
            "{joined}"
        );
        assert_eq!(
            Email::from_directory(joined),
            Err(TextError::Forbidden),
            "{joined}"
        );
    }
    assert_eq!(TeamName::parse("\u{200D}"), Err(TextError::Empty));
}

#[test]
fn sec_27_no_text_is_blank_or_longer_than_its_limit() {
    for (parser, parse) in PARSERS {
        for blank in ["", " ", "\t", "\u{3000}", " \u{A0} "] {
            assert_eq!(parse(blank), Err(TextError::Empty), "{parser} {blank:?}");
        }
        let long = format!("{}@x.io", "é".repeat(5_000));
        assert!(
            matches!(parse(&long), Err(TextError::TooLong { .. })),
            "{parser}"
        );
    }
    let longest = "a".repeat(UserName::LIMIT);
    assert!(UserName::parse(&longest).is_ok());
    assert!(UserName::parse(&format!("{longest}a")).is_err());
}

#[test]
fn b_identity_a_user_name_is_kept_exactly_and_an_organization_name_trimmed() {
    let kept = UserName::parse(" JDoe ").expect("a valid user name");
    assert_eq!(kept.as_str(), " JDoe ");
    let name = OrganizationName::parse(" Acme ").expect("a valid name");
    assert_eq!(name.as_str(), "Acme");
    let team = TeamName::parse(" Choir ").expect("a valid name");
    assert_eq!((team.as_str(), team.key().as_str()), (" Choir ", "choir"));
}

#[test]
fn b_identity_an_email_typed_by_a_person_has_a_name_and_a_domain() {
    for good in [
        "a@b",
        "jane.doe+x@mail.example.com",
        " jane@x.io ",
        "jané@exämple.de",
    ] {
        let email = Email::parse(good).expect(good);
        assert_eq!(email.as_str(), good.trim());
    }
    for bad in [
        "jane",
        "@x.io",
        "jane@",
        "jane@@x.io",
        "a@b@c",
        "ja ne@x.io",
        "jane@x.io,b@x.io",
        "jane@.io",
        "jane@x.",
        "jane@x..io",
        "<jane@x.io>",
        "\"jane\"@x.io",
    ] {
        assert_eq!(Email::parse(bad), Err(TextError::NotAnEmail), "{bad}");
    }
    // A directory's free text would cost the whole person.
    for sent in ["jane", "Jane <jane@x.io>", "a@b@c"] {
        assert!(Email::from_directory(sent).is_ok(), "{sent}");
    }
}

#[test]
fn b_identity_keys_are_equal_across_case_width_and_composition() {
    for (left, right) in [
        ("JDOE@X.IO", "jdoe@x.io"),
        ("ｂｊ", "bj"),
        ("ＢＪ＠ｘ", "bj@x"),
        ("cafe\u{301}", "CAFÉ"),
        ("\u{212B}ngström", "ångström"),
        ("\u{212A}elvin", "kelvin"),
        ("ΟΔΟΣ", "οδος"),
        ("οδοσ", "οδος"),
        ("ÀÉÎ", "àéî"),
        ("ЖУК", "жук"),
        ("ｶﾞ", "ガ"),
        ("\u{1E9E}", "ß"),
    ] {
        let (folded_left, folded_right) = (FoldedKey::of(left), FoldedKey::of(right));
        assert_eq!(folded_left, folded_right, "{left} {right}");
    }
    for (left, right) in [
        ("strasse", "straße"),
        ("jdoe", "jdoé"),
        ("ﬁ", "fi"),
        ("²", "2"),
    ] {
        assert_ne!(FoldedKey::of(left), FoldedKey::of(right), "{left} {right}");
    }
    assert_eq!(FoldedKey::of("İ").as_str(), "i\u{307}");
}

#[test]
fn b_identity_an_email_folds_alike_and_ignores_the_space_around_it() {
    let sent = Email::from_directory(" Jane@X.io ").expect("free text");
    assert_eq!(sent.as_str(), " Jane@X.io ");
    assert_eq!(sent.key(), FoldedKey::of("jane@x.io"));
}

#[test]
fn b_identity_folding_a_folded_character_changes_nothing() {
    for character in (0..=0x2_FFFF).filter_map(char::from_u32) {
        let folded = FoldedKey::of(character.encode_utf8(&mut [0; 4]));
        let twice = FoldedKey::of(folded.as_str());
        assert_eq!(folded, twice, "U+{:04X}", u32::from(character));
    }
}

#[test]
fn ids_are_read_in_their_canonical_form_alone() {
    let id = MemberId::from_u128(0xABCD);
    let text = id.to_string();
    assert_eq!(text.parse(), Ok(id));
    for other in [
        text.to_uppercase(),
        format!("{{{text}}}"),
        text.replace('-', ""),
        format!("urn:uuid:{text}"),
        format!(" {text}"),
        String::new(),
    ] {
        assert!(other.parse::<MemberId>().is_err(), "{other}");
    }
}

#[test]
fn further_attributes_are_a_json_object() {
    for bad in ["", "[]", "1", "null", "{", "{\"a\":}"] {
        assert!(Attributes::parse(bad).is_err(), "{bad}");
    }
    let parsed = Attributes::parse(" { \"b\" : 1, \"a\" : [true] } ").expect("an object");
    assert_eq!(
        parsed.as_str(),
        r#"{"b":1,"a":[true]}"#,
        "in the order it was sent"
    );
    let damaged = Attributes::from_stored("no object".to_owned());
    assert!(damaged.object().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn b_identity_folding_is_idempotent(text in any::<String>()) {
        let folded = FoldedKey::of(&text);
        prop_assert_eq!(FoldedKey::of(folded.as_str()), folded);
    }

    #[test]
    fn b_identity_case_width_and_composition_make_no_difference(
        text in "[a-zA-Z0-9@._\u{C0}-\u{D6}\u{D8}-\u{DE}α-ωΑ-ΡΣ-Ωа-яА-Я -]{0,24}",
    ) {
        let key = FoldedKey::of(&text);
        let wide: String = text
            .chars()
            .map(|c| match c {
                '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
                ' ' => '\u{3000}',
                other => other,
            })
            .collect();
        let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(text.as_str())
            .collect();
        for variant in [text.to_lowercase(), text.to_uppercase(), wide, decomposed] {
            prop_assert_eq!(FoldedKey::of(&variant), key.clone(), "{:?}", variant);
        }
    }

    #[test]
    fn sec_27_whatever_is_accepted_is_fit_to_store(text in any::<String>()) {
        for (parser, parse) in PARSERS {
            let Ok(accepted) = parse(&text) else { continue };
            prop_assert!(!accepted.trim().is_empty(), "{}", parser);
            prop_assert!(!accepted.chars().any(char::is_control), "{}", parser);
            prop_assert!(parse(&accepted).is_ok(), "{} accepts what it kept", parser);
        }
    }

    #[test]
    fn sec_27_an_unseen_character_is_refused_wherever_it_stands(
        before in "[a-z]{1,8}",
        unseen in prop::sample::select(UNSEEN.to_vec()),
        after in "[a-z]{1,8}",
    ) {
        for (parser, parse) in PARSERS {
            let text = format!("{before}{unseen}{after}@x.io");
            prop_assert_eq!(parse(&text), Err(TextError::Forbidden), "{}", parser);
        }
    }
}
