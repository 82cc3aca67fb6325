//! `/Groups`: pushed groups and their members, in both of Okta's dialects.

use crate::stage::{GROUP, SCIM, Stage, Tenant};
use actix_web::http::Method;
use rollcall_application::panel::members::MemberCommand;
use rollcall_domain::{Action, EventKind, Origin, Role};
use serde_json::{Value, json};

fn add(ids: &[&str]) -> Value {
    let members: Vec<Value> = ids
        .iter()
        .map(|id| json!({"value": id, "display": "x"}))
        .collect();
    json!([{"op": "add", "path": "members", "value": members}])
}

async fn people(tenant: &Tenant<'_>, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(tenant.push_user(&format!("p{number}@acme.example")).await);
    }
    ids
}

async fn members(tenant: &Tenant<'_>, group: &str) -> Vec<String> {
    let ids = tenant.members_of(group).await;
    ids.iter().map(ToString::to_string).collect()
}

/// Section 2.7: create, name push, add, remove, full push, empty, unlink.
#[actix_web::test]
async fn r05_a_group_lives_as_oktas_catalogue_applications_push_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let ids = people(&tenant, 3).await;
    let [a, b, c] = [&ids[0], &ids[1], &ids[2]];
    let body = json!({"schemas": [GROUP], "displayName": "Engineering", "members": []});
    let created = tenant.post("/Groups", body).await.assert(201);
    let group = created.id();
    assert_eq!(created.json()["members"], json!([]));
    assert_eq!(created.json()["meta"]["resourceType"], "Group");
    let tail = format!("/Groups/{group}");
    let name_push = json!([{"op": "replace", "value": {"id": group, "displayName": "Platform"}}]);
    tenant.patch(&tail, name_push.clone()).await.assert(204);
    tenant.patch(&tail, add(&[a, b])).await.assert(204);
    tenant.patch(&tail, name_push).await.assert(204);
    assert_eq!(
        members(&tenant, &group).await,
        [a.clone(), b.clone()],
        "P-04"
    );
    let delta = json!([
        {"op": "remove", "path": format!("members[value eq \"{a}\"]")},
        {"op": "add", "path": "members", "value": [{"value": c}]}
    ]);
    tenant.patch(&tail, delta).await.assert(204);
    assert_eq!(members(&tenant, &group).await, [b.clone(), c.clone()]);
    let shown = tenant.get(&tail).await.assert(200).json();
    assert_eq!(shown["displayName"], "Platform");
    assert_eq!(
        shown["members"][0],
        json!({
            "value": b, "$ref": format!("https://rollcall.example{}/Users/{b}", tenant.base),
            "type": "User", "display": "p1@acme.example"
        })
    );
    let full = json!([{"op": "replace", "path": "members", "value": [{"value": a}]}]);
    tenant.patch(&tail, full).await.assert(204);
    assert_eq!(members(&tenant, &group).await, std::slice::from_ref(a));
    let user = tenant.get(&format!("/Users/{a}")).await.json();
    assert_eq!(user["groups"][0]["value"], group.as_str());
    assert_eq!(user["groups"][0]["display"], "Platform");
    for empty in [
        json!([{"op": "replace", "path": "members", "value": []}]),
        json!([{"op": "replace", "value": {"id": group, "displayName": "Platform", "members": []}}]),
    ] {
        tenant.patch(&tail, add(&[a])).await.assert(204);
        tenant.patch(&tail, empty).await.assert(204);
        assert!(members(&tenant, &group).await.is_empty(), "P-21");
    }
    tenant.delete(&tail).await.assert(204);
    tenant.patch(&tail, add(&[a])).await.assert_error(404, None);
    tenant.get(&format!("/Users/{a}")).await.assert(200);
    for action in [
        Action::TeamCreated,
        Action::TeamRenamed,
        Action::TeamDeleted,
    ] {
        assert_eq!(tenant.entries(action).await.len(), 1, "{action:?}");
    }
}

/// Section 2.8, P-15, P-23: everything by PUT, the whole list each time.
#[actix_web::test]
async fn a_group_lives_as_the_wizards_applications_put_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let ids = people(&tenant, 2).await;
    let group = tenant.push_group("Engineering").await;
    let tail = format!("/Groups/{group}");
    let put = |name: &str, ids: &[String]| {
        let listed: Vec<Value> = ids
            .iter()
            .map(|id| json!({"value": id, "display": null}))
            .collect();
        let body = json!({"schemas": [GROUP], "id": group, "displayName": name, "members": listed});
        tenant.call(Method::PUT, &tail, Some(body))
    };
    put("Engineering", &[]).await.assert(200);
    let body = put("Engineering", &ids).await.assert(200).json();
    assert_eq!(body["members"].as_array().unwrap().len(), 2);
    put("Platform", &ids[..1]).await.assert(200);
    assert_eq!(members(&tenant, &group).await, ids[..1]);
    let version = tenant.team(&group).await.version;
    put("Platform", &ids[..1]).await.assert(200);
    assert_eq!(tenant.team(&group).await.version, version, "P-3.5.1-07");
    let with = json!({"displayName": "With", "members": [{"value": ids[0]}]});
    let with = tenant.post("/Groups", with).await.assert(201);
    assert_eq!(with.json()["members"].as_array().unwrap().len(), 1);
}

/// P-02: the other dialect's removal takes only the listed ones.
#[actix_web::test]
async fn a_removal_with_values_takes_the_listed_ones_and_without_takes_all() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let ids = people(&tenant, 3).await;
    let group = tenant.push_group("G").await;
    let tail = format!("/Groups/{group}");
    tenant
        .patch(&tail, add(&[&ids[0], &ids[1], &ids[2]]))
        .await
        .assert(204);
    let some = json!([{"op": "Remove", "path": "members",
                       "value": [{"$ref": null, "value": ids[1]}]}]);
    tenant.patch(&tail, some).await.assert(204);
    assert_eq!(
        members(&tenant, &group).await,
        [ids[0].clone(), ids[2].clone()]
    );
    tenant
        .patch(&tail, json!([{"op": "remove", "path": "members"}]))
        .await
        .assert(204);
    assert!(members(&tenant, &group).await.is_empty());
}

/// P-16, P-26: additions of members and removals of strangers succeed and leave nothing.
#[actix_web::test]
async fn a_membership_change_that_changes_nothing_leaves_no_trace() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let ids = people(&tenant, 2).await;
    let group = tenant.push_group("G").await;
    let tail = format!("/Groups/{group}");
    tenant.patch(&tail, add(&[&ids[0]])).await.assert(204);
    let version = tenant.team(&group).await.version;
    let entries = tenant.activity().await.len();
    tenant
        .patch(&tail, add(&[&ids[0], &ids[0]]))
        .await
        .assert(204);
    let stranger = format!("members[value eq \"{}\"]", ids[1]);
    tenant
        .patch(&tail, json!([{"op": "remove", "path": stranger}]))
        .await
        .assert(204);
    let to_and_fro = json!([
        {"op": "add", "path": "members", "value": [{"value": ids[1]}]},
        {"op": "remove", "path": format!("members[value eq \"{}\"]", ids[1])}
    ]);
    tenant.patch(&tail, to_and_fro).await.assert(204);
    assert_eq!(tenant.team(&group).await.version, version);
    assert_eq!(tenant.activity().await.len(), entries);
}

/// P-18 and part B, Membership by SCIM: strangers are skipped and reported, the rest lands.
#[actix_web::test]
async fn unknown_members_are_skipped_with_a_warning_and_the_others_join() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let other = stage.organization("other").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let by_hand = tenant
        .manual("hand@acme.example", Role::Member)
        .await
        .to_string();
    let foreign = other.push_user("jane@other.example").await;
    let group = tenant.push_group("G").await;
    let nested = tenant.push_group("Nested").await;
    let nobody = "00000000-0000-0000-0000-0000000000ff";
    let ids = [
        jane.as_str(),
        &by_hand,
        &foreign,
        &nested,
        nobody,
        "not-an-id",
    ];
    let tail = format!("/Groups/{group}");
    tenant.patch(&tail, add(&ids)).await.assert(204);
    assert_eq!(
        members(&tenant, &group).await,
        std::slice::from_ref(&jane),
        "R10"
    );
    let warnings = tenant.entries(Action::ProvisioningMemberSkipped).await;
    let mut skipped: Vec<&str> = warnings
        .iter()
        .map(|warning| {
            assert_eq!(warning.kind, EventKind::Warning);
            assert_eq!(warning.target.id, group);
            warning.changes[0].after.as_deref().unwrap()
        })
        .collect();
    skipped.sort_unstable();
    let mut expected = ids[1..].to_vec();
    expected.sort_unstable();
    assert_eq!(skipped, expected);
    tenant.patch(&tail, add(&ids)).await.assert(204);
    let again = tenant.entries(Action::ProvisioningMemberSkipped).await;
    assert_eq!(
        again.len(),
        warnings.len(),
        "a warning is not repeated within a day"
    );
    // A directory that has lost its mind does not fill the activity: a hundred tell enough.
    let strangers: Vec<String> = (0..150).map(|n| format!("stranger-{n}")).collect();
    let named: Vec<&str> = strangers.iter().map(String::as_str).collect();
    tenant.patch(&tail, add(&named)).await.assert(204);
    let more = tenant.entries(Action::ProvisioningMemberSkipped).await;
    assert_eq!(more.len() - again.len(), 100);
}

/// R10, R11: SCIM never touches a manual team, whatever it says.
#[actix_web::test]
async fn r11_a_manual_team_is_invisible_and_untouchable() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let team = tenant.manual_team("By hand", &[]).await;
    tenant
        .command(jane.parse().unwrap(), MemberCommand::AddToTeam(team))
        .await
        .expect("R11: a provisioned member joins a manual team");
    let tail = format!("/Groups/{team}");
    tenant.get(&tail).await.assert_error(404, None);
    tenant
        .patch(&tail, add(&[&jane]))
        .await
        .assert_error(404, None);
    tenant.delete(&tail).await.assert_error(404, None);
    let found = tenant
        .get("/Groups?filter=displayName%20eq%20%22By%20hand%22")
        .await
        .json();
    assert_eq!(found["totalResults"], 0);
    assert!(
        tenant
            .get(&format!("/Users/{jane}"))
            .await
            .json()
            .get("groups")
            .is_none()
    );
    // Part B, Teams: a pushed group never fails because a manual team bears its name.
    let pushed = tenant.push_group("By hand").await;
    assert_ne!(pushed, team.to_string());
    assert_eq!(tenant.team(&team.to_string()).await.origin, Origin::Manual);
    tenant.delete(&format!("/Users/{jane}")).await.assert(204);
    assert!(members(&tenant, &team.to_string()).await.is_empty());
}

/// Part B: a deactivated member keeps memberships and has them again when reactivated.
#[actix_web::test]
async fn memberships_outlast_a_deactivation() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let group = tenant.push_group("G").await;
    tenant
        .patch(&format!("/Groups/{group}"), add(&[&jane]))
        .await
        .assert(204);
    let tail = format!("/Users/{jane}");
    for active in [false, true] {
        let said = json!([{"op": "replace", "value": {"active": active}}]);
        tenant.patch(&tail, said).await.assert(200);
        assert_eq!(members(&tenant, &group).await, std::slice::from_ref(&jane));
    }
}

/// Names: trimmed and folded, unique among the connection's own (P-24, section 4.3).
#[actix_web::test]
async fn a_name_is_unique_among_pushed_groups_and_free_again_after_a_rename() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let first = tenant.push_group("Engineering").await;
    let same = |name: &str| {
        let body = json!({"schemas": [GROUP], "displayName": name});
        tenant.call(Method::POST, "/Groups", Some(body))
    };
    let refused = same(" ENGINEERING ").await;
    let body = refused.assert_error(409, Some("uniqueness"));
    assert!(body["detail"].as_str().unwrap().contains("name_taken"));
    let second = tenant.push_group("Design").await;
    let clash = json!([{"op": "replace", "value": {"displayName": "engineering"}}]);
    tenant
        .patch(&format!("/Groups/{second}"), clash)
        .await
        .assert_error(409, Some("uniqueness"));
    let renamed = json!([{"op": "replace", "value": {"displayName": "Platform"}}]);
    tenant
        .patch(&format!("/Groups/{first}"), renamed)
        .await
        .assert(204);
    same("Engineering").await.assert(201);
}

/// P-3.5.2-07, P-3.9-07, P-19: members are loaded and sent only where they are wanted.
#[actix_web::test]
async fn members_are_left_out_where_they_are_not_wanted() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let group = tenant.push_group("G").await;
    let tail = format!("/Groups/{group}");
    tenant.patch(&tail, add(&[&jane])).await.assert(204);
    let less = tenant
        .get(&format!("{tail}?excludedAttributes=members"))
        .await
        .json();
    assert!(less.get("members").is_none());
    let list = tenant
        .get("/Groups?excludedAttributes=members")
        .await
        .json();
    assert!(list["Resources"][0].get("members").is_none());
    let list = tenant.get("/Groups").await.json();
    assert_eq!(list["Resources"][0]["members"][0]["value"], jane.as_str());
    let rename = json!([{"op": "replace", "value": {"displayName": "H"}}]);
    let echoed = tenant
        .patch(&format!("{tail}?attributes=displayName"), rename)
        .await;
    let echoed = echoed.assert(200).json();
    assert_eq!(
        echoed,
        json!({"schemas": [GROUP], "id": group, "displayName": "H"})
    );
}

#[actix_web::test]
async fn groups_are_found_by_name_id_external_id_and_member() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let body = json!({"schemas": [GROUP], "displayName": "Engineering", "externalId": "g-1",
                      "members": [{"value": jane}]});
    let group = tenant.post("/Groups", body).await.assert(201).id();
    tenant.push_group("Design").await;
    let count = async |filter: String| {
        let encoded = filter.replace(' ', "%20").replace('"', "%22");
        let found = tenant
            .get(&format!("/Groups?filter={encoded}"))
            .await
            .assert(200)
            .json();
        found["totalResults"].as_u64().unwrap()
    };
    assert_eq!(count("displayName eq \"ENGINEERING\"".into()).await, 1);
    assert_eq!(count("displayName eq \"nothing\"".into()).await, 0);
    assert_eq!(count("externalId eq \"g-1\"".into()).await, 1);
    assert_eq!(count(format!("members[value eq \"{jane}\"]")).await, 1);
    assert_eq!(
        count(format!("id eq \"{group}\" and members eq \"{jane}\"")).await,
        1
    );
    assert_eq!(count("displayName co \"sig\"".into()).await, 1);
    assert_eq!(count("members.display sw \"jane\"".into()).await, 1);
    assert_eq!(count("not (displayName pr)".into()).await, 0);
    // P-04: a rename touches the name, and neither the externalId nor the members.
    let rename = json!([{"op": "replace", "value": {"id": group, "displayName": "Platform"}}]);
    tenant
        .patch(&format!("/Groups/{group}"), rename)
        .await
        .assert(204);
    let renamed = "externalId eq \"g-1\" and displayName eq \"Platform\"";
    assert_eq!(count(renamed.into()).await, 1);
    assert_eq!(count(format!("members[value eq \"{jane}\"]")).await, 1);
}

/// P-17, part B: 1,000 members added are 1,000 entries of one request id and one version.
#[actix_web::test]
async fn a_thousand_members_in_one_request_are_a_thousand_entries_of_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let ids = people(&tenant, 1_000).await;
    let group = tenant.push_group("Everybody").await;
    let version = tenant.team(&group).await.version;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let answer = tenant
        .patch(&format!("/Groups/{group}"), add(&ids))
        .await
        .assert(204);
    let request = answer.header("x-request-id").unwrap();
    let entries = tenant.entries(Action::TeamMemberAdded).await;
    assert_eq!(entries.len(), 1_000);
    assert!(
        entries
            .iter()
            .all(|entry| entry.request.to_string() == request)
    );
    let team = tenant.team(&group).await;
    assert_eq!((team.version, team.member_count), (version.next(), 1_000));
    // P-30: a page of groups with members is complete.
    let shown = tenant.get(&format!("/Groups/{group}")).await.json();
    assert_eq!(shown["members"].as_array().unwrap().len(), 1_000);
}

/// P-3.14-07: the version of a group follows its members, that of a user does not.
#[actix_web::test]
async fn the_version_follows_the_members_and_guards_against_stale_changes() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.push_user("jane@acme.example").await;
    let user_version = tenant.member(&jane).await.version;
    let group = tenant.push_group("G").await;
    let tail = format!("/Groups/{group}");
    let joined = tenant.patch(&tail, add(&[&jane])).await.assert(204);
    assert_eq!(joined.header("etag"), Some("W/\"2\""));
    assert_eq!(tenant.member(&jane).await.version, user_version);
    let stale = tenant
        .knock(Method::PATCH, &tail)
        .insert_header(("if-match", "W/\"1\""))
        .insert_header(("content-type", SCIM))
        .set_payload(
            json!({"schemas": [crate::stage::PATCH_OP],
                   "Operations": [{"op": "remove", "path": "members"}]})
            .to_string(),
        );
    stage.send(stale).await.assert_error(412, None);
    assert_eq!(members(&tenant, &group).await, [jane]);
    let known = tenant
        .knock(Method::GET, &tail)
        .insert_header(("if-none-match", "W/\"2\""));
    assert_eq!(stage.send(known).await.status, 304);
}

#[actix_web::test]
async fn members_are_selected_by_id_alone_and_never_rewritten() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let group = tenant.push_group("G").await;
    let tail = format!("/Groups/{group}");
    let by_display = json!([{"op": "remove", "path": "members[display eq \"x\"]"}]);
    tenant
        .patch(&tail, by_display)
        .await
        .assert_error(400, Some("invalidFilter"));
    let rewrite = json!([{"op": "replace", "path": "members[value eq \"x\"].value", "value": "y"}]);
    tenant
        .patch(&tail, rewrite)
        .await
        .assert_error(400, Some("mutability"));
    let unnamed = json!([{"op": "remove", "path": "displayName"}]);
    tenant
        .patch(&tail, unnamed)
        .await
        .assert_error(400, Some("mutability"));
    let empty = json!({"schemas": [GROUP], "displayName": " "});
    tenant
        .post("/Groups", empty)
        .await
        .assert_error(400, Some("invalidValue"));
}
