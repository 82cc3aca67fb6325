//! Two nodes that want the same thing at the same time on PostgreSQL (ADR 0016).

#![expect(clippy::unwrap_used, reason = "what cannot be is a failing test")]
#![cfg(unix)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rollcall_application::Failure;
use rollcall_application::ports::{Digest, NewSession, ReadTx, Store, StoreExt, WriteTx};
use rollcall_domain::{
    Action, ActivityEvent, Change, DirectoryKind, LoginMethods, LoginProvider, Member,
    PasswordSignIn, SessionId, Target,
};
use rollcall_storage::{Address, PostgresStore, ServerOptions};
use rollcall_testkit::{Tenant, postgres, supplies};

/// Two nodes on a database of their own.
struct Nodes {
    one: Arc<dyn Store>,
    other: Arc<dyn Store>,
    /// The address of the database.
    url: String,
}

fn nodes() -> Option<Nodes> {
    let url = postgres::new_database()?;
    let node = |first: u64| -> Arc<dyn Store> {
        let address = Address::parse(&url).unwrap();
        Arc::new(PostgresStore::open(&address, &ServerOptions::default(), supplies(first)).unwrap())
    };
    let (one, other) = (node(1), node(1 << 40));
    Some(Nodes { one, other, url })
}

/// Waits at a barrier without holding up the others of this test.
async fn meet(barrier: &Arc<Barrier>) {
    let barrier = Arc::clone(barrier);
    tokio::task::spawn_blocking(move || barrier.wait())
        .await
        .unwrap();
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    transactions: i64,
}

/// How many transactions of a database wait for a lock.
fn waiting(url: &str) -> i64 {
    let mut connection = PgConnection::establish(url).unwrap();
    let waiting: Waiting = diesel::sql_query(
        "SELECT count(*) AS transactions FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'",
    )
    .get_result(&mut connection)
    .unwrap();
    waiting.transactions
}

fn okta(enabled: bool) -> LoginMethods {
    let provider = LoginProvider {
        enabled,
        client_id: "client".to_owned(),
        base_url: "https://acme.okta.example".to_owned(),
        issuer: "https://acme.okta.example".to_owned(),
        ..LoginProvider::blank(DirectoryKind::Okta)
    };
    LoginMethods {
        password: PasswordSignIn::On,
        providers: vec![provider],
    }
}

/// Writes the login methods as the panel does: whoever came through a closed door is put out.
async fn switch(node: &Arc<dyn Store>, tenant: &Tenant, enabled: bool) {
    let (organization, stamp) = (tenant.id(), tenant.stamp());
    let target = Target::organization(organization, "Acme");
    let event = ActivityEvent::change(Action::LoginMethodUpdated, target);
    node.write(move |tx| {
        tx.login_methods(organization)?;
        let nobody = SessionId::from_u128(0);
        tx.end_provider_sessions(organization, DirectoryKind::Okta, nobody)?;
        let change = Change::update(okta(enabled), vec![event.clone()]);
        Ok(tx.save_login_methods(change, None, &stamp)?)
    })
    .await
    .unwrap();
}

fn session(tenant: &Tenant, member: &Member) -> NewSession {
    NewSession {
        id: SessionId::from_u128(77),
        organization: tenant.id(),
        member: member.id,
        token: Digest([7; 32]),
        created_at: tenant.now(),
        expires_at: tenant.now() + Duration::hours(1),
        ip: None,
        user_agent: None,
    }
}

/// SEC-12: a sign-in that has found the door open commits before the door is closed, and ends with
/// it; or it comes after, and finds it closed.
#[tokio::test]
async fn no_session_begins_through_a_login_method_that_is_being_disabled_on_another_node() {
    let Some(Nodes { one, other, url }) = nodes() else {
        return;
    };
    let acme = Tenant::found(&one, "Acme", 1).await;
    let jane = acme.manual_member("jane@acme.example").await;
    switch(&one, &acme, true).await;
    let (found, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (inside, held) = (Arc::clone(&found), Arc::clone(&go_on));
    let (organization, begun, node) = (acme.id(), session(&acme, &jane), Arc::clone(&one));
    let signing_in = tokio::spawn(async move {
        node.write(move |tx| {
            let methods = tx.login_methods(organization)?;
            assert!(methods.provider(DirectoryKind::Okta).unwrap().enabled);
            inside.wait();
            held.wait();
            tx.create_session(&begun)?;
            Ok(tx.put_provider_session(organization, begun.id, DirectoryKind::Okta)?)
        })
        .await
    });
    meet(&found).await;
    let acme = Arc::new(acme);
    let tenant = Arc::clone(&acme);
    let disabling = tokio::spawn(async move { switch(&other, &tenant, false).await });
    while waiting(&url) == 0 && !disabling.is_finished() {
        tokio::task::yield_now().await;
    }
    meet(&go_on).await;
    signing_in.await.unwrap().unwrap();
    disabling.await.unwrap();
    let left = one
        .read(move |tx| Ok(tx.session_holder(&Digest([7; 32]))?))
        .await;
    assert_eq!(left.unwrap(), None, "it came through a door that is closed");
}

/// Two that lock each other out are told apart by the server, and the one that gave way is run
/// again: both are done, and nobody hears of it.
#[tokio::test]
async fn a_deadlock_between_two_nodes_is_solved_inside() {
    let Some(Nodes { one, other, .. }) = nodes() else {
        return;
    };
    let acme = Tenant::found(&one, "Acme", 1).await;
    let organization = acme.id();
    let ann = acme.manual_member("ann@acme.example").await.id;
    let bob = acme.manual_member("bob@acme.example").await.id;
    // Only the first run of each waits for the other: a second one goes through.
    let both_hold_one = Arc::new(Barrier::new(2));
    let crossing = |node: &Arc<dyn Store>, first, second| {
        let (node, meeting) = (Arc::clone(node), Arc::clone(&both_hold_one));
        let mut runs = 0;
        tokio::spawn(async move {
            node.write(move |tx| {
                runs += 1;
                tx.member(organization, first)?;
                if runs == 1 {
                    meeting.wait();
                }
                tx.member(organization, second)?;
                Ok(runs)
            })
            .await
        })
    };
    let forth = crossing(&one, ann, bob);
    let back = crossing(&other, bob, ann);
    let (forth, back) = (forth.await.unwrap().unwrap(), back.await.unwrap().unwrap());
    assert!(forth + back > 2, "one of them, at least, was run again");
}

/// REL-12: with every connection at work, whoever asks is told so in bounded time, what was not
/// begun is not done later, and readiness has a connection of its own.
#[tokio::test]
async fn a_pool_that_is_at_work_refuses_in_bounded_time_and_goes_on() {
    let Some(url) = postgres::new_database() else {
        return;
    };
    let options = ServerOptions {
        readers: 1,
        writers: 1,
        patience: std::time::Duration::from_millis(50),
        ..ServerOptions::default()
    };
    let address = Address::parse(&url).unwrap();
    let store: Arc<dyn Store> =
        Arc::new(PostgresStore::open(&address, &options, supplies(1)).unwrap());
    let (begun, hold) = (Arc::new(Barrier::new(3)), Arc::new(Barrier::new(3)));
    let stuck = |begun: &Arc<Barrier>, hold: &Arc<Barrier>| {
        let (begun, hold) = (Arc::clone(begun), Arc::clone(hold));
        move || {
            begun.wait();
            hold.wait();
        }
    };
    let (reading, writing) = (stuck(&begun, &hold), stuck(&begun, &hold));
    let (reader, writer) = (Arc::clone(&store), Arc::clone(&store));
    let slow = [
        tokio::spawn(async move {
            let job = move |_: &mut dyn ReadTx| {
                reading();
                Ok(())
            };
            reader.read(job).await
        }),
        tokio::spawn(async move {
            let job = move |_: &mut dyn WriteTx| {
                writing();
                Ok(())
            };
            writer.write(job).await
        }),
    ];
    meet(&begun).await;
    let done = Arc::new(AtomicBool::new(false));
    let late = Arc::clone(&done);
    let refused = [
        store.read(|_| Ok(())).await,
        store
            .write(move |_| {
                late.store(true, Ordering::SeqCst);
                Ok(())
            })
            .await,
    ];
    for refused in refused {
        assert!(matches!(
            refused,
            Err(Failure::Unavailable { retry_after: 1 })
        ));
    }
    assert!(store.ready().await.is_ok(), "readiness waits for nobody");
    meet(&hold).await;
    for slow in slow {
        slow.await.unwrap().expect("what was begun is waited for");
    }
    store.read(|_| Ok(())).await.unwrap();
    store.write(|_| Ok(())).await.unwrap();
    assert!(!done.load(Ordering::SeqCst), "it was refused, and not done");
}
