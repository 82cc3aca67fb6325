//! The real server on a real port: whole stories of a directory, races, slow clients, stopping.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{HttpResponse, web};
use rollcall_domain::Action;
use rollcall_http::server::{Endpoint, serve};
use rollcall_http::{AppState, HttpSettings, Pages};
use rollcall_idp_simulator::http::{Request, ScimClient, Token};
use rollcall_idp_simulator::observe::{Silent, Sleep};
use rollcall_idp_simulator::okta::{App, Dialect, Okta};
use rollcall_idp_simulator::scenario::okta_everything;
use serde_json::json;

use crate::stage::{PATCH_OP, Stage, Tenant, okta_user};

/// A server in a thread of its own.
struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: JoinHandle<()>,
}

impl Running {
    fn start(state: AppState) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (started, handle) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = serve(state, Endpoint::Listener(listener)).expect("listens");
                started.send(server.handle()).expect("somebody waits");
                server.await.expect("serves");
            });
        });
        Self {
            address,
            handle: handle.recv().expect("starts"),
            thread,
        }
    }

    async fn stop(self) {
        self.handle.stop(true).await;
        self.thread.join().expect("ends");
    }

    fn client(&self, tenant: &Tenant<'_>) -> ScimClient {
        let base = format!("http://{}{}", self.address, tenant.base);
        ScimClient::new(&base, Token::new(tenant.token.clone()))
    }

    /// Sends bytes as they are and reads until the other side closes.
    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("connects");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("reads");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

fn settings() -> HttpSettings {
    HttpSettings {
        workers: Some(2),
        ..HttpSettings::default()
    }
}

/// R04, R05: all that Okta does, from the first click to the last, in both of its dialects.
#[actix_web::test]
async fn okta_finds_nothing_wrong_in_either_dialect() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let server = Running::start(stage.state(settings()));
    for (dialect, suffix) in [(Dialect::Catalogue, "one"), (Dialect::Wizard, "two")] {
        let client = server.client(&tenant);
        let mut okta = Okta::new(client, App::new(dialect), Silent, Sleep);
        let report = okta_everything(&mut okta, suffix);
        assert!(report.ok(), "{report}");
    }
    server.stop().await;
}

/// P-17, REL-7: parallel changes of one group's members are all there in the end.
#[actix_web::test]
async fn p_17_nobody_is_lost_when_many_change_a_group_at_once() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let mut people = Vec::new();
    for number in 0..40 {
        people.push(tenant.push_user(&format!("p{number}@acme.example")).await);
    }
    let group = tenant.push_group("Everybody").await;
    let server = Running::start(stage.state(settings()));
    let client = server.client(&tenant);
    let workers: Vec<_> = people
        .chunks(10)
        .map(|ids| {
            let (client, ids, path) = (client.clone(), ids.to_vec(), format!("/Groups/{group}"));
            std::thread::spawn(move || {
                for id in ids {
                    let body = json!({"schemas": [PATCH_OP], "Operations": [
                        {"op": "add", "path": "members", "value": [{"value": id}]}]});
                    let request = Request::new("PATCH", path.clone(), Some(body));
                    let answer = client.send(&request).expect("answers");
                    assert_eq!(answer.status, 204, "{}", answer.raw);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("no worker fails");
    }
    assert_eq!(tenant.members_of(&group).await.len(), people.len());
    assert_eq!(tenant.team(&group).await.version.0, 41);
    server.stop().await;
}

/// REL-6: of a race for one name one is created, the others are conflicts, and none is a 500.
#[actix_web::test]
async fn rel_6_a_race_for_one_name_has_one_winner() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let server = Running::start(stage.state(settings()));
    let client = server.client(&tenant);
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || {
                let body = okta_user("jane@acme.example");
                let answer = client.send(&Request::new("POST", "/Users", Some(body)));
                answer.expect("answers").status
            })
        })
        .collect();
    let mut statuses: Vec<u16> = racers
        .into_iter()
        .map(|racer| racer.join().expect("no racer fails"))
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(tenant.entries(Action::MemberCreated).await.len(), 1);
    server.stop().await;
}

/// The limits on time: a body that does not arrive is given up on, once the token was checked.
#[actix_web::test]
async fn a_body_that_does_not_arrive_is_408_at_every_door() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let server = Running::start(stage.state(HttpSettings {
        body_timeout: Duration::from_millis(20),
        ..settings()
    }));
    let (base, token) = (&tenant.base, &tenant.token);
    let head = |authorization: &str| {
        format!(
            "POST {base}/Users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}\
             Content-Length: 1000\r\n\r\n{{\"userName\":"
        )
    };
    let known = server.raw(&head(&format!("Authorization: Bearer {token}\r\n")));
    assert!(known.starts_with("HTTP/1.1 408"), "{known}");
    assert!(known.contains("application/scim+json"), "{known}");
    let stranger = server.raw(&head(""));
    assert!(stranger.starts_with("HTTP/1.1 401"), "{stranger}");
    let panel = server.raw(
        "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"email\":",
    );
    assert!(panel.starts_with("HTTP/1.1 408"), "{panel}");
    assert!(panel.contains("application/problem+json"), "{panel}");
    assert!(panel.contains("\"code\":\"too_slow\""), "{panel}");
    server.stop().await;
}

/// Beside the doors for programs a person may look: the same limits are told on a page.
#[actix_web::test]
async fn a_browser_is_told_of_a_limit_on_a_page_and_a_program_as_before() {
    let stage = Stage::new().await;
    let state = stage.state(HttpSettings {
        body_timeout: Duration::from_millis(20),
        handler_timeout: Duration::from_millis(20),
        ..settings()
    });
    let server = Running::start(state.with_pages(Pages {
        routes: Arc::new(|config| {
            config
                .route("/form", web::post().to(async |_: web::Bytes| "never"))
                .route("/slow", web::get().to(std::future::pending::<&'static str>));
        }),
        failure: |status, detail| {
            let page = format!("<p>{detail}</p>");
            HttpResponse::build(status)
                .content_type("text/html")
                .body(page)
        },
    }));
    let form = |path: &str, accept: &str| {
        server.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: {accept}\r\n\
             Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
        ))
    };
    let html = "text/html,application/xhtml+xml";
    let told = form("/form", html);
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    assert!(told.contains("<p>the body did not arrive"), "{told}");
    assert!(told.contains("x-request-id"), "{told}");
    assert!(form("/form", "*/*").contains("application/problem+json"));
    let api = form("/api/v1/session", html);
    assert!(api.contains("application/problem+json"), "{api}");
    let slow = server.raw(&format!(
        "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: {html}\r\n\r\n"
    ));
    assert!(slow.starts_with("HTTP/1.1 503"), "{slow}");
    assert!(slow.contains("<p>this took too long"), "{slow}");
    assert!(slow.contains("retry-after: 1"), "{slow}");
    server.stop().await;
}

#[actix_web::test]
async fn an_answer_is_compressed_for_who_can_read_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let server = Running::start(stage.state(settings()));
    let (base, token) = (&tenant.base, &tenant.token);
    let answer = server.raw(&format!(
        "GET {base}/Schemas HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Accept-Encoding: gzip,deflate\r\nAuthorization: Bearer {token}\r\n\r\n"
    ));
    assert!(
        answer
            .to_ascii_lowercase()
            .contains("content-encoding: gzip"),
        "{answer}"
    );
    server.stop().await;
}

/// SEC-32: only a trusted proxy may say for whom it asks.
#[actix_web::test]
async fn sec_32_the_address_of_an_entry_is_the_clients() {
    for (trusted, expected) in [(vec![], "127.0.0.1"), (vec!["127.0.0.0/8"], "203.0.113.9")] {
        let stage = Stage::new().await;
        let tenant = stage.organization("acme").await;
        let networks = trusted
            .iter()
            .map(|network| network.parse().expect("a network"));
        let server = Running::start(stage.state(HttpSettings {
            trusted_proxies: networks.collect(),
            ..settings()
        }));
        let body = Some(okta_user("jane@acme.example"));
        let mut request = Request::new("POST", "/Users", body);
        let forwarded = ("X-Forwarded-For".to_owned(), Some("203.0.113.9".to_owned()));
        request.headers.push(forwarded);
        let answer = server.client(&tenant).send(&request).expect("answers");
        assert_eq!(answer.status, 201);
        let entries = tenant.entries(Action::MemberCreated).await;
        assert_eq!(entries[0].ip.as_deref(), Some(expected));
        server.stop().await;
    }
}

/// REL-14: a service about to stop says so to who asks whether it is ready, and still serves.
#[actix_web::test]
async fn rel_14_a_stopping_service_is_not_ready_and_serves_to_the_end() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let state = stage.state(settings());
    let server = Running::start(state.clone());
    let ready = "GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(server.raw(ready).starts_with("HTTP/1.1 200"));
    state.begin_draining();
    assert!(server.raw(ready).starts_with("HTTP/1.1 503"));
    let client = server.client(&tenant);
    let answer = client.send(&Request::get("/Users")).expect("answers");
    assert_eq!(answer.status, 200);
    server.stop().await;
    assert!(client.send(&Request::get("/Users")).is_err());
}
