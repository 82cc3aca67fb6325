//! Queries on the root: users and groups in one list (RFC 7644 sections 3.4.2.1 and 3.4.3).

use serde_json::{Value, json};

use crate::stage::{Stage, Tenant};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What people call a resource of either kind.
fn called(resource: &Value) -> String {
    let name = resource.get("userName").or(resource.get("displayName"));
    name.and_then(Value::as_str).unwrap_or("none").to_owned()
}

fn listed(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().expect("a list").iter();
    resources.map(called).collect()
}

async fn both(tenant: &Tenant<'_>) -> [String; 5] {
    for name in ["b@x.test", "d@x.test", "a@x.test"] {
        tenant.push_user(name).await;
    }
    for name in ["Ops", "c"] {
        tenant.push_group(name).await;
    }
    ["b@x.test", "d@x.test", "a@x.test", "Ops", "c"].map(str::to_owned)
}

async fn walked(tenant: &Tenant<'_>, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let list = tenant.get(&format!("{query}&cursor={cursor}")).await;
        let list = list.assert(200).json();
        seen.extend(listed(&list));
        match list.get("nextCursor").and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut cursor),
            None => return seen,
        }
    }
}

#[actix_web::test]
async fn p_3_4_2_1_02_the_root_lists_users_and_then_groups_page_by_page() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let all = both(&tenant).await;
    let whole = tenant.get("/").await.assert(200).json();
    assert_eq!(
        (listed(&whole), &whole["totalResults"]),
        (all.to_vec(), &json!(5))
    );
    assert_eq!(whole["Resources"][4]["meta"]["resourceType"], "Group");
    for count in 1..=6 {
        let mut seen = Vec::new();
        for page in 0..6 {
            let start = page * count + 1;
            let tail = format!("/?count={count}&startIndex={start}");
            let list = tenant.get(&tail).await.assert(200).json();
            assert_eq!(list["totalResults"], 5, "{tail}");
            seen.extend(listed(&list));
        }
        assert_eq!(seen, all, "{count}");
        let tail = format!("/?count={count}");
        assert_eq!(walked(&tenant, &tail).await, all, "{count}");
    }
}

#[actix_web::test]
async fn p_3_4_2_1_02_what_a_kind_has_not_has_no_value_there() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    both(&tenant).await;
    let found = async |filter: &str| {
        let body = json!({"schemas": [SEARCH], "filter": filter});
        let list = tenant.post("/.search", body).await.assert(200).json();
        assert_eq!(list["totalResults"], listed(&list).len(), "{filter}");
        listed(&list)
    };
    let users = ["b@x.test", "d@x.test", "a@x.test"];
    assert_eq!(found("userName pr").await, users);
    assert_eq!(found(r#"meta.resourceType eq "User""#).await, users);
    assert_eq!(found(r#"meta.resourceType eq "Group""#).await, ["Ops", "c"]);
    assert_eq!(found("not (userName pr)").await, ["Ops", "c"]);
    assert_eq!(
        found(r#"userName eq "A@x.test" or displayName eq "OPS""#).await,
        ["a@x.test", "Ops"]
    );
    assert_eq!(found(r#"members.value eq "none""#).await, [""; 0]);
    for broken in ["shoeSize pr", "userName", r#"password eq "x""#] {
        let body = json!({"schemas": [SEARCH], "filter": broken});
        let refused = tenant.post("/.search", body).await;
        refused.assert_error(400, Some("invalidFilter"));
    }
}

/// P-3.4.2.1-03: what would cost too much to find is `tooMany`, never a part of it.
#[actix_web::test]
async fn the_root_is_sorted_over_both_kinds() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let all = both(&tenant).await;
    let sorted = async |query: &str| {
        let by_cursor = walked(&tenant, query).await;
        let by_index = listed(&tenant.get(query).await.assert(200).json());
        assert_eq!(&by_cursor[..by_index.len()], by_index, "{query}");
        by_cursor
    };
    let mut down = all.clone();
    down.reverse();
    assert_eq!(sorted("/?count=2&sortBy=meta.created").await, all);
    let newest = "/?count=2&sortBy=id&sortOrder=descending";
    assert_eq!(sorted(newest).await, down);
    let names = ["a@x.test", "b@x.test", "d@x.test", "Ops", "c"];
    assert_eq!(sorted("/?count=2&sortBy=userName").await, names);
    let down = ["Ops", "c", "d@x.test", "b@x.test", "a@x.test"];
    let descending = "/?count=2&sortBy=userName&sortOrder=descending";
    assert_eq!(sorted(descending).await, down);
    let refused = tenant.get("/?sortBy=shoeSize").await;
    refused.assert_error(400, Some("invalidValue"));
    let deep = tenant.get("/?sortBy=userName&startIndex=1000").await;
    deep.assert_error(400, Some("tooMany"));
}

#[actix_web::test]
async fn the_root_shows_what_is_asked_for_and_nobody_elses() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let other = stage.organization("other").await;
    both(&tenant).await;
    other.push_user("z@x.test").await;
    let list = tenant.get("/?attributes=displayName").await.json();
    let group = &list["Resources"][3];
    assert_eq!(group["displayName"], "Ops");
    assert!(group.get("members").is_none() && group.get("meta").is_none());
    assert_eq!(listed(&other.get("/").await.json()), ["z@x.test"]);
    tenant.post("/", json!({})).await.assert_error(405, None);
    tenant.get("/.search").await.assert_error(405, None);
}
