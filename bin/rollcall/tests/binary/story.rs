//! `demo` and `simulate`: the product told by itself, and judged as an identity provider would.

use serde_json::{Value, json};

use crate::program::Place;

const OWNER: &str = "olivia@example.com";
const PASSWORD: &str = "correct horse battery staple";

#[test]
fn the_demonstration_holds_what_it_claims_and_leaves_nothing_behind() {
    let place = Place::new();
    let temporary = place.path().join("temporary");
    std::fs::create_dir(&temporary).expect("made");
    let mut command = place.command(&["demo", "--exit", "--port", "0"]);
    let output = command.env("TMPDIR", &temporary).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("[FALSE]"), "{told}");
    for rule in [
        "R03", "R06", "R07", "R08", "R10", "R11", "R12", "R13", "R14",
    ] {
        assert!(told.contains(rule), "{rule} is shown: {told}");
    }
    assert!(told.contains("claims of this story held"), "{told}");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(std::fs::read_dir(&temporary).expect("listed").count(), 0);
    assert!(!place.path().join("data").exists());
}

#[test]
fn okta_finds_nothing_wrong_with_the_service_in_either_dialect() {
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let service = place.serve();
    let cookie = service.sign_in(OWNER, PASSWORD).expect("signed in");
    let body = json!({"current_password": PASSWORD});
    let mut answer = service.post("/api/v1/provisioning/okta/enable", &cookie, &body);
    let text = answer.body_mut().read_to_string().expect("text");
    let credentials: Value = serde_json::from_str(&text).expect("JSON");
    let tenant_url = credentials["tenant_url"].as_str().expect("a Tenant URL");
    let token = credentials["secret_token"]
        .as_str()
        .expect("a Secret Token");

    let mut command = place.command(&["simulate", "okta"]);
    command
        .env("ROLLCALL_TENANT_URL", tenant_url)
        .env("ROLLCALL_SECRET_TOKEN", token);
    let output = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert_eq!(told.matches(" 0 findings").count(), 2, "{told}");
    assert!(!told.contains(token), "the token is not repeated");

    let mut command = place.command(&["simulate", "entra"]);
    command
        .env("ROLLCALL_TENANT_URL", tenant_url)
        .env("ROLLCALL_SECRET_TOKEN", token);
    let output = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert_eq!(told.matches(" 0 findings").count(), 2, "{told}");

    let mut command = place.command(&["simulate", "okta", "--dialect", "oin"]);
    command
        .env("ROLLCALL_TENANT_URL", tenant_url)
        .env("ROLLCALL_SECRET_TOKEN", "wrong");
    let output = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("expected 200, got 401"), "{told}");
}

#[test]
fn what_is_no_tenant_url_is_said_before_anything_is_sent() {
    let place = Place::new();
    for url in ["notaurl", "/scim/v2", "ftp://127.0.0.1/scim", ""] {
        let mut command = place.command(&["simulate", "okta", "--tenant-url", url]);
        let output = command.env("ROLLCALL_SECRET_TOKEN", "x").output();
        let output = output.expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{url}: {said}");
        assert!(said.contains("as the panel shows it"), "{url}: {said}");
        assert!(output.stdout.is_empty(), "{url}");
    }
}

#[test]
fn the_openapi_document_is_printed() {
    let place = Place::new();
    let finished = place.run(&["openapi"]);
    let document: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert!(
        document["paths"]["/api/v1/provisioning"].is_object(),
        "{document}"
    );
}
