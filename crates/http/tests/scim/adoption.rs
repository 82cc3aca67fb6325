//! POST /Users, case by case (part B): who is created, revived, adopted or refused; the last
//! owner; seats.

use crate::stage::{Stage, Tenant, okta_user};
use chrono::Duration;
use rollcall_application::panel::members::MemberCommand;
use rollcall_domain::{Action, EventKind, MemberId, MemberStatus, Origin, Role, TargetKind};
use serde_json::{Value, json};

fn off() -> Value {
    json!([{"op": "replace", "value": {"active": false}}])
}

async fn refused_with(tenant: &Tenant<'_>, body: Value, code: &str) {
    let before = tenant.seats_used().await;
    let answer = tenant.post("/Users", body).await;
    let detail = answer.assert_error(409, Some("uniqueness"))["detail"].clone();
    assert!(
        detail.to_string().contains(&format!("({code})")),
        "{detail}"
    );
    assert_eq!(tenant.seats_used().await, before);
}

/// Case 1, and P-25: the same `userName` key.
#[actix_web::test]
async fn case_1_a_deactivated_person_of_the_same_name_is_revived_under_the_same_id() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    tenant
        .patch(&format!("/Users/{id}"), off())
        .await
        .assert(200);
    let mut again = okta_user("JANE@acme.example");
    again["title"] = json!("Back");
    let revived = tenant.post("/Users", again).await.assert(201).json();
    assert_eq!(revived["id"], id.as_str());
    assert_eq!(revived["active"], true);
    assert_eq!(revived["title"], "Back");
    assert_eq!(revived["userName"], "JANE@acme.example");
    assert_eq!(tenant.entries(Action::MemberCreated).await.len(), 1);
    assert_eq!(tenant.entries(Action::MemberReactivated).await.len(), 1);
}

#[actix_web::test]
async fn case_1_a_revival_that_says_inactive_leaves_the_person_deactivated() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    tenant
        .patch(&format!("/Users/{id}"), off())
        .await
        .assert(200);
    let mut again = okta_user("jane@acme.example");
    again["active"] = json!(false);
    let revived = tenant.post("/Users", again).await.assert(201).json();
    assert_eq!(
        (&revived["id"], &revived["active"]),
        (&json!(id), &json!(false))
    );
}

/// Case 2: the same `externalId`.
#[actix_web::test]
async fn case_2_the_same_external_id_revives_the_deactivated_and_refuses_the_active() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    let mut renamed = okta_user("jane.new@acme.example");
    renamed["externalId"] = json!("00u-jane");
    refused_with(&tenant, renamed.clone(), "external_id_taken").await;
    tenant
        .patch(&format!("/Users/{id}"), off())
        .await
        .assert(200);
    let revived = tenant.post("/Users", renamed).await.assert(201).json();
    assert_eq!(revived["id"], id.as_str());
    assert_eq!(revived["userName"], "jane.new@acme.example");
}

/// Case 3: a manual member whose login key is the new `userName`.
#[actix_web::test]
async fn case_3_a_manual_member_is_adopted_with_id_and_teams() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.manual("Jane@acme.example", Role::Member).await;
    let team = tenant.manual_team("By hand", &[jane]).await;
    let adopted = tenant.post("/Users", okta_user("jane@ACME.example")).await;
    let adopted = adopted.assert(201).json();
    assert_eq!(adopted["id"], jane.to_string());
    assert!(
        adopted.get("groups").is_none(),
        "manual teams are not the directory's to see"
    );
    let member = tenant.member(&jane.to_string()).await;
    assert!(matches!(member.origin, Origin::Provisioned(_)));
    assert!(
        !member.has_password,
        "P-38, SEC-20: the local password is void"
    );
    assert_eq!(
        tenant.members_of(&team.to_string()).await,
        [jane],
        "teams are kept"
    );
    assert_eq!(tenant.entries(Action::MemberAdopted).await.len(), 1);
    assert!(tenant.entries(Action::MemberCreated).await.is_empty());
}

/// Case 3: only the primary address identifies anybody.
#[actix_web::test]
async fn case_3_the_primary_e_mail_adopts_and_another_address_does_not() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.manual("jane@acme.example", Role::Member).await;
    let mut other = okta_user("j.doe@acme.example");
    other["emails"] = json!([
        {"value": "jane@acme.example", "type": "home"},
        {"value": "j.doe@acme.example", "type": "work", "primary": true}
    ]);
    let created = tenant.post("/Users", other).await.assert(201).id();
    assert_ne!(created, jane.to_string());
    let mut same = okta_user("jd@acme.example");
    same["emails"] = json!([{"value": "JANE@acme.example", "type": "work", "primary": true}]);
    let adopted = tenant.post("/Users", same).await.assert(201).id();
    assert_eq!(adopted, jane.to_string());
}

/// Case 3: an open invitation is consumed, its manual teams are joined (R10, R11).
#[actix_web::test]
async fn case_3_an_invited_person_is_adopted_and_joins_what_the_invitation_promised() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let team = tenant.manual_team("By hand", &[]).await;
    let jane = tenant
        .invited("jane@acme.example", Role::Member, &[team])
        .await;
    let adopted = tenant.post("/Users", okta_user("jane@acme.example")).await;
    assert_eq!(adopted.assert(201).id(), jane.to_string());
    let member = tenant.member(&jane.to_string()).await;
    assert_eq!(member.status, MemberStatus::Active);
    assert_eq!(tenant.members_of(&team.to_string()).await, [jane]);
    assert_eq!(tenant.entries(Action::TeamMemberAdded).await.len(), 1);
}

/// Case 3: suspended by hand stays out until the directory says so explicitly, later.
#[actix_web::test]
async fn case_3_a_suspended_member_is_adopted_as_deactivated() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let jane = tenant.manual("jane@acme.example", Role::Member).await;
    tenant
        .command(jane, MemberCommand::Suspend)
        .await
        .expect("suspends");
    let adopted = tenant.post("/Users", okta_user("jane@acme.example")).await;
    let adopted = adopted.assert(201).json();
    assert_eq!(adopted["active"], false);
    let tail = format!("/Users/{jane}");
    let title = json!([{"op": "replace", "path": "title", "value": "x"}]);
    assert_eq!(
        tenant.patch(&tail, title).await.assert(200).json()["active"],
        false
    );
    // A request that says nothing of `active` changes nothing of what was said, so a push that
    // says nothing either does not bring her back.
    let link = tenant.member(&jane.to_string()).await.link;
    assert!(link.expect("she is linked").active);
    let mut silent = okta_user("jane@acme.example");
    silent.as_object_mut().expect("an object").remove("active");
    let pushed = tenant.post("/Users", silent).await.assert(201);
    assert_eq!(pushed.json()["active"], false);
    let on = json!([{"op": "replace", "value": {"active": true}}]);
    assert_eq!(
        tenant.patch(&tail, on).await.assert(200).json()["active"],
        true
    );
}

/// Case 3 and R13: who was edited while off is lost, and adopted by what matches now.
#[actix_web::test]
async fn case_3_a_lost_member_is_adopted_by_its_new_address() {
    let stage = Stage::new().await;
    let mut tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    tenant.turn_off().await;
    tenant.edit_email(&id, "jane.doe@acme.example").await;
    tenant.turn_on().await;
    assert_eq!(
        tenant.find_user("jane@acme.example").await["totalResults"],
        0
    );
    tenant
        .get(&format!("/Users/{id}"))
        .await
        .assert_error(404, None);
    let adopted = tenant
        .post("/Users", okta_user("jane.doe@acme.example"))
        .await;
    assert_eq!(adopted.assert(201).id(), id);
    assert_eq!(tenant.entries(Action::MemberAdopted).await.len(), 1);
}

/// Case 3: never silently for an owner or admin.
#[actix_web::test]
async fn p_38_case_3_an_admin_is_adopted_only_after_an_owner_allowed_it_and_for_a_day() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let admin = tenant.manual("admin@acme.example", Role::Admin).await;
    let push = okta_user("admin@acme.example");
    refused_with(&tenant, push.clone(), "link_needs_approval").await;
    refused_with(&tenant, push.clone(), "link_needs_approval").await;
    let waiting = tenant.entries(Action::ProvisioningLinkWaiting).await;
    assert_eq!(waiting.len(), 1, "the warning is not repeated");
    assert_eq!(waiting[0].kind, EventKind::Warning);
    assert_eq!(waiting[0].target.id, admin.to_string());
    assert_eq!(tenant.link_requests().await, [admin]);
    tenant.allow_link(admin).await;
    stage.clock.advance(Duration::hours(25));
    refused_with(&tenant, push.clone(), "link_needs_approval").await;
    tenant.allow_link(admin).await;
    let adopted = tenant.post("/Users", push).await.assert(201);
    assert_eq!(adopted.id(), admin.to_string());
    assert_eq!(tenant.member(&admin.to_string()).await.role, Role::Admin);
    assert!(
        tenant.link_requests().await.is_empty(),
        "a permission is used up"
    );
}

/// Two different hits are never merged.
#[actix_web::test]
async fn two_different_matches_are_a_conflict_and_never_a_merge() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let by_name = tenant.manual("jane@acme.example", Role::Member).await;
    let by_mail = tenant.manual("doe@acme.example", Role::Member).await;
    let mut both = okta_user("jane@acme.example");
    both["emails"] = json!([{"value": "doe@acme.example", "primary": true}]);
    refused_with(&tenant, both, "ambiguous_match").await;
    for id in [by_name, by_mail] {
        assert_eq!(tenant.member(&id.to_string()).await.origin, Origin::Manual);
    }
}

/// SEC-20: never across organizations.
#[actix_web::test]
async fn a_member_of_another_organization_is_never_matched() {
    let stage = Stage::new().await;
    let acme = stage.organization("acme").await;
    let other = stage.organization("other").await;
    let theirs = other.manual("jane@shared.example", Role::Member).await;
    let ours = acme.push_user("jane@shared.example").await;
    assert_ne!(ours, theirs.to_string());
    assert_eq!(
        other.member(&theirs.to_string()).await.origin,
        Origin::Manual
    );
    // S-9-01, P-6.2-01: two tenants, one person, two ids; the same externalId is no conflict.
    other
        .delete(&format!("/Users/{ours}"))
        .await
        .assert_error(404, None);
    let second = stage
        .organization("third")
        .await
        .push_user("jane@shared.example")
        .await;
    assert_ne!(second, ours);
}

/// Makes the pushed person the only owner who can sign in.
async fn last_owner(tenant: &Tenant<'_>) -> String {
    let id = tenant.push_user("boss@acme.example").await;
    tenant.make_owner("boss@acme.example").await;
    let founder = tenant.owner.member;
    let demote = MemberCommand::SetRole(Role::Member);
    tenant
        .command(founder, demote)
        .await
        .expect("another owner remains");
    id
}

/// SEC-19.
#[actix_web::test]
async fn sec_19_the_last_owner_is_neither_deactivated_nor_deleted_by_scim() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = last_owner(&tenant).await;
    let tail = format!("/Users/{id}");
    for answer in [
        tenant.patch(&tail, off()).await,
        tenant.delete(&tail).await,
        tenant.patch(&tail, off()).await,
    ] {
        let detail = answer.assert_error(403, None)["detail"].clone();
        assert!(detail.as_str().unwrap().contains("last_owner"), "{detail}");
    }
    let member = tenant.member(&id).await;
    assert_eq!(
        (member.status, member.role),
        (MemberStatus::Active, Role::Owner)
    );
    let warnings = tenant.entries(Action::ProvisioningLastOwnerKept).await;
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].kind, EventKind::Warning);
    assert_eq!(
        (warnings[0].target.kind, &warnings[0].target.id),
        (TargetKind::Member, &id)
    );
    assert_eq!(warnings[0].actor_kind, "directory");
}

/// Part B, Seats: `n of n seats are in use`; a deactivated person uses none; nobody is evicted.
#[actix_web::test]
async fn a_person_without_a_free_seat_is_403_and_a_warning() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    tenant.seats(Some(2)).await;
    let answer = tenant.post("/Users", okta_user("john@acme.example")).await;
    let detail = answer.assert_error(403, None)["detail"].clone();
    assert!(
        detail
            .as_str()
            .unwrap()
            .starts_with("2 of 2 seats are in use"),
        "{detail}"
    );
    let warnings = tenant.entries(Action::ProvisioningSeatMissing).await;
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        warnings[0].changes[0].after.as_deref(),
        Some("john@acme.example")
    );
    let mut inactive = okta_user("john@acme.example");
    inactive["active"] = json!(false);
    let john = tenant.post("/Users", inactive).await.assert(201).id();
    let on = json!([{"op": "replace", "value": {"active": true}}]);
    let tail = format!("/Users/{john}");
    tenant
        .patch(&tail, on.clone())
        .await
        .assert_error(403, None);
    assert_eq!(tenant.member(&john).await.status, MemberStatus::Deactivated);
    tenant
        .patch(&format!("/Users/{id}"), off())
        .await
        .assert(200);
    tenant.patch(&tail, on).await.assert(200);
}

/// Part B: an e-mail changed by SCIM ends a local password and pending resets; R07's other side.
#[actix_web::test]
async fn a_moved_address_voids_the_local_password() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    tenant.make_owner("jane@acme.example").await;
    assert!(tenant.member(&id).await.has_password);
    let moved = json!([{"op": "replace", "path": "emails[type eq \"work\"].value",
                        "value": "elsewhere@acme.example"}]);
    tenant
        .patch(&format!("/Users/{id}"), moved)
        .await
        .assert(200);
    assert!(!tenant.member(&id).await.has_password);
}

#[actix_web::test]
async fn a_member_made_by_hand_is_invisible_to_the_directory() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id: MemberId = tenant.manual("jane@acme.example", Role::Member).await;
    tenant
        .get(&format!("/Users/{id}"))
        .await
        .assert_error(404, None);
    assert_eq!(tenant.get("/Users").await.json()["totalResults"], 0);
    assert_eq!(
        tenant.find_user("jane@acme.example").await["totalResults"],
        0
    );
}
