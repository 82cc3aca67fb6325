//! Inviting, accepting, editing, suspending, deleting: one by one and many at once.

use chrono::Duration;
use serde_json::json;

use crate::harness::{PASSWORD, Panel, URL, ids};

#[actix_web::test]
async fn r09_an_invitation_is_mailed_accepted_with_a_password_and_signs_in() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let team = owner.create_team("Ops", &[]).await;
    let invitation = json!({
        "email": "Sam@acme.example", "display_name": "Sam", "role": "admin", "team_ids": [team],
    });
    let member = owner.invite(invitation).await;
    assert_eq!(member["status"], "invited");
    assert_eq!(member["email"], "Sam@acme.example");
    assert_eq!(owner.team(&team).await["member_count"], 0);

    let mails = panel.mails().await;
    assert_eq!(mails[0].0, "Sam@acme.example");
    let link = mails[0]
        .1
        .lines()
        .find(|line| line.starts_with(URL))
        .unwrap();
    let token = link.strip_prefix(&format!("{URL}/invitations/")).unwrap();
    let stranger = panel.stranger();
    let lookup = json!({"token": token});
    let shown = stranger
        .post("/api/v1/invitations/lookup", lookup)
        .await
        .expect(200)
        .json();
    assert_eq!(shown["organization_name"], "Acme");

    let weak = json!({"token": token, "password": "sam@acme.example"});
    let reply = stranger.post("/api/v1/invitations/accept", weak).await;
    reply.refused(400, "validation");
    stranger.accept(token).await.expect(200);
    let profile = stranger.get("/api/v1/profile").await.expect(200).json();
    assert_eq!(profile["member"]["status"], "active");
    assert_eq!(profile["member"]["role"], "admin");
    assert_eq!(profile["member"]["teams"][0]["name"], "Ops");
    panel
        .stranger()
        .accept(token)
        .await
        .refused(410, "invitation_expired");
    let actions = owner.actions().await;
    let last: Vec<&str> = actions
        .iter()
        .rev()
        .take(4)
        .rev()
        .map(String::as_str)
        .collect();
    let expected = [
        "member.invited",
        "member.joined",
        "team.member_added",
        "session.started",
    ];
    assert_eq!(last, expected);
}

#[actix_web::test]
async fn an_invitation_expires_after_72_hours_keeps_its_seat_and_can_be_sent_again() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let team = owner.create_team("Ops", &[]).await;
    let invitation = json!({"email": "sam@acme.example", "team_ids": [team]});
    let member = owner.invite(invitation).await;
    let path = format!("/api/v1/members/{}", member["id"].as_str().unwrap());
    let first = panel.mailed_token().await;
    panel.clock.advance(Duration::hours(72));
    panel
        .stranger()
        .accept(&first)
        .await
        .refused(410, "invitation_expired");
    let owner = panel.owner().await;
    assert_eq!(owner.get(&path).await.json()["status"], "expired");
    let expired = owner
        .get("/api/v1/members?status=expired")
        .await
        .expect(200)
        .json();
    assert_eq!(expired["total"], 1);
    assert_eq!(
        owner.get("/api/v1/organization").await.json()["seats_used"],
        2
    );

    let resend = format!("{path}/resend-invitation");
    owner.post(&resend, json!({})).await.expect(200);
    let second = panel.mailed_token().await;
    assert_ne!(first, second);
    panel
        .stranger()
        .accept(&first)
        .await
        .refused(410, "invitation_expired");
    let joined = panel.stranger();
    joined.accept(&second).await.expect(200);
    assert_eq!(owner.team(&team).await["member_count"], 1);
    owner
        .post(&resend, json!({}))
        .await
        .refused(409, "invalid_state");
}

#[actix_web::test]
async fn a_cancelled_invitation_frees_its_seat_and_its_e_mail() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let member = owner.invite(json!({"email": "sam@acme.example"})).await;
    let token = panel.mailed_token().await;
    let twice = owner.try_invite(json!({"email": "SAM@acme.example"})).await;
    assert_eq!(twice["problem"]["code"], "member_exists");
    let path = format!("/api/v1/members/{}", member["id"].as_str().unwrap());
    owner
        .post(&format!("{path}/delete"), json!({}))
        .await
        .refused(409, "invalid_state");
    owner
        .post(&format!("{path}/cancel-invitation"), json!({}))
        .await
        .expect(204);
    owner.get(&path).await.refused(404, "not_found");
    panel
        .stranger()
        .accept(&token)
        .await
        .refused(410, "invitation_expired");
    owner.invite(json!({"email": "sam@acme.example"})).await;
}

#[actix_web::test]
async fn accepting_and_adopting_race_and_the_loser_gets_invitation_expired() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let member = owner.invite(json!({"email": "sam@acme.example"})).await;
    let token = panel.mailed_token().await;
    let adopted = okta.push_user("sam@acme.example").await;
    assert_eq!(member["id"], json!(adopted));
    panel
        .stranger()
        .accept(&token)
        .await
        .refused(410, "invitation_expired");
    let path = format!("/api/v1/members/{adopted}/resend-invitation");
    owner
        .post(&path, json!({}))
        .await
        .refused(409, "invalid_state");
    let stored = owner.member(&adopted).await;
    assert_eq!(
        (&stored["status"], &stored["source"]),
        (&json!("active"), &json!("okta"))
    );
    assert_eq!(stored["has_password"], false);
    panel
        .stranger()
        .sign_in("sam@acme.example", PASSWORD)
        .await
        .expect(401);
}

#[actix_web::test]
async fn many_are_invited_at_once_and_each_has_its_own_result() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let body = json!({"invitations": [
        {"email": "one@acme.example"},
        {"email": "no e-mail"},
        {"email": "owner@acme.example"},
        {"email": "two@acme.example", "role": "king"},
        {"email": "three@acme.example", "role": "admin"},
    ]});
    let results = owner
        .post("/api/v1/members/invite", body)
        .await
        .expect(200)
        .json();
    let codes: Vec<_> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["problem"]["code"].as_str().unwrap_or("done"))
        .collect();
    assert_eq!(
        codes,
        ["done", "validation", "member_exists", "validation", "done"]
    );
    assert_eq!(panel.mails().await.len(), 2);
    let many: Vec<_> = (0..101)
        .map(|n| json!({"email": format!("{n}@acme.example")}))
        .collect();
    let reply = owner
        .post("/api/v1/members/invite", json!({"invitations": many}))
        .await;
    reply.refused(400, "validation");
}

#[actix_web::test]
async fn a_bulk_command_is_item_by_item() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    let (_, first) = panel.joined("one@acme.example", "member").await;
    let (_, second) = panel.joined("two@acme.example", "admin").await;
    let session = owner.get("/api/v1/session").await.json();
    let own = session["member_id"].as_str().unwrap();
    let nobody = "00000000-0000-7000-8000-00000000dead";
    let all = json!([first, pushed, nobody, "no id", own, second]);
    let outcome = async |command: serde_json::Value| {
        let reply = owner
            .post("/api/v1/members/bulk", command)
            .await
            .expect(200)
            .json();
        let results = reply["results"].as_array().unwrap().clone();
        let code =
            |r: &serde_json::Value| r["problem"]["code"].as_str().unwrap_or("done").to_owned();
        results.iter().map(code).collect::<Vec<_>>()
    };
    let suspended = outcome(json!({"member_ids": all, "command": "suspend"})).await;
    let expected = [
        "done",
        "provisioned_read_only",
        "not_found",
        "not_found",
        "last_owner",
        "done",
    ];
    assert_eq!(suspended, expected);
    assert_eq!(owner.member(&first).await["status"], "suspended");
    let again = outcome(json!({"member_ids": [first], "command": "suspend"})).await;
    assert_eq!(again, ["invalid_state"]);
    let active = outcome(json!({"member_ids": [first, second], "command": "activate"})).await;
    assert_eq!(active, ["done", "done"]);
    let roles = json!({"member_ids": [first, second], "command": "set_role", "role": "member"});
    assert_eq!(outcome(roles).await, ["done", "done"]);
    assert_eq!(owner.member(&second).await["role"], "member");

    let manual = owner.create_team("Ops", &[]).await;
    let join = json!({
        "member_ids": [first, pushed, "no id"], "command": "add_to_team", "team_id": manual,
    });
    assert_eq!(outcome(join).await, ["done", "done", "not_found"]);
    // R10: by bulk neither.
    let managed = okta.push_group("Everyone", &[&pushed]).await;
    let join = json!({"member_ids": [first, pushed], "command": "add_to_team", "team_id": managed});
    let expected = ["manual_member_in_provisioned_team", "provisioned_read_only"];
    assert_eq!(outcome(join).await, expected);

    let gone = outcome(json!({"member_ids": [first], "command": "delete"})).await;
    assert_eq!(gone, ["done"]);
    owner
        .get(&format!("/api/v1/members/{first}"))
        .await
        .refused(404, "not_found");
    for (bad, field) in [
        (json!({"member_ids": [], "command": "promote"}), "command"),
        (
            json!({"member_ids": [], "command": "promote", "role": "owner"}),
            "command",
        ),
        (json!({"member_ids": [], "command": "set_role"}), "role"),
        (
            json!({"member_ids": [], "command": "add_to_team"}),
            "team_id",
        ),
        (
            json!({"member_ids": [], "command": "suspend", "role": "owner"}),
            "role",
        ),
        (
            json!({"member_ids": [], "command": "suspend", "team_id": manual}),
            "team_id",
        ),
        (
            json!({"member_ids": vec!["x"; 1001], "command": "suspend"}),
            "member_ids",
        ),
    ] {
        let reply = owner.post("/api/v1/members/bulk", bad).await;
        let named = reply.json()["errors"][0]["field"].clone();
        assert_eq!(named, field);
        reply.refused(400, "validation");
    }
}

#[actix_web::test]
async fn sec_9_making_and_unmaking_owners_asks_for_the_password_again() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, id) = panel.joined("sam@acme.example", "member").await;
    let path = format!("/api/v1/members/{id}");
    let role = |role: &str, password: Option<&str>| match password {
        Some(password) => json!({"role": role, "current_password": password}),
        None => json!({"role": role}),
    };
    let to = format!("{path}/role");
    owner.post(&to, role("admin", None)).await.expect(200);
    owner
        .post(&to, role("owner", None))
        .await
        .refused(403, "password_required");
    owner
        .post(&to, role("owner", Some("guess")))
        .await
        .refused(403, "wrong_password");
    assert_eq!(owner.member(&id).await["role"], "admin");
    owner
        .post(&to, role("owner", Some(PASSWORD)))
        .await
        .expect(200);
    for command in ["suspend", "delete"] {
        let at = format!("{path}/{command}");
        owner
            .post(&at, json!({}))
            .await
            .refused(403, "password_required");
    }
    owner
        .post(&to, role("member", None))
        .await
        .refused(403, "password_required");
    assert_eq!(owner.member(&id).await["role"], "owner");
    let confirmed = json!({"current_password": PASSWORD});
    owner
        .post(&format!("{path}/suspend"), confirmed)
        .await
        .expect(200);
    assert_eq!(owner.member(&id).await["status"], "suspended");
}

#[actix_web::test]
async fn sec_9_inviting_an_owner_asks_for_the_password_again() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let invite = |password: Option<&str>| {
        let invitations = json!([
            {"email": "next@acme.example", "role": "owner"},
            {"email": "mate@acme.example", "role": "admin"},
        ]);
        match password {
            Some(password) => json!({"invitations": invitations, "current_password": password}),
            None => json!({"invitations": invitations}),
        }
    };
    let path = "/api/v1/members/invite";
    let results = owner.post(path, invite(None)).await.expect(200).json();
    assert_eq!(
        results["results"][0]["problem"]["code"], "password_required",
        "{results}"
    );
    assert!(results["results"][0]["member"].is_null(), "{results}");
    assert_eq!(results["results"][1]["member"]["role"], "admin");
    owner
        .post(path, invite(Some("guess")))
        .await
        .refused(403, "wrong_password");
    let results = owner
        .post(path, invite(Some(PASSWORD)))
        .await
        .expect(200)
        .json();
    assert_eq!(results["results"][0]["member"]["role"], "owner");
}

#[actix_web::test]
async fn the_last_owner_who_can_sign_in_stays_one_by_every_path() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let session = owner.get("/api/v1/session").await.json();
    let id = session["member_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/members/{id}");
    let proof = json!({"current_password": PASSWORD});
    owner
        .post(&format!("{path}/suspend"), proof.clone())
        .await
        .refused(409, "last_owner");
    owner
        .post(&format!("{path}/delete"), proof.clone())
        .await
        .refused(409, "last_owner");
    let demote = json!({"role": "admin", "current_password": PASSWORD});
    owner
        .post(&format!("{path}/role"), demote.clone())
        .await
        .refused(409, "last_owner");

    // An invited owner cannot sign in yet, so does not count.
    owner
        .invite(json!({"email": "next@acme.example", "role": "owner"}))
        .await;
    owner
        .post(&format!("{path}/role"), demote.clone())
        .await
        .refused(409, "last_owner");
    let next = panel.stranger();
    next.accept(&panel.mailed_token().await).await.expect(200);
    owner
        .post(&format!("{path}/role"), demote)
        .await
        .expect(200);
    next.get("/api/v1/members").await.expect(200);
}

#[actix_web::test]
async fn sec_19_of_two_owners_removing_each_other_at_once_one_remains() {
    let panel = Panel::open().await;
    let one = panel.owner().await;
    let (two, second) = panel.joined("two@acme.example", "owner").await;
    let session = one.get("/api/v1/session").await.json();
    let first = session["member_id"].as_str().unwrap().to_owned();
    let proof = json!({"current_password": PASSWORD});
    let (at_first, at_second) = (
        format!("/api/v1/members/{first}/delete"),
        format!("/api/v1/members/{second}/delete"),
    );
    let (a, b) = tokio::join!(
        one.post(&at_second, proof.clone()),
        two.post(&at_first, proof)
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 204, "{a:?} {b:?}");
    assert!(statuses[1] >= 400, "{a:?} {b:?}");
}

#[actix_web::test]
async fn a_suspended_member_keeps_the_seat_and_comes_back() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (sam, id) = panel.joined("sam@acme.example", "member").await;
    let path = format!("/api/v1/members/{id}");
    owner
        .post(&format!("{path}/suspend"), json!({}))
        .await
        .expect(200);
    sam.get("/api/v1/profile")
        .await
        .refused(401, "not_authenticated");
    assert_eq!(
        owner.get("/api/v1/organization").await.json()["seats_used"],
        2
    );
    owner
        .post(&format!("{path}/activate"), json!({}))
        .await
        .expect(200);
    owner
        .post(&format!("{path}/activate"), json!({}))
        .await
        .refused(409, "invalid_state");
    panel.sign_in("sam@acme.example").await;
    owner
        .post(&format!("{path}/delete"), json!({}))
        .await
        .expect(204);
    assert_eq!(
        owner.get("/api/v1/organization").await.json()["seats_used"],
        1
    );
}

#[actix_web::test]
async fn members_are_found_sorted_and_paged_without_a_gap() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    for n in 0..25 {
        let invitation = json!({
            "email": format!("m{n:02}@acme.example"), "display_name": format!("Member {n:02}"),
        });
        owner.invite(invitation).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/members?limit=10&sort=email&direction=desc{cursor}");
        let page = owner.get(&path).await.expect(200).json();
        assert_eq!(page["total"], 26);
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 26);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 26);
    for (query, total) in [
        ("search=MEMBER%2007", 1),
        ("search=100%25", 0),
        ("search=MEMBER%00", 0),
        ("status=invited", 25),
        ("status=active", 1),
        ("role=owner", 1),
        ("source=manual", 26),
        ("source=okta", 0),
    ] {
        let page = owner
            .get(&format!("/api/v1/members?{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(page["total"], total, "{query}");
    }
    for bad in [
        "status=gone",
        "role=king",
        "source=paper",
        "sort=age",
        "limit=0",
        "cursor=1",
        // A cursor that the list by name gave out: it has no instant.
        "sort=created&cursor=0000000000007000800000000000000161",
        "sort=name&cursor=0000000000007000800000000000000100",
    ] {
        let reply = owner.get(&format!("/api/v1/members?{bad}")).await;
        reply.refused(400, "validation");
    }
}

#[actix_web::test]
async fn an_edit_keeps_what_it_does_not_mention_and_e_mails_stay_unique() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, id) = panel.joined("sam@acme.example", "member").await;
    let path = format!("/api/v1/members/{id}");
    let names = json!({"given_name": "Sam", "family_name": "Field"});
    owner.patch(&path, names).await.expect(200);
    let edited = owner
        .patch(&path, json!({"email": "sam.field@acme.example"}))
        .await;
    let edited = edited.expect(200).json();
    assert_eq!(edited["label"], "Sam Field");
    let taken = owner
        .patch(&path, json!({"email": "OWNER@acme.example"}))
        .await;
    taken.refused(409, "member_exists");
    owner
        .patch(&path, json!({"email": "nonsense"}))
        .await
        .refused(400, "validation");
    panel.sign_in("sam.field@acme.example").await;
    let log = owner
        .get(&format!(
            "/api/v1/activity?target={id}&action=member.updated"
        ))
        .await;
    let log = log.expect(200).json();
    assert_eq!(log["total"], 2);
    let changes = &log["items"][0]["changes"][0];
    assert_eq!(changes["field"], "email");
    assert_eq!(changes["before"], "sam@acme.example");
    // A request that changes nothing writes nothing.
    owner
        .patch(&path, json!({"given_name": "Sam"}))
        .await
        .expect(200);
    assert_eq!(owner.get(&path).await.json()["version"], edited["version"]);
}
