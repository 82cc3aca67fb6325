//! What the log may say of a request: ids, never people, tokens or what was asked (SEC-22, SEC-34).

use std::io;
use std::sync::{Arc, Mutex};

use crate::stage::{Stage, okta_user};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics with it").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("nobody panics with it");
        String::from_utf8(bytes.clone()).expect("text")
    }
}

/// P-7.5.1-01, P-7.5.2-02: nothing of what was asked or sent.
#[actix_web::test]
async fn sec_34_a_line_names_route_status_and_ids_and_nobody() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: what the tests beside this one leave is looked through as well.
    tracing::subscriber::set_global_default(subscriber).expect("nobody else sets one");
    let mut body = okta_user("marked.person@acme.example");
    body["markedAttribute"] = "marked value".into();
    let created = tenant.post("/Users?attributes=id", body.clone()).await;
    let id = created.assert(201).id();
    tenant.post("/Users", body).await.assert(409);
    tenant.find_user("marked.person@acme.example").await;
    let answer = tenant.get(&format!("/Users/{id}?markedQuery=1")).await;
    let text = lines.text();
    let text = text.as_str();
    for secret in [
        "marked.person",
        "marked value",
        "markedQuery",
        "filter",
        "4a9XuKkx",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(!text.contains(&tenant.token), "a token: {text}");
    let request = answer.header("x-request-id").expect("a request id");
    let parts = [
        "request served".to_owned(),
        format!("request.id={request}"),
        format!("org.id={}", tenant.organization),
        format!("connection.id={}", tenant.connection()),
        "http.method=GET".to_owned(),
        "http.route=\"/scim/{connection}/v2/Users/{id}\"".to_owned(),
        "http.status=200".to_owned(),
        "duration_ms=".to_owned(),
    ];
    let says_all = |line: &str| parts.iter().all(|part| line.contains(part));
    assert!(text.lines().any(says_all), "{parts:?}");
}
