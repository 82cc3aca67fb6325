//! Memberships: sets of deltas, and who may not be where.

use std::sync::Arc;

use rollcall_application::Failure;
use rollcall_application::ports::Store;
use rollcall_domain::rules::memberships::{DirectoryMemberships, join, remove};
use rollcall_domain::{
    Action, Change, ChangeKind, FoldedKey, Link, LinkState, Member, MemberId, MemberStatus,
    Refusal, Team, Version,
};

use crate::Tenant;

fn add(members: &[MemberId]) -> DirectoryMemberships {
    DirectoryMemberships {
        add: members.to_vec(),
        ..DirectoryMemberships::default()
    }
}

fn leave(members: &[MemberId]) -> DirectoryMemberships {
    DirectoryMemberships {
        remove: members.to_vec(),
        ..DirectoryMemberships::default()
    }
}

fn exactly(members: &[MemberId]) -> DirectoryMemberships {
    DirectoryMemberships {
        replace: true,
        ..add(members)
    }
}

/// Joining and leaving count once, however often they are asked: one entry each, in the order of
/// the request, under one request id; one version for all (REL-9).
pub async fn a_delta_does_what_is_new_and_nothing_twice(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let bob = acme.pushed_member("bob@acme.example").await;
    let team = acme.pushed_team("Ops").await;
    let before = acme.entries().await.len();

    let both = acme.delta(&team, add(&[bob.id, ann.id, bob.id]));
    let applied = acme.apply(both.clone()).await.unwrap();
    assert_eq!(applied.added, [bob.id, ann.id]);
    assert!(applied.removed.is_empty() && applied.skipped.is_empty());
    assert_eq!(applied.version, Version(2));
    let stored = acme.stored_team(team.id).await.unwrap();
    assert_eq!((stored.version, stored.member_count), (Version(2), 2));
    assert!(stored.updated_at > team.updated_at);
    let entries = acme.entries().await.split_off(before);
    let said: Vec<_> = entries
        .iter()
        .map(|entry| {
            let related = entry.related.clone().unwrap();
            (
                entry.action,
                entry.target.id.clone(),
                related.id,
                related.label,
            )
        })
        .collect();
    let joined = |member: &Member| {
        let (id, label) = (member.id.to_string(), member.label());
        (Action::TeamMemberAdded, team.id.to_string(), id, label)
    };
    assert_eq!(said, [joined(&bob), joined(&ann)]);
    assert_eq!(entries[0].request, entries[1].request);

    let again = acme.apply(both).await.unwrap();
    assert!(again.added.is_empty());
    assert_eq!(again.version, Version(2));
    let out = acme.delta(&team, leave(&[ann.id]));
    assert_eq!(acme.apply(out.clone()).await.unwrap().removed, [ann.id]);
    let again = acme.apply(out).await.unwrap();
    assert!(again.removed.is_empty());
    assert_eq!(acme.entries().await.len(), before + 3);
    let stored = acme.stored_team(team.id).await.unwrap();
    assert_eq!((stored.version, stored.member_count), (Version(3), 1));
    assert_eq!(acme.members_of(team.id).await, [bob.id]);
}

/// Part B, Membership by SCIM: whoever is no live member of the connection is skipped and named,
/// and the rest of the batch lands.
pub async fn a_directory_adds_its_own_live_members_alone(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let manual = acme.manual_member("manual@acme.example").await;
    let stranger = other.pushed_member("ann@acme.example").await;
    let lost = acme.pushed_member("lost@acme.example").await;
    let link = lost.link.clone().map(|link| Link {
        state: LinkState::Lost,
        ..link
    });
    let lost = acme
        .save_member(acme.changed(Member { link, ..lost }))
        .await
        .unwrap();
    let team = acme.pushed_team("Ops").await;
    let nobody = MemberId::from_u128(404);
    let named = [manual.id, stranger.id, ann.id, lost.id, nobody];
    let applied = acme.apply(acme.delta(&team, add(&named))).await.unwrap();
    assert_eq!(applied.added, [ann.id]);
    assert_eq!(applied.skipped, [manual.id, stranger.id, lost.id, nobody]);
    assert_eq!(acme.members_of(team.id).await, [ann.id]);
    let again = acme
        .apply(acme.delta(&team, exactly(&named)))
        .await
        .unwrap();
    assert_eq!(again.skipped, [manual.id, stranger.id, lost.id, nobody]);
    assert_eq!(again.version, Version(2));
}

/// A delta that replaces: who is not named leaves, who is new joins, who stays leaves no entry.
pub async fn a_replacing_delta_leaves_exactly_the_named(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let bob = acme.pushed_member("bob@acme.example").await;
    let cid = acme.pushed_member("cid@acme.example").await;
    let team = acme.pushed_team("Ops").await;
    acme.apply(acme.delta(&team, add(&[ann.id, bob.id])))
        .await
        .unwrap();
    let applied = acme
        .apply(acme.delta(&team, exactly(&[bob.id, cid.id])))
        .await
        .unwrap();
    assert_eq!(
        (applied.added, applied.removed),
        (vec![cid.id], vec![ann.id])
    );
    assert_eq!(applied.version, Version(3));
    assert_eq!(acme.members_of(team.id).await, [bob.id, cid.id]);
    assert_eq!(acme.stored_team(team.id).await.unwrap().member_count, 2);
    let applied = acme.apply(acme.delta(&team, exactly(&[]))).await.unwrap();
    assert_eq!(applied.removed, [bob.id, cid.id]);
    assert_eq!(acme.stored_team(team.id).await.unwrap().member_count, 0);
}

/// R11: the panel puts both kinds into a manual team, and takes them out again; many at once.
pub async fn the_panel_adds_and_removes_in_one_go(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (manual, pushed) = (
        acme.manual_member("manual@acme.example").await,
        acme.pushed_member("pushed@acme.example").await,
    );
    let team = acme.manual_team("Ops").await;
    acme.put_in(&team, &manual).await;
    acme.put_in(&team, &pushed).await;
    let both = [manual.id, pushed.id];
    let delta = remove(&team, &both, &acme.actor(), &acme.directories()).unwrap();
    assert_eq!(acme.apply(delta).await.unwrap().removed, both);

    let directories = acme.directories();
    let crowd: Vec<Change<Member>> = (0..300)
        .map(|number| acme.pushed_change(acme.user(&format!("crowd-{number}"), None)))
        .collect();
    let (stamp, members) = (acme.stamp(), crowd.clone());
    acme.write(move |tx| {
        for member in &members {
            tx.save_member(member.clone(), &stamp)?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let members: Vec<Member> = crowd.into_iter().map(|change| change.value).collect();
    let delta =
        rollcall_domain::rules::memberships::add(&team, &members, &acme.actor(), &directories)
            .unwrap();
    let before = acme.entries().await.len();
    let applied = acme.apply(delta).await.unwrap();
    assert_eq!(applied.added.len(), 300);
    assert_eq!(acme.entries().await.len(), before + 300);
    assert_eq!(acme.stored_team(team.id).await.unwrap().member_count, 300);
}

/// A delta for a team that is gone is a conflict, and writes nothing.
pub async fn a_delta_for_a_team_that_is_gone_is_refused(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let team = acme.manual_team("Ops").await;
    acme.put_in(&team, &ann).await;
    let last = acme.stored_team(team.id).await.unwrap();
    acme.save_team(removal(acme.changed_team(last)))
        .await
        .unwrap();
    let outcome = acme.apply(join(&team, &ann)).await;
    assert!(matches!(
        outcome,
        Err(Failure::Refused(Refusal::VersionConflict))
    ));
    assert_eq!(acme.stored_team(team.id).await, None);
    assert!(
        acme.stored_member(ann.id).await.is_some(),
        "its members stay"
    );
    let (id, member) = (acme.id(), ann.id);
    let teams = acme
        .read(move |tx| Ok(tx.teams_of_member(id, member)?))
        .await;
    assert!(teams.is_empty());
}

fn removal<T>(change: Change<T>) -> Change<T> {
    Change {
        kind: ChangeKind::Remove,
        ..change
    }
}

/// A removed member leaves every team, one entry each, and the teams' counts and versions move.
pub async fn a_removed_member_leaves_every_team(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let bob = acme.pushed_member("bob@acme.example").await;
    let (ops, dev) = (acme.pushed_team("Ops").await, acme.manual_team("Dev").await);
    acme.apply(acme.delta(&ops, add(&[ann.id, bob.id])))
        .await
        .unwrap();
    acme.put_in(&dev, &ann).await;
    let before = acme.entries().await.len();
    acme.save_member(removal(acme.changed(ann.clone())))
        .await
        .unwrap();
    assert_eq!(acme.stored_member(ann.id).await, None);
    let entries = acme.entries().await.split_off(before);
    let left: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == Action::TeamMemberRemoved)
        .map(|entry| {
            (
                entry.target.label.as_str(),
                entry.related.clone().unwrap().id,
            )
        })
        .collect();
    let id = ann.id.to_string();
    assert_eq!(left, [("Dev", id.clone()), ("Ops", id)]);
    assert_eq!(entries.len(), 3);
    assert!(
        entries
            .iter()
            .all(|entry| entry.request == entries[0].request)
    );
    for (team, count) in [(&ops, 1), (&dev, 0)] {
        let stored = acme.stored_team(team.id).await.unwrap();
        assert_eq!((stored.version, stored.member_count), (Version(3), count));
    }
    // What was theirs is free again.
    acme.pushed_member("ann@acme.example").await;
}

/// Moves a member's login key as an edit while off does.
async fn edited(acme: &Tenant, member: &Member, key: &str) -> Member {
    let next = Member {
        login_key: FoldedKey::of(key),
        ..member.clone()
    };
    acme.save_member(acme.changed(next)).await.unwrap()
}

/// Moves a team's name as an edit while off does.
async fn renamed(acme: &Tenant, team: &Team, name: &str) -> Team {
    let next = Team {
        name_key: FoldedKey::of(name),
        namespace: acme.id().uuid(),
        ..acme.stored_team(team.id).await.unwrap()
    };
    acme.save_team(acme.changed_team(next)).await.unwrap()
}

/// Everybody whom turning on could change is visited, page by page: edited, lost, or with a
/// status other than the directory's last word; and teams away from their directory's names.
pub async fn whom_turning_on_could_change_is_visited(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let quiet = acme.pushed_member("quiet@acme.example").await;
    let moved = acme.pushed_member("moved@acme.example").await;
    edited(&acme, &moved, "elsewhere").await;
    let suspended = acme.pushed_member("suspended@acme.example").await;
    let next = Member {
        status: MemberStatus::Suspended,
        ..suspended.clone()
    };
    acme.save_member(acme.changed(next)).await.unwrap();
    let lost = acme.pushed_member("lost@acme.example").await;
    let link = lost.link.clone().map(|link| Link {
        state: LinkState::Lost,
        ..link
    });
    acme.save_member(acme.changed(Member {
        link,
        ..lost.clone()
    }))
    .await
    .unwrap();
    acme.manual_member("manual@acme.example").await;

    let (id, connection) = (acme.id(), acme.connection.id);
    let mut visited = Vec::new();
    loop {
        let after = visited.last().copied();
        let page = acme
            .read(move |tx| Ok(tx.members_to_relink(id, connection, after, 2)?))
            .await;
        visited.extend(page.iter().map(|member| member.id));
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(visited, [moved.id, suspended.id, lost.id]);
    assert!(!visited.contains(&quiet.id));

    let (same, other) = (
        acme.pushed_team("Same").await,
        acme.pushed_team("Other").await,
    );
    renamed(&acme, &other, "another").await;
    // Renamed back while a namesake held the name among the directory's own.
    let away = acme.pushed_team("Away").await;
    renamed(&acme, &away, "away").await;
    let teams = acme
        .read(move |tx| Ok(tx.teams_to_relink(id, connection, None, 10)?))
        .await;
    assert_eq!(
        teams.iter().map(|team| team.id).collect::<Vec<_>>(),
        [other.id, away.id]
    );
    assert_ne!(same.id, other.id);
}

/// Part B, *On again*: the preview and the removal name the same people.
pub async fn outsiders_leave_managed_teams_and_no_other(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.pushed_member("ann@acme.example").await;
    let manual = acme.manual_member("manual@acme.example").await;
    let away = acme.pushed_member("away@acme.example").await;
    let ops = acme.pushed_team("Ops").await;
    let gone = acme.pushed_team("Gone").await;
    let own = acme.manual_team("Own").await;
    for team in [&ops, &gone, &own] {
        for member in [&ann, &manual, &away] {
            acme.put_in(team, member).await;
        }
    }
    let away = edited(&acme, &away, "elsewhere").await;
    let gone = renamed(&acme, &gone, "renamed").await;
    let (id, connection) = (acme.id(), acme.connection.id);
    let (pairs, count) = acme
        .read(move |tx| Ok(tx.outsiders(id, connection, 10)?))
        .await;
    let named: Vec<_> = pairs
        .iter()
        .map(|(team, member)| (team.id, member.id))
        .collect();
    assert_eq!(named, [(ops.id, manual.id), (ops.id, away.id)]);
    assert_eq!(count, 2);
    let (cut, count) = acme
        .read(move |tx| Ok(tx.outsiders(id, connection, 1)?))
        .await;
    assert_eq!((cut.len(), count), (1, 2));

    // What the rules then decide: both are lost.
    let lose = |link: Option<Link>| {
        link.map(|link| Link {
            state: LinkState::Lost,
            ..link
        })
    };
    let link = lose(away.link.clone());
    acme.save_member(acme.changed(Member {
        link,
        ..away.clone()
    }))
    .await
    .unwrap();
    let link = lose(gone.link.clone());
    acme.save_team(acme.changed_team(Team {
        link,
        ..gone.clone()
    }))
    .await
    .unwrap();
    let before = acme.entries().await.len();
    let stamp = acme.stamp();
    let left = acme
        .write(move |tx| Ok(tx.remove_outsiders(id, connection, &stamp)?))
        .await
        .unwrap();
    assert_eq!(left, 2);
    assert_eq!(acme.members_of(ops.id).await, [ann.id]);
    assert_eq!(acme.members_of(gone.id).await.len(), 3);
    assert_eq!(acme.members_of(own.id).await.len(), 3);
    let entries = acme.entries().await.split_off(before);
    let said: Vec<_> = entries
        .iter()
        .map(|entry| {
            (
                entry.action,
                entry.target.label.clone(),
                entry.related.clone().unwrap().id,
            )
        })
        .collect();
    let out = |member: &Member| {
        (
            Action::TeamMemberRemoved,
            "Ops".to_owned(),
            member.id.to_string(),
        )
    };
    assert_eq!(said, [out(&manual), out(&away)]);
    assert_eq!(acme.stored_team(ops.id).await.unwrap().member_count, 1);
    let stamp = acme.stamp();
    let left = acme
        .write(move |tx| Ok(tx.remove_outsiders(id, connection, &stamp)?))
        .await
        .unwrap();
    assert_eq!(left, 0);
}
