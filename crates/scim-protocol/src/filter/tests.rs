use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::dialect::Literals;
use crate::path::AttributePath;
use crate::schema::ResourceKind;
use crate::urn;

fn parse(text: &str) -> Result<Filter, FilterError> {
    Filter::parse(text, ResourceKind::User, ParseOptions::default())
}

fn ok(text: &str) -> Filter {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn problem(text: &str) -> Problem {
    parse(text).expect_err(text).problem
}

fn person() -> Value {
    json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER], "id": "U1", "externalId": "Ext1",
        "userName": "BJensen@Example.com", "active": true,
        "name": {"familyName": "O'Malley"}, "title": "",
        "emails": [{"type": "work", "value": "bj@example.com", "primary": true},
                   {"type": "home", "value": "bj@home.org"}],
        "meta": {"resourceType": "User", "lastModified": "2026-05-13T04:42:34Z"},
        urn::ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "M1"}}
    })
}

fn matches(text: &str) -> bool {
    ok(text).matches(&person())
}

#[test]
fn p_3_4_2_05_the_filters_that_identity_providers_send_are_understood() {
    for text in [
        r#"userName eq "bjensen@example.com""#,
        r#"externalId eq "Ext1""#,
        r#"emails.value eq "BJ@example.com""#,
        r#"emails[value eq "bj@example.com"]"#,
        r#"emails[type eq "work" and value eq "bj@example.com"]"#,
        r#"emails[type eq "work"].value eq "bj@example.com""#,
        r#"emails eq "bj@home.org""#,
        r#"emails co "example.com""#,
        r#"(ActiVe eq true) and meta.lastmodified ge "2015-10-10T14:38:21.8617979-07:00""#,
        "meta.LastModified gt 2015-10-10T14:38:21.8617979-07:00",
        "meta.resourceType eq User",
        "displayName sw 'x' or userName sw 'bj'",
        r#"userName eq"bjensen@example.com""#,
        r#"id eq "U1" and urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "M1""#,
        r#"schemas eq "URN:IETF:params:scim:schemas:core:2.0:User""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "BJ""#,
        r#"name.familyName co "O'Malley""#,
        r#"active eq "True""#,
    ] {
        assert!(matches(text), "{text}");
    }
}

#[test]
fn group_filters_of_identity_providers_are_understood() {
    let group = json!({"id": "G1", "displayName": "Ops", "members": [{"value": "u1"}]});
    for text in [
        r#"displayName eq "OPS""#,
        r#"id eq "G1" and members eq "u1""#,
        r#"members[value eq "u1"]"#,
        r#"members.value eq "u1""#,
    ] {
        let filter = Filter::parse(text, ResourceKind::Group, ParseOptions::default());
        assert!(filter.expect(text).matches(&group), "{text}");
    }
    let other_case = Filter::parse(
        r#"members.value eq "U1""#,
        ResourceKind::Group,
        ParseOptions::default(),
    );
    assert!(!other_case.expect("filter").matches(&group));
}

#[test]
fn p_3_4_2_2_03_names_operators_and_keywords_have_no_case() {
    assert!(matches(
        r#"USERNAME EQ "BJENSEN@example.com" AND active EQ TRUE"#
    ));
    assert!(matches("NOT (title PR) AND (userName Pr OR title pr)"));
}

#[test]
fn p_3_4_2_2_04_and_binds_stronger_than_or_and_both_group_to_the_left() {
    assert!(matches(
        "active eq true or active eq false and active eq false"
    ));
    assert!(!matches(
        "(active eq true or active eq false) and active eq false"
    ));
    assert!(!matches(
        "not (active eq true or active eq false) and active eq true"
    ));
    let left = ok("title pr or nickName pr or active pr");
    assert_eq!(left, ok("(title pr or nickName pr) or active pr"));
    assert_ne!(left, ok("title pr or (nickName pr or active pr)"));
}

#[test]
fn p_3_4_2_2_05_brackets_ask_one_and_the_same_value() {
    assert!(matches(
        r#"emails.type eq "work" and emails.value co "home.org""#
    ));
    assert!(!matches(
        r#"emails[type eq "work" and value co "home.org"]"#
    ));
    assert!(!matches(r#"emails[type eq "work"].value eq "bj@home.org""#));
    assert!(matches(
        r#"emails[not (type eq "work") and (value pr or display pr)]"#
    ));
}

#[test]
fn p_3_4_2_2_07_case_follows_the_attribute() {
    assert!(matches(
        r#"userName eq "bjensen@EXAMPLE.COM" and active eq true"#
    ));
    assert!(!matches(r#"externalId eq "ext1""#));
    assert!(!matches(r#"id eq "u1""#));
    assert!(matches(r#"emails.type eq "WORK""#));
}

#[test]
fn p_3_4_2_2_08_operators_that_do_not_fit_the_type_are_refused() {
    for text in [
        "active gt true",
        r#"active co "t""#,
        r#"x509Certificates.value gt "a""#,
        r#"x509Certificates.value co "a""#,
        r#"meta.created co "2020""#,
    ] {
        assert!(matches!(problem(text), Problem::Operator { .. }), "{text}");
    }
    for text in [
        "userName eq 5",
        "userName eq true",
        r#"active eq "x""#,
        r#"meta.created eq "soon""#,
        "userName gt null",
        r#"x509Certificates eq "!!""#,
    ] {
        assert!(matches!(problem(text), Problem::Literal { .. }), "{text}");
    }
    assert_eq!(problem(r#"name eq "x""#), Problem::Complex("name"));
}

#[test]
fn moments_are_compared_as_moments() {
    assert!(matches(
        r#"meta.lastModified eq "2026-05-13T06:42:34+02:00""#
    ));
    assert!(matches(r#"meta.lastModified gt "2026-05-13""#));
    assert!(matches(r#"meta.lastModified lt "2026-05-13T04:42:34.1""#));
    assert!(!matches(r#"meta.lastModified lt "2026-05-13T04:42:34Z""#));
}

#[test]
fn p_3_4_2_2_09_present_means_a_value_that_is_not_empty() {
    assert!(!matches("title pr"));
    assert!(!matches("nickName pr"));
    assert!(matches("emails pr"));
    assert!(matches("name pr"));
    assert!(matches("emails[primary pr]"));
}

#[test]
fn null_means_unassigned_and_ne_holds_for_what_is_missing() {
    assert!(matches("nickName eq null"));
    assert!(matches("title eq NULL"));
    assert!(matches("userName ne null"));
    assert!(!matches("emails eq null"));
    assert!(matches(r#"nickName ne "x""#));
    assert!(matches(r#"emails.type ne "work""#));
    assert!(!matches(r#"emails[type eq "home" and primary eq true]"#));
    assert!(matches(r#"emails[type eq "home" and primary eq "False"]"#));
}

#[test]
fn of_no_value_only_ne_holds() {
    assert!(!matches("roles.primary eq false"));
    assert!(!matches(r#"roles eq "x""#));
    assert!(matches("roles.primary ne false"));
    assert!(matches("emails.primary eq false"));
}

#[test]
fn s_2_4_04_an_address_of_a_resource_is_the_same_in_every_version() {
    let kind = ResourceKind::Group;
    let address = "https://a.example/scim/1/v2/Users/u1";
    let group = json!({"id": "G1", "members": [{"value": "u1", "$ref": address}]});
    let matches = |text: &str| {
        let filter = Filter::parse(text, kind, ParseOptions::default());
        filter.expect(text).matches(&group)
    };
    assert!(matches(r#"members.$ref eq "Users/u1""#));
    assert!(matches(
        r#"members[$ref eq "https://a.example/scim/1/v1/Users/u1"]"#
    ));
    assert!(!matches(r#"members.$ref ne "/Users/u1""#));
    assert!(!matches(r#"members.$ref eq "Users/u2""#));
    assert!(!matches(r#"members.$ref eq "Groups/u1""#));
}

#[test]
fn p_3_4_2_2_02_what_cannot_be_parsed_is_refused_with_its_place() {
    for (text, position, expected) in [
        ("", 0, "an attribute"),
        (r#"userName regex "x""#, 9, "an operator"),
        ("userName eq", 11, "a value"),
        (r#"userName eq "x" and"#, 19, "an attribute"),
        (r#"userName eq "x" userName"#, 16, "`and`, `or` or the end"),
        (r#"(userName eq "x""#, 16, "`)`"),
        (r#"userName eq "x")"#, 15, "no `)` here"),
        (r#"userName eq "x"#, 12, "a closing quote"),
        (r#"userName eq "\q""#, 12, "a JSON string"),
        ("not userName pr", 4, "`(` after `not`"),
        (r#"emails[type eq "x""#, 18, "`and`, `or` or `]`"),
        ("emails[emails[type pr] pr]", 7, "UNKNOWN"),
        ("emails.type[value pr]", 11, "an operator"),
        ("[type pr]", 0, "an attribute"),
        ("userName eq (", 12, "a value"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        let wanted = match expected {
            "UNKNOWN" => Problem::UnknownAttribute,
            expected => Problem::Expected(expected),
        };
        assert_eq!(error.problem, wanted, "{text}");
    }
}

#[test]
fn p_3_4_2_2_12_and_13_unknown_and_secret_attributes_are_refused() {
    assert_eq!(problem(r#"foo eq "x""#), Problem::UnknownAttribute);
    assert_eq!(problem(r#"emails[foo eq "x"]"#), Problem::UnknownAttribute);
    assert_eq!(problem(r#"password eq "x""#), Problem::Forbidden);
    assert_eq!(problem("password pr"), Problem::Forbidden);
}

#[test]
fn sec_24_an_error_never_repeats_the_filter() {
    for text in [
        r#"secretish eq "marker""#,
        r#"active eq "marker""#,
        r#"userName marker "x""#,
    ] {
        let message = parse(text).expect_err(text).to_string();
        assert!(
            !message.contains("marker") && !message.contains("secretish"),
            "{message}"
        );
    }
}

#[test]
fn sec_30_wildcards_and_patterns_are_ordinary_characters() {
    for text in [
        r#"userName co "%""#,
        r#"userName co "_""#,
        r#"userName sw ".*""#,
    ] {
        assert!(!matches(text), "{text}");
    }
    assert_eq!(
        problem(r#"userName co "\u0000""#),
        Problem::Literal {
            attribute: "userName",
            wanted: "a text without control characters"
        }
    );
}

#[test]
fn strict_reading_refuses_bare_words_and_single_quotes() {
    let options = ParseOptions {
        literals: Literals::Strict,
        ..ParseOptions::default()
    };
    for text in ["userName eq bj", "userName eq 'bj'", r#"active eq "true""#] {
        assert!(
            Filter::parse(text, ResourceKind::User, options).is_err(),
            "{text}"
        );
    }
    assert!(Filter::parse(r#"userName eq "bj""#, ResourceKind::User, options).is_ok());
}

#[test]
fn p_3_4_2_2_14_length_depth_and_terms_are_bounded() {
    let long = format!(r#"userName eq "{}""#, "x".repeat(5_000));
    assert_eq!(problem(&long), Problem::TooLong(4096));
    let nested = |depth: usize| format!("{}active pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(16)).is_ok());
    assert_eq!(problem(&nested(17)), Problem::TooDeep(16));
    let terms = |count: usize| vec!["active pr"; count].join(" or ");
    assert!(parse(&terms(100)).is_ok());
    assert_eq!(problem(&terms(101)), Problem::TooManyTerms(100));
}

#[test]
fn a_million_negations_neither_overflow_nor_pass() {
    let hostile = "not (".repeat(1_000_000);
    assert_eq!(problem(&hostile), Problem::TooLong(4096));
    let wide = Limits {
        bytes: usize::MAX,
        depth: 16,
        terms: 100,
    };
    let options = ParseOptions {
        limits: wide,
        ..ParseOptions::default()
    };
    let error = Filter::parse(&hostile, ResourceKind::User, options).expect_err("too deep");
    assert_eq!(error.problem, Problem::TooDeep(16));
}

/// With every limit off, a filter a million levels deep is parsed, judged and dropped without recursion.
#[test]
fn a_deep_expression_is_built_judged_and_dropped_flat() {
    let depth = 1_000_000;
    let text = format!("{}active pr{}", "not (".repeat(depth), ")".repeat(depth));
    let limits = Limits {
        bytes: usize::MAX,
        depth: usize::MAX,
        terms: 1,
    };
    let options = ParseOptions {
        limits,
        ..ParseOptions::default()
    };
    let filter = Filter::parse(&text, ResourceKind::User, options).expect("parsed");
    assert!(filter.matches(&person()));
    drop(filter);
}

#[test]
fn a_service_finds_the_terms_that_an_index_can_answer() {
    let names = |text: &str| -> Vec<String> {
        ok(text)
            .required_comparisons()
            .iter()
            .map(|found| found.path.to_string())
            .collect()
    };
    assert_eq!(
        names(r#"userName eq "a" and active eq true"#),
        ["userName", "active"]
    );
    assert_eq!(names(r#"userName eq "a" or active eq true"#), [""; 0]);
    assert_eq!(names(r#"(title pr or nickName pr) and id eq "a""#), ["id"]);
    assert_eq!(names(r#"not (userName eq "a") and id eq "b""#), ["id"]);
    assert_eq!(
        names(r#"emails[type eq "work"].value eq "x""#),
        ["emails.type", "emails.value"]
    );
    let filter = ok(r#"userName eq "a" and emails eq "b""#);
    assert_eq!(filter.as_conjunction().map(|terms| terms.len()), Some(2));
    assert!(ok("not (title pr)").as_conjunction().is_none());
    let found = filter.required_comparisons();
    assert_eq!(found[0].text_equal_to("userName"), Some("a"));
    assert_eq!(found[1].text_equal_to("emails.value"), Some("b"));
    assert_eq!(found[1].text_equal_to("userName"), None);
}

#[test]
fn escapes_in_literals_are_decoded() {
    let resource = json!({"userName": "a\"b\\c\u{e9}"});
    assert!(ok(r#"userName eq "a\"b\\c\u00e9""#).matches(&resource));
}

fn comparison(path: &'static str) -> impl Strategy<Value = String> {
    let attribute = AttributePath::parse(path, ResourceKind::User).expect("path");
    let name = attribute.to_string();
    let operators =
        prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    (operators, "[ -~é]{0,12}")
        .prop_map(move |(operator, text)| format!("{name} {operator} {}", Value::String(text)))
}

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        comparison("userName"),
        comparison("emails.value"),
        comparison("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
        Just("active eq true".to_owned()),
        Just("emails pr".to_owned()),
        Just("title ne null".to_owned()),
        Just(r#"meta.created ge "2020-01-02T03:04:05.678+01:00""#.to_owned()),
        Just(r#"emails[type eq "work" or not (primary eq true and value pr)]"#.to_owned()),
        Just(r#"emails[type eq "work"].value sw "x""#.to_owned()),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    leaf().prop_recursive(6, 30, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and ({b})")),
            inner.prop_map(|a| format!("NOT({a})")),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same_filter(text in expression()) {
        let options = ParseOptions {
            limits: Limits { bytes: usize::MAX, depth: 64, terms: 1_000 },
            ..ParseOptions::default()
        };
        let filter = Filter::parse(&text, ResourceKind::User, options).expect("valid");
        let written = filter.to_string();
        let again = Filter::parse(&written, ResourceKind::User, options).expect("valid");
        prop_assert_eq!(&again, &filter, "{}", written);
        prop_assert_eq!(again.matches(&person()), filter.matches(&person()));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[ -~\\t\u{e9}\u{1F600}]{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_arrangement_of_tokens_makes_the_parser_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "(", ")", "[", "]", "not", "and", "or", "userName", "emails", "eq", "pr", "\"x\"", "'",
            ".", "\"", "null", "true", "1", "type",
        ]), 0..24)
    ) {
        let _ = parse(&tokens.join(" "));
        let _ = parse(&tokens.concat());
    }
}
