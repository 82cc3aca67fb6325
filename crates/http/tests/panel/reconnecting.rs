//! Turning provisioning on again: what is found, what is lost, and that the preview says so.

use serde_json::{Value, json};

use crate::harness::{Client, Directory, Panel, ids};

/// What Okta pushed before provisioning was turned off.
struct Before {
    panel: Panel,
    owner: Client,
    okta: Directory,
    kept: String,
    renamed: String,
    leaver: String,
    kept_team: String,
    renamed_team: String,
}

async fn before() -> Before {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let kept = okta.push_user("kept@acme.example").await;
    let renamed = okta.push_user("renamed@acme.example").await;
    let leaver = okta.push_user("leaver@acme.example").await;
    let kept_team = okta.push_group("Kept", &[&kept, &renamed, &leaver]).await;
    let renamed_team = okta.push_group("Renamed", &[&kept]).await;
    okta.set_active(&leaver, false).await;
    owner.disable().await;
    Before {
        panel,
        owner,
        okta,
        kept,
        renamed,
        leaver,
        kept_team,
        renamed_team,
    }
}

impl Before {
    async fn edit_while_off(&self) {
        let path = format!("/api/v1/members/{}", self.renamed);
        let email = json!({"email": "other@acme.example"});
        self.owner.patch(&path, email).await.expect(200);
        let path = format!("/api/v1/teams/{}", self.renamed_team);
        self.owner
            .patch(&path, json!({"name": "Another"}))
            .await
            .expect(200);
        let path = format!("/api/v1/members/{}/activate", self.leaver);
        self.owner.post(&path, json!({})).await.expect(200);
        let (_, manual) = self.panel.joined("manual@acme.example", "member").await;
        let path = format!("/api/v1/teams/{}/members", self.kept_team);
        self.owner
            .post(&path, json!({"member_ids": [manual]}))
            .await
            .expect(200);
    }

    async fn preview(&self) -> Value {
        let path = "/api/v1/provisioning/okta/preview";
        self.owner.get(path).await.expect(200).json()
    }
}

fn labels(list: &Value) -> Vec<&str> {
    let first = list["first"].as_array().unwrap().iter();
    first.map(|one| one["label"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn r13_what_was_not_edited_is_found_as_the_same_object() {
    let before = before().await;
    let preview = before.preview().await;
    assert_eq!(
        (&preview["members_found"], &preview["teams_found"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(preview["members_lost"]["count"], 0);
    assert!(preview["problem"].is_null());
    let okta = before.owner.enable().await;
    assert_eq!(okta.try_push_user("kept@acme.example").await.status, 409);
    assert_eq!(
        before.owner.member(&before.kept).await["managed_by"]["kind"],
        "okta"
    );
    let total = before.owner.get("/api/v1/members?source=okta").await.json()["total"].clone();
    assert_eq!(total, 3);
    assert_eq!(okta.base, before.okta.base);
}

#[actix_web::test]
async fn r13_what_was_edited_is_lost_stays_editable_and_okta_creates_a_new_one_beside_it() {
    let before = before().await;
    before.edit_while_off().await;
    let preview = before.preview().await;
    let lost = before.owner.member(&before.renamed).await["label"].clone();
    assert_eq!(labels(&preview["members_lost"]), [lost.as_str().unwrap()]);
    assert_eq!(labels(&preview["teams_lost"]), ["Another"]);
    assert_eq!(preview["members_found"], 2);
    assert_eq!(preview["teams_found"], 1);
    assert_eq!(preview["members_deactivated"]["count"], 1);
    let leaving = preview["memberships_removed"]["first"].as_array().unwrap();
    assert_eq!(preview["memberships_removed"]["count"], 2, "{preview}");
    assert!(leaving.iter().all(|one| one["team"]["label"] == "Kept"));

    let owner = &before.owner;
    let okta = owner.enable().await;
    let member = owner.member(&before.renamed).await;
    assert_eq!(
        (&member["lost"], &member["badge"]["kind"]),
        (&json!(true), &json!("okta"))
    );
    assert!(member["managed_by"].is_null());
    let team = owner.team(&before.renamed_team).await;
    assert_eq!(
        (&team["lost"], &team["badge"]["kind"]),
        (&json!(true), &json!("okta"))
    );
    assert_eq!(owner.member(&before.leaver).await["status"], "deactivated");
    let mut inside = owner.members_of(&before.kept_team).await;
    let mut expected = vec![before.kept.clone(), before.leaver.clone()];
    inside.sort();
    expected.sort();
    assert_eq!(inside, expected);

    let path = format!("/api/v1/members/{}", before.renamed);
    owner
        .patch(&path, json!({"display_name": "Still here"}))
        .await
        .expect(200);
    let new = okta.push_user("renamed@acme.example").await;
    assert_ne!(new, before.renamed);
    let new = okta.push_group("Renamed", &[&before.kept]).await;
    assert_ne!(new, before.renamed_team);
    let state = owner.get("/api/v1/provisioning").await.json();
    let links = &state["directories"][0]["links"];
    assert_eq!(
        (&links["lost_members"], &links["lost_teams"]),
        (&json!(1), &json!(1))
    );
    let actions = owner.actions().await;
    for action in [
        "member.lost",
        "team.lost",
        "member.deactivated",
        "team.member_removed",
    ] {
        assert!(actions.contains(&action.to_owned()), "{action}");
    }
}

#[actix_web::test]
async fn r13_what_was_edited_back_is_found_again() {
    let before = before().await;
    before.edit_while_off().await;
    let owner = &before.owner;
    owner.enable().await;
    owner.disable().await;
    let path = format!("/api/v1/members/{}", before.renamed);
    owner
        .patch(&path, json!({"email": "RENAMED@acme.example"}))
        .await
        .expect(200);
    let path = format!("/api/v1/teams/{}", before.renamed_team);
    owner
        .patch(&path, json!({"name": " renamed "}))
        .await
        .expect(200);
    let preview = before.preview().await;
    assert_eq!(preview["members_found_again"]["count"], 1);
    assert_eq!(preview["teams_found_again"]["count"], 1);
    owner.enable().await;
    for shown in [
        owner.member(&before.renamed).await,
        owner.team(&before.renamed_team).await,
    ] {
        assert_eq!(
            (&shown["lost"], &shown["managed_by"]["kind"]),
            (&json!(false), &json!("okta"))
        );
    }
    let lost = owner.get("/api/v1/provisioning").await.json();
    assert_eq!(lost["directories"][0]["links"]["lost_members"], 0);
}

#[actix_web::test]
async fn the_last_owner_is_not_deactivated_by_turning_on_again() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    okta.set_active(&pushed, false).await;
    owner.disable().await;
    let person = crate::harness::person("pat@acme.example");
    rollcall_application::panel::operator::grant_owner(&panel.services, person)
        .await
        .unwrap();
    let pat = panel.sign_in("pat@acme.example").await;
    let session = owner.get("/api/v1/session").await.json();
    let first = session["member_id"].as_str().unwrap();
    let demote = json!({"role": "admin", "current_password": crate::harness::PASSWORD});
    pat.post(&format!("/api/v1/members/{first}/role"), demote)
        .await
        .expect(200);

    let preview = pat
        .get("/api/v1/provisioning/okta/preview")
        .await
        .expect(200)
        .json();
    assert_eq!(preview["problem"]["code"], "last_owner");
    let body = json!({"current_password": crate::harness::PASSWORD});
    let reply = pat.post("/api/v1/provisioning/okta/enable", body).await;
    reply.refused(409, "last_owner");
    let state = pat.get("/api/v1/provisioning").await.json();
    assert_eq!(state["directories"][0]["status"], "off", "all or nothing");
    assert_eq!(pat.get("/api/v1/session").await.status, 200);
}

#[actix_web::test]
async fn a_preview_changes_nothing_and_is_empty_before_the_first_time() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let fresh = owner
        .get("/api/v1/provisioning/okta/preview")
        .await
        .expect(200)
        .json();
    assert_eq!(fresh["members_found"], 0);
    owner.enable().await;
    let on = owner.get("/api/v1/provisioning/okta/preview").await;
    on.refused(409, "invalid_state");

    let before = before().await;
    before.edit_while_off().await;
    let page = before.owner.get("/api/v1/members").await.json();
    let actions = before.owner.actions().await;
    before.preview().await;
    assert_eq!(before.owner.actions().await, actions);
    let after = before.owner.get("/api/v1/members").await.json();
    assert_eq!((ids(&after), after), (ids(&page), page));
}
