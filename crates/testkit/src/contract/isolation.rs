//! SEC-4, SEC-5: another organization's objects are nobody's, on every method.

use std::sync::Arc;

use chrono::Duration;
use rollcall_application::Failure;
use rollcall_application::ports::{
    ActivityQuery, Digest, Ids, MemberCondition, MemberQuery, NewSession, ReadTx, Store,
    StoreError, Stretch, TeamCondition, TeamQuery, Window, WriteTx,
};
use rollcall_domain::rules::memberships::{DirectoryMemberships, join};
use rollcall_domain::rules::provisioning::Matches;
use rollcall_domain::{
    Action, ActivityEvent, Connection, ConnectionId, DirectoryKind, ExternalId, FoldedKey,
    Invitation, Link, LinkState, Member, MemberId, SessionId, Switch, Target, Team,
};

use super::live_members;
use crate::Tenant;
use crate::tenant::created;

/// A member and a team of the first tenant, with everything a member can have.
async fn furnished(acme: &Tenant) -> (Member, Team) {
    let ann = acme.pushed_member("ann@acme.example").await;
    let team = acme.pushed_team("Ops").await;
    let wanted = DirectoryMemberships {
        add: vec![ann.id],
        ..DirectoryMemberships::default()
    };
    acme.apply(acme.delta(&team, wanted)).await.unwrap();
    let (id, member, now, connection) = (acme.id(), ann.id, acme.now(), acme.connection.id);
    let teams = vec![team.id];
    acme.write(move |tx| {
        tx.put_password_hash(id, member, "hash")?;
        tx.put_reset(id, member, &Digest([2; 32]), now)?;
        let invitation = Invitation {
            organization: id,
            member,
            teams: teams.clone(),
            expires_at: now,
        };
        tx.put_invitation(&invitation, &Digest([3; 32]), now)?;
        tx.request_link(id, member, connection, now)?;
        tx.replace_tokens(id, connection, Some(&Digest([4; 32])), now)?;
        Ok(tx.create_session(&NewSession {
            id: SessionId::from_u128(7),
            organization: id,
            member,
            token: Digest([1; 32]),
            created_at: now,
            expires_at: now + Duration::hours(1),
            ip: None,
            user_agent: None,
        })?)
    })
    .await
    .unwrap();
    (ann, team)
}

/// Every read that names an organization answers nothing of another one.
pub async fn nothing_of_another_organization_is_read(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let (ann, ops) = furnished(&acme).await;
    let (id, connection, now) = (other.id(), acme.connection.id, acme.now());
    let (member, team) = (ann.id, ops.id);
    let external = ExternalId::parse("ext-ann@acme.example").unwrap();
    let team_external = ExternalId::parse("ext-Ops").unwrap();
    let pushed = acme.user("ann@acme.example", Some("ext-ann@acme.example"));
    let looked = move |tx: &mut dyn ReadTx| -> Result<(), Failure> {
        assert_eq!(tx.member(id, member)?, None);
        assert!(tx.members(id, &[member])?.is_empty());
        assert!(
            tx.members_with_keys(id, std::slice::from_ref(&ann.login_key))?
                .is_empty()
        );
        assert_eq!(tx.matches(id, connection, &pushed)?, Matches::default());
        assert_eq!(
            tx.live_member_by_external_id(id, connection, &external)?,
            None
        );
        assert_eq!(
            tx.other_effective_owners(id, MemberId::from_u128(1))?,
            1,
            "its own"
        );
        assert!(tx.teams_of_member(id, member)?.is_empty());
        assert_eq!(tx.count_live_members(id, connection, &[])?, 0);
        let (all, stretch) = (
            [MemberCondition::Id(member)],
            Stretch::by_id(Window::After(None), 9),
        );
        assert!(live_members(tx, id, connection, &all, &stretch)?.is_empty());
        let in_team = [MemberCondition::InTeam(team)];
        assert!(live_members(tx, id, connection, &in_team, &stretch)?.is_empty());
        assert!(
            tx.live_teams_of_members(id, connection, &[member])?
                .is_empty()
        );
        assert_eq!(tx.invitation(id, member)?, None);
        let query = MemberQuery {
            team: Some(team),
            limit: 9,
            ..MemberQuery::default()
        };
        assert_eq!(tx.member_page(id, &query)?.total, 0);
        let every = MemberQuery {
            limit: 9,
            ..MemberQuery::default()
        };
        let page = tx.member_page(id, &every)?;
        assert_eq!((page.total, page.items.len()), (1, 1), "its own owner");

        assert_eq!(tx.team(id, team)?, None);
        assert!(tx.teams(id, &[team])?.is_empty());
        assert_eq!(tx.team_by_name(id, ops.namespace, &ops.name_key)?, None);
        assert_eq!(
            tx.live_team_by_external_id(id, connection, &team_external)?,
            None
        );
        let every = TeamQuery {
            limit: 9,
            ..TeamQuery::default()
        };
        assert_eq!(tx.team_page(id, &every)?.total, 0);
        assert_eq!(tx.count_live_teams(id, connection, &[])?, 0);
        let with = [TeamCondition::HasMember(member)];
        assert!(tx.live_teams(id, connection, &with, &stretch)?.is_empty());
        assert!(tx.team_member_labels(id, team, None, 9)?.is_empty());
        assert!(tx.team_members_among(id, team, &[member])?.is_empty());

        assert_eq!(tx.directories(id)?.get(connection), None);
        assert_eq!(tx.link_counts(id, connection)?.live_members, 0);
        assert!(!tx.has_live_links(id, connection)?);
        assert!(!tx.token_is_live(id, connection, &Digest([4; 32]))?);
        assert!(tx.link_requests(id)?.is_empty());
        assert!(tx.members_to_relink(id, connection, None, 9)?.is_empty());
        assert!(tx.teams_to_relink(id, connection, None, 9)?.is_empty());
        assert_eq!(tx.outsiders(id, connection, 9)?.1, 0);
        assert_eq!(tx.password_hash(id, member)?, None);
        assert!(tx.sessions(id, member, now)?.is_empty());
        let about = ActivityQuery {
            target_id: Some(member.to_string()),
            limit: 9,
            ..ActivityQuery::default()
        };
        assert_eq!(tx.activity_page(id, &about)?.total, 0);
        assert_eq!(tx.seats(id)?.used, 1);
        Ok(())
    };
    other.read(looked).await;
}

/// Every write that names an organization leaves another one as it was.
pub async fn nothing_of_another_organization_is_written(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let (ann, ops) = furnished(&acme).await;
    let (id, connection, now) = (
        other.id(),
        acme.connection.id,
        acme.now() + Duration::hours(1),
    );
    let (member, own) = (ann.id, acme.id());
    let before = acme.entries().await;
    other
        .write(move |tx| {
            assert!(!tx.end_session(id, member, SessionId::from_u128(7))?);
            assert_eq!(tx.end_other_sessions(id, member, None)?, 0);
            tx.touch_session(id, SessionId::from_u128(7), now)?;
            tx.note_request(id, connection, now)?;
            tx.replace_tokens(id, connection, None, now)?;
            Ok(())
        })
        .await
        .unwrap();
    let stamp = other.stamp();
    let left = other
        .write(move |tx| Ok(tx.remove_outsiders(id, connection, &stamp)?))
        .await
        .unwrap();
    assert_eq!(left, 0);
    let (session, heard, token) = acme
        .read(move |tx| {
            let sessions = tx.sessions(own, member, now - Duration::hours(1))?;
            let directories = tx.directories(own)?;
            let connection = directories.get(connection).cloned().unwrap();
            let token = tx.token_is_live(own, connection.id, &Digest([4; 32]))?;
            Ok((sessions[0].last_seen_at, connection.last_request_at, token))
        })
        .await;
    assert!(session < now);
    assert_eq!((heard, token), (None, true));
    assert_eq!(acme.stored_member(member).await, Some(ann));
    assert_eq!(acme.members_of(ops.id).await, [member]);
    assert_eq!(acme.entries().await, before);
}

/// A write that must be refused.
type Attempt = Box<dyn Fn(&mut dyn WriteTx) -> Result<(), StoreError> + Send>;

/// The database itself refuses a reference across organizations.
pub async fn a_reference_across_organizations_is_refused(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let (ann, ops) = furnished(&acme).await;
    let stranger = other.pushed_member("stranger@other.example").await;
    let foreign = other.manual_team("Foreign").await;

    // A membership of a stranger: no rule lets it through, and neither does the store.
    let applied = acme.apply(join(&ops, &stranger)).await.unwrap();
    assert!(applied.added.is_empty());
    // A link to another organization's connection.
    let link = Some(Link {
        connection: other.connection.id,
        state: LinkState::Live,
        external_id: None,
        name: "ann".to_owned(),
        key: FoldedKey::of("ann"),
        email_key: None,
        active: true,
    });
    let linked = acme.changed(Member {
        link,
        ..ann.clone()
    });
    assert!(acme.save_member(linked).await.is_err());
    assert_eq!(acme.stored_member(ann.id).await, Some(ann.clone()));

    let (id, now, stamp) = (acme.id(), acme.now(), acme.stamp());
    let (member, connection, team) = (stranger.id, other.connection.id, foreign.id);
    let event = ActivityEvent::change(
        Action::ProvisioningLinkAllowed,
        Target::member(member, "stranger"),
    );
    let attempts: Vec<Attempt> = vec![
        Box::new(move |tx| tx.put_password_hash(id, member, "hash")),
        Box::new(move |tx| tx.put_reset(id, member, &Digest([8; 32]), now)),
        Box::new(move |tx| tx.request_link(id, member, connection, now)),
        Box::new(move |tx| tx.allow_link(member, connection, now, event.clone(), &stamp)),
        Box::new(move |tx| tx.replace_tokens(id, connection, Some(&Digest([9; 32])), now)),
        Box::new(move |tx| {
            let invitation = Invitation {
                organization: id,
                member: ann.id,
                teams: vec![team],
                expires_at: now,
            };
            tx.put_invitation(&invitation, &Digest([10; 32]), now)
        }),
        Box::new(move |tx| {
            tx.create_session(&NewSession {
                id: SessionId::from_u128(8),
                organization: id,
                member,
                token: Digest([11; 32]),
                created_at: now,
                expires_at: now,
                ip: None,
                user_agent: None,
            })
        }),
    ];
    for (number, attempt) in attempts.into_iter().enumerate() {
        let outcome = acme.write(move |tx| Ok(attempt(tx)?)).await;
        assert!(
            matches!(outcome, Err(Failure::Internal(_))),
            "attempt {number}: {outcome:?}"
        );
    }
}

/// SEC-5: a change and its entries belong to one organization.
pub async fn a_stamp_of_another_organization_is_refused(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let (ann, ops) = furnished(&acme).await;
    let (member, team) = (acme.changed(ann.clone()), acme.changed_team(ops.clone()));
    let (delta, stamp) = (join(&ops, &ann), other.stamp());
    let before = other.entries().await;
    let connection = acme.connection.id;
    let organization = acme.id();
    let attempts: Vec<Attempt> = vec![
        {
            let stamp = stamp.clone();
            Box::new(move |tx| tx.save_member(member.clone(), &stamp).map(|_| ()))
        },
        {
            let stamp = stamp.clone();
            Box::new(move |tx| tx.save_team(team.clone(), &stamp).map(|_| ()))
        },
        {
            let stamp = stamp.clone();
            Box::new(move |tx| tx.apply_memberships(&delta, &stamp).map(|_| ()))
        },
        Box::new(move |tx| {
            tx.remove_outsiders(organization, connection, &stamp)
                .map(|_| ())
        }),
    ];
    for attempt in attempts {
        let outcome = other.write(move |tx| Ok(attempt(tx)?)).await;
        assert!(matches!(outcome, Err(Failure::Internal(_))));
    }
    assert_eq!(other.entries().await, before);
    assert_eq!(acme.stored_member(ann.id).await, Some(ann));
}

/// Two directories of one organization know nothing of each other: tokens, links, `externalId`s.
pub async fn two_connections_of_one_organization_do_not_mix(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let mut entra = Tenant {
        store: Arc::clone(&store),
        clock: Arc::clone(&acme.clock),
        ids: Arc::clone(&acme.ids),
        organization: acme.organization.clone(),
        owner: acme.owner.clone(),
        connection: acme.connection.clone(),
    };
    let (id, now, stamp) = (acme.id(), acme.now(), acme.stamp());
    let other = ConnectionId::new(acme.ids.next());
    let second = Connection::new(other, id, DirectoryKind::Entra, now).switched(Switch::On, now);
    let okta = acme.connection.id;
    let made = created(&second);
    entra.connection = acme
        .write(move |tx| {
            tx.replace_tokens(id, okta, Some(&Digest([4; 32])), now)?;
            let made = tx.save_connection(made.clone(), &stamp)?;
            tx.replace_tokens(id, other, Some(&Digest([5; 32])), now)?;
            Ok(made)
        })
        .await
        .unwrap();
    let ann = acme.pushed_change(acme.user("ann@acme.example", Some("same")));
    let ann = acme.save_member(ann).await.unwrap();
    let bob = entra.pushed_change(entra.user("bob@acme.example", Some("same")));
    let bob = entra.save_member(bob).await.unwrap();
    let ops = acme.pushed_team("Ops").await;
    entra.pushed_team("Ops").await;
    let both = DirectoryMemberships {
        add: vec![ann.id, bob.id],
        ..DirectoryMemberships::default()
    };
    let applied = acme.apply(acme.delta(&ops, both)).await.unwrap();
    assert_eq!(
        (applied.added, applied.skipped),
        (vec![ann.id], vec![bob.id])
    );

    let same = ExternalId::parse("same").unwrap();
    let keys = |member: &Member| {
        [
            MemberCondition::Id(member.id),
            MemberCondition::UserName(member.login_key.clone()),
        ]
    };
    let pushed_to = [(okta, keys(&bob)), (other, keys(&ann))];
    let (ann, bob, team) = (ann.id, bob.id, ops.id);
    acme.read(move |tx| {
        for (connection, of_the_other) in &pushed_to {
            for condition in of_the_other {
                let condition = std::slice::from_ref(condition);
                let stretch = Stretch::by_id(Window::After(None), 9);
                assert_eq!(live_members(tx, id, *connection, condition, &stretch)?, []);
            }
        }
        assert!(tx.token_is_live(id, okta, &Digest([4; 32]))?);
        assert!(tx.token_is_live(id, other, &Digest([5; 32]))?);
        assert!(!tx.token_is_live(id, okta, &Digest([5; 32]))?);
        let found = |member: Option<Member>| member.map(|member| member.id);
        assert_eq!(
            found(tx.live_member_by_external_id(id, okta, &same)?),
            Some(ann)
        );
        assert_eq!(
            found(tx.live_member_by_external_id(id, other, &same)?),
            Some(bob)
        );
        assert_eq!(tx.count_live_members(id, okta, &[])?, 1);
        let inside = [MemberCondition::InTeam(team)];
        assert_eq!(tx.count_live_members(id, okta, &inside)?, 1);
        assert_eq!(tx.count_live_members(id, other, &inside)?, 0);
        assert_eq!(tx.count_live_teams(id, other, &[])?, 1);
        Ok(())
    })
    .await;

    // A team that the directory no longer finds is nothing it could ask about.
    let lost = acme.stored_team(team).await.unwrap();
    let link = lost.link.clone().map(|link| Link {
        state: LinkState::Lost,
        ..link
    });
    acme.save_team(acme.changed_team(Team { link, ..lost }))
        .await
        .unwrap();
    let count = acme
        .read(move |tx| Ok(tx.count_live_members(id, okta, &[MemberCondition::InTeam(team)])?))
        .await;
    assert_eq!(count, 0);
}
