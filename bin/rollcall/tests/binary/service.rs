//! The running service: sign-in, mail, logs, and its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::json;

use crate::program::Place;

const OWNER: &str = "olivia@example.com";
const PASSWORD: &str = "correct horse battery staple";

#[test]
fn the_owner_signs_in_and_sigterm_ends_it_with_0_rel_14() {
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let service = place.serve();
    assert_eq!(service.get("/health/ready", "").0, 200);
    let cookie = service.sign_in(OWNER, PASSWORD).expect("signed in");
    let (status, members) = service.get("/api/v1/members", &cookie);
    assert_eq!((status, &members["total"]), (200, &json!(1)), "{members}");
    assert_eq!(service.get("/api/v1/members", "").0, 401);

    let finished = service.terminate();
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.stderr.contains("stopped"), "{finished:?}");
    for secret in [PASSWORD, OWNER, &cookie] {
        assert!(
            !finished.stderr.contains(secret),
            "in the log: {}",
            finished.stderr
        );
    }
}

#[test]
fn without_a_key_no_client_secret_is_kept_and_the_sentence_says_what_to_do() {
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let service = place.serve();
    let cookie = service.sign_in(OWNER, PASSWORD).expect("signed in");
    let path = "/api/v1/organization/login-methods/okta";
    let okta = json!({
        "enabled": false, "client_id": "0oa1", "client_secret": "s3cret",
        "base_url": "https://acme.okta.com", "issuer": "https://acme.okta.com",
    });
    let mut answer = service.send("PUT", path, &cookie, &okta);
    let told = answer.body_mut().read_to_string().expect("text");
    assert_eq!(answer.status().as_u16(), 400, "{told}");
    assert!(
        told.contains("secret_key") && told.contains("client_secret"),
        "{told}"
    );
    assert!(!place.path().join("data/secret.key").exists());
}

#[test]
fn a_service_without_an_organization_says_how_to_found_one() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let stdout = child.stdout.take().expect("it has an output");
    let lines: Vec<String> = std::io::BufRead::lines(std::io::BufReader::new(stdout))
        .take(2)
        .map(|line| line.expect("text"))
        .collect();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(lines[0].contains("listens on 127.0.0.1:"), "{lines:?}");
    assert!(
        lines[1].contains("rollcall setup --organization"),
        "{lines:?}"
    );
}

#[test]
fn an_invitation_reaches_the_mail_folder_and_its_link_lets_the_person_in() {
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let service = place.serve();
    let cookie = service.sign_in(OWNER, PASSWORD).expect("signed in");
    let body = json!({"invitations": [{"email": "ivy@example.com", "display_name": "Ivy"}]});
    let invited = service.post("/api/v1/members/invite", &cookie, &body);
    assert_eq!(invited.status(), 200);

    let folder = place.path().join("data/mail");
    // Each request gives the worker its time; there is no other sign that it has worked.
    let mail = (0..100_000).find_map(|_| {
        service.get("/health/live", "");
        let mut files = std::fs::read_dir(&folder).ok()?;
        let path = files.next()?.expect("an entry").path();
        (path.extension()? == "eml").then(|| std::fs::read_to_string(path).expect("read"))
    });
    let mail = mail.expect("a mail");
    let link = mail
        .split_whitespace()
        .find(|word| word.starts_with(service.url()))
        .expect("a link");
    let token = link.rsplit('/').next().expect("a token");
    assert!(token.starts_with("rci_"), "{link}");
    let body = json!({"token": token, "password": "another long password"});
    let accepted = service.post("/api/v1/invitations/accept", "", &body);
    assert_eq!(accepted.status(), 200);
    assert!(
        service
            .sign_in("ivy@example.com", "another long password")
            .is_some()
    );

    let log = service.terminate().stderr;
    assert!(log.contains("mail sent"), "{log}");
    assert!(
        !log.contains("ivy@example.com") && !log.contains(token),
        "{log}"
    );
}

#[test]
fn log_lines_are_json_when_asked_for() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", "json"]);
    let service = crate::program::Running::of(&mut command);
    service.get("/api/v1/members?search=secret", "");
    let log = service.terminate().stderr;
    assert!(!log.is_empty());
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(
            line["message"].is_string() && line["timestamp"].is_string(),
            "{line}"
        );
    }
    assert!(!log.contains("search=secret"), "{log}");
}

#[test]
fn an_address_in_use_is_said() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let finished = place.run(&["serve", "--listen", &address]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stderr.contains(&address), "{finished:?}");
}

#[test]
fn a_request_under_way_is_finished_and_nobody_new_is_let_in_rel_14() {
    let place = Place::new();
    place.set_up(OWNER, PASSWORD);
    let service = place.serve();
    let address = service.url().trim_start_matches("http://").to_owned();
    let body = json!({"email": OWNER, "password": PASSWORD}).to_string();
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut connection = TcpStream::connect(&address).expect("connected");
    connection.write_all(head.as_bytes()).expect("sent");
    let mut answer = BufReader::new(connection.try_clone().expect("the same connection"));
    let mut line = String::new();
    answer.read_line(&mut line).expect("an answer");
    assert!(
        line.starts_with("HTTP/1.1 100"),
        "it waits for the body: {line}"
    );

    service.signal("-TERM");
    // The request is still under way, so the program cannot end; only its door closes.
    while TcpStream::connect(&address).is_ok() {}
    connection.write_all(body.as_bytes()).expect("sent");
    let mut text = String::new();
    answer.read_to_string(&mut text).expect("an answer");
    assert!(
        text.contains("HTTP/1.1 200") && text.contains("set-cookie"),
        "{text}"
    );
    assert_eq!(service.end().code, Some(0));
}
