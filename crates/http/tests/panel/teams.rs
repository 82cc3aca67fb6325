//! Teams by hand, beside those that Okta pushes.

use serde_json::json;

use crate::harness::{Panel, ids};

#[actix_web::test]
async fn a_team_is_created_with_all_its_members_or_not_at_all() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, sam) = panel.joined("sam@acme.example", "member").await;
    let invited = owner.invite(json!({"email": "ivy@acme.example"})).await;
    let invited = invited["id"].as_str().unwrap();
    let nobody = "00000000-0000-7000-8000-00000000dead";
    for (member, status, code) in [(invited, 409, "invalid_state"), (nobody, 404, "not_found")] {
        let body = json!({"name": "Ops", "member_ids": [sam, member]});
        owner
            .post("/api/v1/teams", body)
            .await
            .refused(status, code);
    }
    assert_eq!(owner.get("/api/v1/teams").await.json()["total"], 0);
    let team = owner.create_team("Ops", &[&sam, &sam]).await;
    assert_eq!(owner.members_of(&team).await, [sam]);
    let actions = owner.actions().await;
    assert_eq!(
        actions[actions.len() - 2..],
        ["team.created", "team.member_added"]
    );
}

#[actix_web::test]
async fn names_are_compared_trimmed_and_folded() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let team = owner.create_team("Ops", &[]).await;
    let other = owner.create_team("Dev", &[]).await;
    owner
        .post("/api/v1/teams", json!({"name": " oPS "}))
        .await
        .refused(409, "name_taken");
    owner
        .post("/api/v1/teams", json!({"name": "  "}))
        .await
        .refused(400, "validation");
    let path = format!("/api/v1/teams/{other}");
    owner
        .patch(&path, json!({"name": "ＯＰＳ"}))
        .await
        .refused(409, "name_taken");
    let path = format!("/api/v1/teams/{team}");
    owner.patch(&path, json!({"name": "OPS"})).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.refused(404, "not_found");
    owner.create_team("Ops", &[]).await;
}

#[actix_web::test]
async fn members_are_added_and_removed_in_one_go_and_twice_is_once() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, one) = panel.joined("one@acme.example", "member").await;
    let (two_client, two) = panel.joined("two@acme.example", "member").await;
    let team = owner.create_team("Ops", &[]).await;
    let path = format!("/api/v1/teams/{team}/members");
    let both = json!({"member_ids": [one, two]});
    assert_eq!(
        owner.post(&path, both.clone()).await.expect(200).json()["member_count"],
        2
    );
    let before = owner.actions().await.len();
    owner.post(&path, both).await.expect(200);
    assert_eq!(owner.actions().await.len(), before);
    let mine = two_client.get("/api/v1/profile").await.expect(200).json();
    assert_eq!(mine["member"]["teams"][0]["name"], "Ops");
    let remove = format!("{path}/remove");
    let reply = owner
        .post(&remove, json!({"member_ids": [one]}))
        .await
        .expect(200);
    assert_eq!(reply.json()["member_count"], 1);
    owner
        .post(&remove, json!({"member_ids": [one]}))
        .await
        .expect(200);
    assert_eq!(owner.members_of(&team).await, [two]);
    let nobody = "00000000-0000-7000-8000-00000000dead";
    let mixed = json!({"member_ids": [one, nobody]});
    owner.post(&path, mixed).await.refused(404, "not_found");
    assert_eq!(owner.team(&team).await["member_count"], 1);
}

#[actix_web::test]
async fn r10_a_manual_member_joins_no_provisioned_team_by_any_path_while_it_is_on() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    let managed = okta.push_group("Everyone", &[&pushed]).await;
    let (_, sam) = panel.joined("sam@acme.example", "member").await;
    let manual = owner.create_team("Ops", &[]).await;
    let refusal = "manual_member_in_provisioned_team";

    let add = json!({"member_ids": [sam]});
    let path = format!("/api/v1/teams/{managed}/members");
    owner.post(&path, add.clone()).await.refused(409, refusal);
    let invited = owner
        .try_invite(json!({"email": "new@acme.example", "team_ids": [manual, managed]}))
        .await;
    assert_eq!(invited["problem"]["code"], refusal);
    // SCIM skips whom it cannot see.
    let replaced = okta.push_group("Some", &[&pushed, &sam]).await;
    assert_eq!(
        owner.members_of(&replaced).await,
        std::slice::from_ref(&pushed)
    );
    let offered = owner
        .get("/api/v1/teams/invitable")
        .await
        .expect(200)
        .json();
    assert_eq!(ids(&offered), [manual]);
    let forced = owner
        .get("/api/v1/teams/invitable?source=okta")
        .await
        .expect(200)
        .json();
    assert_eq!(forced["total"], 1);
    assert_eq!(owner.members_of(&managed).await, [pushed]);

    // Turned off, provisioned teams are editable like any other (R12).
    owner.disable().await;
    owner.post(&path, add).await.expect(200);
}

#[actix_web::test]
async fn r10_is_judged_again_when_an_invitation_is_accepted() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (kept, adopted) = (
        owner.create_team("Ops", &[]).await,
        owner.create_team("Dev", &[]).await,
    );
    let invitation = json!({"email": "sam@acme.example", "team_ids": [kept, adopted]});
    owner.invite(invitation).await;
    let token = panel.mailed_token().await;
    owner
        .delete(&format!("/api/v1/teams/{adopted}"))
        .await
        .expect(204);
    let sam = panel.stranger();
    sam.accept(&token).await.expect(200);
    let profile = sam.get("/api/v1/profile").await.expect(200).json();
    assert_eq!(profile["member"]["team_count"], 1);
}

#[actix_web::test]
async fn r11_a_provisioned_member_joins_and_leaves_manual_teams_and_scim_never_touches_them() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    let from_create = owner.create_team("Ops", &[&pushed]).await;
    let by_hand = owner.create_team("Dev", &[]).await;
    let path = format!("/api/v1/teams/{by_hand}/members");
    let body = json!({"member_ids": [pushed]});
    owner.post(&path, body.clone()).await.expect(200);
    let reply = okta
        .send(
            actix_web::http::Method::GET,
            &format!("/Groups/{by_hand}"),
            None,
        )
        .await;
    assert_eq!(reply.status, 404);
    owner
        .post(&format!("{path}/remove"), body)
        .await
        .expect(200);
    assert_eq!(owner.member(&pushed).await["team_count"], 1);
    assert_eq!(owner.members_of(&from_create).await, [pushed]);
}
