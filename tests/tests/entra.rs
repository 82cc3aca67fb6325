//! Microsoft Entra ID, against the real binary over real HTTP: the journeys recorded in
//! `tests/idp/entra`, and, where the references lie beside the project, the recorded exchanges, with
//! and without the flag that changes how it writes a PATCH.

use std::path::{Path, PathBuf};

use rollcall_idp_simulator::entra::{Entra, Flag};
use rollcall_idp_simulator::http::{Request, ScimClient, Space, Token, encode_query};
use rollcall_idp_simulator::observe::{Report, Silent, Sleep};
use rollcall_idp_simulator::recorded::{Runner, Variables, journey, json_lines};
use rollcall_idp_simulator::scenario;
use rollcall_tests::{Engine, Provisioned, Server, on_each_engine};

fn client(provisioned: &Provisioned) -> ScimClient {
    ScimClient::new(&provisioned.tenant_url, Token::new(&provisioned.token))
}

fn assert_nothing_found(what: &str, report: &Report) {
    assert!(report.exchanges > 0, "{what}: nothing was sent");
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|(step, finding)| format!("{step}: {finding:?}"))
        .collect();
    assert!(findings.is_empty(), "{what}:\n{}", findings.join("\n"));
}

fn the_whole_story_of_entra_succeeds_with_and_without_the_flag_on_one_organization(engine: Engine) {
    let server = Server::start_on(engine);
    let provisioned = server.provision_from("entra");
    for (flag, run) in [(Flag::Absent, "one"), (Flag::Present, "two")] {
        let mut entra = Entra::new(client(&provisioned), flag, Silent, Sleep);
        let report = scenario::entra_everything(&mut entra, run);
        assert_nothing_found(run, &report);
    }
}

fn every_recorded_journey_succeeds(engine: Engine) {
    let server = Server::start_on(engine);
    let client = client(&server.provision_from("entra"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("idp/entra");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the journeys are there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 6, "journeys are missing: {files:?}");
    for (number, file) in files.iter().enumerate() {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(file).expect("a readable journey");
        let journey = journey::parse(&name, &text).unwrap_or_else(|bad| panic!("{name}: {bad}"));
        let variables = Variables::run(&format!("entra{number}"));
        let report = Runner::new(&client, variables, Silent).run(&journey);
        assert_nothing_found(&name, &report);
    }
}

/// A user through SCIM; its id.
fn create(client: &ScimClient, user_name: &str) -> String {
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "externalId": user_name,
        "emails": [{ "value": user_name, "primary": true, "type": "work" }],
        "active": true,
    });
    let request = Request::new("POST", "/Users", Some(body));
    let exchange = client.send(&request).expect("the server answers");
    assert_eq!(exchange.status, 201, "{exchange:?}");
    let body = exchange.body.expect("a body");
    body["id"].as_str().expect("an id").to_owned()
}

/// What the recorded exchanges name beside the variables of every recording.
fn variables(suffix: &str) -> Variables {
    let upn = format!("joy.young+{suffix}@contoso.com");
    let mut variables = Variables::recorded(suffix)
        .with("UPN_URLENC", encode_query(&upn, Space::Plus))
        .with("EMAIL_URLENC", encode_query(&upn, Space::Plus))
        .with("EMAIL", upn.as_str())
        .with("UPN", upn)
        .with("UPN2", format!("joy.younger+{suffix}@contoso.com"))
        .with("MAILNICKNAME", format!("jyoung-{suffix}"))
        .with("DISPLAY", "Joy Young")
        .with("DISPLAY2", "Joy Younger");
    for (name, last) in [
        ("RANDOM_GUID", 1),
        ("GUID", 2),
        ("OBJECT_ID", 3),
        ("OBJECT_ID2", 4),
        ("OBJECT_ID3", 5),
    ] {
        let guid = format!("5b1c3e0a-0000-4000-8000-{last:012}");
        variables.set(name, guid.into());
    }
    variables
}

fn the_recorded_exchanges_of_entra_pass_with_and_without_the_flag(engine: Engine) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/reference")
        .join("idp-requests.jsonl");
    let Ok(lines) = std::fs::read_to_string(file) else {
        eprintln!("SKIPPED: the recorded exchanges do not lie beside this checkout");
        return;
    };
    let mut journeys = json_lines::parse(&lines).expect("readable exchanges");
    journeys.retain(|journey| journey.name.starts_with("entra/"));
    assert!(journeys.len() >= 7, "flows are missing");
    // An administrator writes the flag behind the Tenant URL. Whether Entra sends it along is not
    // known, so it is sent with every request here.
    for flag in ["", "aadOptscim062020"] {
        let server = Server::start_on(engine);
        let client = client(&server.provision_from("entra"));
        let variables = variables("run").with("USER2_ID", create(&client, "manager@contoso.com"));
        let mut runner = Runner::new(&client, variables, Silent);
        // A flow may need what a later one would have deleted.
        let order = |name: &str| u8::from(name.ends_with("delete-user")) + 1;
        journeys.sort_by_key(|journey| order(&journey.name));
        for flow in &journeys {
            let mut flow = flow.clone();
            for (number, step) in flow.steps.iter_mut().enumerate() {
                // The recording shows several people under one name; each is a person of their own.
                if step.title.starts_with("Create with")
                    && let Some(id) = step
                        .request
                        .as_mut()
                        .and_then(|it| it.get_mut("externalId"))
                {
                    *id = format!("person-{number}").into();
                }
                if !flag.is_empty() {
                    step.path
                        .push_str(if step.path.contains('?') { "&" } else { "?" });
                    step.path.push_str(flag);
                }
            }
            let what = format!("{} {flag}", flow.name);
            assert_nothing_found(&what, &runner.run(&flow));
        }
    }
}

on_each_engine!(
    the_whole_story_of_entra_succeeds_with_and_without_the_flag_on_one_organization,
    every_recorded_journey_succeeds,
    the_recorded_exchanges_of_entra_pass_with_and_without_the_flag
);
