//! Okta and Microsoft Entra ID beside each other, and moving from one to the other.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Directory, PASSWORD, Panel, ids};

async fn provisioning(owner: &Client) -> Value {
    owner.get("/api/v1/provisioning").await.expect(200).json()
}

async fn listed(directory: &Directory, path: &str) -> Vec<String> {
    let page = directory.send(Method::GET, path, None).await.expect(200);
    let resources = page.json()["Resources"].clone();
    let resources = resources.as_array().unwrap().iter();
    resources
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn r01_r04_entra_has_a_tenant_url_and_a_secret_token_of_its_own() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let off = provisioning(&owner).await;
    assert_eq!(off["directories"][1]["status"], "off");
    let expected = json!({"kind": "entra", "label": "Microsoft Entra ID", "icon": "entra"});
    assert_eq!(off["directories"][1]["directory"], expected);

    let okta = owner.enable().await;
    let entra = owner.enable_directory("entra").await;
    assert_ne!(okta.base, entra.base);
    assert_ne!(okta.token, entra.token);
    let state = provisioning(&owner).await;
    for (at, directory) in [(0, &okta), (1, &entra)] {
        assert_eq!(
            state["directories"][at]["tenant_url"],
            json!(directory.base)
        );
        assert!(listed(directory, "/Users").await.is_empty());
    }
    // SEC-2: a token opens its own Tenant URL alone.
    let crossed = entra.with_token(&okta.token);
    assert_eq!(crossed.send(Method::GET, "/Users", None).await.status, 401);
}

#[actix_web::test]
async fn r02_r03_each_directory_has_its_own_switch_and_credentials() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let body = json!({"current_password": PASSWORD});
    let renew = "/api/v1/provisioning/entra/credentials";
    owner
        .post(renew, body.clone())
        .await
        .refused(409, "invalid_state");
    let preview = "/api/v1/provisioning/entra/preview";
    assert_eq!(
        owner.get(preview).await.expect(200).json()["members_found"],
        0
    );

    let okta = owner.enable().await;
    let old = owner.enable_directory("entra").await;
    let shown = owner.post(renew, body.clone()).await.expect(200).json();
    assert_eq!(shown["tenant_url"], json!(old.base));
    let entra = old.with_token(shown["secret_token"].as_str().unwrap());
    assert_eq!(old.send(Method::GET, "/Users", None).await.status, 401);
    let again = "/api/v1/provisioning/entra/enable";
    owner.post(again, body).await.refused(409, "invalid_state");

    owner.disable_directory("entra").await;
    let refused = entra.send(Method::GET, "/Users", None).await;
    assert_eq!(refused.status, 401);
    assert!(listed(&okta, "/Users").await.is_empty(), "Okta goes on");
    let actions = owner.actions().await;
    let count = |wanted: &str| actions.iter().filter(|action| *action == wanted).count();
    assert_eq!(count("provisioning.enabled"), 2, "R14");
    assert_eq!(count("provisioning.disabled"), 1, "R14");
    assert_eq!(count("provisioning.credentials_issued"), 1, "R14");
}

#[actix_web::test]
async fn r06_the_reminder_is_about_okta_alone() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    owner.enable_directory("entra").await;
    let state = provisioning(&owner).await;
    assert_eq!(state["login_reminder"], false);
    assert_eq!(state["login_reminders"][0]["directory"]["kind"], "entra");
    owner.enable().await;
    assert_eq!(provisioning(&owner).await["login_reminder"], true);
}

#[actix_web::test]
async fn r07_r08_r12_what_entra_pushed_is_named_after_it_read_only_and_bears_its_icon() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let entra = owner.enable_directory("entra").await;
    let member = entra.push_user("pat@acme.example").await;
    let team = entra.push_group("Everyone", &[&member]).await;
    let sources = provisioning(&owner).await["read_only_sources"].clone();
    assert_eq!(sources[0]["label"], "Microsoft Entra ID");
    let found = owner.get("/api/v1/members?source=entra").await.expect(200);
    assert_eq!(ids(&found.json()), [member.as_str()]);

    let path = format!("/api/v1/teams/{team}");
    let rename = json!({"name": "Nobody"});
    let refused = owner.patch(&path, rename.clone()).await;
    refused.refused(409, "provisioned_read_only");
    let (_, manual) = panel.joined("manual@acme.example", "member").await;
    let path_members = format!("{path}/members");
    let added = owner
        .post(&path_members, json!({"member_ids": [manual]}))
        .await;
    assert!(
        added.body.contains("manual_member_in_provisioned_team")
            || added.body.contains("provisioned_read_only"),
        "R10: {}",
        added.body
    );
    assert!(refused.body.contains("Microsoft Entra ID"), "{refused:?}");

    owner.disable_directory("entra").await;
    for shown in [owner.member(&member).await, owner.team(&team).await] {
        assert_eq!(shown["badge"]["icon"], "entra");
        assert!(shown["managed_by"].is_null());
    }
    owner.patch(&path, rename).await.expect(200);
}

#[actix_web::test]
async fn b_each_directory_sees_its_own_alone_and_a_collision_is_409() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (okta, entra) = (owner.enable().await, owner.enable_directory("entra").await);
    let from_okta = okta.push_user("jane@acme.example").await;
    let from_entra = entra.push_user("omar@acme.example").await;
    // Two groups of one name live side by side: each connection has a namespace of its own.
    let okta_team = okta.push_group("Everyone", &[&from_okta]).await;
    let entra_team = entra.push_group("Everyone", &[&from_entra]).await;
    for (directory, own, foreign) in [
        (&okta, [&from_okta, &okta_team], [&from_entra, &entra_team]),
        (&entra, [&from_entra, &entra_team], [&from_okta, &okta_team]),
    ] {
        assert_eq!(listed(directory, "/Users").await, [own[0].as_str()]);
        assert_eq!(listed(directory, "/Groups").await, [own[1].as_str()]);
        let rename = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "value": {"displayName": "Mine"}}],
        });
        for path in [
            format!("/Users/{}", foreign[0]),
            format!("/Groups/{}", foreign[1]),
        ] {
            for (method, body) in [
                (Method::GET, None),
                (Method::PATCH, Some(rename.clone())),
                (Method::DELETE, None),
            ] {
                let reply = directory.send(method.clone(), &path, body).await;
                assert_eq!(reply.status, 404, "{method} {path}: {}", reply.body);
            }
        }
    }
    for (directory, taken) in [(&okta, "omar@acme.example"), (&entra, "JANE@acme.example")] {
        let refused = directory.try_push_user(taken).await.expect(409);
        assert_eq!(refused.json()["scimType"], "uniqueness");
    }
    assert_eq!(owner.member(&from_okta).await["source"], "okta");
    assert_eq!(owner.member(&from_entra).await["source"], "entra");

    // A foreign id in a group is skipped, never joined.
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Add", "path": "members", "value": [{"value": from_okta}]}],
    });
    let path = format!("/Groups/{entra_team}");
    let reply = entra.send(Method::PATCH, &path, Some(body)).await;
    assert!(reply.status < 300, "{reply:?}");
    assert_eq!(owner.members_of(&entra_team).await, [from_entra.as_str()]);
}

#[actix_web::test]
async fn b_moving_from_one_directory_to_the_other_adopts_everybody() {
    for (from, to) in [("okta", "entra"), ("entra", "okta")] {
        let panel = Panel::open().await;
        let owner = panel.owner().await;
        let people = ["jane@acme.example", "omar@acme.example", "li@acme.example"];
        let old = owner.enable_directory(from).await;
        let mut members = Vec::new();
        for person in people {
            members.push(old.push_user(person).await);
        }
        let team = old.push_group("Everyone", &[&members[0]]).await;
        owner.disable_directory(from).await;

        let new = owner.enable_directory(to).await;
        for (person, id) in people.iter().zip(&members) {
            assert_eq!(new.push_user(person).await, *id, "{from} to {to}: {person}");
            let member = owner.member(id).await;
            assert_eq!(member["source"], to);
            assert_eq!(member["badge"]["icon"], to);
            assert_eq!(member["managed_by"]["kind"], to);
        }
        let all = owner.get("/api/v1/members").await.expect(200).json();
        assert_eq!(all["total"], 4, "the owner and no duplicate");
        assert_eq!(owner.members_of(&team).await, [members[0].as_str()]);

        // Part B, Teams: a pushed group never fails because of a name, and is merged into no team
        // by itself: the old one stays with its badge, editable, until somebody deletes it.
        let pushed = new.push_group("Everyone", &[&members[0]]).await;
        assert_ne!(pushed, team);
        assert_eq!(owner.team(&team).await["badge"]["kind"], from);
        assert!(owner.team(&team).await["managed_by"].is_null());
        owner
            .delete(&format!("/api/v1/teams/{team}"))
            .await
            .expect(204);
        assert_eq!(owner.members_of(&pushed).await, [members[0].as_str()]);
    }
}

#[actix_web::test]
async fn b_who_moved_is_not_found_by_the_directory_that_was_left() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let old = owner.enable().await;
    let id = old.push_user("jane@acme.example").await;
    owner.disable().await;
    let entra = owner.enable_directory("entra").await;
    assert_eq!(entra.push_user("jane@acme.example").await, id);
    let okta = owner.enable().await;
    assert!(listed(&okta, "/Users").await.is_empty());
    let path = format!("/Users/{id}");
    assert_eq!(okta.send(Method::GET, &path, None).await.status, 404);
    assert_eq!(okta.try_push_user("jane@acme.example").await.status, 409);
    assert_eq!(owner.member(&id).await["source"], "entra");
}

/// Part B, POST /Users, 3: an owner's word is for one directory.
#[actix_web::test]
async fn b_the_link_that_is_allowed_to_one_directory_is_closed_to_the_other() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, id) = panel.joined("ada@acme.example", "admin").await;
    let (okta, entra) = (owner.enable().await, owner.enable_directory("entra").await);
    let allow = format!("/api/v1/provisioning/okta/links/{id}/allow");
    let proof = json!({"current_password": PASSWORD});
    owner.post(&allow, proof).await.expect(204);
    entra.try_push_user("ada@acme.example").await.expect(409);
    assert_eq!(owner.member(&id).await["source"], "manual");
    assert_eq!(okta.push_user("ada@acme.example").await, id);
}
