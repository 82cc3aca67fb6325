//! What is kept for a time: tokens, sessions, resets, attempts, mails, warnings, entries.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use rollcall_application::ports::{Digest, NewSession, OutgoingMail, Store};
use rollcall_domain::rules::memberships::skipped;
use rollcall_domain::rules::provisioning::DirectoryUser;
use rollcall_domain::rules::switching;
use rollcall_domain::{
    Action, ActivityEvent, Change, Connection, Effect, Email, FoldedKey, Invitation, Link,
    LinkState, Member, MemberId, MemberStatus, SessionId, Target,
};

use crate::Tenant;

fn digest(number: u8) -> Digest {
    Digest([number; 32])
}

fn session(acme: &Tenant, member: MemberId, number: u8, hours: i64) -> NewSession {
    let now = acme.now();
    NewSession {
        id: SessionId::from_u128(u128::from(number)),
        organization: acme.id(),
        member,
        token: digest(number),
        created_at: now,
        expires_at: now + Duration::hours(hours),
        ip: Some("192.0.2.1".to_owned()),
        user_agent: None,
    }
}

async fn begin(acme: &Tenant, session: NewSession) {
    acme.write(move |tx| Ok(tx.create_session(&session)?))
        .await
        .unwrap();
}

/// SEC-12: whoever is stopped, or asks for it, has no session in the same transaction.
pub async fn sessions_end_with_the_change_that_ends_them(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let ann = acme.manual_member("ann@acme.example").await;
    for number in 1..=3 {
        begin(&acme, session(&acme, ann.id, number, 1)).await;
        acme.clock.advance(Duration::seconds(1));
    }
    begin(&acme, session(&acme, acme.owner.id, 9, 1)).await;
    let (id, member, now) = (acme.id(), ann.id, acme.now());
    let sessions = async |at: DateTime<Utc>| {
        let listed = acme.read(move |tx| Ok(tx.sessions(id, member, at)?)).await;
        let ids = listed.iter().map(|session| session.id);
        ids.collect::<Vec<_>>()
    };
    let ids: Vec<SessionId> = (1..=3).rev().map(SessionId::from_u128).collect();
    assert_eq!(sessions(now).await, ids, "newest first");
    assert!(
        sessions(now + Duration::hours(2)).await.is_empty(),
        "they have ended"
    );
    let ended = acme
        .write(move |tx| {
            let one = tx.end_session(id, member, SessionId::from_u128(1))?;
            let again = tx.end_session(id, member, SessionId::from_u128(1))?;
            let others = tx.end_other_sessions(id, member, Some(SessionId::from_u128(2)))?;
            Ok((one, again, others))
        })
        .await
        .unwrap();
    assert_eq!(ended, (true, false, 1));
    assert_eq!(sessions(now).await, [SessionId::from_u128(2)]);
    let holder = acme
        .read(|tx| Ok(tx.session_holder(&digest(2))?))
        .await
        .unwrap();
    assert_eq!((holder.organization, holder.member), (id, member));

    let stopped = Member {
        status: MemberStatus::Suspended,
        ..ann
    };
    let change = acme.changed(stopped).with(&[Effect::EndSessions]);
    acme.save_member(change).await.unwrap();
    assert!(sessions(now).await.is_empty());
    assert!(
        acme.read(|tx| Ok(tx.session_holder(&digest(2))?))
            .await
            .is_none()
    );
    assert!(
        acme.read(|tx| Ok(tx.session_holder(&digest(9))?))
            .await
            .is_some()
    );
}

/// A session's last use, and when a directory was last heard, are kept to the minute and move no
/// version.
pub async fn what_was_seen_is_kept_to_the_minute(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    begin(&acme, session(&acme, acme.owner.id, 1, 9)).await;
    let (id, connection, began) = (acme.id(), acme.connection.id, acme.now());
    let seen = async |at: DateTime<Utc>| {
        acme.write(move |tx| {
            tx.touch_session(id, SessionId::from_u128(1), at)?;
            tx.note_request(id, connection, at)?;
            let holder = tx.session_holder(&digest(1))?.unwrap();
            let directories = tx.directories(id)?;
            let heard = directories.get(connection).unwrap().last_request_at;
            Ok((holder.last_seen_at, heard))
        })
        .await
        .unwrap()
    };
    let after = move |seconds: i64| began + Duration::seconds(seconds);
    assert_eq!(seen(after(1)).await, (began, Some(after(1))));
    assert_eq!(seen(after(59)).await, (began, Some(after(1))));
    assert_eq!(seen(after(61)).await, (after(61), Some(after(61))));

    // A change of the connection keeps it, unless it forgets it.
    let stamp = acme.stamp();
    let read = acme.read(move |tx| Ok(tx.directories(id)?)).await.all()[0].clone();
    assert_eq!(read.version, acme.connection.version);
    let stale = Connection {
        last_request_at: Some(began),
        ..read
    };
    let saved = acme
        .write(move |tx| {
            let kept = tx.save_connection(Change::update(stale.clone(), vec![]), &stamp)?;
            assert_eq!(kept.last_request_at, Some(after(61)));
            let forgotten = Connection {
                last_request_at: None,
                ..kept
            };
            Ok(tx.save_connection(Change::update(forgotten, vec![]), &stamp)?)
        })
        .await
        .unwrap();
    assert_eq!(saved.last_request_at, None);
    let stored = acme.read(move |tx| Ok(tx.directories(id)?)).await;
    assert_eq!(stored.all(), [saved]);
}

/// R03, SEC-8: a new token ends the old one at once; off ends every token.
pub async fn a_new_token_ends_the_old_one(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, connection, now) = (acme.id(), acme.connection.id, acme.now());
    let replace = async |token: Option<Digest>| {
        acme.write(move |tx| Ok(tx.replace_tokens(id, connection, token.as_ref(), now)?))
            .await
            .unwrap();
    };
    let opens = async |token: Digest| {
        acme.read(move |tx| {
            let holder = tx.token_holder(&token)?.map(|holder| holder.connection);
            let live = tx.token_is_live(id, connection, &token)?;
            assert_eq!(holder == Some(connection), live);
            let opened = tx.directories_opened(id, connection, &token)?;
            let directories = tx.directories(id)?;
            assert_eq!(opened, live.then_some(directories));
            Ok(live)
        })
        .await
    };
    assert!(!opens(digest(1)).await);
    replace(Some(digest(1))).await;
    assert!(opens(digest(1)).await);
    replace(Some(digest(2))).await;
    assert!(!opens(digest(1)).await && opens(digest(2)).await);
    let off = switching::disable(&acme.connection, &acme.actor(), now).unwrap();
    let stamp = acme.stamp();
    acme.write(move |tx| Ok(tx.save_connection(off.clone(), &stamp)?))
        .await
        .unwrap();
    assert!(
        !opens(digest(2)).await,
        "a connection that is off opens to nothing"
    );
    replace(None).await;
    assert!(!opens(digest(2)).await);
}

/// An invitation sent again has a new link; the old one is dead. So with a reset.
pub async fn a_new_link_ends_the_old_one(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (first, second) = (acme.manual_team("Ops").await, acme.manual_team("Dev").await);
    let ann = acme.manual_member("ann@acme.example").await;
    let (id, now) = (acme.id(), acme.now());
    let invitation = |teams: Vec<_>| Invitation {
        organization: id,
        member: ann.id,
        teams,
        expires_at: now + Duration::hours(72),
    };
    let old = invitation(vec![first.id]);
    let new = invitation(vec![second.id, first.id]);
    let (member, again) = (ann.id, new.clone());
    acme.write(move |tx| {
        tx.put_invitation(&old, &digest(1), now)?;
        tx.put_invitation(&again, &digest(2), now)?;
        tx.put_reset(id, member, &digest(3), now)?;
        Ok(tx.put_reset(id, member, &digest(4), now)?)
    })
    .await
    .unwrap();
    let (dead, live, record, no_reset, reset) = acme
        .read(move |tx| {
            Ok((
                tx.invitation_holder(&digest(1))?,
                tx.invitation_holder(&digest(2))?,
                tx.invitation(id, member)?,
                tx.reset_holder(&digest(3))?,
                tx.reset_holder(&digest(4))?,
            ))
        })
        .await;
    assert_eq!((dead, no_reset), (None, None));
    assert_eq!(live.unwrap().invitation, new);
    let record = record.unwrap();
    assert_eq!((record.invitation, record.sent_at), (new, now));
    assert_eq!(reset.unwrap().member, ann.id);
}

/// Who may be meant by an e-mail at sign-in, over all organizations: active, with a password.
pub async fn sign_in_finds_active_members_by_e_mail(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let key = FoldedKey::of("JANE@x.example");
    let mut meant = Vec::new();
    for tenant in [&acme, &other] {
        let jane = tenant.manual_member("jane@x.example").await;
        let (id, member) = (tenant.id(), jane.id);
        tenant
            .write(move |tx| Ok(tx.put_password_hash(id, member, "a hash")?))
            .await
            .unwrap();
        meant.push((id, jane));
    }
    let asked = key.clone();
    let candidates = acme
        .read(move |tx| Ok(tx.sign_in_candidates(&asked)?))
        .await;
    let found: Vec<_> = candidates
        .iter()
        .map(|c| (c.organization, c.member))
        .collect();
    let ids: Vec<_> = meant.iter().map(|(id, jane)| (*id, jane.id)).collect();
    assert_eq!(found, ids);
    assert_eq!(candidates[0].organization_name, "Acme");
    assert_eq!(candidates[0].password_hash, "a hash");

    let (_, jane) = meant.remove(0);
    let suspended = Member {
        status: MemberStatus::Suspended,
        ..jane.clone()
    };
    acme.save_member(acme.changed(suspended)).await.unwrap();
    let provisioned = acme.pushed_change(acme.user("j.doe", None));
    let provisioned = Change {
        value: Member {
            email: Email::parse("Jane@X.example").ok(),
            ..provisioned.value
        },
        ..provisioned
    };
    let provisioned = acme.save_member(provisioned).await.unwrap();
    let (asked, id) = (key.clone(), acme.id());
    let (candidates, by_email, in_acme) = acme
        .read(move |tx| {
            Ok((
                tx.sign_in_candidates(&asked)?,
                tx.members_by_email(&asked)?,
                tx.members_with_keys(id, &[asked.clone(), FoldedKey::of("nobody")])?,
            ))
        })
        .await;
    assert_eq!(candidates.len(), 1, "no password, or suspended");
    assert_eq!(by_email, [(acme.id(), provisioned.id), ids[1]]);
    let found: Vec<_> = in_acme.iter().map(|member| member.id).collect();
    assert_eq!(found, [jane.id, provisioned.id]);
}

/// Part B, POST /Users: who could be the pushed person is found by `userName` and `externalId` among
/// whom the directory sees, and by login and e-mail among everybody.
pub async fn who_could_be_the_pushed_person_is_found(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, connection) = (acme.id(), acme.connection.id);
    let seen = acme.pushed_member("seen@x.example").await;
    let lost = acme.pushed_member("lost@x.example").await;
    let lost_link = lost.link.clone().map(|link| Link {
        state: LinkState::Lost,
        ..link
    });
    let lost = Member {
        link: lost_link,
        ..lost
    };
    let lost = acme.save_member(acme.changed(lost)).await.unwrap();
    let manual = acme.manual_member("manual@x.example").await;
    let found = async |user_name: &str, external_id: Option<&str>, email: &str| {
        let user = DirectoryUser {
            email: Email::parse(email).ok(),
            ..acme.user(user_name, external_id)
        };
        let matches = acme
            .read(move |tx| Ok(tx.matches(id, connection, &user)?))
            .await;
        let by_key: Vec<_> = matches.by_key.iter().map(|member| member.id).collect();
        let id_of = |member: Option<Member>| member.map(|member| member.id);
        (
            id_of(matches.by_user_name),
            id_of(matches.by_external_id),
            by_key,
        )
    };
    let nobody = "nobody@x.example";
    let nothing = (None, None, vec![]);
    assert_eq!(found(nobody, Some("ext-nobody"), nobody).await, nothing);
    assert_eq!(found(nobody, None, nobody).await, nothing);
    assert_eq!(
        found("SEEN@x.example", Some("ext-seen@x.example"), nobody).await,
        (Some(seen.id), Some(seen.id), vec![seen.id])
    );
    assert_eq!(
        found("lost@x.example", Some("ext-lost@x.example"), nobody).await,
        (None, None, vec![lost.id]),
        "a lost link finds nobody, a login does"
    );
    assert_eq!(
        found("other", Some("ext-seen@x.example"), "Manual@x.example").await,
        (None, Some(seen.id), vec![manual.id]),
        "by the e-mail alone"
    );
    assert_eq!(
        found("manual@x.example", None, "lost@x.example").await,
        (None, None, vec![lost.id, manual.id]),
        "by either key"
    );
}

/// SEC-13: attempts count in a window that begins with the first one.
pub async fn attempts_count_in_their_window(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let now = acme.now();
    let attempt = async |number: u8, seconds: i64| {
        let at = now + Duration::seconds(seconds);
        acme.write(move |tx| Ok(tx.count_attempt(&digest(number), at, 60)?))
            .await
            .unwrap()
    };
    let first = attempt(1, 0).await;
    assert_eq!(
        (first.count, first.window_ends_at),
        (1, now + Duration::seconds(60))
    );
    let second = attempt(1, 59).await;
    assert_eq!(
        (second.count, second.window_ends_at),
        (2, first.window_ends_at)
    );
    assert_eq!(attempt(2, 59).await.count, 1, "each key counts alone");
    let anew = attempt(1, 60).await;
    assert_eq!(
        (anew.count, anew.window_ends_at),
        (1, now + Duration::seconds(120))
    );
    acme.write(|tx| Ok(tx.forget_attempts(&digest(1))?))
        .await
        .unwrap();
    assert_eq!(attempt(1, 61).await.count, 1);
}

/// A mail goes to one worker at a time, and again when its lease or its retry is due.
pub async fn a_mail_is_leased_to_one_worker(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, now) = (acme.id(), acme.now());
    let mail = OutgoingMail {
        to: Email::parse("jane@acme.example").unwrap(),
        subject: "Hello".to_owned(),
        body: "A link".to_owned(),
    };
    let sent = mail.clone();
    acme.write(move |tx| {
        tx.enqueue(id, &sent, now + Duration::seconds(5))?;
        Ok(tx.enqueue(id, &sent, now)?)
    })
    .await
    .unwrap();
    let lease = async |seconds: i64, limit: u32| {
        let at = now + Duration::seconds(seconds);
        acme.write(move |tx| Ok(tx.lease_mails(at, at + Duration::seconds(60), limit)?))
            .await
            .unwrap()
    };
    let first = lease(0, 9).await;
    assert_eq!(first.len(), 1, "the other is not due");
    assert_eq!((first[0].attempts, first[0].organization), (0, id));
    assert!(first[0].mail == mail);
    let second = lease(30, 9).await;
    assert_eq!(second.len(), 1);
    assert_ne!(second[0].id, first[0].id);
    assert!(lease(59, 9).await.is_empty());
    let again = lease(60, 9).await;
    assert_eq!((again[0].id, again[0].attempts), (first[0].id, 1));
    let (gone, retried) = (first[0].id, second[0].id);
    let at = now + Duration::seconds(200);
    acme.write(move |tx| {
        tx.mail_sent(gone)?;
        Ok(tx.mail_failed(retried, Some(at))?)
    })
    .await
    .unwrap();
    assert!(lease(199, 9).await.is_empty());
    assert_eq!(lease(200, 9).await.len(), 1);
    acme.write(move |tx| Ok(tx.mail_failed(retried, None)?))
        .await
        .unwrap();
    assert!(lease(999, 9).await.is_empty());
}

/// What is past its time goes, a bounded number at once; what is not stays.
pub async fn purging_is_bounded_and_takes_what_is_past(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, owner, now) = (acme.id(), acme.owner.id, acme.now());
    for number in 1..=5 {
        begin(&acme, session(&acme, owner, number, i64::from(number))).await;
    }
    acme.write(move |tx| {
        tx.put_reset(id, owner, &digest(7), now + Duration::hours(1))?;
        tx.count_attempt(&digest(8), now, 60)?;
        Ok(())
    })
    .await
    .unwrap();
    let purge = async |hours: i64, before: Option<DateTime<Utc>>, limit: u32| {
        let at = now + Duration::hours(hours);
        acme.write(move |tx| Ok(tx.purge(at, before, limit)?))
            .await
            .unwrap()
    };
    assert_eq!(purge(0, None, 10).await, 0);
    assert_eq!(purge(4, None, 3).await, 3 + 1 + 1, "at most three sessions");
    assert_eq!(purge(4, None, 3).await, 1);
    assert_eq!(purge(4, None, 3).await, 0);
    let left = acme.read(move |tx| Ok(tx.sessions(id, owner, now)?)).await;
    assert_eq!(left.len(), 1);
    let entries = acme.entries().await;
    let kept = entries.last().unwrap().at;
    acme.clock.advance(Duration::hours(1));
    acme.pushed_member("late@acme.example").await;
    let past = entries.iter().filter(|entry| entry.at < kept).count() as u64;
    let some = purge(0, Some(kept), 2).await;
    let rest = purge(0, Some(kept), 100).await;
    assert_eq!(some + rest, past);
    assert!(some <= 2);
    assert!(acme.entries().await.iter().all(|entry| entry.at >= kept));
    assert!(!acme.entries().await.is_empty());
}

/// Part B, Activity: the same warning is recorded once in 24 hours.
pub async fn a_warning_is_not_repeated_for_a_day(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let other = Tenant::found(&store, "Other", 2).await;
    let team = acme.pushed_team("Ops").await;
    let warn = async |tenant: &Tenant, named: &str| {
        let (event, stamp) = (skipped(&team, named), tenant.stamp());
        tenant
            .write(move |tx| Ok(tx.record_warning(event.clone(), &stamp)?))
            .await
            .unwrap()
    };
    assert!(warn(&acme, "a").await);
    assert!(!warn(&acme, "a").await);
    assert!(warn(&acme, "b").await, "another change");
    assert!(warn(&other, "a").await, "another organization");
    acme.clock.advance(Duration::hours(23));
    assert!(!warn(&acme, "a").await);
    acme.clock.advance(Duration::hours(1));
    assert!(warn(&acme, "a").await);
    let warnings = acme.actions().await;
    let warnings = warnings
        .iter()
        .filter(|a| **a == Action::ProvisioningMemberSkipped);
    assert_eq!(warnings.count(), 3);
    // What is recorded as it comes is never held back.
    let event = ActivityEvent::change(
        Action::SessionStarted,
        Target::member(acme.owner.id, "owner"),
    );
    let (stamp, before) = (acme.stamp(), acme.entries().await.len());
    acme.write(move |tx| {
        tx.record(event.clone(), &stamp)?;
        Ok(tx.record(event.clone(), &stamp)?)
    })
    .await
    .unwrap();
    assert_eq!(acme.entries().await.len(), before + 2);
}

/// Part B, POST /Users, 3: repeated pushes move only the time; a permission stays beside it until
/// it is used up.
pub async fn a_link_waits_for_permission(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, owner, connection, now) = (acme.id(), acme.owner.id, acme.connection.id, acme.now());
    let later = now + Duration::hours(1);
    let until = now + Duration::hours(24);
    let ask = async |at: DateTime<Utc>| {
        acme.write(move |tx| Ok(tx.request_link(id, owner, connection, at)?))
            .await
            .unwrap();
        acme.read(move |tx| Ok(tx.link_requests(id)?)).await
    };
    let waiting = ask(now).await;
    assert_eq!((waiting.len(), waiting[0].allowed_until), (1, None));
    let event = ActivityEvent::change(
        Action::ProvisioningLinkAllowed,
        Target::member(owner, "owner"),
    );
    let stamp = acme.stamp();
    acme.write(move |tx| Ok(tx.allow_link(owner, connection, until, event.clone(), &stamp)?))
        .await
        .unwrap();
    let allowed = ask(later).await;
    assert_eq!(allowed.len(), 1);
    assert_eq!(
        (allowed[0].requested_at, allowed[0].allowed_until),
        (later, Some(until))
    );
    assert_eq!(
        acme.actions().await.last(),
        Some(&Action::ProvisioningLinkAllowed)
    );
    let used = acme
        .changed(acme.owner.clone())
        .with(&[Effect::UseLinkApproval]);
    acme.save_member(used).await.unwrap();
    assert!(
        acme.read(move |tx| Ok(tx.link_requests(id)?))
            .await
            .is_empty()
    );
}

/// R07's notice: whether a connection finds anything at all.
pub async fn a_connection_knows_whether_it_finds_anything(store: Arc<dyn Store>) {
    let acme = Tenant::found(&store, "Acme", 1).await;
    let (id, connection) = (acme.id(), acme.connection.id);
    let any = async || {
        acme.read(move |tx| Ok(tx.has_live_links(id, connection)?))
            .await
    };
    assert!(!any().await);
    acme.manual_member("manual@acme.example").await;
    assert!(!any().await);
    acme.pushed_team("Ops").await;
    assert!(any().await);
}
