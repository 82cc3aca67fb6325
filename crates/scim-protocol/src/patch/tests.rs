use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::error::ScimType;
use crate::schema::ResourceKind;

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

fn person() -> Value {
    json!({
        "schemas": [urn::USER, ENTERPRISE], "id": "u1", "userName": "bjensen", "active": true,
        "name": {"familyName": "Jensen", "givenName": "Barbara"}, "title": "Guide",
        "emails": [{"value": "bj@work.com", "type": "work", "primary": true},
                   {"value": "bj@home.org", "type": "home"}],
        ENTERPRISE: {"department": "Tours", "manager": {"value": "m1", "$ref": "r", "displayName": "M"}},
        "meta": {"resourceType": "User"}
    })
}

fn body(operations: &Value) -> Value {
    json!({"schemas": [urn::PATCH_OP], "Operations": operations})
}

fn patch_with(dialect: &Dialect, operations: &Value) -> Result<Patched, ScimError> {
    let request = PatchRequest::parse(body(operations), dialect)?;
    apply(&person(), &request, ResourceKind::User, dialect)
}

fn patched(operations: &Value) -> Value {
    patch_with(&Dialect::OKTA, operations)
        .expect("accepted")
        .resource
}

fn refused(operations: &Value) -> Option<ScimType> {
    patch_with(&Dialect::OKTA, operations)
        .expect_err("refused")
        .scim_type
}

fn refused_strictly(operations: &Value) -> Option<ScimType> {
    patch_with(&Dialect::STRICT, operations)
        .expect_err("refused")
        .scim_type
}

#[expect(clippy::needless_pass_by_value, reason = "reads well at every call")]
fn one(op: &str, path: &str, value: Value) -> Value {
    json!([{"op": op, "path": path, "value": value}])
}

#[test]
fn p_3_5_2_01_a_wrong_message_is_refused() {
    let parse = |body: Value| PatchRequest::parse(body, &Dialect::OKTA).expect_err("refused");
    for body in [
        json!([]),
        json!({"schemas": [urn::PATCH_OP]}),
        json!({"schemas": [urn::PATCH_OP], "Operations": []}),
        json!({"schemas": [urn::PATCH_OP], "Operations": [5]}),
        json!({"schemas": [urn::PATCH_OP], "Operations": [{"op": "move", "path": "a"}]}),
        json!({"schemas": [urn::PATCH_OP], "Operations": [{"path": "title", "value": "x"}]}),
        json!({"schemas": [urn::USER], "Operations": [{"op": "remove", "path": "title"}]}),
    ] {
        assert_eq!(parse(body).scim_type, Some(ScimType::InvalidSyntax));
    }
}

#[test]
fn p_3_5_2_02_keywords_and_member_names_have_no_case_and_schemas_may_be_missing() {
    let loose = json!({"operations": [{"OP": "REPLACE", "Path": "TITLE", "Value": "Boss"}]});
    let request = PatchRequest::parse(loose.clone(), &Dialect::OKTA).expect("accepted");
    let patched = apply(&person(), &request, ResourceKind::User, &Dialect::OKTA).expect("applied");
    assert_eq!(patched.resource["title"], "Boss");
    assert!(PatchRequest::parse(loose, &Dialect::STRICT).is_err());
}

#[test]
fn more_operations_than_the_limit_are_413() {
    let operation = json!({"op": "remove", "path": "title"});
    let parse =
        |count| PatchRequest::parse(body(&json!(vec![operation.clone(); count])), &Dialect::OKTA);
    assert!(parse(MAX_OPERATIONS).is_ok());
    assert_eq!(parse(MAX_OPERATIONS + 1).expect_err("refused").status, 413);
}

#[test]
fn p_3_5_2_03_bad_paths_have_the_right_keyword() {
    assert_eq!(
        refused(&json!([{"op": "remove"}])),
        Some(ScimType::NoTarget)
    );
    assert_eq!(
        refused(&one("add", "na me", json!("x"))),
        Some(ScimType::InvalidPath)
    );
    assert_eq!(
        refused(&one("add", "emails[type eq \"x\"]value", json!("x"))),
        Some(ScimType::InvalidPath)
    );
    assert_eq!(
        refused(&one("add", "title[value eq \"x\"]", json!("x"))),
        Some(ScimType::InvalidPath)
    );
    assert_eq!(
        refused(&one("add", "emails[type is \"x\"]", json!("x"))),
        Some(ScimType::InvalidFilter)
    );
    assert_eq!(
        refused(&one("add", "emails[type eq \"x\"", json!("x"))),
        Some(ScimType::InvalidFilter)
    );
    assert_eq!(
        refused_strictly(&one("add", "colour", json!("x"))),
        Some(ScimType::InvalidPath)
    );
    assert_eq!(
        refused(&json!([{"op": "add", "path": "title"}])),
        Some(ScimType::InvalidValue)
    );
}

#[test]
fn p_32_unknown_attributes_are_passed_over_and_reported() {
    let operations = json!([
        {"op": "add", "path": "urn:acme:2.0:User:badge", "value": "x"},
        {"op": "replace", "path": "foo[type eq \"x\"].value", "value": "x"},
        {"op": "replace", "value": {"bar": 1, "title": "T"}}
    ]);
    let patched = patch_with(&Dialect::ENTRA, &operations).expect("accepted");
    assert_eq!(patched.ignored.len(), 3);
    assert_eq!(patched.resource["title"], "T");
}

#[test]
fn p_3_5_2_04_operations_build_on_one_another_and_fall_together() {
    let resource = patched(&json!([
        {"op": "add", "path": "emails", "value": [{"value": "x@y", "type": "other"}]},
        {"op": "replace", "path": "emails[type eq \"other\"].value", "value": "z@y"}
    ]));
    assert_eq!(resource["emails"][2]["value"], "z@y");
    let mixed = json!([
        {"op": "replace", "path": "title", "value": "changed"},
        {"op": "replace", "path": "id", "value": "other"}
    ]);
    assert_eq!(refused(&mixed), Some(ScimType::Mutability));
}

#[test]
fn p_3_5_2_05_what_the_provider_owns_is_refused_as_a_path_and_ignored_inside_a_value() {
    let manager_name = format!("{ENTERPRISE}:manager.displayName");
    for path in [
        "id",
        "meta",
        "meta.created",
        "groups",
        "groups[value eq \"x\"]",
        &manager_name,
    ] {
        assert_eq!(
            refused(&one("replace", path, json!("x"))),
            Some(ScimType::Mutability),
            "{path}"
        );
    }
    let value = json!({"id": "x", "meta": {}, "groups": [{"value": "g"}], "schemas": [], "password": "p",
        "manager.displayName": "x"});
    let request = json!([{"op": "replace", "value": value}]);
    let result = patch_with(&Dialect::OKTA, &request).expect("accepted");
    assert!(!result.changed);
    let kept = patched(&one("replace", "password", json!("secret")));
    assert!(kept.get("password").is_none());
}

#[test]
fn p_3_5_2_12_a_required_attribute_is_neither_removed_nor_emptied() {
    assert_eq!(
        refused(&json!([{"op": "remove", "path": "userName"}])),
        Some(ScimType::Mutability)
    );
    for empty in [json!(""), json!(null), json!("  ")] {
        assert_eq!(
            refused(&one("replace", "userName", empty)),
            Some(ScimType::InvalidValue)
        );
    }
}

#[test]
fn p_3_5_2_06_making_one_value_primary_resets_the_others() {
    for operations in [
        one(
            "add",
            "emails",
            json!([{"value": "new@x", "primary": true}]),
        ),
        one("replace", "emails[type eq \"home\"].primary", json!("True")),
        one("add", "emails[type eq \"home\"]", json!({"primary": true})),
        one(
            "add",
            "emails[type eq \"other\" and primary eq true].value",
            json!("new@x"),
        ),
    ] {
        let resource = patched(&operations);
        let emails = resource["emails"].as_array().expect("emails");
        let primary: Vec<_> = emails
            .iter()
            .filter(|email| email["primary"] == true)
            .collect();
        assert_eq!(primary.len(), 1, "{operations}");
        assert_ne!(primary[0]["value"], "bj@work.com");
    }
    let both = json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]);
    let resource = patched(&one("replace", "emails", both));
    assert_eq!(resource["emails"][0]["primary"], false);
    assert_eq!(resource["emails"][1]["primary"], true);
}

#[test]
fn p_3_5_2_08_extension_attributes_are_reached_by_urn_and_listed_when_there() {
    let path = format!("{ENTERPRISE}:costCenter");
    let resource = patched(&one("replace", &path, json!("4130")));
    assert_eq!(resource[ENTERPRISE]["costCenter"], "4130");
    let resource = patched(&one("add", ENTERPRISE, json!({"Division": "D"})));
    assert_eq!(resource[ENTERPRISE]["division"], "D");
    assert_eq!(resource[ENTERPRISE]["department"], "Tours");
    let gone = patched(&json!([{"op": "remove", "path": ENTERPRISE}]));
    assert_eq!(gone["schemas"], json!([urn::USER]));
    let manager = format!("{ENTERPRISE}:manager");
    let department = format!("{ENTERPRISE}:department");
    let emptied =
        patched(&json!([{"op": "remove", "path": manager}, {"op": "remove", "path": department}]));
    assert_eq!(emptied["schemas"], json!([urn::USER]));
}

#[test]
fn p_3_5_2_09_keys_of_a_value_without_path_are_paths() {
    let department = format!("{ENTERPRISE}:department");
    let resource = patched(&json!([{"op": "replace", "value": {
        "name.givenName": "Babs", department: "R&D", "displayName": "BJ",
        "emails[type eq \"work\"].value": "new@work.com",
        ENTERPRISE: {"manager": "m2"}
    }}]));
    assert_eq!(
        resource["name"],
        json!({"familyName": "Jensen", "givenName": "Babs"})
    );
    assert_eq!(resource[ENTERPRISE]["department"], "R&D");
    assert_eq!(resource[ENTERPRISE]["manager"], json!({"value": "m2"}));
    assert_eq!(resource["emails"][0]["value"], "new@work.com");
    assert_eq!(
        refused(&json!([{"op": "add", "value": "x"}])),
        Some(ScimType::InvalidValue)
    );
    let pathless = json!([{"op": "replace", "value": {"active": false}}]);
    assert_eq!(refused_strictly(&pathless), Some(ScimType::InvalidSyntax));
}

#[test]
fn p_3_5_2_10_what_changes_nothing_says_so() {
    for operations in [
        one(
            "add",
            "emails",
            json!([{"value": "bj@work.com", "type": "work"}]),
        ),
        one("replace", "active", json!("True")),
        one("replace", "userName", json!("bjensen")),
        json!([{"op": "remove", "path": "nickName"}]),
        json!([{"op": "remove", "path": "emails[type eq \"fax\"]"}]),
        json!([{"op": "remove", "path": "emails[type eq \"fax\"].value"}]),
        one("replace", "schemas", json!(["urn:x"])),
        one(
            "replace",
            &format!("{ENTERPRISE}:manager"),
            json!({"value": "m1"}),
        ),
    ] {
        let result = patch_with(&Dialect::OKTA, &operations).expect("accepted");
        assert!(!result.changed, "{operations}");
        assert_eq!(result.resource, person());
    }
    assert!(
        patch_with(&Dialect::OKTA, &one("replace", "title", json!("X")))
            .expect("ok")
            .changed
    );
}

#[test]
fn singular_attributes_are_set_merged_and_unassigned() {
    let merged = patched(&one(
        "replace",
        "name",
        json!({"givenName": "B", "middleName": "M"}),
    ));
    let expected = json!({"familyName": "Jensen", "givenName": "B", "middleName": "M"});
    assert_eq!(merged["name"], expected);
    let part = patched(&one("replace", "name", json!({"givenName": null})));
    assert_eq!(part["name"], json!({"familyName": "Jensen"}));
    let whole = patch_with(
        &Dialect::STRICT,
        &one("replace", "name", json!({"givenName": "B"})),
    );
    assert_eq!(
        whole.expect("accepted").resource["name"],
        json!({"givenName": "B"})
    );
    let added = patched(&one("add", "name.honorificPrefix", json!("Ms.")));
    assert_eq!(added["name"]["honorificPrefix"], "Ms.");
    let emptied = patched(&json!([{"op": "remove", "path": "name.givenName"},
        {"op": "remove", "path": "name.familyName"}]));
    assert!(emptied.get("name").is_none());
    for nothing in [json!(null), json!(""), json!([])] {
        assert!(
            patched(&one("replace", "title", nothing))
                .get("title")
                .is_none()
        );
    }
    let created = patched(
        &json!([{"op": "remove", "path": "name"}, {"op": "add", "path": "name.formatted", "value": "F"}]),
    );
    assert_eq!(created["name"], json!({"formatted": "F"}));
}

#[test]
fn p_10_a_manager_is_set_by_any_form_and_removed_by_an_empty_one() {
    let path = format!("{ENTERPRISE}:manager");
    for form in [
        json!("m2"),
        json!({"value": "m2"}),
        json!([{"$ref": "Users/m2", "value": "m2"}]),
        json!({"$ref": "https://h/v2/Users/m2"}),
    ] {
        let resource = patched(&one("Replace", &path, form.clone()));
        assert_eq!(
            resource[ENTERPRISE]["manager"],
            json!({"value": "m2"}),
            "{form}"
        );
        let bare = patched(&one("Add", "manager", form));
        assert_eq!(bare[ENTERPRISE]["manager"], json!({"value": "m2"}));
    }
    for empty in [json!(""), json!({"value": ""}), json!(null), json!([])] {
        let resource = patched(&one("replace", &path, empty));
        assert!(resource[ENTERPRISE].get("manager").is_none());
    }
    let by_part = patched(&one("replace", &format!("{path}.value"), json!("m2")));
    assert_eq!(by_part[ENTERPRISE]["manager"], json!({"value": "m2"}));
}

#[test]
fn lists_are_extended_replaced_and_emptied() {
    let added = patched(&one("add", "emails", json!({"value": "c@x"})));
    assert_eq!(added["emails"].as_array().map(Vec::len), Some(3));
    let replaced = patched(&one("replace", "emails", json!([{"value": "c@x"}])));
    assert_eq!(replaced["emails"], json!([{"value": "c@x"}]));
    for nothing in [json!([]), json!(null)] {
        assert!(
            patched(&one("replace", "emails", nothing))
                .get("emails")
                .is_none()
        );
    }
    assert!(
        patched(&json!([{"op": "remove", "path": "emails"}]))
            .get("emails")
            .is_none()
    );
    let unchanged = patched(&one("add", "emails", json!([])));
    assert_eq!(unchanged["emails"], person()["emails"]);
}

#[test]
fn p_02_a_removal_with_values_takes_those_alone() {
    let removed = patched(&one("Remove", "emails", json!([{"value": "BJ@home.org"}])));
    assert_eq!(
        removed["emails"],
        json!([{"value": "bj@work.com", "type": "work", "primary": true}])
    );
    let other_type = patched(&one(
        "Remove",
        "emails",
        json!([{"value": "bj@home.org", "type": "work"}]),
    ));
    assert_eq!(other_type["emails"].as_array().map(Vec::len), Some(2));
    let none = patched(&one("remove", "emails", json!([])));
    assert_eq!(none["emails"], person()["emails"]);
}

#[test]
fn p_08_a_value_that_is_not_there_is_made_from_the_terms_of_the_filter() {
    let resource = patched(&json!([
        {"op": "Replace", "path": "addresses[type eq \"work\"].locality", "value": "Vilnius"},
        {"op": "Add", "path": "addresses[type eq \"work\"].country", "value": "LT"},
        {"op": "replace", "path": "roles[primary eq \"True\"].display", "value": "R"},
        {"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "r"},
        {"op": "add", "path": "phoneNumbers[type eq \"mobile\"]", "value": {"value": "+370"}}
    ]));
    let address = json!([{"type": "work", "locality": "Vilnius", "country": "LT"}]);
    assert_eq!(resource["addresses"], address);
    assert_eq!(
        resource["roles"],
        json!([{"primary": true, "display": "R", "value": "r"}])
    );
    assert_eq!(
        resource["phoneNumbers"],
        json!([{"type": "mobile", "value": "+370"}])
    );
}

#[test]
fn a_filter_that_describes_nothing_or_a_strict_client_gets_no_target() {
    let missing = one("replace", "emails[type eq \"other\"].value", json!("x@y"));
    assert_eq!(refused_strictly(&missing), Some(ScimType::NoTarget));
    let vague = one("replace", "emails[type sw \"oth\"].value", json!("x@y"));
    assert_eq!(refused(&vague), Some(ScimType::NoTarget));
    let whole = one(
        "replace",
        "emails[type eq \"other\"]",
        json!({"value": "x@y"}),
    );
    assert_eq!(
        patched(&whole)["emails"][2],
        json!({"type": "other", "value": "x@y"})
    );
}

/// I-5.3 and I-6.5, to the letter.
#[test]
fn i_6_5_a_strict_client_names_one_part_of_one_value_behind_a_filter() {
    let whole = one("replace", "emails[type eq \"work\"]", json!({"value": "x"}));
    assert_eq!(refused_strictly(&whole), Some(ScimType::InvalidPath));
    for op in ["replace", "remove"] {
        let both = one(op, "emails[value co \"bj\"].display", json!("x"));
        assert_eq!(refused_strictly(&both), Some(ScimType::InvalidFilter));
    }
    let accepted = |operations: Value| patch_with(&Dialect::STRICT, &operations).expect("accepted");
    let part = one("replace", "emails[type eq \"home\"].value", json!("x"));
    assert_eq!(accepted(part).resource["emails"][1]["value"], "x");
    let removed = accepted(json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]));
    assert_eq!(removed.resource["emails"].as_array().map(Vec::len), Some(1));
    let unknown = one("add", "name", json!({"givenName": "B", "nick": "x"}));
    assert_eq!(refused_strictly(&unknown), Some(ScimType::InvalidSyntax));
}

#[test]
fn selected_values_are_merged_replaced_and_removed() {
    let merged = patched(&one(
        "add",
        "emails[type eq \"work\"]",
        json!({"display": "D"}),
    ));
    assert_eq!(merged["emails"][0]["display"], "D");
    assert_eq!(merged["emails"][0]["value"], "bj@work.com");
    let replaced = patched(&one(
        "replace",
        "emails[type eq \"work\"]",
        json!({"value": "n@x"}),
    ));
    assert_eq!(
        replaced["emails"][0],
        json!({"value": "n@x", "type": "work"})
    );
    let removed = patched(&json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]));
    assert_eq!(
        removed["emails"],
        json!([{"value": "bj@home.org", "type": "home"}])
    );
    let every = patched(&one(
        "replace",
        "emails[value co \"bj@\"].display",
        json!("D"),
    ));
    assert!(
        every["emails"]
            .as_array()
            .expect("emails")
            .iter()
            .all(|email| email["display"] == "D")
    );
    let emptied = patched(&json!([{"op": "remove", "path": "emails[type eq \"home\"].value"}]));
    assert_eq!(emptied["emails"].as_array().map(Vec::len), Some(1));
}

#[test]
fn p_01_entra_switches_a_user_off_with_a_text() {
    assert_eq!(
        patched(&one("Replace", "active", json!("False")))["active"],
        false
    );
    assert_eq!(
        patched(&json!([{"op": "replace", "value": {"active": "false"}}]))["active"],
        false
    );
    assert_eq!(
        refused(&one("replace", "active", json!("off"))),
        Some(ScimType::InvalidValue)
    );
}

#[test]
fn too_many_values_are_refused() {
    let emails: Vec<_> = (0..99)
        .map(|n| json!({"value": format!("{n}@x")}))
        .collect();
    assert_eq!(
        refused(&one("add", "emails", json!(emails))),
        Some(ScimType::InvalidValue)
    );
}

#[test]
fn a_group_in_memory_is_patched_too() {
    let group = json!({"displayName": "Ops", "members": [{"value": "a"}, {"value": "b"}]});
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": "b"}, {"value": "c", "display": null}]},
        {"op": "remove", "path": "members[value eq \"a\"]"},
        {"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "zz"}]}
    ]);
    let request = PatchRequest::parse(body(&operations), &Dialect::OKTA).expect("valid");
    let result = apply(&group, &request, ResourceKind::Group, &Dialect::OKTA).expect("applied");
    assert_eq!(
        result.resource["members"],
        json!([{"value": "b"}, {"value": "c"}])
    );
    let value = one("replace", "members[value eq \"a\"].value", json!("x"));
    let request = PatchRequest::parse(body(&value), &Dialect::OKTA).expect("valid");
    let error = apply(&group, &request, ResourceKind::Group, &Dialect::OKTA).expect_err("refused");
    assert_eq!(error.scim_type, Some(ScimType::Mutability));
}

fn text_path() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "title",
        "nickName",
        "displayName",
        "userName",
        "name.givenName",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",
    ])
}

fn element() -> impl Strategy<Value = Value> {
    (
        "[a-c]{1,2}",
        prop::sample::select(vec!["work", "home", "Work"]),
        any::<Option<bool>>(),
    )
        .prop_map(|(value, kind, primary)| {
            let mut element = json!({"value": value, "type": kind});
            if let Some(primary) = primary {
                element["primary"] = primary.into();
            }
            element
        })
}

fn operation() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        "emails",
        "emails[type eq \"work\"]",
        "title",
        "name",
        "emails[type eq \"home\"].value",
        "phoneNumbers",
        "active",
        "emails.display",
        "manager",
    ]);
    let value = prop_oneof![
        element(),
        Just(json!("x")),
        Just(json!(null)),
        Just(json!(true)),
        Just(json!([])),
        prop::collection::vec(element(), 0..4).prop_map(Value::Array)
    ];
    (
        prop::sample::select(vec!["add", "remove", "replace"]),
        path,
        value,
    )
        .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

proptest! {
    #[test]
    fn what_is_replaced_is_read_back(path in text_path(), text in "[a-zA-Z0-9é]{1,20}") {
        let resource = patched(&one("replace", path, json!(text)));
        let path = crate::path::AttributePath::parse(path, ResourceKind::User).expect("path");
        let found = path.attribute_in(&resource).expect("value");
        let found = path.sub.map_or(found, |sub| &found[sub.name]);
        prop_assert_eq!(found, &json!(text));
    }

    #[test]
    fn adding_twice_is_adding_once(values in prop::collection::vec(element(), 1..5)) {
        let add = json!({"op": "add", "path": "emails", "value": values});
        let once = patched(&json!([add.clone()]));
        let twice = patched(&json!([add.clone(), add]));
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_second_application_of_the_result_is_canonical(operations in prop::collection::vec(operation(), 1..6)) {
        let operations = Value::Array(operations);
        if let Ok(result) = patch_with(&Dialect::OKTA, &operations) {
            prop_assert_eq!(result.changed, result.resource != person());
            let request = PatchRequest::parse(body(&json!([{"op": "remove", "path": "nickName"}])), &Dialect::OKTA)
                .expect("valid");
            let again = apply(&result.resource, &request, ResourceKind::User, &Dialect::OKTA).expect("applied");
            prop_assert!(!again.changed);
            let emails = result.resource.get("emails").and_then(Value::as_array).cloned().unwrap_or_default();
            let primaries = emails.iter().filter(|email| email["primary"] == true).count();
            prop_assert!(primaries <= 1);
        }
    }
}
