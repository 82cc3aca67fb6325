//! Turning provisioning on and off, its credentials, and what is read-only in between.

use actix_web::http::Method;
use chrono::Duration;
use serde_json::{Value, json};

use crate::harness::{Directory, PASSWORD, Panel, URL};

async fn lists_users(okta: &Directory) -> u16 {
    okta.send(Method::GET, "/Users?startIndex=1&count=2", None)
        .await
        .status
}

#[actix_web::test]
async fn r01_r04_turning_on_shows_both_values_and_the_test_of_credentials_succeeds() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let off = owner.get("/api/v1/provisioning").await.expect(200).json();
    assert_eq!(off["directories"][0]["status"], "off");
    assert_eq!(off["login_reminder"], false);
    assert!(off["directories"][0]["tenant_url"].is_null());

    let okta = owner.enable().await;
    assert!(okta.base.starts_with(&format!("{URL}/scim/")));
    assert_eq!(lists_users(&okta).await, 200);
    let shown = owner.get("/api/v1/provisioning").await.expect(200);
    assert!(!shown.body.contains(&okta.token), "shown once");
    let state = shown.json();
    assert_eq!(state["directories"][0]["tenant_url"], json!(okta.base));
    assert_eq!(state["directories"][0]["directory"]["label"], "Okta");
    let again = json!({"current_password": PASSWORD});
    let reply = owner.post("/api/v1/provisioning/okta/enable", again).await;
    reply.refused(409, "invalid_state");
}

#[actix_web::test]
async fn the_status_is_waiting_until_the_directory_is_heard() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let status = async || {
        let state = owner.get("/api/v1/provisioning").await.expect(200).json();
        state["directories"][0]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let okta = owner.enable().await;
    assert_eq!(status().await, "waiting");
    lists_users(&okta).await;
    // It is noted after the answer, so that no directory waits for it.
    let mut seen = status().await;
    for _ in 0..10_000 {
        if seen != "waiting" {
            break;
        }
        tokio::task::yield_now().await;
        seen = status().await;
    }
    assert_eq!(seen, "connected");
    owner.disable().await;
    assert_eq!(status().await, "off");
    owner.enable().await;
    assert_eq!(status().await, "waiting");
}

#[actix_web::test]
async fn r02_the_token_works_for_years() {
    let panel = Panel::open().await;
    let okta = panel.owner().await.enable().await;
    panel.clock.advance(Duration::days(3650));
    assert_eq!(lists_users(&okta).await, 200);
}

#[actix_web::test]
async fn r03_sec_8_new_credentials_and_turning_off_end_the_old_token_at_once() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let first = owner.enable().await;
    let body = json!({"current_password": PASSWORD});
    let path = "/api/v1/provisioning/okta/credentials";
    let shown = owner.post(path, body.clone()).await.expect(200).json();
    assert_eq!(
        shown["tenant_url"],
        json!(first.base),
        "the Tenant URL stays"
    );
    assert_eq!(lists_users(&first).await, 401);
    let mut second = first.with_token(shown["secret_token"].as_str().unwrap());
    assert_eq!(lists_users(&second).await, 200);

    owner.disable().await;
    assert_eq!(lists_users(&second).await, 401);
    owner.post(path, body).await.refused(409, "invalid_state");
    let third = owner.enable().await;
    assert_eq!(third.base, first.base);
    assert_eq!(lists_users(&third).await, 200);
    second = second.with_token(&first.token);
    assert_eq!(lists_users(&second).await, 401);
}

#[actix_web::test]
async fn a_wrong_secret_token_is_counted_for_its_tenant_url_alone_and_costs_no_write() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let refused = async || {
        let state = owner.get("/api/v1/provisioning").await.expect(200).json();
        state["directories"][0]["refused_tokens"].clone()
    };
    assert_eq!(lists_users(&okta).await, 200);
    assert_eq!(refused().await, Value::Null);
    let entries = async || owner.get("/api/v1/activity").await.json()["total"].clone();
    let before = entries().await;
    for _ in 0..3 {
        assert_eq!(lists_users(&okta.with_token("a guess")).await, 401);
    }
    let mut elsewhere = okta.with_token("a guess");
    elsewhere.base = format!("{URL}/scim/00000000-0000-7000-8000-000000000000/v2");
    assert_eq!(lists_users(&elsewhere).await, 401);
    let counted = refused().await;
    assert_eq!(counted["count"], 3, "{counted}");
    assert!(counted["last_at"].is_string(), "{counted}");
    assert_eq!(entries().await, before, "nothing is written");
    // Whoever goes on pushing after it was turned off is seen, too.
    owner.disable().await;
    assert_eq!(lists_users(&okta).await, 401);
    assert_eq!(refused().await["count"], 4);
}

#[actix_web::test]
async fn sec_9_every_switch_needs_the_present_password() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    for what in ["enable", "disable", "credentials"] {
        let path = format!("/api/v1/provisioning/okta/{what}");
        let wrong = json!({"current_password": "guess"});
        owner
            .post(&path, wrong)
            .await
            .refused(403, "wrong_password");
        let reply = owner.post(&path, json!({})).await;
        reply.refused(400, "validation");
        assert_eq!(reply.json()["errors"][0]["field"], "current_password");
    }
    assert_eq!(lists_users(&okta).await, 200);
    let body = json!({"current_password": PASSWORD});
    let unknown = "/api/v1/provisioning/paper/enable";
    owner.post(unknown, body).await.refused(404, "not_found");
}

#[actix_web::test]
async fn r06_the_reminder_shows_while_it_is_on_and_okta_is_no_login_method() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let reminder =
        async || owner.get("/api/v1/provisioning").await.json()["login_reminder"] == true;
    owner.enable().await;
    assert!(reminder().await);
    let okta = |enabled: bool| {
        json!({
            "enabled": enabled, "client_id": "0oa1", "client_secret": "s",
            "base_url": "https://acme.okta.com", "issuer": "https://acme.okta.com",
        })
    };
    let path = "/api/v1/organization/login-methods/okta";
    owner.put(path, okta(true)).await.expect(200);
    assert!(!reminder().await);
    owner.put(path, okta(false)).await.expect(200);
    assert!(reminder().await);
    owner.disable().await;
    assert!(!reminder().await);
}

#[actix_web::test]
async fn r07_r08_r12_what_okta_manages_is_read_only_by_every_path_while_on_and_bears_its_icon() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let sources = async || {
        let state = owner.get("/api/v1/provisioning").await.json();
        state["read_only_sources"].clone()
    };
    assert_eq!(sources().await, json!([]), "nothing is provisioned yet");
    let member = okta.push_user("pat@acme.example").await;
    let team = okta.push_group("Everyone", &[&member]).await;
    assert_eq!(sources().await[0]["label"], "Okta");

    let before = (owner.member(&member).await, owner.team(&team).await);
    assert_eq!(before.0["managed_by"]["kind"], "okta");
    for (method, path, body) in edits(&member, &team) {
        let reply = owner.call(method.clone(), &path, body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (409, "provisioned_read_only"),
            "{method} {path}: {}",
            reply.body
        );
    }
    assert_eq!(
        (owner.member(&member).await, owner.team(&team).await),
        before
    );

    owner.disable().await;
    assert_eq!(sources().await, json!([]));
    for shown in [owner.member(&member).await, owner.team(&team).await] {
        assert_eq!(shown["badge"]["icon"], "okta", "R08: the icon stays");
        assert!(shown["managed_by"].is_null(), "R12: editable");
    }
    for (method, path, body) in edits(&member, &team) {
        let reply = owner.call(method.clone(), &path, body).await;
        assert!(reply.status < 300, "{method} {path}: {}", reply.body);
    }
}

/// Every command of the panel on a member and on a team; deletions last.
fn edits(member: &str, team: &str) -> Vec<(Method, String, Option<Value>)> {
    let on_member = format!("/api/v1/members/{member}");
    let on_team = format!("/api/v1/teams/{team}");
    let nothing = || Some(json!({}));
    vec![
        (
            Method::PATCH,
            on_member.clone(),
            Some(json!({"display_name": "Patricia"})),
        ),
        (
            Method::PATCH,
            on_member.clone(),
            Some(json!({"email": "p@acme.example"})),
        ),
        (
            Method::POST,
            format!("{on_member}/role"),
            Some(json!({"role": "admin"})),
        ),
        (Method::POST, format!("{on_member}/suspend"), nothing()),
        (Method::POST, format!("{on_member}/activate"), nothing()),
        (
            Method::PATCH,
            on_team.clone(),
            Some(json!({"name": "Nobody"})),
        ),
        (
            Method::POST,
            format!("{on_team}/members/remove"),
            Some(json!({"member_ids": [member]})),
        ),
        (
            Method::POST,
            format!("{on_team}/members"),
            Some(json!({"member_ids": [member]})),
        ),
        (Method::DELETE, on_team, None),
        (Method::POST, format!("{on_member}/delete"), nothing()),
    ]
}

#[actix_web::test]
async fn roles_of_managed_members_are_assigned_in_the_panel_once_an_owner_says_so() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    let path = format!("/api/v1/members/{pushed}/role");
    let admin = json!({"role": "admin"});
    owner
        .post(&path, admin.clone())
        .await
        .refused(409, "provisioned_read_only");
    owner
        .patch("/api/v1/organization", json!({"roles_in_panel": true}))
        .await
        .expect(200);
    owner.post(&path, admin).await.expect(200);
}

#[actix_web::test]
async fn an_owner_allows_the_link_of_an_admin_for_a_day_with_the_password() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (admin, id) = panel.joined("ada@acme.example", "admin").await;
    let okta = owner.enable().await;
    assert_eq!(okta.try_push_user("ada@acme.example").await.status, 409);
    let state = owner.get("/api/v1/provisioning").await.expect(200).json();
    assert_eq!(state["waiting_links"][0]["member_id"], json!(id));
    assert_eq!(state["waiting_links"][0]["label"], "ada@acme.example");
    assert!(state["waiting_links"][0]["allowed_until"].is_null());

    let path = format!("/api/v1/provisioning/okta/links/{id}/allow");
    let proof = json!({"current_password": PASSWORD});
    admin
        .post(&path, proof.clone())
        .await
        .refused(403, "not_allowed");
    let wrong = json!({"current_password": "guess"});
    owner
        .post(&path, wrong)
        .await
        .refused(403, "wrong_password");
    owner.post(&path, proof.clone()).await.expect(204);
    panel.clock.advance(Duration::hours(25));
    assert_eq!(okta.try_push_user("ada@acme.example").await.status, 409);

    let owner = panel.owner().await;
    owner.post(&path, proof).await.expect(204);
    let adopted = okta.push_user("ada@acme.example").await;
    assert_eq!(adopted, id);
    assert_eq!(owner.member(&id).await["role"], "admin");
    let state = owner.get("/api/v1/provisioning").await.expect(200).json();
    assert_eq!(state["waiting_links"], json!([]));
}

#[actix_web::test]
async fn the_profile_of_a_connection_is_chosen_as_data_and_holds_at_once() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let choose = async |profile: &str| {
        let body = json!({ "profile": profile });
        owner.patch("/api/v1/provisioning/okta", body).await
    };
    choose("strict").await.refused(409, "invalid_state");
    let okta = owner.enable().await;
    let pathless = |title: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "value": {"title": title}}]
        })
    };
    let jane = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "jane@acme.example"
    });
    let created = okta.send(Method::POST, "/Users", Some(jane)).await;
    let path = format!("/Users/{}", created.json()["id"].as_str().unwrap());
    let patch = async |title| okta.send(Method::PATCH, &path, Some(pathless(title))).await;
    assert_eq!(patch("Engineer").await.status, 200);
    choose("strict").await.expect(204);
    let refused = patch("Director").await;
    assert_eq!(refused.status, 400, "I-6.5");
    assert_eq!(refused.json()["scimType"], "invalidSyntax");
    choose("generic").await.expect(204);
    choose("generic").await.expect(204);
    assert_eq!(patch("Director").await.status, 200);
    choose("lax").await.refused(400, "validation");

    let state = owner.get("/api/v1/provisioning").await.expect(200).json();
    assert_eq!(state["directories"][0]["profile"], "generic");
    assert_eq!(state["directories"][1]["profile"], "entra");
    let query = "/api/v1/activity?action=provisioning.profile_changed";
    let entries = owner.get(query).await.expect(200).json();
    assert_eq!(entries["items"].as_array().map(Vec::len), Some(2), "R14");
    assert_eq!(entries["items"][1]["changes"][0]["after"], "strict");
}

/// Part B, POST /Users, 3: the notice is for owners and admins, so it goes with the role.
#[actix_web::test]
async fn who_is_no_admin_any_more_waits_for_no_link_and_is_adopted_as_anybody_is() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, id) = panel.joined("ada@acme.example", "admin").await;
    let okta = owner.enable().await;
    assert_eq!(okta.try_push_user("ada@acme.example").await.status, 409);
    let waiting = async || {
        let state = owner.get("/api/v1/provisioning").await.expect(200).json();
        state["waiting_links"].clone()
    };
    assert_eq!(waiting().await[0]["member_id"], json!(id));
    let role = |name| json!({"role": name});
    let path = format!("/api/v1/members/{id}/role");
    owner.post(&path, role("member")).await.expect(200);
    assert_eq!(waiting().await, json!([]));
    let allow = format!("/api/v1/provisioning/okta/links/{id}/allow");
    let proof = json!({"current_password": PASSWORD});
    owner
        .post(&allow, proof.clone())
        .await
        .refused(409, "invalid_state");

    assert_eq!(okta.push_user("ada@acme.example").await, id);
    let change = json!({"roles_in_panel": true});
    owner
        .patch("/api/v1/organization", change)
        .await
        .expect(200);
    owner.post(&path, role("admin")).await.expect(200);
    assert_eq!(waiting().await, json!([]), "what she waited for is settled");
    owner
        .post(&allow, proof)
        .await
        .refused(409, "invalid_state");
}
