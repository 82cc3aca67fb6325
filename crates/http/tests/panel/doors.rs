//! What holds for every route: rules, methods, origins, bodies, versions.

use actix_web::http::{Method, header};
use actix_web::test::TestRequest;
use rollcall_domain::Role;
use rollcall_domain::rules::permissions::allows;
use rollcall_http::panel::routes::{Access, routes};
use serde_json::json;

use crate::harness::{PASSWORD, Panel};

const NOBODY: &str = "00000000-0000-7000-8000-00000000dead";

fn filled(path: &str) -> String {
    path.replace("{directory}", "okta")
        .replace("{member_id}", NOBODY)
        .replace("{team_id}", NOBODY)
        .replace("{session_id}", NOBODY)
}

fn body_of(method: &Method) -> Option<serde_json::Value> {
    (!matches!(*method, Method::GET | Method::DELETE)).then(|| json!({}))
}

#[actix_web::test]
async fn sec_1_sec_16_every_route_opens_to_exactly_the_roles_of_its_rule() {
    let panel = Panel::open().await;
    panel.joined("ada@acme.example", "admin").await;
    panel.joined("sam@acme.example", "member").await;
    let actors = [
        (Role::Owner, "owner@acme.example"),
        (Role::Admin, "ada@acme.example"),
        (Role::Member, "sam@acme.example"),
    ];
    for route in routes() {
        let (path, body) = (filled(route.path), body_of(&route.method));
        let stranger = panel.stranger();
        let reply = stranger
            .call(route.method.clone(), &path, body.clone())
            .await;
        let Access::Needs(permission) = route.access else {
            assert_ne!(reply.code(), "not_authenticated", "{} {path}", route.method);
            continue;
        };
        reply.refused(401, "not_authenticated");
        for (role, email) in actors {
            let client = panel.sign_in(email).await;
            let reply = client.call(route.method.clone(), &path, body.clone()).await;
            let case = format!("{role} {} {path}: {}", route.method, reply.body);
            if allows(role, permission) {
                assert!(
                    reply.status != 401 && reply.code() != "not_allowed",
                    "{case}"
                );
            } else {
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (403, "not_allowed"),
                    "{case}"
                );
            }
        }
    }
}

#[actix_web::test]
async fn sec_3_a_secret_token_opens_nothing_here() {
    let panel = Panel::open().await;
    let okta = panel.owner().await.enable().await;
    let request = TestRequest::get()
        .uri("/api/v1/members")
        .insert_header((header::AUTHORIZATION, format!("Bearer {}", okta.token)));
    panel.send(request).await.refused(401, "not_authenticated");
    let cookie = format!("__Host-rollcall={}", okta.token);
    let request = TestRequest::get()
        .uri("/api/v1/members")
        .insert_header((header::COOKIE, cookie));
    panel.send(request).await.refused(401, "not_authenticated");
}

#[actix_web::test]
async fn sec_4_ids_of_another_organization_answer_as_ids_nobody_has() {
    let panel = Panel::open().await;
    let acme = panel.owner().await;
    let (_, member) = panel.joined("sam@acme.example", "member").await;
    let team = acme.create_team("Ops", &[]).await;
    panel.found("Globex").await;
    let globex = panel.sign_in("owner@globex.example").await;
    let own = globex.create_team("Ops", &[]).await;
    acme.enable().await;
    globex.enable().await;

    for route in routes().into_iter().filter(|r| r.path.contains("_id}")) {
        if matches!(route.access, Access::Public) || route.path.contains("{session_id}") {
            continue;
        }
        let body = match route.path.rsplit('/').next() {
            Some("role") => Some(json!({"role": "admin"})),
            Some("allow") => Some(json!({"current_password": PASSWORD})),
            Some("members" | "remove") if route.method == Method::POST => {
                Some(json!({"member_ids": []}))
            }
            _ if route.path.contains("/teams/") => {
                body_of(&route.method).map(|_| json!({"name": "New"}))
            }
            _ => body_of(&route.method),
        };
        let at = |member: &str, team: &str| {
            let path = route.path.replace("{directory}", "okta");
            let path = path.replace("{provider}", "okta");
            path.replace("{member_id}", member)
                .replace("{team_id}", team)
        };
        let (theirs, nobodys) = (at(&member, &team), at(NOBODY, NOBODY));
        let spelled = at(&member.to_uppercase(), &format!("{{{team}}}"));
        let expected = globex
            .call(route.method.clone(), &nobodys, body.clone())
            .await;
        expected.refused(404, "not_found");
        for path in [theirs, spelled] {
            let reply = globex.call(route.method.clone(), &path, body.clone()).await;
            assert_eq!((reply.status, &reply.body), (404, &expected.body), "{path}");
        }
    }
    // In bodies too: all or nothing, and bulk item by item.
    for id in [member.as_str(), NOBODY, "no id"] {
        let body = json!({"member_ids": [id]});
        let path = format!("/api/v1/teams/{own}/members");
        globex
            .post(&path, body.clone())
            .await
            .refused(404, "not_found");
        globex
            .post(&format!("{path}/remove"), body.clone())
            .await
            .refused(404, "not_found");
        let create = json!({"name": "Fresh", "member_ids": [id]});
        globex
            .post("/api/v1/teams", create)
            .await
            .refused(404, "not_found");
        let bulk = json!({"member_ids": [id], "command": "suspend"});
        let reply = globex
            .post("/api/v1/members/bulk", bulk)
            .await
            .expect(200)
            .json();
        assert_eq!(reply["results"][0]["problem"]["code"], "not_found");
    }
    let invited = globex
        .try_invite(json!({"email": "x@globex.example", "team_ids": [team]}))
        .await;
    assert_eq!(invited["problem"]["code"], "not_found");
    let filtered = globex
        .get(&format!("/api/v1/members?team={team}"))
        .await
        .expect(200)
        .json();
    assert_eq!(filtered["total"], 0);
    let log = globex
        .get(&format!("/api/v1/activity?target={member}"))
        .await
        .expect(200)
        .json();
    assert_eq!(log["total"], 0);
    assert_eq!(acme.team(&team).await["member_count"], 0);
    assert_eq!(acme.member(&member).await["status"], "active");
}

#[actix_web::test]
async fn sec_17_read_only_fields_have_no_effect_through_any_body() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, id) = panel.joined("sam@acme.example", "member").await;
    let before = owner.member(&id).await;
    let path = format!("/api/v1/members/{id}");
    for field in [
        "role",
        "status",
        "id",
        "organization_id",
        "source",
        "origin",
        "version",
        "teams",
        "has_password",
        "link",
        "badge",
        "created_at",
    ] {
        let reply = owner
            .patch(&path, json!({"display_name": "Mallory", field: "owner"}))
            .await;
        reply.refused(400, "validation");
        assert_eq!(reply.json()["errors"][0]["field"], field);
    }
    assert_eq!(owner.member(&id).await, before);
    let invitation = json!({"email": "x@acme.example", "status": "active"});
    let body = json!({"invitations": [invitation]});
    owner
        .post("/api/v1/members/invite", body)
        .await
        .refused(400, "validation");
    let team = json!({"name": "Ops", "source": "okta"});
    owner
        .post("/api/v1/teams", team)
        .await
        .refused(400, "validation");
}

#[actix_web::test]
async fn sec_25_a_change_from_another_site_or_from_a_form_is_refused() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let attempt = || TestRequest::post().uri("/api/v1/teams");
    let json = || attempt().set_json(json!({"name": "Ops"}));
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://rollcall.example.com"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let reply = owner.send(json().insert_header((name, value))).await;
        reply.refused(403, "cross_site");
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let form = attempt()
            .insert_header((header::CONTENT_TYPE, kind))
            .set_payload(r#"{"name": "Ops"}"#);
        owner
            .send(form)
            .await
            .refused(415, "unsupported_media_type");
    }
    let bare = attempt().set_payload(r#"{"name": "Ops"}"#);
    owner
        .send(bare)
        .await
        .refused(415, "unsupported_media_type");
    let elsewhere = TestRequest::delete()
        .uri("/api/v1/session")
        .insert_header(("origin", "https://evil.example"));
    owner.send(elsewhere).await.refused(403, "cross_site");
    assert_eq!(owner.get("/api/v1/teams").await.json()["total"], 0);

    let own = json()
        .insert_header(("origin", "https://rollcall.example.com"))
        .insert_header(("sec-fetch-site", "same-origin"));
    owner.send(own).await.expect(201);
}

#[actix_web::test]
async fn every_error_is_a_problem_and_no_answer_is_kept_by_a_cache() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    owner.get("/api/v1/nothing").await.refused(404, "not_found");
    owner
        .get("/api/v1/members/no-id")
        .await
        .refused(404, "not_found");
    let reply = owner.delete("/api/v1/members").await;
    reply.refused(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "GET, HEAD");
    let reply = owner.put("/api/v1/teams", json!({})).await;
    assert_eq!(reply.header("allow"), "GET, POST, HEAD");
    let reply = owner.get("/api/v1/members?colour=red").await;
    reply.refused(400, "validation");
    assert_eq!(reply.json()["errors"][0]["field"], "colour");
    for path in ["/api/v1/members", "/api/v1/nothing", "/api/v1/session"] {
        assert_eq!(
            owner.get(path).await.header("cache-control"),
            "no-store",
            "{path}"
        );
    }
    let large = json!({"name": "x".repeat(1024 * 1024)});
    owner
        .post("/api/v1/teams", large)
        .await
        .refused(413, "too_large");
    let deep = TestRequest::post()
        .uri("/api/v1/teams")
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload("[".repeat(100_000));
    owner.send(deep).await.refused(400, "validation");
    let head = owner.call(Method::HEAD, "/api/v1/members", None).await;
    assert_eq!(head.status, 200);
}

#[actix_web::test]
async fn rel_8_a_change_of_a_version_that_moved_on_is_refused() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let team = owner.create_team("Ops", &[]).await;
    let path = format!("/api/v1/teams/{team}");
    let seen = owner.get(&path).await.expect(200).header("etag");
    let rename = |name: &str, tag: &str| {
        TestRequest::patch()
            .uri(&path)
            .insert_header((header::IF_MATCH, tag.to_owned()))
            .set_json(json!({"name": name}))
    };
    let reply = owner.send(rename("Operations", &seen)).await.expect(200);
    assert_ne!(reply.header("etag"), seen);
    owner
        .send(rename("Opera", &seen))
        .await
        .refused(412, "precondition_failed");
    owner
        .send(rename("Opera", "nonsense"))
        .await
        .refused(400, "validation");
    owner
        .send(rename("Operations", &reply.header("etag")))
        .await
        .expect(200);
    // Nothing differed, so the version stayed.
    assert_eq!(owner.get(&path).await.header("etag"), reply.header("etag"));

    let (_, id) = panel.joined("sam@acme.example", "member").await;
    let path = format!("/api/v1/members/{id}");
    let seen = owner.get(&path).await.header("etag");
    let edit = |name: &str| {
        TestRequest::patch()
            .uri(&path)
            .insert_header((header::IF_MATCH, seen.clone()))
            .set_json(json!({"display_name": name}))
    };
    owner.send(edit("Sam")).await.expect(200);
    owner
        .send(edit("Samuel"))
        .await
        .refused(412, "precondition_failed");
}

#[actix_web::test]
async fn a_limit_on_seats_is_set_by_owners_and_checked_where_members_come() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let zero = owner
        .patch("/api/v1/organization", json!({"seat_limit": 0}))
        .await;
    zero.refused(400, "validation");
    let body = json!({"seat_limit": 2, "name": "Acme & Co"});
    let shown = owner
        .patch("/api/v1/organization", body)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&shown["seats_used"], &shown["seat_limit"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(shown["name"], "Acme & Co");
    let first = owner.invite(json!({"email": "one@acme.example"})).await;
    let second = owner.try_invite(json!({"email": "two@acme.example"})).await;
    assert_eq!(second["problem"]["code"], "seat_limit");
    assert_eq!(second["problem"]["detail"], "2 of 2 seats are in use");
    let path = format!(
        "/api/v1/members/{}/cancel-invitation",
        first["id"].as_str().unwrap()
    );
    owner.post(&path, json!({})).await.expect(204);
    owner.invite(json!({"email": "two@acme.example"})).await;
    owner
        .patch("/api/v1/organization", json!({"seat_limit": null}))
        .await
        .expect(200);
    owner.invite(json!({"email": "one@acme.example"})).await;
}

#[actix_web::test]
async fn okta_as_a_login_method_is_kept_checked_and_its_secret_never_read_back() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let path = "/api/v1/organization/login-methods";
    let fresh = owner.get(path).await.expect(200).json();
    let first = &fresh["providers"][0];
    assert_eq!(first["provider"]["kind"], "okta");
    assert_eq!(
        (&first["enabled"], &first["works"]),
        (&json!(false), &json!(false))
    );
    let redirect_uri = first["redirect_uri"].as_str().unwrap();
    assert!(redirect_uri.ends_with("/okta/callback"), "{redirect_uri}");
    let okta = |secret: Option<&str>, url: &str| {
        let mut body = json!({
            "enabled": true, "client_id": "0oa1", "base_url": url,
            "issuer": "https://acme.okta.com/oauth2/default", "audience": "api://default",
        });
        if let Some(secret) = secret {
            body["client_secret"] = json!(secret);
        }
        body
    };
    let put = "/api/v1/organization/login-methods/okta";
    let reply = owner.put(put, okta(None, "https://acme.okta.com")).await;
    reply.refused(400, "validation");
    assert_eq!(reply.json()["errors"][0]["field"], "client_secret");
    let reply = owner
        .put(put, okta(Some("s3cret-value"), "http://acme.okta.com"))
        .await;
    assert_eq!(reply.json()["errors"][0]["field"], "base_url");
    let saved = owner
        .put(put, okta(Some("s3cret-value"), "https://acme.okta.com"))
        .await;
    assert_eq!(saved.json()["providers"][0]["has_client_secret"], true);
    let kept = owner
        .put(put, okta(None, "https://acme.okta.com"))
        .await
        .expect(200);
    assert_eq!(kept.json()["providers"][0]["has_client_secret"], true);
    for path in [path, "/api/v1/activity", "/api/v1/organization"] {
        assert!(
            !owner.get(path).await.body.contains("s3cret-value"),
            "{path}"
        );
    }
    assert!(
        owner
            .actions()
            .await
            .contains(&"login_method.updated".to_owned())
    );
}
