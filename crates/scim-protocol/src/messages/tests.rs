use serde_json::json;

use super::*;
use crate::error::ScimType;
use crate::paging::{CursorPage, Page, Paging};

const BASE: &str = "https://host/scim/c1/v2";

fn capabilities() -> Capabilities {
    Capabilities {
        bulk: None,
        max_results: 1000,
        sort: Support::No,
        etag: Support::Yes,
        documentation_uri: None,
        authentication: vec![AuthenticationScheme::BEARER],
    }
}

fn message(list: &ListResponse<Value>) -> Value {
    serde_json::from_slice(&list.to_json()).expect("JSON")
}

#[test]
fn p_3_4_2_02_a_list_always_carries_all_four_members() {
    let empty = ListResponse::<Value> {
        total_results: Some(0),
        position: Position::Index(1),
        resources: vec![],
    };
    let body = message(&empty);
    let expected = json!({"schemas": [urn::LIST_RESPONSE], "totalResults": 0, "startIndex": 1,
        "itemsPerPage": 0, "Resources": []});
    assert_eq!(body, expected);
}

#[test]
fn p_3_4_2_4_03_items_per_page_counts_what_is_there() {
    let page = ListResponse {
        total_results: Some(3),
        position: Position::Index(3),
        resources: vec![json!({})],
    };
    let body = message(&page);
    assert_eq!(body["itemsPerPage"], 1);
    assert_eq!(body["totalResults"], 3);
}

#[test]
fn p_4_01_the_configuration_has_every_required_member() {
    let body = service_provider_config(BASE, &capabilities());
    for name in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert!(body[name]["supported"].is_boolean(), "{name}");
    }
    assert_eq!(body["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(body["bulk"]["supported"], false);
    assert_eq!(
        body["meta"]["location"],
        format!("{BASE}/ServiceProviderConfig")
    );
}

/// I-5.1: what is served is what is described.
#[test]
fn every_member_of_the_discovery_resources_is_in_its_schema() {
    let config = service_provider_config(BASE, &capabilities());
    let user = resource_type("user", BASE).expect("User");
    let described = schema(urn::SCHEMA, BASE).expect("Schema");
    let cases = [
        (config, &crate::schema::SERVICE_PROVIDER_CONFIG),
        (user, &crate::schema::RESOURCE_TYPE),
        (described, &crate::schema::SCHEMA),
    ];
    for (body, schema) in cases {
        for name in body.as_object().expect("object").keys() {
            let is_common = ["schemas", "meta"].contains(&name.as_str());
            assert!(
                is_common || schema.attribute(name).is_some(),
                "{} {name}",
                schema.urn
            );
        }
    }
}

#[test]
fn p_4_03_and_05_schemas_are_found_in_any_case_and_messages_are_none() {
    assert!(schema(&urn::USER.to_uppercase(), BASE).is_some());
    assert!(schema(urn::PATCH_OP, BASE).is_none());
    assert!(resource_type("Widget", BASE).is_none());
    assert_eq!(schemas(BASE).total_results, Some(6));
    assert_eq!(resource_types(BASE).total_results, Some(2));
}

#[test]
fn sec_21_the_password_is_not_published() {
    let text = schema(urn::USER, BASE).expect("User").to_string();
    assert!(!text.contains("password"));
    assert!(text.contains("userName"));
}

#[test]
fn s_2_2_01_every_characteristic_is_written_out() {
    let body = schema(urn::GROUP, BASE).expect("Group");
    let expected = json!({"name": "displayName", "type": "string", "multiValued": false,
        "description": "The name of the group.", "required": true, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none"});
    assert_eq!(body["attributes"][0], expected);
    assert_eq!(body["attributes"][1]["subAttributes"][0]["caseExact"], true);
    assert!(body["attributes"][1].get("caseExact").is_none());
}

#[test]
fn p_3_4_3_01_a_search_request_means_what_the_parameters_mean() {
    let body = json!({"schemas": [urn::SEARCH_REQUEST], "Filter": "userName pr", "count": 0,
        "startIndex": -3, "attributes": ["userName"], "sortBy": "userName"});
    let query = parse_search_request(&body).expect("valid");
    assert_eq!(query.filter.as_deref(), Some("userName pr"));
    let first_and_none = Page {
        start_index: 1,
        count: 0,
    };
    assert_eq!(query.paging, Paging::Index(first_and_none));
    assert_eq!(
        query.attributes.as_deref(),
        Some(&["userName".to_owned()][..])
    );
}

#[test]
fn c_3_01_a_search_request_pages_by_cursor_too() {
    let body = |fields: Value| {
        let mut body = fields;
        body["schemas"] = json!([urn::SEARCH_REQUEST]);
        parse_search_request(&body).map(|query| query.paging)
    };
    let begun = CursorPage {
        cursor: None,
        count: Some(2),
    };
    assert_eq!(
        body(json!({"cursor": "", "count": 2})),
        Ok(Paging::Cursor(begun))
    );
    assert!(body(json!({"cursor": 7})).is_err());
    assert!(body(json!({"cursor": "", "startIndex": 1})).is_err());
}

#[test]
fn c_2_02_a_page_by_cursor_names_the_next_one_if_there_is_one() {
    let page = |next: Option<&str>| ListResponse {
        total_results: None,
        position: Position::Cursor(next.map(str::to_owned)),
        resources: vec![json!({})],
    };
    let body = message(&page(Some("abc")));
    let expected = json!({"schemas": [urn::LIST_RESPONSE], "nextCursor": "abc",
        "itemsPerPage": 1, "Resources": [{}]});
    assert_eq!(body, expected);
    let last = message(&page(None));
    assert!(last.get("nextCursor").is_none());
}

#[test]
fn p_3_4_3_02_a_wrong_search_request_is_refused() {
    let refused = |body: Value| parse_search_request(&body).expect_err("refused");
    assert_eq!(
        refused(json!({"schemas": []})).scim_type,
        Some(ScimType::InvalidSyntax)
    );
    assert_eq!(refused(json!([])).scim_type, Some(ScimType::InvalidSyntax));
    for field in [
        json!({"count": "x"}),
        json!({"count": 1.5}),
        json!({"filter": 1}),
        json!({"attributes": [1]}),
    ] {
        let mut body = field;
        body["schemas"] = json!([urn::SEARCH_REQUEST]);
        assert_eq!(refused(body).scim_type, Some(ScimType::InvalidValue));
    }
}

#[test]
fn s_2_3_5_01_moments_are_written_in_utc() {
    let moment = DateTime::from_timestamp(1_700_000_000, 0).expect("moment");
    let meta = Meta {
        kind: ResourceKind::User,
        created: moment,
        last_modified: moment,
        location: location(BASE, ResourceKind::User, "u1"),
        version: ETag::of_version(3),
    };
    let expected = json!({"resourceType": "User", "created": "2023-11-14T22:13:20.000Z",
        "lastModified": "2023-11-14T22:13:20.000Z", "location": format!("{BASE}/Users/u1"),
        "version": "W/\"3\""});
    assert_eq!(meta.to_json(), expected);
}
