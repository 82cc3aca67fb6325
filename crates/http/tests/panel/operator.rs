//! The operator's commands: the way in, and the way out when no owner can sign in.

use rollcall_application::Failure;
use rollcall_application::panel::operator::{grant_owner, reset_password, set_up};
use rollcall_application::ports::SecretText;
use rollcall_domain::Refusal;
use serde_json::json;

use crate::harness::{PASSWORD, Panel, person};

#[actix_web::test]
async fn an_organization_begins_with_an_owner_who_can_sign_in() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    assert_eq!(owner.get("/api/v1/session").await.json()["role"], "owner");
    let entries = owner
        .get("/api/v1/activity?source=system")
        .await
        .expect(200)
        .json();
    assert_eq!(entries["items"][0]["actor"]["label"], "operator");
    let mut weak = person("x@acme.example");
    weak.password = SecretText::new("password123".to_owned());
    let refused = set_up(&panel.services, "Other", weak).await;
    assert!(matches!(refused, Err(Failure::Invalid(error)) if error.field == "password"));
}

#[actix_web::test]
async fn grant_owner_makes_an_owner_of_a_member_even_a_managed_one_or_of_a_new_person() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    okta.set_active(&pushed, false).await;
    grant_owner(&panel.services, person("PAT@acme.example"))
        .await
        .unwrap();
    let pat = panel.sign_in("pat@acme.example").await;
    assert_eq!(pat.get("/api/v1/session").await.json()["role"], "owner");
    assert_eq!(owner.member(&pushed).await["source"], "okta");

    grant_owner(&panel.services, person("new@acme.example"))
        .await
        .unwrap();
    panel
        .sign_in("new@acme.example")
        .await
        .get("/api/v1/organization")
        .await
        .expect(200);
}

#[actix_web::test]
async fn the_organization_has_to_be_named_where_several_could_be_meant() {
    let panel = Panel::open().await;
    let other = panel.found("Globex").await;
    let refused = grant_owner(&panel.services, person("new@acme.example")).await;
    assert!(matches!(refused, Err(Failure::Invalid(error)) if error.field == "organization"));
    let mut named = person("new@acme.example");
    named.organization = Some(other);
    let (organization, _) = grant_owner(&panel.services, named).await.unwrap();
    assert_eq!(organization, other);
    // Where one member alone is meant, nothing has to be named.
    reset_password(&panel.services, person("owner@globex.example"))
        .await
        .unwrap();
}

#[actix_web::test]
async fn reset_password_ends_every_session_and_spares_who_a_directory_manages() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    okta.push_user("pat@acme.example").await;
    let managed = reset_password(&panel.services, person("pat@acme.example")).await;
    let read_only = matches!(
        managed,
        Err(Failure::Refused(Refusal::ProvisionedReadOnly { .. }))
    );
    assert!(read_only, "{managed:?}");
    let mut new = person("owner@acme.example");
    new.password = SecretText::new("another good secret".to_owned());
    reset_password(&panel.services, new).await.unwrap();
    owner
        .get("/api/v1/session")
        .await
        .refused(401, "not_authenticated");
    let stranger = panel.stranger();
    stranger
        .sign_in("owner@acme.example", PASSWORD)
        .await
        .refused(401, "wrong_credentials");
    stranger
        .sign_in("owner@acme.example", "another good secret")
        .await
        .expect(200);
    let nobody = reset_password(&panel.services, person("nobody@acme.example")).await;
    assert!(matches!(nobody, Err(Failure::Absent("member"))));
    let log = stranger
        .get("/api/v1/activity?action=member.password_changed")
        .await;
    assert_eq!(log.expect(200).json()["total"], json!(1));
}
