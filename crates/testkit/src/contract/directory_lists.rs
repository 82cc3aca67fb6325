//! What a directory asks for: in every order that an index serves, by every condition, and the
//! profile its connection speaks.

use std::slice::from_ref;
use std::sync::Arc;

use chrono::Duration;
use rollcall_application::ports::{
    Cursor, Direction, LiveSort, MemberCondition, Span, Store, Stretch, TeamCondition, Teams,
    Window,
};
use rollcall_domain::{
    Attributes, FoldedKey, Link, LinkState, Member, MemberStatus, PersonName, Profile, Team, Text,
};

use super::live_members;
use crate::Tenant;

/// Names whose order as bytes is neither that of their letters in capitals nor of any language.
const NAMES: [&str; 6] = ["Zoe", "anna", "Ärger", "b_c", "b-c", "ｂｊ"];

fn in_byte_order() -> Vec<String> {
    let mut keys = NAMES.map(|name| FoldedKey::of(name).to_string()).to_vec();
    keys.sort();
    keys
}

/// Every stretch of two, one after the other, of members or of teams.
async fn walked(acme: &Tenant, is_team: bool, direction: Direction) -> Vec<String> {
    let (id, connection, mut keys, mut after) = (acme.id(), acme.connection.id, Vec::new(), None);
    loop {
        let stretch = Stretch {
            sort: LiveSort::Name,
            direction,
            window: Window::After(after),
            limit: 2,
        };
        let places: Vec<Cursor> = acme
            .read(move |tx| {
                let place = |key: &FoldedKey, id| Cursor {
                    key: key.to_string(),
                    id,
                };
                Ok(if is_team {
                    let teams = tx.live_teams(id, connection, &[], &stretch)?;
                    let places = teams.iter().map(|one| place(&one.name_key, one.id.uuid()));
                    places.collect()
                } else {
                    let members = live_members(tx, id, connection, &[], &stretch)?;
                    let places = members
                        .iter()
                        .map(|one| place(&one.login_key, one.id.uuid()));
                    places.collect()
                })
            })
            .await;
        keys.extend(places.iter().map(|place| place.key.clone()));
        after = places.last().cloned();
        if after.is_none() {
            return keys;
        }
    }
}

/// In the order of names, compared as bytes, either way and stretch by stretch.
pub async fn a_directory_sees_its_live_objects_in_the_order_of_names(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    for name in NAMES {
        acme.pushed_member(name).await;
        acme.pushed_team(name).await;
    }
    acme.manual_member("amy@acme.example").await;
    acme.manual_team("Amy").await;
    for is_team in [false, true] {
        let mut expected = in_byte_order();
        assert_eq!(walked(&acme, is_team, Direction::Ascending).await, expected);
        expected.reverse();
        assert_eq!(
            walked(&acme, is_team, Direction::Descending).await,
            expected
        );
    }
}

/// By id downwards, by offset and after a row.
pub async fn a_directory_sees_its_live_objects_backwards(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let mut people = Vec::new();
    for name in NAMES {
        people.push(acme.pushed_member(name).await);
    }
    people.reverse();
    let (id, connection) = (acme.id(), acme.connection.id);
    let seen = async |window: Window| {
        let stretch = Stretch {
            direction: Direction::Descending,
            ..Stretch::by_id(window, 3)
        };
        acme.read(move |tx| Ok(live_members(tx, id, connection, &[], &stretch)?))
            .await
    };
    assert_eq!(seen(Window::Offset(0)).await, people[..3]);
    assert_eq!(seen(Window::Offset(4)).await, people[4..]);
    let after = Window::After(Some(Cursor {
        key: String::new(),
        id: people[2].id.uuid(),
    }));
    assert_eq!(seen(after).await, people[3..]);
}

async fn found(acme: &Tenant, condition: MemberCondition) -> Vec<Member> {
    let (id, connection) = (acme.id(), acme.connection.id);
    acme.read(move |tx| {
        let stretch = Stretch::by_id(Window::After(None), 9);
        let conditions = [condition.clone()];
        let found = live_members(tx, id, connection, &conditions, &stretch)?;
        let count = tx.count_live_members(id, connection, &conditions)?;
        assert_eq!(count, found.len() as u64);
        Ok(found)
    })
    .await
}

/// Whatever changes of a member, and be it only what its link says, changes its document. Who is lost
/// is not read, and who is found again is read as what it has become.
pub async fn a_document_says_what_the_member_is(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    acme.pushed_member("other@acme.example").await;
    let mut jane = acme.pushed_member("jane@acme.example").await;
    let live = jane.link.clone().expect("a link");
    let lost = Link {
        state: LinkState::Lost,
        ..live.clone()
    };
    let changes: [fn(&mut Member); 7] = [
        |jane| jane.attributes = Attributes::parse(r#"{"title":"Dr"}"#).expect("an object"),
        |jane| jane.has_password = true,
        |jane| jane.status = MemberStatus::Suspended,
        |jane| jane.name.display = Text::parse("Jane Roe").ok(),
        |jane| jane.login_key = FoldedKey::of("moved@acme.example"),
        |jane| {
            jane.status = MemberStatus::Deactivated;
            jane.link.as_mut().expect("a link").active = false;
        },
        |jane| jane.link.as_mut().expect("a link").external_id = None,
    ];
    for change in changes {
        change(&mut jane);
        jane = acme.save_member(acme.changed(jane)).await.expect("saves");
        let seen = found(&acme, MemberCondition::Id(jane.id)).await;
        assert_eq!(seen, from_ref(&jane));
    }
    jane.link = Some(lost);
    let gone = acme.save_member(acme.changed(jane)).await.expect("saves");
    let called = |name: &str| Member {
        name: PersonName {
            display: Text::parse(name).ok(),
            ..PersonName::default()
        },
        ..gone.clone()
    };
    let renamed = acme.changed(called("Jane Doe"));
    let mut jane = acme.save_member(renamed).await.expect("saves");
    let id = MemberCondition::Id(jane.id);
    assert_eq!(found(&acme, id.clone()).await, []);
    jane.link = Some(live);
    let back = acme.save_member(acme.changed(jane)).await.expect("saves");
    assert_eq!(found(&acme, id).await, [back]);
}

fn with_emails(member: &Member, emails: &str) -> Member {
    Member {
        attributes: Attributes::parse(&format!(r#"{{"emails":{emails}}}"#)).expect("an object"),
        ..member.clone()
    }
}

/// By the primary address and by every other one, as they are now.
pub async fn a_member_is_found_by_every_e_mail_address(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    let by = |address: &str| MemberCondition::Email(FoldedKey::of(address));
    assert_eq!(found(&acme, by("JANE@acme.example")).await, from_ref(&jane));
    let home = r#"[{"type":"work"},{"value":" Jane@Home.example "},{"value":"jane@home.example"}]"#;
    let change = acme.changed(with_emails(&jane, home));
    let jane = acme.save_member(change).await.expect("saved");
    assert_eq!(found(&acme, by("jane@home.EXAMPLE")).await, from_ref(&jane));
    assert!(found(&other, by("jane@home.example")).await.is_empty());
    let change = acme.changed(with_emails(&jane, r#"[{"value":"jane@club.example"}]"#));
    let jane = acme.save_member(change).await.expect("saved");
    assert!(found(&acme, by("jane@home.example")).await.is_empty());
    assert_eq!(found(&acme, by("jane@club.example")).await, [jane]);
}

/// By what people call them, and by when they came to be or changed.
pub async fn objects_are_found_by_label_and_time(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let first = acme.pushed_member("first@acme.example").await;
    let second = acme.pushed_member("second@acme.example").await;
    let renamed = acme.changed(Member {
        name: PersonName {
            display: Some(Text::parse("Straße ÉÉ").expect("a text")),
            ..PersonName::default()
        },
        ..first.clone()
    });
    let first = acme.save_member(renamed).await.expect("saved");
    let label = MemberCondition::Label(FoldedKey::of("straße e\u{301}é"));
    assert_eq!(found(&acme, label).await, from_ref(&first));
    let tick = Duration::microseconds(1);
    let exactly = |at| Span {
        from: Some(at),
        until: Some(at + tick),
    };
    let before = |at| Span {
        from: None,
        until: Some(at),
    };
    let created = MemberCondition::Created(exactly(second.created_at));
    assert_eq!(found(&acme, created).await, from_ref(&second));
    let changed = MemberCondition::Changed(exactly(first.updated_at));
    assert_eq!(found(&acme, changed).await, from_ref(&first));
    let earlier = MemberCondition::Changed(before(first.updated_at));
    assert_eq!(found(&acme, earlier).await, [second]);
    let always = MemberCondition::Created(Span::default());
    assert_eq!(found(&acme, always).await.len(), 2);

    let team = acme.pushed_team("Ops").await;
    let (id, connection) = (acme.id(), acme.connection.id);
    for (span, is_found) in [
        (exactly(team.created_at), true),
        (before(team.created_at), false),
    ] {
        for condition in [TeamCondition::Created(span), TeamCondition::Changed(span)] {
            let count = acme
                .read(move |tx| Ok(tx.count_live_teams(id, connection, from_ref(&condition))?))
                .await;
            assert_eq!(count == 1, is_found);
        }
    }
}

/// A connection begins with the usual profile of its directory and keeps the one it is given.
pub async fn a_connection_keeps_its_profile(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let id = acme.id();
    assert_eq!(acme.connection.profile, Profile::Okta);
    let mut connection = acme.connection.clone();
    for profile in Profile::ALL {
        let change = rollcall_domain::Change::update(
            rollcall_domain::Connection {
                profile,
                ..connection
            },
            Vec::new(),
        );
        let stamp = acme.stamp();
        let job = move |tx: &mut dyn rollcall_application::ports::WriteTx| {
            Ok(tx.save_connection(change.clone(), &stamp)?)
        };
        connection = acme.write(job).await.expect("saved");
        let stored = acme.read(move |tx| Ok(tx.directories(id)?)).await;
        assert_eq!(stored.all(), [connection.clone()]);
    }
}

/// Beside a member, however it is asked for, stand the teams that the directory finds, by name: no
/// manual one, none that it lost, none of another directory.
pub async fn a_directory_sees_the_teams_that_are_live_on_it_by_name(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let bob = acme.pushed_member("bob@acme.example").await;
    for name in ["Zulu", "alpha", "Mike"] {
        let team = acme.pushed_team(name).await;
        acme.put_in(&team, &ann).await;
    }
    let manual = acme.manual_team("Manual").await;
    acme.put_in(&manual, &ann).await;
    acme.put_in(&manual, &bob).await;
    let lost = acme.pushed_team("Lost").await;
    acme.put_in(&lost, &ann).await;
    let lost = acme.stored_team(lost.id).await.expect("a team");
    let link = lost.link.clone().map(|link| Link {
        state: LinkState::Lost,
        ..link
    });
    let lost = acme.changed_team(Team { link, ..lost });
    acme.save_team(lost).await.expect("it is lost");
    let (id, connection) = (acme.id(), acme.connection.id);
    let seen = |member: &Member| {
        let link = member.link.as_ref().expect("a link");
        let external = link.external_id.clone().expect("an externalId");
        [
            MemberCondition::Id(member.id),
            MemberCondition::UserName(link.key.clone()),
            MemberCondition::ExternalId(external),
        ]
    };
    for (member, expected) in [(&ann, &["alpha", "Mike", "Zulu"][..]), (&bob, &[])] {
        for condition in seen(member) {
            let stretch = Stretch::by_id(Window::After(None), 9);
            let found = acme
                .read(move |tx| {
                    let conditions = [condition.clone()];
                    live_members(tx, id, connection, &conditions, &stretch)?;
                    let second = Stretch::by_id(Window::Offset(1), 9);
                    live_members(tx, id, connection, &conditions, &second)?;
                    let found =
                        tx.live_documents(id, connection, &conditions, &stretch, Teams::Load)?;
                    Ok(found)
                })
                .await;
            let [(document, teams)] = found.as_slice() else {
                panic!("one member: {found:?}");
            };
            let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
            assert_eq!((document.id, names.as_slice()), (member.id, expected));
        }
    }
}
