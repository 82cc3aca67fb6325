use serde_json::json;

use super::*;
use crate::error::ScimType;
use crate::urn;

fn user(body: Value) -> Normalised {
    normalise(body, ResourceKind::User, &Dialect::OKTA).expect("accepted")
}

fn refused(body: Value) -> ScimError {
    normalise(body, ResourceKind::User, &Dialect::OKTA).expect_err("refused")
}

fn refused_strictly(body: Value) -> ScimError {
    normalise(body, ResourceKind::User, &Dialect::STRICT).expect_err("refused")
}

#[test]
fn the_create_request_of_okta_is_read() {
    let read = user(json!({
        "schemas": [urn::USER], "userName": "Jane.Doe@example.com",
        "name": {"givenName": "Jane", "familyName": "Doe"},
        "emails": [{"primary": true, "value": "jane.doe@example.com", "type": "work"}],
        "displayName": "Jane Doe", "locale": "en-US", "externalId": "00uv931EiyRsnwOGa0g3",
        "groups": [], "password": "4a9XuKkx", "active": true
    }));
    let expected = json!({
        "schemas": [urn::USER], "externalId": "00uv931EiyRsnwOGa0g3",
        "userName": "Jane.Doe@example.com",
        "name": {"familyName": "Doe", "givenName": "Jane"},
        "displayName": "Jane Doe", "locale": "en-US", "active": true,
        "emails": [{"value": "jane.doe@example.com", "type": "work", "primary": true}]
    });
    assert_eq!(read.resource, expected);
    assert!(read.cleared.is_empty() && read.ignored.is_empty());
}

#[test]
fn s_2_1_01_names_are_accepted_in_any_case_and_kept_in_the_schemas() {
    let read = user(json!({"USERNAME": "a", "NAME": {"FAMILYNAME": "B"}}));
    assert_eq!(read.resource["userName"], "a");
    assert_eq!(read.resource["name"]["familyName"], "B");
}

#[test]
fn p_3_3_01_what_the_provider_owns_is_ignored_and_so_is_the_password() {
    let read = user(json!({
        "userName": "a", "id": "x", "meta": {"created": "1999"}, "groups": [{"value": "g"}],
        "password": "secret"
    }));
    assert_eq!(
        read.resource,
        json!({"schemas": [urn::USER], "userName": "a"})
    );
    assert!(read.ignored.is_empty());
}

#[test]
fn s_2_5_01_null_empty_array_and_empty_text_unassign_and_are_told() {
    let read = user(
        json!({"userName": "a", "title": null, "emails": [], "nickName": "",
        "name": {"givenName": ""}, urn::ENTERPRISE_USER: {"manager": {"value": ""}}}),
    );
    assert_eq!(
        read.resource,
        json!({"schemas": [urn::USER], "userName": "a"})
    );
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    for name in ["title", "emails", "nickName", "name", &manager] {
        assert!(read.cleared.iter().any(|cleared| cleared == name), "{name}");
    }
}

#[test]
fn p_32_unknown_names_are_ignored_and_reported_or_refused_when_strict() {
    let body = json!({"schemas": [urn::USER], "userName": "a", "foo": 1,
        "urn:acme:2.0:User": {"badge": 1}});
    let read = user(body.clone());
    assert_eq!(read.ignored, ["foo", "urn:acme:2.0:User"]);
    assert_eq!(
        refused_strictly(body).scim_type,
        Some(ScimType::InvalidSyntax)
    );
    let inside = json!({"schemas": [urn::USER], "userName": "a", "name": {"nick": "x"}});
    assert!(user(inside.clone()).resource.get("name").is_none());
    let refused = refused_strictly(inside);
    assert_eq!(refused.scim_type, Some(ScimType::InvalidSyntax));
    assert!(refused.detail.contains("name.nick"), "{}", refused.detail);
}

#[test]
fn s_3_01_missing_schemas_are_inferred_or_refused_when_strict() {
    for schemas in [json!(null), json!([]), json!(["urn:other"])] {
        let body = json!({"schemas": schemas, "userName": "a"});
        assert_eq!(user(body.clone()).resource["schemas"], json!([urn::USER]));
        assert_eq!(
            refused_strictly(body).scim_type,
            Some(ScimType::InvalidSyntax)
        );
    }
    let version_1 = refused(json!({"schemas": ["urn:scim:schemas:core:1.0"], "userName": "a"}));
    assert!(version_1.detail.contains("1.1"));
    assert_eq!(
        refused(json!({"schemas": 5})).scim_type,
        Some(ScimType::InvalidSyntax)
    );
}

#[test]
fn s_3_02_an_extension_is_listed_exactly_when_it_has_data() {
    let with = user(json!({"schemas": [urn::USER], "userName": "a",
        urn::ENTERPRISE_USER.to_uppercase(): {"Department": "R&D"}}));
    assert_eq!(
        with.resource["schemas"],
        json!([urn::USER, urn::ENTERPRISE_USER])
    );
    assert_eq!(with.resource[urn::ENTERPRISE_USER]["department"], "R&D");
    let without = user(json!({"schemas": [urn::USER, urn::ENTERPRISE_USER], "userName": "a"}));
    assert_eq!(without.resource["schemas"], json!([urn::USER]));
}

#[test]
fn p_01_booleans_sent_as_text_become_booleans_and_are_refused_when_strict() {
    for text in ["True", "true", "TRUE"] {
        assert_eq!(
            user(json!({"userName": "a", "active": text})).resource["active"],
            true
        );
    }
    let roles = user(json!({"userName": "a", "roles": [{"value": "r", "primary": "False"}]}));
    assert_eq!(roles.resource["roles"][0]["primary"], false);
    assert_eq!(
        refused(json!({"userName": "a", "active": "x"})).detail,
        "active must be true or false"
    );
    let strict = json!({"schemas": [urn::USER], "userName": "a", "active": "True"});
    assert_eq!(
        refused_strictly(strict).scim_type,
        Some(ScimType::InvalidValue)
    );
}

#[test]
fn p_10_a_manager_is_accepted_as_text_array_or_object() {
    let forms = [
        json!("m1"),
        json!({"value": "m1", "displayName": "ignored"}),
        json!([{"value": "m1"}]),
        json!({"$ref": "https://host/scim/v2/Users/m1"}),
        json!([{"$ref": "Users/m1", "value": null}]),
    ];
    for manager in forms {
        let read = user(json!({"userName": "a", urn::ENTERPRISE_USER: {"manager": manager}}));
        assert_eq!(
            read.resource[urn::ENTERPRISE_USER]["manager"],
            json!({"value": "m1"})
        );
    }
    for empty in [json!(""), json!({"value": ""}), json!([]), json!(null)] {
        let read = user(json!({"userName": "a", urn::ENTERPRISE_USER: {"manager": empty}}));
        assert!(read.resource.get(urn::ENTERPRISE_USER).is_none());
    }
}

#[test]
fn s_2_4_01_two_primary_values_are_refused() {
    let error = refused(json!({"userName": "a", "emails": [
        {"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]}));
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
    assert!(error.detail.contains("emails"));
}

#[test]
fn s_2_4_02_the_same_type_and_value_is_kept_once_and_other_types_stay() {
    let read = user(json!({"userName": "a", "emails": [
        {"value": "a@x", "type": "work"}, {"value": "A@x", "type": "Work", "primary": true},
        {"value": "a@x", "type": "home"}]}));
    let emails = read.resource["emails"].as_array().expect("emails");
    assert_eq!(emails.len(), 2);
    assert_eq!(emails[0]["primary"], true);
}

#[test]
fn p_3_5_2_13_one_object_stands_for_an_array_of_one() {
    let read = user(json!({"userName": "a", "emails": {"value": "a@x"}}));
    assert_eq!(read.resource["emails"], json!([{"value": "a@x"}]));
    let read = user(json!({"userName": "a", "emails": [{"type": "work", "value": ""}]}));
    assert!(read.resource.get("emails").is_none());
}

#[test]
fn p_3_3_05_a_wrong_type_is_refused_by_name() {
    let cases = [
        (json!({"userName": 5}), "userName"),
        (json!({"userName": "a", "name": "Jane"}), "name"),
        (
            json!({"userName": "a", "name": {"givenName": {}}}),
            "name.givenName",
        ),
        (json!({"userName": "a", "emails": [5]}), "emails"),
        (
            json!({"userName": "a", "emails": [{"value": []}, {"value": [1]}]}),
            "emails.value",
        ),
        (
            json!({"userName": "a", urn::ENTERPRISE_USER: 1}),
            urn::ENTERPRISE_USER,
        ),
        (
            json!({"userName": "a", "x509Certificates": [{"value": "!!"}]}),
            "x509Certificates.value",
        ),
        (
            json!({"userName": "a", "x509Certificates": [{"value": "MAAwAA=="}]}),
            "x509Certificates.value",
        ),
    ];
    for (body, name) in cases {
        let error = refused(body);
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
        assert!(error.detail.starts_with(name), "{}", error.detail);
    }
}

#[test]
fn s_4_1_1_01_a_user_name_must_be_there_and_say_something() {
    for body in [
        json!({}),
        json!({"userName": ""}),
        json!({"userName": "  "}),
        json!({"userName": null}),
        json!({"userName": "a\nb"}),
    ] {
        assert_eq!(refused(body).scim_type, Some(ScimType::InvalidValue));
    }
    let error = normalise(json!({"members": []}), ResourceKind::Group, &Dialect::OKTA);
    assert!(error.expect_err("refused").detail.contains("displayName"));
}

#[test]
fn limits_on_lengths_and_on_numbers_of_values_hold_at_their_edge() {
    let with = |name: &str, length: usize| json!({"userName": "a", name: "x".repeat(length)});
    assert!(user(with("title", MAX_TEXT_BYTES)).resource["title"].is_string());
    assert!(
        refused(with("title", MAX_TEXT_BYTES + 1))
            .detail
            .contains("1024")
    );
    assert!(
        refused(json!({"userName": "x".repeat(321)}))
            .detail
            .contains("320")
    );
    assert!(user(with("profileUrl", MAX_URL_BYTES)).resource["profileUrl"].is_string());
    let emails = |count: usize| -> Vec<_> {
        (0..count)
            .map(|n| json!({"value": format!("{n}@x")}))
            .collect()
    };
    user(json!({"userName": "a", "emails": emails(MAX_VALUES)}));
    refused(json!({"userName": "a", "emails": emails(MAX_VALUES + 1)}));
}

#[test]
fn members_keep_their_ids_alone_once_each_and_without_a_cap() {
    let ids: Vec<_> = (0..2_000)
        .map(|n| json!({"value": format!("u{n}"), "display": null}))
        .collect();
    let mut members = ids.clone();
    members.extend(ids);
    members.push(json!({"$ref": "https://host/scim/v2/Users/u7", "type": "User"}));
    members.push(json!("u8"));
    let read = normalise(
        json!({"displayName": "Ops", "members": members}),
        ResourceKind::Group,
        &Dialect::OKTA,
    )
    .expect("accepted");
    let members = read.resource["members"].as_array().expect("members");
    assert_eq!(members.len(), 2_000);
    assert_eq!(members[7], json!({"value": "u7"}));
}

/// A recorded create request of Entra carries `department` and `manager` at top level.
#[test]
fn an_extension_attribute_without_its_urn_finds_its_place_unless_strict() {
    let body =
        json!({"schemas": [urn::USER], "userName": "a", "department": "R&D", "manager": null});
    let read = user(body.clone());
    assert_eq!(
        read.resource[urn::ENTERPRISE_USER],
        json!({"department": "R&D"})
    );
    assert!(read.ignored.is_empty());
    assert_eq!(
        refused_strictly(body).scim_type,
        Some(ScimType::InvalidSyntax)
    );
}
