//! REL-1, REL-4: what was acknowledged is there after `kill -9`, whole, with exactly one entry.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rollcall_testkit::postgres::Cluster;
use rollcall_tests::{Engine, Home, Provisioned, Scim, Server, on_each_engine};

/// How often it is killed; `TEST_DURABILITY_ROUNDS` says otherwise, for a night.
fn rounds(usual: usize) -> usize {
    std::env::var_os("TEST_DURABILITY_ROUNDS")
        .and_then(|rounds| rounds.to_str()?.parse().ok())
        .unwrap_or(usual)
}

const WRITERS: usize = 6;
/// How long something is waited for that comes at once, or never.
const PATIENCE: Duration = Duration::from_mins(1);

/// Writes from several clients until the server is killed after about `moment` acknowledgements.
fn write_until_killed(
    server: Server,
    provisioned: &Provisioned,
    round: usize,
    moment: usize,
) -> (Vec<(String, String)>, Arc<Home>) {
    let ledger = Arc::new(Mutex::new(Vec::new()));
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let over = Arc::new(AtomicBool::new(false));
    let (reached, killing) = std::sync::mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (scim, ledger) = (Scim::new(provisioned), Arc::clone(&ledger));
            let (count, over) = (Arc::clone(&acknowledged), Arc::clone(&over));
            let reached = reached.clone();
            std::thread::spawn(move || {
                let mut number = 0;
                while !over.load(Ordering::SeqCst) {
                    number += 1;
                    let name = format!("user-{round}-{writer}-{number}@acme.test");
                    let Some((status, body)) = scim.create(&name) else {
                        break;
                    };
                    if status == 201 {
                        let id = body["id"].as_str().expect("an id").to_owned();
                        ledger.lock().expect("no writer panics").push((id, name));
                        if count.fetch_add(1, Ordering::SeqCst) + 1 == moment {
                            // The receiver waits for one message alone.
                            let _ = reached.send(());
                        }
                    }
                }
            })
        })
        .collect();
    killing.recv().expect("the moment comes");
    let folder = server.kill();
    over.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.join().expect("no writer panics");
    }
    let ledger = Arc::try_unwrap(ledger)
        .expect("the writers ended")
        .into_inner();
    (ledger.expect("no writer panicked"), folder)
}

fn nothing_acknowledged_is_lost_or_torn_when_the_process_is_killed(engine: Engine) {
    let mut server = Server::start_on(engine);
    let provisioned = server.provision();
    let mut ledger: Vec<(String, String)> = Vec::new();
    for round in 0..rounds(8) {
        // The Tenant URL names the port of the first run; the next one listens elsewhere.
        let here = provisioned.at(server.url());
        let (written, folder) = write_until_killed(server, &here, round, 5 + round * 7);
        assert!(!written.is_empty());
        ledger.extend(written);
        server = Server::over(folder, &[]);
    }
    assert_whole(&server, &provisioned, &ledger);
}

/// Everything acknowledged is there and whole, and everything that is there has its one entry.
fn assert_whole(server: &Server, provisioned: &Provisioned, ledger: &[(String, String)]) {
    let scim = Scim::new(&provisioned.at(server.url()));
    for (id, name) in ledger {
        let (status, body) = scim.get(&format!("/Users/{id}"));
        assert_eq!(
            (status, body["userName"].as_str()),
            (200, Some(name.as_str())),
            "{id}"
        );
        assert_eq!(body["name"]["familyName"], "Family", "torn: {body}");
    }
    // Every member that is there, acknowledged or not, has exactly one entry of its creation.
    let (_, list) = scim.get("/Users?count=0");
    let stored = list["totalResults"].as_u64().expect("a number");
    assert!(stored >= ledger.len() as u64);
    let panel = server.owner();
    let entries = panel.get("/activity?action=member.created&source=scim&limit=1");
    assert_eq!(
        entries.body["total"].as_u64(),
        Some(stored),
        "{}",
        entries.body
    );
}

/// PostgreSQL stops as in a crash while several clients write, and comes back; the service stays.
#[test]
fn nothing_acknowledged_is_lost_when_the_database_is_stopped_and_the_service_recovers_by_itself() {
    let Some(cluster) = Cluster::start("") else {
        return;
    };
    let server = Server::over(Arc::new(Home::on(&cluster)), &[]);
    let provisioned = server.provision();
    let mut ledger: Vec<(String, String)> = Vec::new();
    for round in 0..rounds(3) {
        ledger.extend(write_while_the_database_stops(
            &cluster,
            &server,
            &provisioned,
            round,
        ));
    }
    assert_whole(&server, &provisioned, &ledger);
}

/// The status of readiness and of liveness.
fn health(server: &Server) -> (u16, u16) {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let status = |which: &str| {
        let url = format!("{}/health/{which}", server.url());
        agent
            .get(url)
            .call()
            .expect("the server answers")
            .status()
            .as_u16()
    };
    (status("ready"), status("live"))
}

/// Writes from several clients while the database is stopped and started again; what was
/// acknowledged.
fn write_while_the_database_stops(
    cluster: &Cluster,
    server: &Server,
    provisioned: &Provisioned,
    round: usize,
) -> Vec<(String, String)> {
    let (over, acknowledged) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ledger = Mutex::new(Vec::new());
    let until = |what: &str, holds: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !holds() {
            if began.elapsed() > PATIENCE {
                over.store(true, Ordering::SeqCst);
                panic!("waited in vain for {what}");
            }
            std::thread::yield_now();
        }
    };
    let at_least = |count: usize| {
        until("writes", &|| acknowledged.load(Ordering::SeqCst) >= count);
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (over, acknowledged, ledger) = (&over, &acknowledged, &ledger);
            let scim = Scim::new(provisioned);
            scope.spawn(move || {
                for number in 0.. {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    let name = format!("stop-{round}-{writer}-{number}@acme.test");
                    let (status, body) = scim.create(&name).expect("the service goes on");
                    if status == 201 {
                        let id = body["id"].as_str().expect("an id").to_owned();
                        ledger.lock().expect("no panic").push((id, name));
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                    } else {
                        // Never 401 or 404: a directory would take that for an answer.
                        assert_eq!(status, 503, "{body}");
                        assert_eq!(body["status"], "503", "a SCIM error: {body}");
                    }
                }
            });
        }
        at_least(10 + round * 9);
        cluster.stop_at_once();
        until("the end of readiness", &|| health(server).0 == 503);
        assert_eq!(health(server), (503, 200), "not ready, but alive");
        let before = acknowledged.load(Ordering::SeqCst);
        cluster.begin();
        at_least(before + 10);
        until("readiness", &|| health(server).0 == 200);
        over.store(true, Ordering::SeqCst);
    });
    ledger.into_inner().expect("no panic")
}

on_each_engine!(nothing_acknowledged_is_lost_or_torn_when_the_process_is_killed);
