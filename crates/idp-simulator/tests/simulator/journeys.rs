//! Recorded journeys: the three ways to write them, and that a wrong answer fails them.

use std::fs;
use std::path::Path;

use rollcall_idp_simulator::observe::{Report, Silent};
use rollcall_idp_simulator::recorded::{
    BadJourney, Journey, Operator, Runner, Variables, journey, json_lines, runscope,
};
use serde_json::{Value, json};

use crate::fake::{Fake, Fault};

fn run(fake: &Fake, journey: &Journey, variables: Variables) -> Report {
    let client = fake.client();
    Runner::new(&client, variables, Silent).run(journey)
}

fn create_and_read() -> Value {
    json!([
        {"title": "create", "method": "POST", "path": "/Users",
         "request": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                     "userName": "Jane-{{RUN}}@X.com", "active": true},
         "status": 201,
         "response": {"userName": "Jane-{{RUN}}@X.com", "id": {"is": "not_empty"},
                      "active": {"is": "not_empty"}, "password": {"is": "absent"}},
         "save": {"USER_ID": "id", "DOCUMENT": "$"}},
        {"title": "edit what was read", "method": "PUT", "path": "/Users/{{USER_ID}}",
         "request": {"$document": "{{DOCUMENT}}", "$set": {"title": "Lead"}, "$remove": ["meta"]},
         "status": [200],
         "response": {"title": "Lead", "id": "{{USER_ID}}", "meta": {"is": "absent"}}},
        {"title": "search", "method": "GET", "path": "/Users?filter=userName eq \"jane-{{RUN}}@x.com\"",
         "status": 200,
         "response": {"totalResults": 1, "Resources": {"length": 1},
                      "Resources[*].id": {"same_set": ["{{USER_ID}}"]}}},
        {"title": "wrong token", "method": "GET", "path": "/Users", "status": 401,
         "headers": {"Authorization": "non-token", "Accept-Charset": null},
         "response": {"status": {"equals_string": "401"},
                      "header:Content-Type": {"contains": "application/scim+json"}}}
    ])
}

#[test]
fn a_journey_passes_on_a_fair_server_and_sends_what_it_says() {
    let fake = Fake::start(Fault::None);
    let journey = journey::parse("mine", &create_and_read().to_string()).unwrap();
    let report = run(&fake, &journey, Variables::run("r1"));
    assert!(report.ok(), "{report}");
    let seen = fake.seen();
    assert!(seen[1].body.contains("\"title\":\"Lead\""));
    assert!(!seen[1].body.contains("meta"));
    assert_eq!(seen[3].header("authorization"), Some("non-token"));
    assert_eq!(seen[3].header("accept-charset"), None);
    assert_eq!(seen[2].header("accept-charset"), Some("utf-8"));
}

#[test]
fn a_journey_fails_on_a_wrong_answer() {
    let journey = journey::parse("mine", &create_and_read().to_string()).unwrap();
    for fault in [
        Fault::LowerCasesUserName,
        Fault::OmitsId,
        Fault::ShowsPassword,
        Fault::ForgetsTitle,
        Fault::NumbersAsTexts,
        Fault::NumericErrorStatus,
        Fault::AcceptsAnyToken,
        Fault::ComparesLetterCase,
        Fault::AnswersPlainText,
    ] {
        let mut journey = journey.clone();
        if fault == Fault::ShowsPassword {
            journey.steps[0].request.as_mut().unwrap()["password"] = json!("x");
        }
        let report = run(&Fake::start(fault), &journey, Variables::run("r1"));
        assert!(!report.ok(), "{fault:?}");
    }
}

#[test]
fn a_missing_variable_is_a_finding_and_nothing_is_sent() {
    let fake = Fake::start(Fault::None);
    let text = r#"[{"title": "t", "method": "GET", "path": "/Users/{{NOWHERE}}", "status": 200}]"#;
    let report = run(
        &fake,
        &journey::parse("x", text).unwrap(),
        Variables::default(),
    );
    assert_eq!(report.findings[0].1.what, "the variable NOWHERE");
    assert!(fake.seen().is_empty());
}

#[test]
fn a_typing_error_in_a_journey_is_refused() {
    let step = |more: &str| {
        let text = format!(r#"[{{"title": "t", "method": "GET", "path": "/", {more}}}]"#);
        journey::parse("x", &text).map(|_| ())
    };
    assert!(step(r#""status": 200"#).is_ok());
    assert!(matches!(
        step(r#""status": "200""#),
        Err(BadJourney::Member {
            member: "status",
            ..
        })
    ));
    assert!(matches!(
        step(r#""response": {}"#),
        Err(BadJourney::Member {
            member: "status",
            ..
        })
    ));
    let unknown = step(r#""status": 200, "response": {"id": {"is": "nonempty"}}"#);
    assert!(matches!(unknown, Err(BadJourney::Operator { step: 1, .. })));
    let two = step(r#""status": 200, "response": {"id": {"equals": 1, "contains": 2}}"#);
    assert!(matches!(
        two,
        Err(BadJourney::Member {
            member: "response",
            ..
        })
    ));
}

#[test]
fn recorded_lines_are_grouped_by_flow_and_judged() {
    let lines = [
        json!({"idp": "okta", "flow": "assign", "seq": 1, "step": "create", "method": "POST",
            "path": "/Users", "headers": {"Authorization": "Bearer {{TOKEN}}",
            "Connection": "Keep-Alive", "Content-Type": "application/json"},
            "body": {"userName": "{{USERNAME}}", "active": true},
            "expect": {"status": [201], "assert": [
                {"path": "userName", "op": "equals", "value": "{{USERNAME}}"},
                {"path": "active", "op": "equals_if_body", "value": true},
                {"path": "response_time_ms", "op": "less_than", "value": 0}]},
            "save": {"USER_ID": "id"}}),
        json!({"idp": "okta", "flow": "errors", "seq": 1, "step": "wrong", "method": "GET",
            "path": "/Users", "headers": {"Authorization": "Bearer wrong"}, "body": null,
            "expect": {"status": [401], "assert": [
                {"path": "status", "op": "equals_string", "value": "401"}]}}),
        json!({"idp": "okta", "flow": "assign", "seq": 2, "step": "read", "method": "GET",
            "path": "/Users/{{USER_ID}}", "headers": {"Authorization": "Bearer {{TOKEN}}"},
            "body": null, "expect": {"status": [200], "assert": []}}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let flows = json_lines::parse(&text.join("\n")).unwrap();
    assert_eq!(
        flows
            .iter()
            .map(|flow| flow.name.as_str())
            .collect::<Vec<_>>(),
        ["okta/assign", "okta/errors"]
    );
    let fake = Fake::start(Fault::None);
    let client = fake.client();
    let mut runner = Runner::new(&client, Variables::recorded("r1"), Silent);
    for flow in &flows {
        runner.run(flow);
    }
    assert!(runner.report().ok(), "{}", runner.report());
    assert_eq!(
        fake.seen()[0].header("accept-charset"),
        None,
        "only the headers of the line"
    );
    let report = run(
        &Fake::start(Fault::LowerCasesUserName),
        &flows[0],
        Variables::recorded("r1"),
    );
    assert!(!report.ok());
}

#[test]
fn a_runscope_export_is_read_without_its_pauses() {
    let export = json!({"name": "suite", "steps": [
        {"step_type": "request", "skipped": false, "note": "create", "method": "POST",
         "url": "{{SCIMBaseURL}}/Users",
         "headers": {"Authorization": ["{{auth}}"], "Content-Type": ["application/json"]},
         "body": "{\"userName\":\"{{randomUsername}}\",\"active\":true}",
         "assertions": [
            {"comparison": "equal_number", "source": "response_status", "value": "201"},
            {"comparison": "equal", "source": "response_json", "value": "true", "property": "active"},
            {"comparison": "not_empty", "source": "response_json", "value": null, "property": "active"},
            {"comparison": "is_less_than", "source": "response_time", "value": "0"},
            {"comparison": "equal", "source": "response_json", "value": "{{randomUsername}}",
             "property": "userName"}],
         "variables": [{"source": "response_json", "name": "id", "property": "id"}]},
        {"step_type": "pause", "skipped": false, "duration": 5},
        {"step_type": "request", "skipped": false, "note": "search", "method": "GET",
         "url": "{{SCIMBaseURL}}/Users?filter=userName eq \"{{randomUsernameCaps}}\"",
         "headers": {"Authorization": ["{{auth}}"]},
         "assertions": [
            {"comparison": "equal_number", "source": "response_status", "value": "200"},
            {"comparison": "is_a_number", "source": "response_json", "property": "totalResults"},
            {"comparison": "equal", "source": "response_json", "value": "1", "property": "totalResults"}],
         "variables": []}
    ]});
    let journey = runscope::parse(&export.to_string()).unwrap();
    assert_eq!(journey.steps.len(), 2);
    let suite = || Variables::certification("r1");
    let report = run(&Fake::start(Fault::None), &journey, suite());
    assert!(report.ok(), "{report}");
    for fault in [
        Fault::LowerCasesUserName,
        Fault::ComparesLetterCase,
        Fault::NumbersAsTexts,
    ] {
        assert!(
            !run(&Fake::start(fault), &journey, suite()).ok(),
            "{fault:?}"
        );
    }
}

#[test]
fn every_operator_can_fail() {
    let document = json!({"title": "t", "n": 1.5, "list": [1], "none": []});
    let rows = [
        ("title", "equals", json!("T")),
        ("title", "equals_if_body", json!("T")),
        ("n", "equal", json!("1.6")),
        ("n", "equals_string", json!("1.5")),
        ("title", "equals_folded", json!("x")),
        ("title", "one_of", json!(["a", "b"])),
        ("list", "contains", json!(2)),
        ("list", "lacks", json!(1)),
        ("list", "same_set", json!([1, 2])),
        ("list", "length", json!(2)),
        ("none", "not_empty", Value::Null),
        ("title", "empty", Value::Null),
        ("title", "absent", Value::Null),
        ("n", "is_integer", Value::Null),
        ("title", "is_number", Value::Null),
        ("title", "is_array", Value::Null),
        ("header:Content-Type", "is_integer", Value::Null),
    ];
    for (place, operator, operand) in rows {
        assert!(Operator::parse(operator).is_some(), "{operator}");
        let expected = if operand.is_null() {
            json!({"is": operator})
        } else {
            json!({operator: operand})
        };
        let text = json!([{"title": "t", "method": "POST", "path": "/Users", "request": document,
            "status": [201, 409], "response": {place: expected}}]);
        let fake = Fake::start(Fault::None);
        let report = run(
            &fake,
            &journey::parse("x", &text.to_string()).unwrap(),
            Variables::default(),
        );
        assert_eq!(report.findings.len(), 1, "{operator}: {report}");
    }
}

#[test]
fn all_journey_files_of_okta_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/idp/okta");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let journey = journey::parse(&path.display().to_string(), &text);
        let journey = journey.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!journey.steps.is_empty());
        count += 1;
    }
    assert!(count >= 10);
}
