//! Saving: by version, whole, and with what goes with it.

use std::sync::Arc;

use chrono::Duration;
use rollcall_application::ports::{ActivityEntry, Digest, NewSession, ReadTx, Store};
use rollcall_application::{Failure, RequestInfo, Stamp};
use rollcall_domain::rules::provisioning::ActiveFlag;
use rollcall_domain::{
    Action, ActivityEvent, Change, ChangeKind, Connection, Effect, EventKind, FieldChange,
    FoldedKey, Invitation, Link, LinkState, Member, MemberStatus, Organization, Refusal, SessionId,
    Target, TeamId, Text, UserName, Version,
};

use crate::Tenant;

/// Whether a job was refused so.
fn refused<T>(outcome: Result<T, Failure>, refusal: &Refusal) -> bool {
    matches!(outcome, Err(Failure::Refused(said)) if said == *refusal)
}

/// Objects come back as they were saved, every field of them.
pub async fn a_saved_object_is_read_back_as_it_was(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, stored) = (acme.id(), acme.organization.clone());
    let organization = acme.read(move |tx| Ok(tx.organization(id)?)).await;
    assert_eq!(organization, Some(stored));
    let directories = acme.read(move |tx| Ok(tx.directories(id)?)).await;
    assert_eq!(directories, acme.directories());

    let mut user = acme.user("Jane.Doe@Acme.example", Some("00u1"));
    user.name.given = Some(Text::parse("Jané").unwrap());
    user.name.family = Some(Text::parse("D'Oe").unwrap());
    user.active = ActiveFlag::No;
    let change = acme.pushed_change(user);
    let jane = acme.save_member(change.clone()).await.unwrap();
    assert_eq!(jane, change.value);
    assert_eq!(acme.stored_member(jane.id).await, Some(jane));

    let team = acme.pushed_team("  Größe ").await;
    assert_eq!(acme.stored_team(team.id).await, Some(team));
    let manual = acme.manual_team("Größe").await;
    assert_eq!(acme.stored_team(manual.id).await, Some(manual));
}

/// REL-17: `stored.version = read version + 1`; `updated_at` never goes back.
pub async fn a_change_moves_the_version_by_one_and_time_never_back(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    assert_eq!(jane.version, Version::FIRST);
    let later = acme.save_member(acme.changed(jane.clone())).await.unwrap();
    assert_eq!(later.version, Version(2));
    assert!(later.updated_at > jane.updated_at);
    acme.clock.advance(-Duration::days(1));
    let earlier = acme.save_member(acme.changed(later.clone())).await.unwrap();
    assert_eq!(earlier.version, Version(3));
    assert_eq!(earlier.updated_at, later.updated_at);
    assert_eq!(acme.stored_member(jane.id).await, Some(earlier));

    let team = acme.manual_team("Ops").await;
    let renamed = acme.save_team(acme.changed_team(team)).await.unwrap();
    assert_eq!(renamed.version, Version(2));
    assert_eq!(acme.stored_team(renamed.id).await, Some(renamed));
}

/// REL-8: of two changes of one version, one wins; the other leaves no trace.
pub async fn a_stale_change_is_refused_and_leaves_nothing(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    let team = acme.pushed_team("Ops").await;
    acme.save_member(acme.changed(jane.clone())).await.unwrap();
    acme.save_team(acme.changed_team(team.clone()))
        .await
        .unwrap();
    let before = acme.entries().await;

    let stale = acme.save_member(acme.changed(jane.clone())).await;
    assert!(refused(stale, &Refusal::VersionConflict));
    let gone = Change {
        kind: ChangeKind::Remove,
        ..acme.changed(jane)
    };
    assert!(refused(
        acme.save_member(gone).await,
        &Refusal::VersionConflict
    ));
    let stale = acme.save_team(acme.changed_team(team)).await;
    assert!(refused(stale, &Refusal::VersionConflict));
    let again = Change {
        kind: ChangeKind::Update,
        value: Connection {
            version: Version(1),
            ..acme.connection.clone()
        },
        events: Vec::new(),
        effects: Vec::new(),
    };
    let stamp = acme.stamp();
    let stale = acme
        .write(move |tx| Ok(tx.save_connection(again.clone(), &stamp)?))
        .await;
    assert!(refused(stale, &Refusal::VersionConflict));
    let organization = Organization {
        version: Version(9),
        ..acme.organization.clone()
    };
    let stamp = acme.stamp();
    let stale = acme
        .write(move |tx| {
            let change = Change::update(organization.clone(), Vec::new());
            Ok(tx.save_organization(change, &stamp)?)
        })
        .await;
    assert!(refused(stale, &Refusal::VersionConflict));
    assert_eq!(acme.entries().await, before);
}

/// A change of nothing writes nothing: no version, no time, no entry.
pub async fn a_change_of_nothing_leaves_nothing(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.pushed_member("jane@acme.example").await;
    let team = acme.pushed_team("Ops").await;
    let before = acme.entries().await;
    let other = Member {
        login_key: FoldedKey::of("other"),
        ..jane.clone()
    };
    let answered = acme.save_member(Change::none(other.clone())).await.unwrap();
    assert_eq!(answered, other);
    acme.save_team(Change::none(team.clone())).await.unwrap();
    let stamp = acme.stamp();
    let (connection, organization) = (acme.connection.clone(), acme.organization.clone());
    acme.write(move |tx| {
        tx.save_connection(Change::none(connection.clone()), &stamp)?;
        tx.save_organization(Change::none(organization.clone()), &stamp)?;
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(acme.stored_member(jane.id).await, Some(jane));
    assert_eq!(acme.stored_team(team.id).await, Some(team));
    assert_eq!(acme.entries().await, before);
}

/// REL-3: `Err` rolls everything back.
pub async fn a_refused_job_leaves_nothing(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let before = acme.entries().await;
    let change = acme.pushed_change(acme.user("jane@acme.example", None));
    let (id, stamp) = (change.value.id, acme.stamp());
    let outcome: Result<(), Failure> = acme
        .write(move |tx| {
            tx.save_member(change.clone(), &stamp)?;
            Err(Refusal::NotAllowed.into())
        })
        .await;
    assert!(refused(outcome, &Refusal::NotAllowed));
    assert_eq!(acme.stored_member(id).await, None);
    assert_eq!(acme.entries().await, before);
}

/// A panic takes back its own job; those beside it are stored.
pub async fn a_panicking_job_leaves_nothing_and_stops_nobody(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let lost = acme.pushed_change(acme.user("lost@acme.example", None));
    let kept = acme.pushed_change(acme.user("kept@acme.example", None));
    let (lost_id, kept_id, stamp) = (lost.value.id, kept.value.id, acme.stamp());
    let other = stamp.clone();
    let panicking = acme.write::<(), _>(move |tx| {
        tx.save_member(lost.clone(), &stamp)?;
        panic!("as a broken job would");
    });
    let working = acme.write(move |tx| Ok(tx.save_member(kept.clone(), &other)?));
    let (panicked, worked) = tokio::join!(panicking, working);
    assert!(matches!(panicked, Err(Failure::Internal(_))));
    worked.unwrap();
    assert_eq!(acme.stored_member(lost_id).await, None);
    assert!(acme.stored_member(kept_id).await.is_some());
    assert!(store.ready().await.is_ok());
}

/// REL-4: the object, its entries in their order under one stamp, and its effects.
pub async fn a_change_its_entries_and_its_effects_are_one(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.manual_member("jane@acme.example").await;
    let (id, member, now) = (acme.id(), jane.id, acme.now());
    let (session, reset, link) = (Digest([1; 32]), Digest([2; 32]), Digest([3; 32]));
    let (session_id, team) = (SessionId::from_u128(7), acme.manual_team("Ops").await);
    let invitation = Invitation {
        organization: id,
        member,
        teams: vec![team.id],
        expires_at: now,
    };
    let connection = acme.connection.id;
    acme.write(move |tx| {
        tx.put_password_hash(id, member, "hash")?;
        tx.put_reset(id, member, &reset, now)?;
        tx.put_invitation(&invitation, &link, now)?;
        tx.request_link(id, member, connection, now)?;
        Ok(tx.create_session(&NewSession {
            id: session_id,
            organization: id,
            member,
            token: session,
            created_at: now,
            expires_at: now + Duration::hours(1),
            ip: None,
            user_agent: None,
        })?)
    })
    .await
    .unwrap();
    let found = move |tx: &mut dyn ReadTx| {
        Ok((
            tx.password_hash(id, member)?.is_some(),
            tx.session_holder(&session)?.is_some(),
            tx.reset_holder(&reset)?.is_some(),
            tx.invitation_holder(&link)?.is_some(),
            !tx.link_requests(id)?.is_empty(),
        ))
    };
    assert_eq!(acme.read(found).await, (true, true, true, true, true));

    let mut change = acme.changed(jane).with(&[
        Effect::EndSessions,
        Effect::VoidPassword,
        Effect::VoidResets,
        Effect::VoidInvitation,
        Effect::UseLinkApproval,
    ]);
    let mut second = change.events[0].clone();
    second.action = Action::MemberDeactivated;
    change.events.push(second);
    acme.save_member(change).await.unwrap();
    assert_eq!(acme.read(found).await, (false, false, false, false, false));
    let entries = acme.entries().await;
    let [.., first, second] = entries.as_slice() else {
        panic!("two entries at least");
    };
    assert_eq!(first.action, Action::MemberUpdated);
    assert_eq!(second.action, Action::MemberDeactivated);
    assert_eq!((first.request, first.at), (second.request, second.at));
    assert_eq!(first.ip.as_deref(), Some("192.0.2.7"));
    assert_eq!(first.actor_kind, "system");
    assert!(first.id < second.id);
}

/// R14: however many entries a change has, each keeps everything that is said in it.
pub async fn entries_of_one_change_are_as_each_alone_would_be(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let jane = acme.manual_member("jane@acme.example").await;
    let odd = "  \"D'Oe\" \\ \u{7f} \u{2028} 日本 🦀 ' || ?1 $1 ";
    let events: Vec<ActivityEvent> = ["Jane", odd, "007", "null", "true", "[]", ""]
        .into_iter()
        .enumerate()
        .map(|(place, label)| {
            let is_odd = place % 2 == 1;
            let (before, after) = (is_odd.then(|| odd.to_owned()), Some(label.to_owned()));
            ActivityEvent {
                action: Action::TeamMemberAdded,
                kind: if is_odd {
                    EventKind::Warning
                } else {
                    EventKind::Change
                },
                target: Target::team(TeamId::from_u128(place as u128), label),
                related: is_odd.then(|| Target::member(jane.id, label)),
                changes: vec![FieldChange::new(label, before, after); place],
            }
        })
        .collect();
    let bare = |stamp: Stamp| Stamp {
        actor: acme.actor(),
        request: RequestInfo {
            ip: None,
            user_agent: None,
            ..stamp.request
        },
        ..stamp
    };
    // Those of many who join one team say the same of it.
    let joined = |label: &str| ActivityEvent {
        related: Some(Target::member(jane.id, label)),
        changes: vec![FieldChange::new("member", None, Some(label.to_owned()))],
        ..events[3].clone()
    };
    let joining = ["Jane", odd, "", "null"].map(joined).to_vec();
    let alike = vec![events[4].clone(); 3];
    for (stamp, events) in [
        (acme.stamp(), events.clone()),
        (bare(acme.stamp()), events),
        (acme.stamp(), joining),
        (acme.stamp(), alike),
    ] {
        let member = acme.stored_member(jane.id).await.unwrap();
        let change = Change::update(member, events.clone());
        let (events, before) = (events.clone(), acme.entries().await.len());
        acme.write(move |tx| {
            for event in &events {
                tx.record(event.clone(), &stamp)?;
            }
            Ok(tx.save_member(change.clone(), &stamp)?)
        })
        .await
        .unwrap();
        let entries = acme.entries().await.split_off(before);
        let (alone, together) = entries.split_at(entries.len() / 2);
        assert_eq!(alone.len(), together.len());
        for (one, other) in alone.iter().zip(together) {
            let id = one.id;
            assert_eq!(
                one,
                &ActivityEntry {
                    id,
                    ..other.clone()
                }
            );
        }
        assert!(entries.is_sorted_by_key(|entry| entry.id));
    }
}

/// REL-6, SEC-27: unique in one organization, free in another.
pub async fn a_login_key_is_taken_once_in_an_organization(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    acme.pushed_member("jane@acme.example").await;
    let twin = acme.pushed_change(acme.user("JANE@acme.example", None));
    assert!(refused(
        acme.save_member(twin).await,
        &Refusal::MemberExists
    ));
    let joe = acme.pushed_member("joe@acme.example").await;
    let renamed = acme.changed(Member {
        login_key: FoldedKey::of("jane@acme.example"),
        ..joe
    });
    assert!(refused(
        acme.save_member(renamed).await,
        &Refusal::MemberExists
    ));
    other.pushed_member("jane@acme.example").await;
}

/// Part B, Teams: manual and lost teams share one namespace, live ones of a connection another.
pub async fn a_team_name_is_taken_once_in_a_namespace(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    acme.manual_team("Ops").await;
    let twin = acme.manual_team_change(" ops ");
    assert!(refused(acme.save_team(twin).await, &Refusal::NameTaken));
    acme.pushed_team("Ops").await;
    let twin = acme.pushed_team_change("OPS", None);
    assert!(refused(acme.save_team(twin).await, &Refusal::NameTaken));
    other.manual_team("Ops").await;
}

/// Part B, POST /Users, 2: unique among the live links of one connection, for members and teams
/// apart; a lost link does not hold it.
pub async fn an_external_id_is_taken_once_among_live_links(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let first = acme.pushed_change(acme.user("a@acme.example", Some("00u1")));
    let first = acme.save_member(first).await.unwrap();
    let twin = || acme.pushed_change(acme.user("b@acme.example", Some("00u1")));
    assert!(refused(
        acme.save_member(twin()).await,
        &Refusal::ExternalIdTaken
    ));
    acme.save_team(acme.pushed_team_change("Ops", Some("00u1")))
        .await
        .unwrap();
    let team = acme.pushed_team_change("Dev", Some("00u1"));
    assert!(refused(
        acme.save_team(team).await,
        &Refusal::ExternalIdTaken
    ));
    let elsewhere = other.pushed_change(other.user("b@acme.example", Some("00u1")));
    other.save_member(elsewhere).await.unwrap();

    let lost = first.link.clone().map(|link| Link {
        state: LinkState::Lost,
        ..link
    });
    let lost = acme.changed(Member {
        link: lost,
        ..first
    });
    acme.save_member(lost).await.unwrap();
    acme.save_member(twin()).await.unwrap();
}

/// R13: one edited away while off and one edited back can be judged in any order.
pub async fn what_was_edited_while_off_claims_nothing_when_turned_on(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    // Lost at an earlier turning on, for it had been renamed.
    let old = acme.pushed_change(acme.user("jane@acme.example", Some("00u1")));
    let old = acme.save_member(old).await.unwrap();
    let as_sent = old.link.clone().unwrap();
    let lost = acme.changed(Member {
        login_key: FoldedKey::of("moved@acme.example"),
        link: Some(Link {
            state: LinkState::Lost,
            ..as_sent.clone()
        }),
        ..old
    });
    let lost = acme.save_member(lost).await.unwrap();
    // The directory made a new one, which was then renamed while off.
    let new = acme.pushed_change(acme.user("jane@acme.example", Some("00u1")));
    let new = acme.save_member(new).await.unwrap();
    let away = Member {
        login_key: UserName::parse("away@acme.example").unwrap().key(),
        ..new
    };
    acme.save_member(acme.changed(away)).await.unwrap();
    // The old one was edited back and is found again, before the new one is judged.
    let back = acme.changed(Member {
        login_key: FoldedKey::of("jane@acme.example"),
        link: Some(as_sent),
        ..lost
    });
    acme.save_member(back).await.unwrap();
}

/// Part B, Seats: the count of seats in use follows every change.
pub async fn seats_follow_every_member(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let id = acme.id();
    let used = async || {
        acme.read(move |tx| {
            let seats = tx.seats(id)?;
            let organization = tx.organization(id)?.unwrap();
            let both = tx.organization_with_seats(id)?;
            assert_eq!(both, Some((organization, seats)));
            Ok(seats.used)
        })
        .await
    };
    assert_eq!(used().await, 1);
    let jane = acme.pushed_member("jane@acme.example").await;
    assert_eq!(used().await, 2);
    let deactivated = Member {
        status: MemberStatus::Deactivated,
        ..jane
    };
    let jane = acme.save_member(acme.changed(deactivated)).await.unwrap();
    assert_eq!(used().await, 1);
    let suspended = Member {
        status: MemberStatus::Suspended,
        ..jane
    };
    let jane = acme.save_member(acme.changed(suspended)).await.unwrap();
    assert_eq!(used().await, 2);
    let gone = Change {
        kind: ChangeKind::Remove,
        ..acme.changed(jane)
    };
    acme.save_member(gone).await.unwrap();
    assert_eq!(used().await, 1);
}
