//! Conditions on the version of a resource (RFC 7644 section 3.14, RFC 9110 section 13.1).

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::stage::{Answer, GROUP, PATCH_OP, Stage, Tenant, okta_user};

async fn ask(
    tenant: &Tenant<'_>,
    (method, tail, body): (Method, &str, Option<Value>),
    (name, value): (&'static str, &str),
) -> Answer {
    let mut request = tenant
        .knock(method, tail)
        .insert_header((name, value.to_owned()));
    if let Some(body) = body {
        request = request.set_payload(body.to_string());
    }
    tenant.stage.send(request).await
}

fn title(value: &str) -> Value {
    json!({"schemas": [PATCH_OP],
        "Operations": [{"op": "replace", "path": "title", "value": value}]})
}

/// P-3.14-03: on every verb, and what fails changes nothing.
#[actix_web::test]
async fn p_3_14_03_a_stale_version_is_refused_on_every_verb_and_changes_nothing() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let user = format!("/Users/{}", tenant.push_user("jane@x.test").await);
    let group = format!("/Groups/{}", tenant.push_group("Ops").await);
    let renamed = json!({"schemas": [GROUP], "displayName": "Other"});
    let name = json!({"schemas": [PATCH_OP],
        "Operations": [{"op": "replace", "path": "displayName", "value": "Other"}]});
    let changes = [
        (&user, okta_user("other@x.test"), title("Other")),
        (&group, renamed, name),
    ];
    for (tail, put, patch) in &changes {
        let before = tenant.get(tail).await.assert(200).json();
        let failing = [
            ("if-match", "W/\"7\""),
            ("if-match", "nonsense"),
            ("if-none-match", "*"),
            ("if-none-match", "W/\"7\", W/\"1\""),
        ];
        for condition in failing {
            let calls = [
                (Method::PUT, tail.as_str(), Some(put.clone())),
                (Method::PATCH, tail.as_str(), Some(patch.clone())),
                (Method::DELETE, tail.as_str(), None),
            ];
            for call in calls {
                ask(&tenant, call, condition).await.assert_error(412, None);
            }
            let broken = (Method::PUT, tail.as_str(), Some(json!([])));
            ask(&tenant, broken, condition)
                .await
                .assert_error(412, None);
        }
        assert_eq!(tenant.get(tail).await.json(), before);
        let get = || (Method::GET, tail.as_str(), None);
        let stale = ask(&tenant, get(), ("if-match", "\"7\"")).await;
        stale.assert_error(412, None);
        ask(&tenant, get(), ("if-match", "W/\"1\""))
            .await
            .assert(200);
        let known = ask(
            &tenant,
            (
                Method::GET,
                &format!("{tail}?excludedAttributes=groups"),
                None,
            ),
            ("if-none-match", "W/\"1\""),
        )
        .await;
        assert_eq!((known.status, known.body.len()), (304, 0), "P-3.14-02");
        assert_eq!(known.header("etag"), Some("W/\"1\""));
    }
}

#[actix_web::test]
async fn p_3_14_03_a_version_that_holds_is_no_hindrance() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let tail = format!("/Users/{}", tenant.push_user("jane@x.test").await);
    let patch = |to: &str| (Method::PATCH, tail.as_str(), Some(title(to)));
    ask(&tenant, patch("A"), ("if-match", "*"))
        .await
        .assert(200);
    let one_of = ask(&tenant, patch("B"), ("if-match", "W/\"1\", W/\"2\"")).await;
    assert_eq!(one_of.assert(200).header("etag"), Some("W/\"3\""));
    ask(&tenant, patch("C"), ("if-none-match", "W/\"1\""))
        .await
        .assert(200);
    let gone = (Method::DELETE, tail.as_str(), None);
    ask(&tenant, gone, ("if-match", "W/\"4\""))
        .await
        .assert(204);
    ask(&tenant, patch("D"), ("if-match", "*"))
        .await
        .assert_error(404, None);
    let created = (Method::POST, "/Users", Some(okta_user("new@x.test")));
    ask(&tenant, created, ("if-none-match", "*"))
        .await
        .assert(201);
}

/// P-3.14-06: the check is asked in the transaction that writes, after everything else.
#[actix_web::test]
async fn p_3_14_06_check_and_write_are_one_step() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@x.test").await;
    let tail = format!("/Users/{id}");
    let call = |to: &str| (Method::PATCH, tail.as_str(), Some(title(to)));
    let known = ("if-match", "W/\"1\"");
    let (one, two) = tokio::join!(
        ask(&tenant, call("A"), known),
        ask(&tenant, call("B"), known)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}
