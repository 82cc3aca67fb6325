//! The pages over a SQLite store: what is shown, what is refused, and that every link leads
//! somewhere.

#![expect(clippy::unwrap_used, reason = "a broken expectation is a failing test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use rollcall_application::Services;
use rollcall_application::panel::access::AccessPolicy;
use rollcall_application::ports::StoreExt as _;
use rollcall_console::Console;
use rollcall_storage::{Options, SqliteStore};
use rollcall_testkit::{Tenant, services, supplies};

const PASSWORD: &str = "correct horse battery";

struct Reply {
    status: u16,
    body: String,
    location: String,
    cookie: String,
    csp: String,
    cache: String,
    retry_after: String,
}

struct Site {
    console: Console,
    services: Services,
    folder: tempfile::TempDir,
}

impl Site {
    fn empty() -> Self {
        Self::with(&Options::default())
    }

    fn with(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = SqliteStore::open(&path, options, supplies(1)).unwrap();
        let services = services(Arc::new(store));
        let console = Console::new(services.clone(), AccessPolicy::default());
        Self {
            console,
            services,
            folder,
        }
    }

    async fn send(&self, request: TestRequest) -> Reply {
        let console = self.console.clone();
        let routes = move |config: &mut web::ServiceConfig| {
            rollcall_console::configure(&console, config);
        };
        let app = init_service(App::new().configure(routes)).await;
        let response = call_service(&app, request.to_request()).await;
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or("", |v| v.to_str().unwrap()).to_owned()
        };
        let (location, cookie) = (header("location"), header("set-cookie"));
        let (csp, cache) = (header("content-security-policy"), header("cache-control"));
        let retry_after = header("retry-after");
        let status = response.status().as_u16();
        Reply {
            status,
            location,
            cookie,
            csp,
            cache,
            retry_after,
            body: String::from_utf8(read_body(response).await.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> Reply {
        let request = TestRequest::get().uri(path);
        self.send(request.insert_header(("cookie", cookie))).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Reply {
        let request = TestRequest::post().uri(path).set_form(form);
        self.send(request.insert_header(("cookie", cookie))).await
    }

    /// Founds an organization through the one-time link; the owner's cookie.
    async fn found(&self) -> String {
        let link = self.console.set_up_link();
        let path = link.expose().split_once(".com").unwrap().1.to_owned();
        let form = [
            ("organization", "Acme"),
            ("name", "Ada Owner"),
            ("email", "ada@acme.example"),
            ("password", PASSWORD),
        ];
        let reply = self.post(&path, "", &form).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        assert_eq!(self.get(&path, "").await.status, 404, "the link works once");
        reply.cookie.split(';').next().unwrap().to_owned()
    }
}

#[actix_web::test]
async fn the_first_run_founds_an_organization_by_a_link_that_works_once() {
    let site = Site::empty();
    let cookie = site.found().await;
    let members = site.get("/members", &cookie).await;
    assert_eq!(members.status, 200);
    assert!(members.body.contains("Ada Owner"));
    assert_eq!(site.get("/setup/guess", "").await.status, 404);
}

#[actix_web::test]
async fn sec_23_every_answer_has_a_strict_policy_and_data_is_never_kept() {
    let site = Site::empty();
    let cookie = site.found().await;
    for path in ["/members", "/sign-in", "/nothing", "/activity"] {
        let reply = site.get(path, &cookie).await;
        assert!(reply.csp.contains("default-src 'none'"), "{path}");
        assert!(reply.csp.contains("frame-ancestors 'none'"), "{path}");
        assert!(!reply.csp.contains("unsafe"), "{path}");
        assert_eq!(reply.cache, "no-store", "{path}");
        assert!(!reply.body.contains(" style="), "{path}");
    }
}

#[actix_web::test]
async fn sec_23_a_name_is_shown_as_text_whatever_it_holds() {
    let site = Site::empty();
    let cookie = site.found().await;
    for name in ["<script>alert(1)</script>", "\"><img src=x>"] {
        let saved = site.post("/profile", &cookie, &[("name", name)]).await;
        assert_eq!(saved.status, 303);
        for path in ["/profile", "/members", "/activity"] {
            let reply = site.get(path, &cookie).await;
            assert!(!reply.body.contains("<script>"), "{path}");
            assert!(!reply.body.contains("<img src=x"), "{path}");
        }
    }
}

#[actix_web::test]
async fn sec_25_a_form_of_another_site_is_refused() {
    let site = Site::empty();
    let cookie = site.found().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = TestRequest::post()
            .uri("/profile")
            .set_form([("name", "Eve")]);
        let request = request.insert_header(("cookie", cookie.as_str()));
        let reply = site.send(request.insert_header((name, value))).await;
        assert_eq!(reply.status, 403, "{name}: {value}");
    }
    let own = TestRequest::post()
        .uri("/profile")
        .set_form([("name", "Ada")]);
    let own = own.insert_header(("cookie", cookie.as_str()));
    let own = own.insert_header(("origin", "https://rollcall.example.com"));
    assert_eq!(site.send(own).await.status, 303);
}

#[actix_web::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_never_to_another_site() {
    let site = Site::empty();
    site.found().await;
    let reply = site.get("/teams?search=x", "").await;
    assert_eq!(reply.location, "/sign-in?next=%2Fteams%3Fsearch%3Dx");
    for (next, location) in [
        ("/teams", "/teams"),
        ("//evil.example", "/"),
        ("https://e", "/"),
    ] {
        let form = [
            ("email", "ada@acme.example"),
            ("password", PASSWORD),
            ("next", next),
        ];
        assert_eq!(site.post("/sign-in", "", &form).await.location, location);
    }
    let wrong = [("email", "ada@acme.example"), ("password", "guess")];
    let reply = site.post("/sign-in", "", &wrong).await;
    assert_eq!(reply.status, 403);
    assert!(
        reply.body.contains("ada@acme.example"),
        "what was typed is kept"
    );
    assert!(!reply.body.contains("guess"));
}

#[actix_web::test]
async fn r01_turning_on_asks_for_the_password_and_shows_the_token_once() {
    let site = Site::empty();
    let cookie = site.found().await;
    let on = "/settings/provisioning/okta/on";
    let refused = site
        .post(on, &cookie, &[("current_password", "guess")])
        .await;
    assert_eq!(refused.status, 403);
    let reply = site
        .post(on, &cookie, &[("current_password", PASSWORD)])
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let token = reply
        .body
        .split("id=\"token\" readonly value=\"")
        .nth(1)
        .unwrap();
    let token = token.split('"').next().unwrap().to_owned();
    assert!(token.len() > 8);
    let page = site.get("/settings/provisioning", &cookie).await;
    assert!(!page.body.contains(&token));
    assert!(page.body.contains("Waiting for the test request"));
    assert!(page.body.contains("Important reminder"), "R06");
}

#[actix_web::test]
async fn no_link_of_a_populated_organization_leads_nowhere() {
    let site = Site::empty();
    let cookie = site.found().await;
    let invite = [
        ("emails", "bo@acme.example\nnot an e-mail"),
        ("role", "member"),
    ];
    let invited = site.post("/members/invite", &cookie, &invite).await;
    assert!(invited.body.contains("1 of 2 done"), "{}", invited.body);
    let team = site
        .post("/teams/new", &cookie, &[("name", "Design")])
        .await;
    assert_eq!(team.status, 303, "{}", team.body);
    let (mut seen, mut open) = (BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(path) = open.pop() {
        let reply = site.get(&path, &cookie).await;
        assert!(reply.status < 400, "{path} is answered {}", reply.status);
        let links = reply
            .body
            .split("href=\"")
            .skip(1)
            .chain([reply.location.as_str()]);
        for link in links {
            let link = link.split('"').next().unwrap().replace("&#38;", "&");
            let ours = link.starts_with('/') && !link.starts_with("/api/");
            if ours && seen.len() < 300 && seen.insert(link.clone()) {
                open.push(link);
            }
        }
    }
    assert!(seen.len() > 30, "{seen:?}");
}

#[actix_web::test]
async fn r07_r08_what_a_directory_manages_is_marked_and_disabled_and_says_where_to_edit() {
    let site = Site::empty();
    let tenant = Tenant::found(&site.services.store, "Beta", 7).await;
    let (member, id) = (
        tenant.pushed_member("pia@beta.example").await,
        tenant.owner.id,
    );
    let team = tenant.pushed_team("Engineering").await;
    let (organization, hasher) = (tenant.id(), site.services.passwords.clone());
    let secret = rollcall_application::ports::SecretText::new(PASSWORD.to_owned());
    let hash = hasher.hash(secret).await.unwrap();
    let store = &site.services.store;
    let put = store.write(move |tx| Ok(tx.put_password_hash(organization, id, &hash)?));
    put.await.unwrap();
    let form = [("email", "owner@beta.example"), ("password", PASSWORD)];
    let signed_in = site.post("/sign-in", "", &form).await;
    let cookie = signed_in.cookie.split(';').next().unwrap();
    for list in ["/members", "/teams"] {
        let page = site.get(list, cookie).await;
        assert!(page.body.contains("can be edited only in Okta"), "{list}");
        assert!(page.body.contains("alt=\"Provisioned by Okta\""), "{list}");
    }
    for path in [
        format!("/members/{}", member.id),
        format!("/teams/{}", team.id),
    ] {
        let page = site.get(&path, cookie).await;
        assert!(page.body.contains("Edit this in Okta"), "{path}");
        assert!(
            page.body
                .contains("disabled aria-describedby=\"why\">Delete"),
            "{path}"
        );
    }
    let by_hand = site
        .post(&format!("/members/{}/delete", member.id), cookie, &[])
        .await;
    assert_eq!(by_hand.status, 409);
    assert!(by_hand.body.contains("Edit this in Okta"));
}

#[actix_web::test]
async fn an_invitation_offers_the_first_200_teams_and_says_where_the_rest_is() {
    let site = Site::empty();
    let cookie = site.found().await;
    for number in 0..=200 {
        let name = format!("Team {number:03}");
        let made = site.post("/teams/new", &cookie, &[("name", &name)]).await;
        assert_eq!(made.status, 303, "{}", made.body);
        if number == 199 {
            let form = site.get("/members/invite", &cookie).await.body;
            assert!(!form.contains("the first 200"), "all of them are there");
        }
    }
    let form = site.get("/members/invite", &cookie).await.body;
    assert_eq!(form.matches("name=\"team\"").count(), 200);
    assert!(form.contains("further ones can be joined from the team"));
}

#[actix_web::test]
async fn search_filters_and_order_stand_in_the_address_and_decide_the_export() {
    let site = Site::empty();
    let cookie = site.found().await;
    let emails = "bo@acme.example\ncy@acme.example\n=1+1@acme.example";
    let invite = [("emails", emails), ("role", "member")];
    site.post("/members/invite", &cookie, &invite).await;
    let page = site
        .get("/members?status=invited&order=email+desc", &cookie)
        .await;
    assert!(page.body.contains("3 members") && !page.body.contains("Choose Ada"));
    let at = |text: &str| page.body.find(&format!("Choose {text}")).unwrap();
    assert!(at("cy@acme.example") < at("bo@acme.example"));
    assert!(page.body.contains("aria-sort=\"descending\""));
    let export = page.body.split("href=\"/members.csv").nth(1).unwrap();
    let query = export.split('"').next().unwrap().replace("&#38;", "&");
    let file = site.get(&format!("/members.csv{query}"), &cookie).await;
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[1].contains(",cy@acme.example,"));
    assert!(
        lines[3].starts_with("'=1+1@acme.example,"),
        "SEC-26: no cell is a formula"
    );
}

#[actix_web::test]
async fn bulk_asks_first_and_answers_item_by_item_and_keeps_who_was_chosen() {
    let site = Site::empty();
    let cookie = site.found().await;
    let invite = [("emails", "bo@acme.example"), ("role", "member")];
    site.post("/members/invite", &cookie, &invite).await;
    let list = site.get("/members", &cookie).await.body;
    let ids: Vec<&str> = list
        .split("name=\"id\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let chosen: Vec<(&str, &str)> = ids.iter().map(|id| ("id", *id)).collect();
    let mut form = chosen.clone();
    form.push(("action", "delete"));
    let asked = site.post("/members/bulk", &cookie, &form).await;
    assert!(asked.body.contains("Delete 2 members?"), "{}", asked.body);
    form.push(("confirmed", "yes"));
    form.push(("current_password", "a guess"));
    let refused = site.post("/members/bulk", &cookie, &form).await;
    assert_eq!(refused.status, 403);
    assert!(ids.iter().all(|id| refused.body.contains(id)));
    form.pop();
    form.push(("current_password", PASSWORD));
    let done = site.post("/members/bulk", &cookie, &form).await;
    assert!(done.body.contains("0 of 2 done."), "{}", done.body);
    assert!(
        done.body.contains("cancel it"),
        "an invitation is cancelled"
    );
    assert!(done.body.contains("wner"), "the last owner stays");
}

#[actix_web::test]
async fn the_head_of_a_page_can_be_read_alone() {
    let site = Site::empty();
    let cookie = site.found().await;
    for path in ["/sign-in", "/members", "/teams", "/activity", "/nothing"] {
        let whole = site.get(path, &cookie).await;
        let head = TestRequest::default().method(Method::HEAD).uri(path);
        let head = site
            .send(head.insert_header(("cookie", cookie.as_str())))
            .await;
        assert_eq!((head.status, head.csp), (whole.status, whole.csp), "{path}");
    }
    let stranger = TestRequest::default().method(Method::HEAD).uri("/members");
    let stranger = site.send(stranger).await;
    assert_eq!(stranger.location, "/sign-in?next=%2Fmembers");
    let form = TestRequest::default().method(Method::HEAD).uri("/sign-out");
    assert_eq!(site.send(form).await.status, 404, "nothing is done by it");
}

#[actix_web::test]
async fn an_error_is_told_within_the_frame_of_who_is_signed_in() {
    let site = Site::empty();
    let cookie = site.found().await;
    let nobody = "/members/00000000-0000-7000-8000-000000000000";
    let reply = site.get(nobody, &cookie).await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("aria-label=\"Main\""));
    let nothing = site.get("/nothing/at/all", &cookie).await;
    assert_eq!(nothing.status, 404);
    assert!(
        nothing.body.contains("aria-label=\"Main\""),
        "keeps the way"
    );
    let stranger = site.get("/nothing/at/all", "").await;
    assert_eq!(stranger.status, 404);
    assert!(!stranger.body.contains("aria-label=\"Main\""));
    assert!(stranger.body.contains("href=\"/\""), "a way back");
}

#[actix_web::test]
async fn a_form_that_cannot_be_taken_is_told_on_a_page() {
    let site = Site::empty();
    let cookie = site.found().await;
    let long = "x".repeat(300 * 1024);
    let reply = site
        .post("/teams/new", &cookie, &[("name", long.as_str())])
        .await;
    assert_eq!(reply.status, 413);
    assert!(reply.body.contains("That was too much at once"));
    assert!(reply.csp.contains("default-src 'none'"));
    let request = TestRequest::post().uri("/teams/new");
    let request = request.insert_header(("cookie", cookie.as_str()));
    let reply = site.send(request.set_payload("name=Ops")).await;
    assert_eq!(reply.status, 415);
    assert!(reply.body.contains("href=\"/\""), "{}", reply.body);
}

/// REL-12: another program holds the file's write lock for longer than anybody waits.
#[actix_web::test]
async fn a_change_that_cannot_be_stored_now_keeps_what_was_typed_and_says_when_to_come_back() {
    let site = Site::with(&Options {
        busy_timeout: std::time::Duration::from_millis(50),
        ..Options::default()
    });
    let cookie = site.found().await;
    let file = site.folder.path().join("rollcall.db");
    let other = rusqlite::Connection::open(file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let form = [("name", "Night shift")];
    let reply = site.post("/teams/new", &cookie, &form).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.retry_after, "1");
    assert!(
        reply.body.contains("value=\"Night shift\""),
        "{}",
        reply.body
    );
    let said = "The service cannot get at its data right now. Try again in a moment.";
    assert!(reply.body.contains(said), "{}", reply.body);
    let reading = site.get("/teams", &cookie).await;
    assert_eq!((reading.status, reading.retry_after.as_str()), (200, ""));
    other.execute_batch("ROLLBACK").unwrap();
    let reply = site.post("/teams/new", &cookie, &form).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
}

#[actix_web::test]
async fn a_failure_without_a_page_of_its_own_has_a_strict_policy_and_a_way_back() {
    let response = rollcall_console::failure_page(StatusCode::SERVICE_UNAVAILABLE, "try again");
    let policy = response.headers().get("content-security-policy");
    assert!(
        policy
            .unwrap()
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
    let body = actix_web::body::to_bytes(response.into_body())
        .await
        .unwrap();
    let page = String::from_utf8(body.to_vec()).unwrap();
    assert!(page.contains("Try again. If you were changing something, look"));
    assert!(page.contains("href=\"/\""), "{page}");
}

#[actix_web::test]
async fn the_compatibility_of_a_directory_is_chosen_in_plain_words() {
    let site = Site::empty();
    let cookie = site.found().await;
    let path = "/settings/provisioning/okta/compatibility";
    assert_eq!(site.get(path, &cookie).await.status, 404, "never turned on");
    let on = [("current_password", PASSWORD)];
    let shown = site
        .post("/settings/provisioning/okta/on", &cookie, &on)
        .await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let page = site.get(path, &cookie).await.body;
    assert!(page.contains("value=\"okta\" selected"), "{page}");
    let refused = site.post(path, &cookie, &[("profile", "guess")]).await;
    assert_eq!(refused.status, 422);
    let saved = site.post(path, &cookie, &[("profile", "strict")]).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = site.get("/settings/provisioning", &cookie).await.body;
    assert!(
        page.contains("Strict: the standard to the letter"),
        "{page}"
    );
    assert_eq!(
        site.get("/settings/provisioning/nobody/compatibility", &cookie)
            .await
            .status,
        404
    );
}
