//! Passwords: changing them, forgetting them.

use std::sync::Arc;

use chrono::Duration;
use rollcall_secrets::{Argon2Passwords, PasswordPool, PasswordSettings};
use serde_json::json;

use crate::harness::{PASSWORD, Panel};

#[actix_web::test]
async fn sec_11_a_long_password_with_another_last_letter_is_refused() {
    let settings = PasswordSettings::default();
    let passwords = Argon2Passwords::new(settings, PasswordPool::default()).unwrap();
    let panel = Panel::with(|mut services| {
        services.passwords = Arc::new(passwords);
        services
    })
    .await;
    let owner = panel.owner().await;
    let long = "ü".repeat(199) + "x";
    let body = json!({"current_password": PASSWORD, "new_password": long});
    owner
        .put("/api/v1/profile/password", body)
        .await
        .expect(200);
    let near = "ü".repeat(199) + "y";
    let stranger = panel.stranger();
    stranger
        .sign_in("owner@acme.example", &near)
        .await
        .refused(401, "wrong_credentials");
    stranger
        .sign_in("owner@acme.example", &long)
        .await
        .expect(200);
}

#[actix_web::test]
async fn sec_11_common_short_and_own_names_are_no_passwords() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    for bad in [
        "password123",
        "short",
        "Owner@Acme.example",
        &"x".repeat(257),
    ] {
        let body = json!({"current_password": PASSWORD, "new_password": bad});
        let reply = owner.put("/api/v1/profile/password", body).await;
        reply.refused(400, "validation");
        assert_eq!(reply.json()["errors"][0]["field"], "new_password");
    }
}

#[actix_web::test]
async fn changing_the_password_needs_the_present_one_and_ends_every_other_session() {
    let panel = Panel::open().await;
    let (here, there) = (panel.owner().await, panel.owner().await);
    let old_cookie = here.cookie();
    let new = "quite another secret";
    let wrong = json!({"current_password": "wrong", "new_password": new});
    let reply = here.put("/api/v1/profile/password", wrong).await;
    reply.refused(403, "wrong_password");
    let right = json!({"current_password": PASSWORD, "new_password": new});
    here.put("/api/v1/profile/password", right)
        .await
        .expect(200);

    here.get("/api/v1/session").await.expect(200);
    assert_ne!(here.cookie(), old_cookie);
    there
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
    there
        .sign_in("owner@acme.example", PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    there.sign_in("owner@acme.example", new).await.expect(200);
    assert!(
        here.actions()
            .await
            .contains(&"member.password_changed".to_owned())
    );
}

#[actix_web::test]
async fn sec_13_the_present_password_cannot_be_guessed_from_a_stolen_session() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let body = json!({"current_password": "guess"});
    for _ in 0..10 {
        let reply = owner
            .post("/api/v1/provisioning/okta/enable", body.clone())
            .await;
        reply.refused(403, "wrong_password");
    }
    let right = json!({"current_password": PASSWORD});
    let reply = owner.post("/api/v1/provisioning/okta/enable", right).await;
    reply.refused(429, "too_many_attempts");
}

#[actix_web::test]
async fn a_forgotten_password_is_replaced_by_mail_once_and_within_the_hour() {
    let panel = Panel::open().await;
    let signed_in = panel.owner().await;
    let stranger = panel.stranger();
    let ask = json!({"email": "Owner@acme.example"});
    stranger
        .post("/api/v1/password-resets", ask.clone())
        .await
        .expect(202);
    let first = panel.mailed_token().await;
    stranger
        .post("/api/v1/password-resets", ask.clone())
        .await
        .expect(202);
    let second = panel.mailed_token().await;

    let complete = |token: &str, password: &str| json!({"token": token, "password": password});
    let path = "/api/v1/password-resets/complete";
    let new = "a brand new secret";
    let dead = stranger.post(path, complete(&first, new)).await;
    dead.refused(409, "invalid_state");
    let weak = stranger.post(path, complete(&second, "password1")).await;
    weak.refused(400, "validation");
    stranger
        .post(path, complete(&second, new))
        .await
        .expect(204);
    stranger
        .post(path, complete(&second, new))
        .await
        .refused(409, "invalid_state");
    signed_in
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
    stranger
        .sign_in("owner@acme.example", new)
        .await
        .expect(200);

    stranger
        .post("/api/v1/password-resets", ask)
        .await
        .expect(202);
    let late = panel.mailed_token().await;
    panel.clock.advance(Duration::minutes(61));
    stranger
        .post(path, complete(&late, new))
        .await
        .refused(409, "invalid_state");
}

#[actix_web::test]
async fn sec_14_asking_for_a_reset_is_one_answer_and_no_mail_for_who_may_have_none() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    okta.push_user("pat@acme.example").await;
    let stranger = panel.stranger();
    for email in [
        "nobody@acme.example",
        "pat@acme.example",
        "no e-mail at all",
    ] {
        let body = json!({"email": email});
        let reply = stranger
            .post("/api/v1/password-resets", body)
            .await
            .expect(202);
        assert_eq!(reply.body, "");
        assert!(panel.mails().await.is_empty(), "{email}");
    }
    // Off, nothing manages the member any more (R12).
    owner.disable().await;
    let body = json!({"email": "pat@acme.example"});
    stranger
        .post("/api/v1/password-resets", body)
        .await
        .expect(202);
    assert_eq!(panel.mails().await.len(), 1);
}

#[actix_web::test]
async fn resets_are_limited_for_known_and_unknown_alike() {
    let panel = Panel::open().await;
    let stranger = panel.stranger();
    for email in ["owner@acme.example", "nobody@acme.example"] {
        for _ in 0..10 {
            let body = json!({"email": email});
            stranger
                .post("/api/v1/password-resets", body)
                .await
                .expect(202);
        }
        let body = json!({"email": email});
        let reply = stranger.post("/api/v1/password-resets", body).await;
        reply.refused(429, "too_many_attempts");
    }
}
