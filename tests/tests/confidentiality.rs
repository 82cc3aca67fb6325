//! SEC-7, SEC-22, SEC-34, P-7.7-01, P-7.5.1-01: secrets and e-mail addresses stay where they belong.

use rollcall_tests::{Engine, PASSWORD, Server, on_each_engine};
use serde_json::json;
use ureq::Agent;

fn tokens_passwords_and_addresses_are_in_no_log_and_tokens_in_no_file(engine: Engine) {
    let server = Server::start_on(engine);
    let panel = server.owner();
    let provisioned = server.provision();
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let bearer = format!("Bearer {}", provisioned.token);
    let users = format!("{}/Users", provisioned.tenant_url);
    let created = agent
        .post(&users)
        .header("authorization", &bearer)
        .header("content-type", "application/scim+json")
        .send(
            json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": "marked.person@acme.test",
                "password": "marked-password-of-okta",
                "emails": [{ "value": "marked.person@acme.test", "primary": true }],
            })
            .to_string(),
        )
        .expect("the server answers");
    assert_eq!(created.status(), 201);
    for path in [
        format!("{users}?filter=userName%20eq%20%22marked.person%40acme.test%22"),
        format!("{users}?filter=userName%20quux%20%22marked.person%40acme.test%22"),
    ] {
        agent
            .get(path)
            .header("authorization", &bearer)
            .call()
            .expect("the server answers");
    }
    agent
        .get(&users)
        .header("authorization", "Bearer marked-wrong-token")
        .call()
        .expect("the server answers");
    let invited = panel.post(
        "/members/invite",
        &json!({ "invitations": [{ "email": "marked.guest@acme.test", "role": "member" }] }),
    );
    assert!((200..300).contains(&invited.status), "{}", invited.body);
    let wrong = rollcall_tests::Panel::anonymous(server.url()).post(
        "/session",
        &json!({ "email": "marked.owner@acme.test", "password": "marked-guess" }),
    );
    assert_eq!(wrong.status, 401);

    let log = server.output();
    assert!(log.contains("/Users"), "requests are logged:\n{log}");
    for secret in [
        provisioned.token.as_str(),
        PASSWORD,
        "marked",
        "@acme.test",
        "Bearer ",
    ] {
        assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
    }
    let home = server.kill();
    let mut stored: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(home.path()).expect("the data folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a readable file");
            stored.push((path.display().to_string(), bytes));
        }
    }
    if let Some(database) = home.database() {
        let rows = rollcall_testkit::postgres::every_row(database);
        stored.push((database.to_owned(), rows.into_bytes()));
    }
    let mut databases = 0;
    for (name, bytes) in &stored {
        let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
        databases += usize::from(holds("marked.person@acme.test"));
        for secret in [
            provisioned.token.as_str(),
            PASSWORD,
            "marked-password-of-okta",
        ] {
            assert!(!holds(secret), "`{secret}` is in {name}");
        }
    }
    assert!(databases > 0, "no database was looked at");
}

on_each_engine!(tokens_passwords_and_addresses_are_in_no_log_and_tokens_in_no_file);
