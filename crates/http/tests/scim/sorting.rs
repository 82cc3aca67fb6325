//! Sorting (RFC 7644 section 3.4.2.3).

use serde_json::Value;

use crate::stage::{Stage, Tenant, okta_user};

async fn listed(tenant: &Tenant<'_>, tail: &str, attribute: &str) -> Vec<String> {
    let list = tenant.get(tail).await.assert(200).json();
    let resources = list["Resources"].as_array().expect("a list").iter();
    let text = |one: &Value| one[attribute].as_str().unwrap_or("none").to_owned();
    resources.map(text).collect()
}

async fn with_title(tenant: &Tenant<'_>, name: &str, title: Option<&str>) {
    let mut user = okta_user(name);
    if let Some(title) = title {
        user["title"] = title.into();
    }
    tenant.post("/Users", user).await.assert(201);
}

/// P-3.4.2.3-01, P-3.4.2.3-04: by any attribute, folded, in either direction, page by page.
#[actix_web::test]
async fn users_come_sorted_and_pages_of_them_fit_together() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for name in ["c@x.test", "A@x.test", "b@x.test"] {
        tenant.push_user(name).await;
    }
    let ascending = ["A@x.test", "b@x.test", "c@x.test"];
    let all = listed(&tenant, "/Users?sortBy=USERNAME", "userName").await;
    assert_eq!(all, ascending);
    let down = "/Users?sortBy=emails&sortOrder=descending";
    let down = listed(&tenant, down, "userName").await;
    assert_eq!(down, ["c@x.test", "b@x.test", "A@x.test"]);
    for (index, name) in ascending.iter().enumerate() {
        let page = format!("/Users?sortBy=userName&count=1&startIndex={}", index + 1);
        assert_eq!(listed(&tenant, &page, "userName").await, [*name]);
        let answer = tenant.get(&page).await.json();
        assert_eq!(answer["totalResults"], 3);
    }
    let some =
        "/Users?filter=userName%20sw%20%22b%22%20or%20userName%20sw%20%22a%22&sortBy=userName";
    let some = listed(&tenant, some, "userName").await;
    assert_eq!(some, ["A@x.test", "b@x.test"]);
}

/// P-3.4.2.3-03: who lacks the attribute comes last ascending and first descending; the same
/// value falls back on the id.
#[actix_web::test]
async fn who_lacks_the_attribute_comes_last_and_first_downwards() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    with_title(&tenant, "none@x.test", None).await;
    with_title(&tenant, "first@x.test", Some("Same")).await;
    with_title(&tenant, "second@x.test", Some("same")).await;
    let (one, two, none) = ("first@x.test", "second@x.test", "none@x.test");
    let up = listed(&tenant, "/Users?sortBy=title", "userName").await;
    assert_eq!(up, [one, two, none]);
    let down = "/Users?sortBy=title&sortOrder=descending";
    assert_eq!(listed(&tenant, down, "userName").await, [none, one, two]);
}

#[actix_web::test]
async fn groups_come_sorted_by_name_and_by_who_is_in_them() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for name in ["beta", "Alpha", "gamma"] {
        tenant.push_group(name).await;
    }
    let tail = "/Groups?sortBy=displayName&excludedAttributes=members";
    let names = listed(&tenant, tail, "displayName").await;
    assert_eq!(names, ["Alpha", "beta", "gamma"]);
    let by_members = "/Groups?sortBy=members.value&sortOrder=descending";
    assert_eq!(listed(&tenant, by_members, "displayName").await.len(), 3);
    let by_id = listed(
        &tenant,
        "/Groups?sortBy=id&sortOrder=descending",
        "displayName",
    )
    .await;
    assert_eq!(by_id, ["gamma", "Alpha", "beta"]);
}

/// P-3.4.2.3-05, P-3.4.2.3-02: what cannot be sorted by is an invalid value, even where nothing
/// would be found.
#[actix_web::test]
async fn an_unknown_order_is_an_invalid_value() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for query in [
        "sortBy=foo",
        "sortBy=name",
        "sortBy=password",
        "sortBy=userName&sortOrder=up",
        "filter=id%20eq%20%22none%22&sortBy=foo",
    ] {
        let answer = tenant.get(&format!("/Users?{query}")).await;
        answer.assert_error(400, Some("invalidValue"));
    }
}
