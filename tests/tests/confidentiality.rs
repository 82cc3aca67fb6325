//! SEC-7, SEC-22, SEC-34: secrets and e-mail addresses stay where they belong.

use rollcall_tests::{PASSWORD, Server};
use serde_json::json;
use ureq::Agent;

#[test]
fn tokens_passwords_and_addresses_are_in_no_log_and_tokens_in_no_file() {
    let server = Server::start();
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
    let folder = server.kill();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).expect("the data folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            files += 1;
            let bytes = std::fs::read(&path).expect("a readable file");
            for secret in [
                provisioned.token.as_str(),
                PASSWORD,
                "marked-password-of-okta",
            ] {
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "`{secret}` is in {}", path.display());
            }
        }
    }
    assert!(files > 0, "no database was looked at");
}
