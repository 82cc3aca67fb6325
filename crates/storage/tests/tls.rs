//! TLS to PostgreSQL, which the feature `postgres-tls` brings: the server proves that it is meant,
//! and nothing goes over the wire in clear text.

#![cfg(all(unix, feature = "postgres-tls"))]
#![cfg_attr(
    feature = "postgres-tls",
    expect(clippy::unwrap_used, reason = "what cannot be is a failing test")
)]

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rollcall_application::ports::Store;
use rollcall_storage::{Address, PostgresStore, ServerError, ServerOptions};
use rollcall_testkit::postgres::Cluster;
use rollcall_testkit::{Tenant, supplies};

#[derive(QueryableByName)]
struct Certificate {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Connections {
    #[diesel(sql_type = BigInt)]
    sealed: i64,
    #[diesel(sql_type = BigInt)]
    open: i64,
}

/// Lets the server make itself a key and a certificate for `localhost`, in its own folder; its
/// text. Nothing where the machine has no `openssl`.
fn certificate(server: &mut PgConnection) -> Option<String> {
    let made = server.batch_execute(
        "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null; openssl req -new -x509 -days 2 -nodes \
            -newkey rsa:2048 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
            -keyout server.key -out server.crt 2>/dev/null'",
    );
    if made.is_err() {
        assert!(
            std::env::var_os("TEST_REQUIRE_POSTGRES").is_none(),
            "no openssl is installed"
        );
        eprintln!("SKIPPED: no openssl is installed");
        return None;
    }
    let certificate: Certificate = diesel::sql_query("SELECT pg_read_file('server.crt') AS text")
        .get_result(server)
        .unwrap();
    Some(certificate.text)
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn open(url: &str) -> Result<PostgresStore, ServerError> {
    PostgresStore::open(
        &Address::parse(url).unwrap(),
        &ServerOptions::default(),
        supplies(1),
    )
}

fn trusting(place: &str, authority: &Path) -> String {
    let authority = authority.display();
    format!("{place}&sslmode=verify-full&sslrootcert={authority}")
}

#[tokio::test]
async fn a_server_is_spoken_to_by_tls_alone_once_it_proves_that_it_is_meant() {
    let port = free_port();
    let settings = format!("-c listen_addresses=localhost -c port={port}");
    let Some(cluster) = Cluster::start(&settings) else {
        return;
    };
    let socket = format!("{}&port={port}", cluster.url("postgres"));
    let mut admin = PgConnection::establish(&socket).unwrap();
    let named =
        |host: &str| format!("postgres://rollcall@{host}:{port}/postgres?connect_timeout=5");
    let refused = open(&format!("{}&sslmode=require", named("localhost"))).unwrap_err();
    assert!(matches!(refused, ServerError::NoTls(_)), "{refused}");

    let folder = tempfile::tempdir().unwrap();
    let (other, own) = (
        folder.path().join("other.pem"),
        folder.path().join("own.pem"),
    );
    for file in [&other, &own] {
        let Some(certificate) = certificate(&mut admin) else {
            return;
        };
        std::fs::write(file, certificate).unwrap();
    }
    admin.batch_execute("ALTER SYSTEM SET ssl = on").unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").unwrap();
    let store: Arc<dyn Store> = loop {
        // The server takes its new settings in a moment.
        match open(&trusting(&named("localhost"), &own)) {
            Err(ServerError::NoTls(_)) => std::thread::yield_now(),
            opened => break Arc::new(opened.unwrap()),
        }
    };
    Tenant::found(&store, "Acme", 1).await;
    let connections: Connections = diesel::sql_query(
        "SELECT count(*) FILTER (WHERE ssl) AS sealed, count(*) FILTER (WHERE NOT ssl) AS open
         FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'rollcall'",
    )
    .get_result(&mut admin)
    .unwrap();
    assert!(connections.sealed > 0 && connections.open == 0);

    let stranger = open(&trusting(&named("localhost"), &other)).unwrap_err();
    assert!(
        matches!(stranger, ServerError::Certificate(_)),
        "{stranger}"
    );
    let misnamed = open(&trusting(&named("127.0.0.1"), &own)).unwrap_err();
    assert!(
        matches!(misnamed, ServerError::Certificate(_)),
        "{misnamed}"
    );
}
