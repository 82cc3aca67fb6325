//! REL-1, REL-4: what was acknowledged is there after `kill -9`, whole, with exactly one entry.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rollcall_tests::{Engine, Home, Provisioned, Server, on_each_engine};
use serde_json::{Value, json};
use ureq::Agent;

const ROUNDS: usize = 8;
const WRITERS: usize = 6;

/// A directory's client that sends JSON and wants a status and JSON back.
#[derive(Clone)]
struct Scim {
    agent: Agent,
    provisioned: Provisioned,
}

impl Scim {
    fn new(provisioned: &Provisioned) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            provisioned: provisioned.clone(),
        }
    }

    /// None when the server died under the request.
    fn create(&self, user_name: &str) -> Option<(u16, Value)> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "name": { "givenName": "Given", "familyName": "Family" },
            "emails": [{ "value": user_name, "primary": true }],
            "active": true,
        });
        let mut answer = self
            .agent
            .post(format!("{}/Users", self.provisioned.tenant_url))
            .header(
                "authorization",
                format!("Bearer {}", self.provisioned.token),
            )
            .header("content-type", "application/scim+json")
            .send(body.to_string())
            .ok()?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let mut answer = self
            .agent
            .get(format!("{}{path}", self.provisioned.tenant_url))
            .header(
                "authorization",
                format!("Bearer {}", self.provisioned.token),
            )
            .call()
            .expect("the server answers");
        let text = answer.body_mut().read_to_string().expect("a readable body");
        (
            answer.status().as_u16(),
            serde_json::from_str(&text).expect("a JSON body"),
        )
    }
}

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
    for round in 0..ROUNDS {
        // The Tenant URL names the port of the first run; the next one listens elsewhere.
        let here = provisioned.at(server.url());
        let (written, folder) = write_until_killed(server, &here, round, 5 + round * 7);
        assert!(!written.is_empty());
        ledger.extend(written);
        server = Server::over(folder, &[]);
    }
    let scim = Scim::new(&provisioned.at(server.url()));
    for (id, name) in &ledger {
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

on_each_engine!(nothing_acknowledged_is_lost_or_torn_when_the_process_is_killed);
