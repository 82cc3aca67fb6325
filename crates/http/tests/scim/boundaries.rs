//! What must never be crossed: from one organization to another (SEC-4), and in time, from before
//! a token died to after (R03, R13).

use crate::stage::{Answer, GROUP, Stage, Tenant, okta_user};
use actix_web::http::Method;
use rollcall_domain::{Action, DirectoryKind};
use serde_json::{Value, json};

async fn every_verb(tenant: &Tenant<'_>, kind: &str, id: &str) -> Vec<Answer> {
    let tail = format!("/{kind}/{id}");
    let body = match kind {
        "Users" => okta_user("x@acme.example"),
        _ => json!({"schemas": [GROUP], "displayName": "X"}),
    };
    vec![
        tenant.get(&tail).await,
        tenant.call(Method::HEAD, &tail, None).await,
        tenant.put(&tail, body).await,
        tenant
            .patch(
                &tail,
                json!([{"op": "replace", "path": "displayName", "value": "X"}]),
            )
            .await,
        tenant.delete(&tail).await,
    ]
}

/// SEC-4: ids of another organization answer exactly as ids nobody has, on every verb.
#[actix_web::test]
async fn sec_4_a_foreign_id_answers_exactly_as_an_id_nobody_has() {
    let stage = Stage::new().await;
    let acme = stage.organization("acme").await;
    let other = stage.organization("other").await;
    let user = other.push_user("jane@other.example").await;
    let group = other.push_group("Theirs").await;
    let manual = acme
        .manual("hand@acme.example", rollcall_domain::Role::Member)
        .await;
    let nobody = "00000000-0000-0000-0000-0000000000ff";
    for (kind, foreign) in [
        ("Users", &user),
        ("Groups", &group),
        ("Users", &manual.to_string()),
    ] {
        let unknown = every_verb(&acme, kind, nobody).await;
        let foreign = every_verb(&acme, kind, foreign).await;
        for (left, right) in unknown.iter().zip(&foreign) {
            assert_eq!(
                (left.status, &left.body),
                (right.status, &right.body),
                "{kind}"
            );
            assert_eq!(left.status, 404);
            let visible = |answer: &Answer| {
                let mut headers = answer.headers.clone();
                headers.retain(|(name, _)| name != "x-request-id");
                headers.sort();
                headers
            };
            assert_eq!(visible(left), visible(right), "{kind}");
        }
    }
    let by_id = format!("/Users?filter=id%20eq%20%22{user}%22");
    assert_eq!(acme.get(&by_id).await.json()["totalResults"], 0);
    let by_member = format!("/Groups?filter=members.value%20eq%20%22{user}%22");
    assert_eq!(acme.get(&by_member).await.json()["totalResults"], 0);
    assert_eq!(other.get(&format!("/Users/{user}")).await.status, 200);
    assert_eq!(other.team(&group).await.name.as_str(), "Theirs");
}

#[actix_web::test]
async fn lists_of_two_organizations_are_disjoint() {
    let stage = Stage::new().await;
    let acme = stage.organization("acme").await;
    let other = stage.organization("other").await;
    acme.push_user("same@shared.example").await;
    acme.push_group("Same").await;
    other.push_user("same@shared.example").await;
    other.push_group("Same").await;
    for tenant in [&acme, &other] {
        for kind in ["Users", "Groups"] {
            let list = tenant.get(&format!("/{kind}")).await.assert(200).json();
            assert_eq!(list["totalResults"], 1);
        }
    }
}

/// R03: off is off on the next request, with a detail an administrator can act on.
#[actix_web::test]
async fn r03_an_old_token_is_refused_once_provisioning_is_off() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    tenant.push_user("jane@acme.example").await;
    let old = (tenant.base.clone(), tenant.token.clone());
    tenant.turn_off().await;
    let refused = tenant.get("/Users").await;
    let detail = refused.assert_error(401, None)["detail"].clone();
    assert!(
        detail.as_str().unwrap().contains("Control Panel"),
        "{detail}"
    );
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.contains("invalid_token"));
    tenant.turn_on().await;
    assert_eq!(tenant.base, old.0, "part B: the same Tenant URL");
    assert_ne!(tenant.token, old.1);
    tenant.get("/Users").await.assert(200);
    tenant.token = old.1;
    tenant.get("/Users").await.assert_error(401, None);
}

/// SEC-8.
#[actix_web::test]
async fn r03_new_credentials_end_the_old_token_at_once() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let old = tenant.token.clone();
    tenant.new_credentials().await;
    tenant.get(&format!("/Users/{id}")).await.assert(200);
    tenant.token = old;
    tenant
        .get(&format!("/Users/{id}"))
        .await
        .assert_error(401, None);
}

/// How a token dies.
#[derive(Debug, Clone, Copy)]
enum End {
    TurnedOff,
    Replaced,
}

/// Every write that a directory can ask for, of a user and a group that are there.
fn every_write(user: &str, group: &str) -> [(Method, String, Option<Value>); 8] {
    let patch = |path: &str| {
        let operations = json!([{"op": "replace", "path": path, "value": "late"}]);
        Some(json!({"schemas": [crate::stage::PATCH_OP], "Operations": operations}))
    };
    let (late_user, late_group) = (
        okta_user("late@acme.example"),
        json!({"displayName": "late"}),
    );
    let (user, group) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    [
        (Method::POST, "/Users".into(), Some(late_user.clone())),
        (Method::PUT, user.clone(), Some(late_user)),
        (Method::PATCH, user.clone(), patch("title")),
        (Method::DELETE, user, None),
        (Method::POST, "/Groups".into(), Some(late_group.clone())),
        (Method::PUT, group.clone(), Some(late_group)),
        (Method::PATCH, group.clone(), patch("displayName")),
        (Method::DELETE, group, None),
    ]
}

/// R03: the token was good when the request came in, and dies before its write begins: because
/// provisioning is turned off, or because new credentials are issued while it stays on.
#[actix_web::test]
async fn r03_a_write_under_way_when_the_token_dies_does_not_land() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let user = tenant.push_user("jane@acme.example").await;
    let group = tenant.push_group("G").await;
    for end in [End::TurnedOff, End::Replaced] {
        for (method, tail, body) in every_write(&user, &group) {
            let what = format!("{end:?}: {method} {tail}");
            let before = (tenant.member(&user).await, tenant.team(&group).await);
            match end {
                End::TurnedOff => stage.before_next_write(tenant.turning_off().await),
                End::Replaced => stage.before_next_write(tenant.issuing_credentials().await),
            }
            let answer = tenant.call(method, &tail, body).await;
            answer.assert_error(401, None);
            assert!(answer.header("www-authenticate").is_some(), "{what}");
            let after = (tenant.member(&user).await, tenant.team(&group).await);
            assert_eq!(after, before, "{what}");
            match end {
                End::TurnedOff => tenant.turn_on().await,
                End::Replaced => tenant.new_credentials().await,
            }
            for kind in ["/Users", "/Groups"] {
                let listed = tenant.get(kind).await.json();
                assert_eq!(listed["totalResults"], 1, "{what}");
            }
        }
    }
}

/// R13: what was not edited while off is the same object as before, found and not duplicated.
#[actix_web::test]
async fn r13_what_was_not_edited_is_found_again_under_the_same_id() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let user = tenant.push_user("jane@acme.example").await;
    let group = tenant.push_group("Engineering").await;
    tenant.turn_off().await;
    tenant.rename_team(&group, "ENGINEERING").await;
    tenant.turn_on().await;
    assert_eq!(
        tenant.find_user("jane@acme.example").await["Resources"][0]["id"],
        user.as_str()
    );
    let tail = "/Groups?filter=displayName%20eq%20%22Engineering%22";
    let found = tenant.get(tail).await.json();
    assert_eq!(
        found["Resources"][0]["id"],
        group.as_str(),
        "keys are compared folded"
    );
    tenant
        .post("/Users", okta_user("jane@acme.example"))
        .await
        .assert_error(409, Some("uniqueness"));
}

/// R13: what was edited while off is not found, and Okta creates a new one beside it.
#[actix_web::test]
async fn r13_what_was_edited_while_off_is_not_found_and_pushed_anew() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let user = tenant.push_user("jane@acme.example").await;
    let group = tenant.push_group("Engineering").await;
    tenant.turn_off().await;
    tenant.edit_email(&user, "jane.doe@acme.example").await;
    tenant.rename_team(&group, "Platform").await;
    tenant.turn_on().await;
    assert_eq!(
        tenant.find_user("jane@acme.example").await["totalResults"],
        0
    );
    tenant
        .get(&format!("/Groups/{group}"))
        .await
        .assert_error(404, None);
    let again = tenant.push_user("jane@acme.example").await;
    assert_ne!(again, user);
    assert_ne!(tenant.push_group("Engineering").await, group);
    assert_eq!(tenant.team(&group).await.name.as_str(), "Platform");
    assert_eq!(tenant.entries(Action::MemberLost).await.len(), 1);
    assert_eq!(tenant.entries(Action::TeamLost).await.len(), 1);
}

/// Part B, *On again*: when the directory was last heard is noted, but not on every request.
#[actix_web::test]
async fn when_the_directory_was_last_heard_is_noted_beside_the_answer() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.get("/Users").await.assert(200);
    // The note is on its way once the loop has turned, and writes are done one after another.
    for _ in 0..10 {
        actix_web::rt::task::yield_now().await;
    }
    tenant.seats(None).await;
    let directories = tenant.directories().await;
    let okta = directories.of(DirectoryKind::Okta).expect("is there");
    assert!(okta.last_request_at.is_some());
    assert_eq!(
        tenant.activity().await.len(),
        3,
        "founding, owner, switching on: no entry for it"
    );
}
