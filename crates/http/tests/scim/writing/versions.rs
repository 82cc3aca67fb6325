//! Versions (RFC 7644 section 3.14, RFC 9110 section 13.1) beside what `conditions.rs` asks.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{created, group, operation, user};
use crate::stage::{Answer, Stage, Tenant};

#[actix_web::test]
async fn p_3_14_01_every_answer_that_is_a_resource_bears_its_version() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let person = created(&tenant, "a@x.test", &json!({})).await;
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let title = operation("replace", "title", json!("x"));
    let name = operation("replace", "displayName", json!("Dev"));
    let shown = format!("{team}?excludedAttributes=members");
    for answer in [
        tenant.get(&person).await,
        tenant
            .put(&person, user("a@x.test", &json!({"title": "y"})))
            .await,
        tenant.patch(&person, title).await,
        tenant.get(&team).await,
        tenant.put(&team, group("Ops 2", &[])).await,
        tenant.patch(&shown, name).await,
    ] {
        let answer = answer.assert(200);
        let version = answer.json()["meta"]["version"].clone();
        assert!(
            version.as_str().is_some_and(|tag| tag.starts_with("W/\"")),
            "S-3.1-04"
        );
        assert_eq!(answer.header("etag"), version.as_str());
    }
    let silent = tenant
        .patch(&team, operation("replace", "displayName", json!("Web")))
        .await;
    let now = tenant.get(&team).await.json();
    assert_eq!(
        silent.assert(204).header("etag"),
        now["meta"]["version"].as_str()
    );
}

async fn ask(
    tenant: &Tenant<'_>,
    call: (Method, &str, Option<Value>),
    header: (&str, &str),
) -> Answer {
    let (method, path, body) = call;
    let mut knock = tenant.knock(method, path).insert_header(header);
    if let Some(body) = body {
        knock = knock.set_payload(body.to_string());
    }
    tenant.stage.send(knock).await
}

/// P-3.14-04: tags are compared without the weakness; lists, `*` and a tag without its
/// quotes count, and what is no tag of ours is none of them.
#[actix_web::test]
async fn p_3_14_02_and_04_known_versions_are_304_however_they_are_written() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let person = created(&tenant, "a@x.test", &json!({})).await;
    let person = format!("{person}?excludedAttributes=groups");
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    for path in [person.as_str(), team.as_str()] {
        for known in [
            "W/\"1\"",
            "\"1\"",
            "1",
            "*",
            "\"x\", W/\"1\"",
            "W/\"1\",\"y\"",
        ] {
            let answer = ask(&tenant, (Method::GET, path, None), ("if-none-match", known)).await;
            assert_eq!(
                (answer.status, answer.body.len()),
                (304, 0),
                "{path} {known}"
            );
            assert_eq!(answer.header("etag"), Some("W/\"1\""));
        }
        for other in ["W/\"2\"", "\"one\"", "01", "W/", "\"", ""] {
            let answer = ask(&tenant, (Method::GET, path, None), ("if-none-match", other)).await;
            assert_eq!(answer.status, 200, "{path} {other:?}");
        }
    }
    // The version does not follow the groups, so it says nothing where they are shown.
    let whole = person.split('?').next().expect("a path");
    let answer = ask(
        &tenant,
        (Method::GET, whole, None),
        ("if-none-match", "W/\"1\""),
    )
    .await;
    assert_eq!(answer.status, 200, "P-3.14-07");
}

/// I-6.7-01 and P-3.14-05: malformed, doubled and senseless conditions fail closed, never with 5xx.
#[actix_web::test]
async fn p_3_14_05_what_is_no_version_holds_back_every_change() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let person = created(&tenant, "a@x.test", &json!({})).await;
    let before = tenant.get(&person).await.json();
    let long = format!("W/\"{}\"", "9".repeat(4_000));
    for tag in [
        "zzz",
        "W/",
        "\"",
        "W/\"1",
        "\"1\" \"2\"",
        "W/\"-1\"",
        "W/\"01\"",
        "",
        &long,
    ] {
        let put = user("a@x.test", &json!({"title": "x"}));
        for call in [
            (Method::PUT, person.as_str(), Some(put)),
            (Method::DELETE, person.as_str(), None),
        ] {
            ask(&tenant, call, ("if-match", tag))
                .await
                .assert_error(412, None);
        }
    }
    assert_eq!(tenant.get(&person).await.json(), before);
    let gone = (Method::DELETE, person.as_str(), None);
    ask(&tenant, gone, ("if-match", "\"1\"")).await.assert(204);
}

#[actix_web::test]
async fn p_3_14_07_a_membership_moves_the_version_of_the_group_and_not_of_the_user() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let person = created(&tenant, "a@x.test", &json!({})).await;
    let id = person.trim_start_matches("/Users/").to_owned();
    let team = format!("/Groups/{}", tenant.push_group("Ops").await);
    let meta = |body: Value| body["meta"].clone();
    let (before, of_team) = (
        meta(tenant.get(&person).await.json()),
        meta(tenant.get(&team).await.json()),
    );
    let join = operation("add", "members", json!([{"value": id}]));
    tenant.patch(&team, join).await.assert(204);
    assert_eq!(meta(tenant.get(&person).await.json()), before);
    assert_ne!(
        meta(tenant.get(&team).await.json())["version"],
        of_team["version"]
    );
}
