//! The use cases ask the rules themselves, whatever door they are reached through (SEC-16,
//! SEC-18): here each is called as every role, without the API's gate.

use std::future::Future;
use std::pin::Pin;

use rollcall_application::panel::access::{AccessPolicy, confirm};
use rollcall_application::panel::members::{
    InviteMember, MemberChanges, MemberCommand, cancel_invitation, command_member, edit_member,
    get_member, invite_member, list_members, resend_invitation,
};
use rollcall_application::panel::organization::{
    SettingsChange, change_organization, get_organization,
};
use rollcall_application::panel::teams::{
    CreateTeam, add_members, create_team, delete_team, get_team, list_invitable_teams,
    list_team_members, list_teams, remove_members, rename_team,
};
use rollcall_application::panel::{
    NameChanges, activity::list_activity, login_methods, provisioning,
};
use rollcall_application::ports::{ActivityQuery, MemberQuery, SecretText, TeamQuery};
use rollcall_application::{Caller, Failure, RequestInfo, Services};
use rollcall_domain::rules::permissions::{Permission, allows};
use rollcall_domain::{
    DirectoryKind, LoginProvider, MemberId, PasswordSignIn, Refusal, RequestId, Role, SessionId,
    TeamId,
};
use serde_json::json;

use crate::harness::{PASSWORD, Panel};

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 'a>>;

/// One use case under its name and permission.
struct Case {
    name: &'static str,
    permission: Permission,
    call: for<'a> fn(&'a Services, &'a Caller, MemberId, TeamId) -> Outcome<'a>,
}

macro_rules! cases {
    ($($permission:ident $name:literal |$services:ident, $caller:ident, $member:ident, $team:ident| $call:expr;)+) => {
        vec![$(Case {
            name: $name,
            permission: Permission::$permission,
            call: |$services, $caller, $member, $team| Box::pin(async move {
                let _ = ($member, $team);
                $call.await.map(|_| ())
            }),
        }),+]
    };
}

const OKTA: DirectoryKind = DirectoryKind::Okta;

fn cases() -> Vec<Case> {
    let mut all = reads();
    all.extend(changes());
    all
}

fn reads() -> Vec<Case> {
    cases! {
        ViewPeople "list members" |s, c, _m, _t| list_members(s, c, members());
        ViewPeople "get member" |s, c, m, _t| get_member(s, c, m);
        ViewPeople "list teams" |s, c, _m, _t| list_teams(s, c, teams());
        ViewPeople "invitable teams" |s, c, _m, _t| list_invitable_teams(s, c, teams());
        ViewPeople "get team" |s, c, _m, t| get_team(s, c, t);
        ViewPeople "team members" |s, c, _m, t| list_team_members(s, c, t, members());
        ViewActivity "activity" |s, c, _m, _t| list_activity(s, c, entries());
        ViewSettings "organization" |s, c, _m, _t| get_organization(s, c);
        ViewSettings "login methods" |s, c, _m, _t| login_methods::get_login_methods(s, c);
        ManageProvisioning "provisioning" |s, c, _m, _t| provisioning::get_provisioning(s, c);
        ManageProvisioning "preview" |s, c, _m, _t| provisioning::preview_enabling(s, c, OKTA);
    }
}

fn changes() -> Vec<Case> {
    cases! {
        ManageMembers "invite" |s, c, _m, _t| invite_member(s, c, invitation(), None);
        ManageMembers "resend" |s, c, m, _t| resend_invitation(s, c, m);
        ManageMembers "cancel" |s, c, m, _t| cancel_invitation(s, c, m);
        ManageMembers "edit" |s, c, m, _t| edit_member(s, c, m, MemberChanges::default());
        ManageMembers "suspend" |s, c, m, _t| command(s, c, m, MemberCommand::Suspend);
        ManageMembers "activate" |s, c, m, _t| command(s, c, m, MemberCommand::Activate);
        ManageMembers "role" |s, c, m, _t| command(s, c, m, MemberCommand::SetRole(Role::Member));
        ManageTeams "add to team" |s, c, m, t| command(s, c, m, MemberCommand::AddToTeam(t));
        ManageMembers "delete" |s, c, m, _t| command(s, c, m, MemberCommand::Delete);
        ManageTeams "create team" |s, c, _m, _t| create_team(s, c, fresh_team());
        ManageTeams "rename team" |s, c, _m, t| rename_team(s, c, t, "Renamed", None);
        ManageTeams "add members" |s, c, m, t| add_members(s, c, t, vec![m]);
        ManageTeams "remove members" |s, c, m, t| remove_members(s, c, t, vec![m]);
        ManageTeams "delete team" |s, c, _m, t| delete_team(s, c, t, None);
        ManageSettings "settings" |s, c, _m, _t| change_organization(s, c, SettingsChange::default());
        ManageSettings "okta login" |s, c, _m, _t| login_methods::change_provider(s, c, okta_login());
        ManageSettings "password sign-in" |s, c, _m, _t| login_methods::switch_password_sign_in(s, c, PasswordSignIn::On);
        ManageSettings "test of a login method" |s, c, _m, _t| login_methods::test_provider(s, c, DirectoryKind::Okta);
        ManageProvisioning "enable" |s, c, _m, _t| async {
            let proof = proof(s, c).await?;
            provisioning::enable(s, c, OKTA, proof).await
        };
        ManageProvisioning "credentials" |s, c, _m, _t| async {
            let proof = proof(s, c).await?;
            provisioning::issue_credentials(s, c, OKTA, proof).await
        };
        AllowLink "allow link" |s, c, m, _t| async {
            let proof = proof(s, c).await?;
            provisioning::allow_link(s, c, OKTA, m, proof).await
        };
        ManageProvisioning "disable" |s, c, _m, _t| async {
            let proof = proof(s, c).await?;
            provisioning::disable(s, c, OKTA, proof).await
        };
    }
}

async fn proof(
    services: &Services,
    caller: &Caller,
) -> Result<rollcall_application::panel::access::Confirmed, Failure> {
    let password = SecretText::new(PASSWORD.to_owned());
    confirm(services, &AccessPolicy::default(), caller, password).await
}

async fn command(
    services: &Services,
    caller: &Caller,
    member: MemberId,
    command: MemberCommand,
) -> Result<(), Failure> {
    command_member(services, caller, member, command, None, None).await?;
    Ok(())
}

fn members() -> MemberQuery {
    MemberQuery {
        limit: 10,
        ..MemberQuery::default()
    }
}

fn teams() -> TeamQuery {
    TeamQuery {
        limit: 10,
        ..TeamQuery::default()
    }
}

fn entries() -> ActivityQuery {
    ActivityQuery {
        limit: 10,
        ..ActivityQuery::default()
    }
}

fn invitation() -> InviteMember {
    InviteMember {
        email: "new@acme.example".to_owned(),
        name: NameChanges::default(),
        role: "member".to_owned(),
        teams: Vec::new(),
    }
}

fn fresh_team() -> CreateTeam {
    CreateTeam {
        name: "Fresh".to_owned(),
        members: Vec::new(),
    }
}

fn okta_login() -> login_methods::ProviderChange {
    login_methods::ProviderChange {
        provider: LoginProvider::blank(DirectoryKind::Okta),
        client_secret: None,
    }
}

async fn caller(panel: &Panel, email: &str) -> Caller {
    let session = panel.sign_in(email).await;
    let view = session.get("/api/v1/session").await.expect(200).json();
    let text = |field: &str| view[field].as_str().unwrap().to_owned();
    Caller {
        organization: panel.organization,
        member: text("member_id").parse().unwrap(),
        role: Role::parse(&text("role")).unwrap(),
        session: SessionId::from_u128(1),
        label: text("label"),
        request: RequestInfo {
            id: RequestId::new(panel.services.ids.next()),
            ip: None,
            user_agent: None,
        },
    }
}

#[actix_web::test]
async fn sec_16_every_use_case_refuses_every_role_that_lacks_its_permission() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    panel.joined("ada@acme.example", "admin").await;
    panel.joined("sam@acme.example", "member").await;
    let (_, target) = panel.joined("tom@acme.example", "member").await;
    let team = owner.create_team("Ops", &[]).await;
    let (target, team): (MemberId, TeamId) = (target.parse().unwrap(), team.parse().unwrap());
    let before = owner.actions().await.len();
    for email in ["sam@acme.example", "ada@acme.example"] {
        let caller = caller(&panel, email).await;
        for case in cases() {
            if allows(caller.role, case.permission) {
                continue;
            }
            let outcome = (case.call)(&panel.services, &caller, target, team).await;
            let refused = matches!(outcome, Err(Failure::Refused(Refusal::NotAllowed)));
            assert!(refused, "{} as {}: {outcome:?}", case.name, caller.role);
        }
    }
    // REL-4: what is refused leaves no entry; the two sign-ins did.
    assert_eq!(owner.actions().await.len(), before + 2);
}

#[actix_web::test]
async fn sec_16_every_use_case_lets_an_owner_in() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (_, target) = panel.joined("tom@acme.example", "admin").await;
    let team = owner.create_team("Ops", &[]).await;
    let (target, team): (MemberId, TeamId) = (target.parse().unwrap(), team.parse().unwrap());
    let caller = caller(&panel, "owner@acme.example").await;
    for case in cases() {
        let outcome = (case.call)(&panel.services, &caller, target, team).await;
        let refused = matches!(outcome, Err(Failure::Refused(Refusal::NotAllowed)));
        assert!(!refused, "{}", case.name);
    }
}

#[actix_web::test]
async fn sec_16_an_admin_has_no_command_on_an_owner_and_gives_no_role_above_the_own() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let (admin, own_id) = panel.joined("ada@acme.example", "admin").await;
    let session = owner.get("/api/v1/session").await.json();
    let owner_id = session["member_id"].as_str().unwrap().to_owned();
    let on_owner = format!("/api/v1/members/{owner_id}");
    let proof = json!({"current_password": PASSWORD});
    for command in ["suspend", "delete", "activate"] {
        let reply = admin
            .post(&format!("{on_owner}/{command}"), proof.clone())
            .await;
        reply.refused(403, "not_allowed");
    }
    admin
        .patch(&on_owner, json!({"display_name": "X"}))
        .await
        .refused(403, "not_allowed");
    for (id, role) in [(&owner_id, "member"), (&own_id, "owner")] {
        let body = json!({"role": role, "current_password": PASSWORD});
        let reply = admin
            .post(&format!("/api/v1/members/{id}/role"), body)
            .await;
        reply.refused(403, "not_allowed");
    }
    let invited = admin
        .try_invite(json!({"email": "x@acme.example", "role": "owner"}))
        .await;
    assert_eq!(invited["problem"]["code"], "not_allowed");
    let bulk = json!({
        "member_ids": [own_id, owner_id], "command": "set_role", "role": "owner",
        "current_password": PASSWORD,
    });
    let results = admin
        .post("/api/v1/members/bulk", bulk)
        .await
        .expect(200)
        .json();
    for result in results["results"].as_array().unwrap() {
        assert_eq!(result["problem"]["code"], "not_allowed");
    }
}
