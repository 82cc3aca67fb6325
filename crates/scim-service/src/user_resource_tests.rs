use chrono::DateTime;
use rollcall_application::ports::TeamLabel;
use rollcall_domain::rules::{Facts, provisioning};
use rollcall_domain::{
    Connection, ConnectionId, Directories, DirectoryKind, OrganizationId, Origin, Seats, Switch,
    TeamId, TeamName,
};
use rollcall_scim_protocol::dialect::Dialect;
use rollcall_scim_protocol::error::ScimType;
use rollcall_scim_protocol::patch::PatchRequest;
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::resource::normalise;

use super::*;
use crate::user_text::{DOCUMENTS, Showing};
use crate::users::patched;

const BASE: &str = "https://rollcall.example/scim/c/v2";

fn user(body: Value) -> DirectoryUser {
    let normalised = normalise(body, ResourceKind::User, &Dialect::OKTA).expect("normalises");
    read(normalised.resource).expect("reads")
}

fn member(body: Value) -> Member {
    let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant");
    let connection = Connection::new(
        ConnectionId::from_u128(2),
        OrganizationId::from_u128(1),
        DirectoryKind::Okta,
        now,
    );
    let connection = connection.switched(Switch::On, now);
    let facts = Facts {
        now,
        directories: &Directories::new(vec![connection.clone()]),
        seats: Seats {
            used: 0,
            limit: None,
        },
        owners: rollcall_domain::rules::owners::Owners {
            others: 0,
            ways: rollcall_domain::WaysIn::PASSWORD,
        },
        roles_in_panel: false,
    };
    provisioning::create(MemberId::from_u128(3), &connection, user(body), &facts)
        .expect("creates")
        .value
}

fn bare(member: Member) -> UserView {
    UserView {
        member,
        teams: Vec::new(),
        reference: None,
    }
}

fn team() -> TeamLabel {
    TeamLabel {
        id: TeamId::from_u128(7),
        name: TeamName::parse("Ops").expect("a name"),
        origin: Origin::Provisioned(DirectoryKind::Okta),
    }
}

fn list(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

fn jane() -> Value {
    json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER],
        "externalId": "00uv931EiyRsnwOGa0g3",
        "userName": "Jane.Doe@Example.com",
        "name": {"familyName": "Doe", "givenName": "Jane", "middleName": "Q"},
        "displayName": "Jane Doe",
        "title": "Engineer",
        "locale": "en-US",
        "active": true,
        "emails": [
            {"value": "home@example.com", "type": "home"},
            {"value": "Jane.Doe@Example.com", "type": "work", "primary": true}
        ],
        urn::ENTERPRISE_USER: {
            "department": "R&D",
            "manager": {"value": "00000000-0000-0000-0000-000000000009", "$ref": "http://evil"}
        }
    })
}

/// S-7-04, P-12: what was sent comes back as it was sent; and a modification that is worked out
/// on what is rendered finds no difference (P-3.5.2-10).
#[test]
fn a_user_comes_back_as_it_was_sent_and_reads_as_the_same_user() {
    let mut sent = jane();
    let stored = member(sent.clone());
    let rendered = render(&bare(stored), BASE);
    sent[urn::ENTERPRISE_USER]["manager"] =
        json!({"value": "00000000-0000-0000-0000-000000000009"});
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&rendered[name], value, "{name}");
    }
    assert_eq!(read(rendered).expect("reads"), user(jane()));
}

#[test]
fn the_columns_win_over_the_document() {
    let mut stored = member(jane());
    stored.email = Some(Email::from_directory("new@example.com").expect("an address"));
    stored.name.display = Text::parse("J. Doe").ok();
    stored.name.given = None;
    stored.status = MemberStatus::Deactivated;
    let rendered = render(&bare(stored.clone()), BASE);
    assert_eq!(
        rendered["emails"][1],
        json!({"value": "new@example.com", "type": "work", "primary": true})
    );
    assert_eq!(rendered["displayName"], "J. Doe");
    assert_eq!(
        rendered["name"],
        json!({"middleName": "Q", "familyName": "Doe"})
    );
    assert_eq!(rendered["active"], false);
    stored.email = None;
    let rendered = render(&bare(stored), BASE);
    assert_eq!(
        rendered["emails"],
        json!([{"value": "home@example.com", "type": "home"}])
    );
}

/// Part B, POST /Users: only a primary address ever identifies anybody.
#[test]
fn the_primary_address_is_the_marked_one_or_the_only_one() {
    let email = |emails: Value| {
        let found = user(json!({"userName": "a", "emails": emails})).email;
        found.map(|email| email.as_str().to_owned())
    };
    let marked = json!([{"value": "a@x"}, {"value": "b@x", "primary": true}]);
    assert_eq!(email(marked).as_deref(), Some("b@x"));
    assert_eq!(email(json!([{"value": "a@x"}])).as_deref(), Some("a@x"));
    assert_eq!(email(json!([{"value": "a@x"}, {"value": "b@x"}])), None);
    assert_eq!(email(json!([])), None);
}

/// SEC-17: what the provider owns has no effect through a body; SEC-21: no password is kept.
#[test]
fn sec_17_and_21_read_only_attributes_and_passwords_leave_no_trace() {
    let mut body = jane();
    body["id"] = "x".into();
    body["meta"] = json!({"created": "1999-01-01T00:00:00Z"});
    body["groups"] = json!([{"value": "g"}]);
    body["password"] = "4a9XuKkx".into();
    body["role"] = "owner".into();
    body["org_id"] = "other".into();
    assert_eq!(user(body), user(jane()));
}

#[test]
fn groups_are_the_teams_that_were_loaded() {
    let mut view = bare(member(jane()));
    view.teams.push(team());
    let groups = &render(&view, BASE)["groups"];
    let id = TeamId::from_u128(7).to_string();
    assert_eq!(
        groups,
        &json!([{
            "value": id, "$ref": format!("{BASE}/Groups/{id}"),
            "display": "Ops", "type": "direct"
        }])
    );
}

/// SEC-33: an address is made here, and only for a manager the directory sees.
#[test]
fn sec_33_a_manager_has_an_address_only_when_live() {
    let mut view = bare(member(jane()));
    let manager = Some(MemberId::from_u128(9));
    assert_eq!(manager_of(&view.member), manager);
    assert_eq!(
        manager_of_document(&kept(&view, Vec::new()).member),
        manager
    );
    view.reference = Some("The Boss".to_owned());
    let manager = &render(&view, BASE)[urn::ENTERPRISE_USER]["manager"];
    let id = MemberId::from_u128(9).to_string();
    assert_eq!(manager["$ref"], format!("{BASE}/Users/{id}"));
    assert_eq!(manager["value"], id);
    assert_eq!(manager["displayName"], "The Boss", "S-4.3-01");
}

#[test]
fn meta_names_type_times_address_and_version() {
    let stored = member(jane());
    let id = stored.id.to_string();
    let rendered = render(&bare(stored), BASE);
    assert_eq!(
        rendered["meta"],
        json!({
            "resourceType": "User",
            "created": "2027-01-15T08:00:00.000Z",
            "lastModified": "2027-01-15T08:00:00.000Z",
            "location": format!("{BASE}/Users/{id}"),
            "version": "W/\"1\"",
        })
    );
}

#[test]
fn an_invisible_character_does_not_keep_a_person_out() {
    let name = user(json!({"userName": "a", "displayName": "Ja\u{200b}ne"})).name;
    assert_eq!(name.display, Text::parse("Jane").ok());
}

#[test]
fn sec_27_a_user_name_with_invisible_characters_is_refused() {
    let body = json!({"userName": "ja\u{202e}ne"});
    let normalised = normalise(body, ResourceKind::User, &Dialect::OKTA);
    let read = normalised.and_then(|normalised| read(normalised.resource));
    assert_eq!(read.expect_err("refused").status, 400);
}

/// A member of whom the document is at hand, as the store would read it.
fn kept(view: &UserView, teams: Vec<TeamLabel>) -> UserView<MemberDocument> {
    let member = &view.member;
    UserView {
        member: MemberDocument {
            id: member.id,
            key: member.login_key.clone(),
            version: member.version,
            text: (DOCUMENTS.write)(member),
        },
        teams,
        reference: view.reference.clone(),
    }
}

/// The teams that are loaded for a projection.
fn teams_of(projection: &Projection, view: &UserView) -> Vec<TeamLabel> {
    let teams = view.teams.iter();
    teams
        .filter(|_| projection.includes("groups"))
        .cloned()
        .collect()
}

/// What is stored in one form is read by every version of the program that writes that form: whoever
/// changes what is written here has to count the form on.
#[test]
fn a_document_is_of_its_form() {
    let text = (DOCUMENTS.write)(&member(jane()));
    let expected = json!({
        "externalId": "00uv931EiyRsnwOGa0g3",
        "userName": "Jane.Doe@Example.com",
        "name": {"middleName": "Q", "familyName": "Doe", "givenName": "Jane"},
        "displayName": "Jane Doe",
        "title": "Engineer",
        "locale": "en-US",
        "active": true,
        "emails": [
            {"value": "home@example.com", "type": "home"},
            {"value": "Jane.Doe@Example.com", "type": "work", "primary": true}
        ],
        urn::ENTERPRISE_USER: {
            "department": "R&D",
            "manager": {"value": "00000000-0000-0000-0000-000000000009"}
        },
        "meta": {
            "created": "2027-01-15T08:00:00.000Z",
            "lastModified": "2027-01-15T08:00:00.000Z"
        }
    });
    assert_eq!((DOCUMENTS.form, text), (2, expected.to_string()));
}

/// Nothing that was sent is taken for what is told apart by it.
#[test]
fn a_document_that_quotes_itself_is_passed_on_whole() {
    let mut body = jane();
    body["title"] = r#"],"meta":{"location":"x"}}"#.into();
    body["nickName"] = format!(r#"a","{}":{{"#, urn::ENTERPRISE_USER).into();
    let mut plain = body.clone();
    plain.as_object_mut().unwrap().remove(urn::ENTERPRISE_USER);
    for body in [body, plain] {
        let mut view = bare(member(body));
        view.teams.push(team());
        let projection = Projection::default_of(ResourceKind::User);
        let passed_on = Showing::new(BASE, &projection).passed_on(&kept(&view, view.teams.clone()));
        let passed_on: Value = serde_json::from_slice(&passed_on).unwrap();
        assert_eq!(passed_on, render(&view, BASE));
    }
}

/// An answer is written from what is stored, without a tree; it is what the tree would say. So is one
/// that passes on what was written when the member was saved.
#[test]
fn an_answer_is_the_tree_whatever_was_said_and_asked_for() {
    let only = |names: &str| Projection::new(Some(&list(names)), None, ResourceKind::User).unwrap();
    let except =
        |names: &str| Projection::new(None, Some(&list(names)), ResourceKind::User).unwrap();
    // Whether documents are passed on for it stands beside each.
    let projections = [
        (Projection::default_of(ResourceKind::User), true),
        (except("groups"), true),
        (except("nothing.known"), true),
        (except("groups,title"), false),
        (except("meta,externalId,emails,title"), false),
        (except("meta"), false),
        (except("externalId"), false),
        (except("name.givenName"), false),
        (except(urn::ENTERPRISE_USER), false),
        (only("userName,active"), false),
        (only("emails.value,groups"), false),
        (only(urn::ENTERPRISE_USER), false),
    ];
    let mut plain = jane();
    for name in ["name", "emails", urn::ENTERPRISE_USER] {
        plain.as_object_mut().unwrap().remove(name);
    }
    let quoted = json!({"schemas": [urn::USER], "userName": "a \"b\"@x", "title": "\\ \t é"});
    let two_homes = json!([
        {"value": "b@x.test", "type": "home"},
        {"type": "work", "display": "B", "value": "b@y.test"},
    ]);
    let unmarked = json!({"schemas": [urn::USER], "userName": "b@x", "emails": two_homes});
    let homeless = Member {
        email: None,
        ..member(jane())
    };
    let moved = Member {
        email: Email::parse("elsewhere@x.test").ok(),
        ..member(unmarked.clone())
    };
    let said = [jane(), plain, quoted, unmarked].map(member);
    for member in said.into_iter().chain([homeless, moved]) {
        for (teams, reference) in [
            (Vec::new(), None),
            (vec![team()], Some("The Boss".to_owned())),
        ] {
            let view = UserView {
                member: member.clone(),
                teams,
                reference: reference.clone(),
            };
            for (projection, is_passed_on) in &projections {
                let showing = Showing::new(BASE, projection);
                let tree = projection.apply(render(&view, BASE));
                let written = String::from_utf8(showing.text(&view)).unwrap();
                assert_eq!(written, tree.to_string(), "{projection:?}");
                assert_eq!(showing.passes_on(), *is_passed_on, "{projection:?}");
                if *is_passed_on {
                    let teams = teams_of(projection, &view);
                    let passed_on: Value =
                        serde_json::from_slice(&showing.passed_on(&kept(&view, teams))).unwrap();
                    assert_eq!(passed_on, tree, "{projection:?}");
                }
            }
        }
    }
}

#[test]
fn a_modification_of_active_alone_is_worked_out_as_any_other() {
    let address = |value: &str, primary: bool| json!({"value": value, "primary": primary});
    let people = [
        json!({"userName": "jane", "active": true}),
        json!({"userName": "jane", "externalId": "e", "displayName": "Jane", "title": "Dr",
            "name": {"givenName": "Jane", "familyName": "Doe", "middleName": "Q"},
            "emails": [address("other@x.example", false), address("jane@x.example", true)],
            (urn::ENTERPRISE_USER): {"department": "Sales"}}),
    ];
    let operations = [
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "Replace", "path": "Active", "value": "False"}),
        json!({"op": "add", "value": {"active": true}}),
        json!({"op": "remove", "path": "active"}),
    ];
    let request = |operations: Vec<&Value>| {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        PatchRequest::parse(body, &Dialect::ENTRA).expect("a request")
    };
    let same_name = json!({"op": "replace", "path": "userName", "value": "jane"});
    for member in people.map(member) {
        for operation in &operations {
            let alone = request(vec![operation]);
            let beside = request(vec![operation, &same_name]);
            let is_only = |request: &PatchRequest| {
                request.is_only_about("active", ResourceKind::User, &Dialect::ENTRA)
            };
            assert!(is_only(&alone) && !is_only(&beside), "{operation}");
            let worked_out = |request| patched(&member, request, &Dialect::ENTRA, BASE);
            assert_eq!(worked_out(&alone), worked_out(&beside), "{operation}");
        }
    }
}

#[test]
fn a_modification_of_active_alone_is_refused_as_any_other() {
    let member = member(json!({"userName": "jane", "active": true}));
    let body = json!({"schemas": [urn::PATCH_OP],
        "Operations": [{"op": "replace", "path": "active", "value": "maybe"}]});
    let request = PatchRequest::parse(body, &Dialect::OKTA).expect("a request");
    let error = patched(&member, &request, &Dialect::OKTA, BASE).expect_err("no boolean");
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
}
