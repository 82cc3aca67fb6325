//! Okta, against the real binary over real HTTP: the simulator's whole story in both dialects, the
//! journeys recorded in `tests/idp/okta`, and, where the references lie beside the project, Okta's
//! own SPEC suite and the recorded exchanges.

use std::path::{Path, PathBuf};

use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::{Report, Silent, Sleep};
use rollcall_idp_simulator::okta::{App, Dialect, Okta};
use rollcall_idp_simulator::recorded::{Journey, Runner, Variables, journey, json_lines, runscope};
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

fn the_whole_story_of_okta_succeeds_in_both_dialects_on_one_organization(engine: Engine) {
    let server = Server::start_on(engine);
    let provisioned = server.provision();
    for (dialect, run) in [(Dialect::Catalogue, "one"), (Dialect::Wizard, "two")] {
        let mut okta = Okta::new(client(&provisioned), App::new(dialect), Silent, Sleep);
        let report = scenario::okta_everything(&mut okta, run);
        assert_nothing_found(&format!("{dialect:?}"), &report);
    }
}

fn every_recorded_journey_succeeds(engine: Engine) {
    let server = Server::start_on(engine);
    let client = client(&server.provision());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("idp/okta");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the journeys are there")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 8, "journeys are missing: {files:?}");
    for (number, file) in files.iter().enumerate() {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(file).expect("a readable journey");
        let journey = journey::parse(&name, &text).unwrap_or_else(|bad| panic!("{name}: {bad}"));
        let variables = Variables::run(&format!("journey{number}"));
        let report = Runner::new(&client, variables, Silent).run(&journey);
        assert_nothing_found(&name, &report);
    }
}

/// The references, where they lie beside the project.
fn reference(name: &str) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/reference")
        .join(name);
    let text = std::fs::read_to_string(file).ok();
    if text.is_none() {
        eprintln!("SKIPPED: {name} does not lie beside this checkout");
    }
    text
}

fn is_of(journey: &Journey, provider: &str) -> bool {
    journey.name.split('/').next() == Some(provider)
}

/// A user through SCIM, complete as Okta wants the first one to be; its id.
fn create(client: &ScimClient, user_name: &str) -> String {
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "name": { "givenName": "Given", "familyName": "Family" },
        "emails": [{ "value": user_name, "primary": true, "type": "work" }],
        "active": true,
    });
    let request = rollcall_idp_simulator::http::Request::new("POST", "/Users", Some(body));
    let exchange = client.send(&request).expect("the server answers");
    assert_eq!(exchange.status, 201, "{exchange:?}");
    let body = exchange.body.expect("a body");
    body["id"].as_str().expect("an id").to_owned()
}

fn the_spec_suite_of_okta_passes(engine: Engine) {
    let Some(export) = reference("okta/Okta-SCIM-20-SPEC-Test.json") else {
        return;
    };
    let suite = runscope::parse(&export).expect("a readable export");
    assert_eq!(suite.steps.len(), 12);
    let server = Server::start_on(engine);
    let client = client(&server.provision());
    // Its first step wants one complete user to be there.
    create(&client, "complete@acme.test");
    let mut runner = Runner::new(&client, Variables::certification("spec"), Silent);
    assert_nothing_found("SPEC suite", &runner.run(&suite));
}

fn the_recorded_exchanges_of_okta_pass(engine: Engine) {
    let Some(lines) = reference("idp-requests.jsonl") else {
        return;
    };
    let mut journeys = json_lines::parse(&lines).expect("readable exchanges");
    // Entitlements are not offered, and the recorded 429 needs a request rate.
    journeys.retain(|journey| is_of(journey, "okta") && !journey.name.ends_with("entitlements"));
    for journey in &mut journeys {
        journey
            .steps
            .retain(|step| !step.title.contains("Rate limited"));
    }
    assert!(journeys.len() >= 15, "flows are missing");
    for dialect in ["oin", "aiw"] {
        let other = if dialect == "oin" { "-aiw" } else { "-oin" };
        let flows = journeys
            .iter()
            .filter(|journey| !journey.name.ends_with(other));
        let server = Server::start_on(engine);
        let client = client(&server.provision());
        let variables = Variables::recorded(dialect)
            .with(
                "USER2_ID",
                create(&client, &format!("second+{dialect}@example.com")),
            )
            .with(
                "USER3_ID",
                create(&client, &format!("third+{dialect}@example.com")),
            );
        let mut runner = Runner::new(&client, variables, Silent);
        for flow in flows {
            assert_nothing_found(&flow.name, &runner.run(flow));
        }
    }
}

fn the_recorded_spec_flow_passes(engine: Engine) {
    let Some(lines) = reference("idp-requests.jsonl") else {
        return;
    };
    let journeys = json_lines::parse(&lines).expect("readable exchanges");
    let flow = journeys
        .iter()
        .find(|journey| is_of(journey, "okta-spec"))
        .expect("the flow");
    let server = Server::start_on(engine);
    let client = client(&server.provision());
    create(&client, "complete@acme.test");
    let mut runner = Runner::new(&client, Variables::certification("flow"), Silent);
    assert_nothing_found(&flow.name, &runner.run(flow));
}

on_each_engine!(
    the_whole_story_of_okta_succeeds_in_both_dialects_on_one_organization,
    every_recorded_journey_succeeds,
    the_spec_suite_of_okta_passes,
    the_recorded_exchanges_of_okta_pass,
    the_recorded_spec_flow_passes
);
