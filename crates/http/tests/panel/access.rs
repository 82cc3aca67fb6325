//! Signing in, staying in, getting out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::test::TestRequest;
use async_trait::async_trait;
use chrono::Duration;
use rollcall_application::Failure;
use rollcall_application::ports::{PasswordCheck, PasswordHasher, SecretText};
use serde_json::json;

use crate::harness::{PASSWORD, Panel};

#[actix_web::test]
async fn sec_10_a_session_is_a_cookie_bound_to_host_and_tls_that_no_script_reads() {
    let panel = Panel::open().await;
    let reply = panel
        .stranger()
        .sign_in("owner@acme.example", PASSWORD)
        .await
        .expect(200);
    let cookie = reply.header("set-cookie");
    for part in [
        "__Host-rollcall=",
        "Path=/",
        "HttpOnly",
        "Secure",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(
        !reply
            .body
            .contains(reply.cookie().split_once('=').unwrap().1)
    );
}

#[actix_web::test]
async fn sec_10_a_session_is_new_at_sign_in_whatever_cookie_was_brought_along() {
    let panel = Panel::open().await;
    let client = panel.stranger();
    client.set_cookie("__Host-rollcall=chosen-by-somebody-else");
    client
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
    client
        .sign_in("owner@acme.example", PASSWORD)
        .await
        .expect(200);
    let first = client.cookie();
    assert_ne!(first, "__Host-rollcall=chosen-by-somebody-else");
    client
        .sign_in("owner@acme.example", PASSWORD)
        .await
        .expect(200);
    assert_ne!(client.cookie(), first);
    client.get("/api/v1/session").await.expect(200);
}

#[actix_web::test]
async fn sec_10_a_session_is_gone_on_the_server_after_signing_out() {
    let panel = Panel::open().await;
    let client = panel.owner().await;
    let kept = client.cookie();
    let reply = client.delete("/api/v1/session").await.expect(204);
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    client.set_cookie(&kept);
    client
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
}

/// A clock that is set back and right again ends no session that was in use, and keeps none past
/// its limits.
#[actix_web::test]
async fn rel_17_a_jump_of_the_clock_neither_ends_nor_lengthens_a_session() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    for jump in [-24, 24] {
        panel.clock.advance(Duration::hours(jump));
        owner.get("/api/v1/session").await.expect(200);
    }
    panel.clock.advance(Duration::hours(8));
    owner
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
}

#[actix_web::test]
async fn sec_10_a_session_ends_when_it_is_not_used_and_at_the_latest_after_a_week() {
    let panel = Panel::open().await;
    let idle = panel.owner().await;
    panel.clock.advance(Duration::hours(7));
    idle.get("/api/v1/session").await.expect(200);
    panel.clock.advance(Duration::hours(7));
    idle.get("/api/v1/session").await.expect(200);
    panel.clock.advance(Duration::hours(8));
    idle.get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");

    let busy = panel.owner().await;
    for _ in 0..27 {
        panel.clock.advance(Duration::hours(6));
        busy.get("/api/v1/session").await.expect(200);
    }
    panel.clock.advance(Duration::hours(6));
    busy.get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
}

#[actix_web::test]
async fn two_session_cookies_at_once_are_nobodys() {
    let panel = Panel::open().await;
    let client = panel.owner().await;
    client.set_cookie(&format!("{}; __Host-rollcall=another", client.cookie()));
    client
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
}

#[actix_web::test]
async fn sec_14_unknown_wrong_suspended_and_invited_are_one_answer() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, suspended) = panel.joined("sam@acme.example", "member").await;
    let path = format!("/api/v1/members/{suspended}/suspend");
    owner.post(&path, json!({})).await.expect(200);
    owner.invite(json!({"email": "ivy@acme.example"})).await;
    let stranger = panel.stranger();
    let unknown = stranger.sign_in("nobody@acme.example", PASSWORD).await;
    unknown.refused(401, "wrong_credentials");
    for (email, password) in [
        ("owner@acme.example", "not the password"),
        ("sam@acme.example", PASSWORD),
        ("ivy@acme.example", PASSWORD),
        ("", ""),
    ] {
        let reply = stranger.sign_in(email, password).await;
        assert_eq!(
            (reply.status, &reply.body),
            (unknown.status, &unknown.body),
            "{email}"
        );
        assert_eq!(reply.header("set-cookie"), "");
    }
}

/// Counts how often a password was checked.
struct Counting(Arc<dyn PasswordHasher>, Arc<AtomicU32>);

#[async_trait]
impl PasswordHasher for Counting {
    async fn hash(&self, password: SecretText) -> Result<String, Failure> {
        self.0.hash(password).await
    }

    async fn check(
        &self,
        password: SecretText,
        stored: Option<String>,
    ) -> Result<PasswordCheck, Failure> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.check(password, stored).await
    }
}

#[actix_web::test]
async fn sec_14_an_unknown_account_costs_one_check_like_any_other() {
    let checks = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&checks);
    let panel = Panel::with(|mut services| {
        services.passwords = Arc::new(Counting(services.passwords, counted));
        services
    })
    .await;
    let owner = panel.owner().await;
    let (_, id) = panel.joined("sam@acme.example", "member").await;
    let path = format!("/api/v1/members/{id}/suspend");
    owner.post(&path, json!({})).await.expect(200);
    for email in [
        "nobody@acme.example",
        "owner@acme.example",
        "sam@acme.example",
    ] {
        let before = checks.load(Ordering::Relaxed);
        panel.stranger().sign_in(email, "guess").await.expect(401);
        assert_eq!(checks.load(Ordering::Relaxed) - before, 1, "{email}");
    }
}

#[actix_web::test]
async fn sec_13_an_account_has_ten_attempts_whether_it_exists_or_not() {
    let panel = Panel::open().await;
    let stranger = panel.stranger();
    for email in ["owner@acme.example", "nobody@acme.example"] {
        for _ in 0..10 {
            stranger
                .sign_in(email, "guess")
                .await
                .refused(401, "wrong_credentials");
        }
        let reply = stranger.sign_in(email, PASSWORD).await;
        reply.refused(429, "too_many_attempts");
        assert_eq!(reply.header("retry-after"), "900");
    }
    panel.clock.advance(Duration::minutes(16));
    stranger
        .sign_in("OWNER@acme.example", PASSWORD)
        .await
        .expect(200);
}

#[actix_web::test]
async fn sec_13_an_address_has_a_hundred_attempts_and_an_ipv6_network_is_one_address() {
    let panel = Panel::open().await;
    let attempt = |n: u32| {
        let peer = format!("[2001:db8::{n:x}]:4000").parse().unwrap();
        let body = json!({"email": format!("guess{n}@acme.example"), "password": "guess"});
        TestRequest::post()
            .uri("/api/v1/session")
            .peer_addr(peer)
            .set_json(body)
    };
    for n in 1..=100 {
        panel
            .send(attempt(n))
            .await
            .refused(401, "wrong_credentials");
    }
    panel
        .send(attempt(101))
        .await
        .refused(429, "too_many_attempts");
    let elsewhere = "[2001:db8:0:1::1]:4000".parse().unwrap();
    let reply = panel.send(attempt(102).peer_addr(elsewhere)).await;
    reply.refused(401, "wrong_credentials");
}

#[actix_web::test]
async fn the_organization_is_asked_for_only_after_the_password_check() {
    let panel = Panel::open().await;
    let other = panel.found("Globex").await;
    let globex = panel.stranger();
    globex
        .sign_in("owner@globex.example", PASSWORD)
        .await
        .expect(200);
    globex.invite(json!({"email": "owner@acme.example"})).await;
    let token = panel.mailed_token().await;
    panel.stranger().accept(&token).await.expect(200);

    let client = panel.stranger();
    let wrong = client
        .sign_in("owner@acme.example", "not the password")
        .await;
    wrong.refused(401, "wrong_credentials");
    let reply = client.sign_in("owner@acme.example", PASSWORD).await;
    reply.refused(409, "organization_needed");
    let offered = reply.json()["organizations"].clone();
    assert_eq!(offered.as_array().unwrap().len(), 2);
    assert_eq!(reply.header("set-cookie"), "");

    let body = json!({
        "email": "owner@acme.example", "password": PASSWORD,
        "organization_id": other.to_string(),
    });
    let session = client
        .post("/api/v1/session", body)
        .await
        .expect(200)
        .json();
    assert_eq!(session["organization_id"], json!(other.to_string()));
    assert_eq!(session["role"], "member");
}

#[actix_web::test]
async fn sec_12_who_is_suspended_or_demoted_is_out_with_the_next_request() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (admin, id) = panel.joined("ada@acme.example", "admin").await;
    admin.get("/api/v1/members").await.expect(200);
    let role = format!("/api/v1/members/{id}/role");
    owner
        .post(&role, json!({"role": "member"}))
        .await
        .expect(200);
    admin
        .get("/api/v1/members")
        .await
        .refused(401, "not_authenticated");

    let again = panel.sign_in("ada@acme.example").await;
    again
        .get("/api/v1/members")
        .await
        .refused(403, "not_allowed");
    again.get("/api/v1/profile").await.expect(200);
    let suspend = format!("/api/v1/members/{id}/suspend");
    owner.post(&suspend, json!({})).await.expect(200);
    again
        .get("/api/v1/profile")
        .await
        .refused(401, "not_authenticated");
}

#[actix_web::test]
async fn a_member_sees_the_own_sessions_and_ends_the_others() {
    let panel = Panel::open().await;
    let (here, there) = (panel.owner().await, panel.owner().await);
    let listed = here
        .get("/api/v1/profile/sessions")
        .await
        .expect(200)
        .json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(
        items.iter().filter(|item| item["current"] == true).count(),
        1
    );
    here.delete("/api/v1/profile/sessions").await.expect(204);
    there
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
    here.get("/api/v1/session").await.expect(200);

    let (stranger, _) = panel.joined("sam@acme.example", "member").await;
    let foreign = here.get("/api/v1/session").await.json()["session_id"].clone();
    let path = format!("/api/v1/profile/sessions/{}", foreign.as_str().unwrap());
    stranger.delete(&path).await.refused(404, "not_found");
    here.delete(&path).await.expect(204);
    here.get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
}

#[actix_web::test]
async fn r14_sign_ins_and_refused_ones_are_entries_and_unknown_accounts_leave_none() {
    let panel = Panel::open().await;
    let stranger = panel.stranger();
    for _ in 0..3 {
        stranger
            .sign_in("owner@acme.example", "guess")
            .await
            .expect(401);
        stranger
            .sign_in("nobody@acme.example", "guess")
            .await
            .expect(401);
    }
    let owner = panel.owner().await;
    let warnings = owner
        .get("/api/v1/activity?kind=warning")
        .await
        .expect(200)
        .json();
    let refused: Vec<_> = warnings["items"].as_array().unwrap().iter().collect();
    assert_eq!(refused.len(), 1, "{warnings}");
    assert_eq!(refused[0]["action"], "session.refused");
    assert_eq!(refused[0]["source"], "system");
    assert_eq!(owner.actions().await.last().unwrap(), "session.started");
}

#[actix_web::test]
async fn everybody_changes_the_own_name_and_nothing_else_of_oneself() {
    let panel = Panel::open().await;
    let (member, id) = panel.joined("sam@acme.example", "member").await;
    let reply = member
        .patch("/api/v1/profile", json!({"display_name": "Sam I Am"}))
        .await;
    assert_eq!(reply.expect(200).json()["member"]["label"], "Sam I Am");
    for field in [
        "role",
        "status",
        "email",
        "id",
        "organization_id",
        "version",
    ] {
        let reply = member
            .patch("/api/v1/profile", json!({field: "owner"}))
            .await;
        reply.refused(400, "validation");
        assert_eq!(reply.json()["errors"][0]["field"], field);
    }
    let owner = panel.owner().await;
    assert_eq!(owner.member(&id).await["role"], "member");
    let cleared = member
        .patch("/api/v1/profile", json!({"display_name": null}))
        .await;
    assert_eq!(
        cleared.expect(200).json()["member"]["label"],
        "sam@acme.example"
    );
}
