//! A panel to try things on: an application over a fresh database, at a time the test moves.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{TestRequest, init_service};
use actix_web::web;
use chrono::Duration;
use rollcall_application::Services;
use rollcall_application::panel::operator::{NamedPerson, set_up};
use rollcall_application::ports::{Clock, SecretText, Store, StoreExt, Supplies};
use rollcall_domain::OrganizationId;
use rollcall_http::{AppState, HttpSettings, app};
use rollcall_scim_service::DOCUMENTS;
use rollcall_storage::{Options, SqliteStore};
use rollcall_testkit::{FixedClock, services_at, supplies};
use serde_json::{Value, json};

/// Everybody's password, unless a test says otherwise.
pub(crate) const PASSWORD: &str = "a long enough secret";

/// Where the service believes it is reached.
pub(crate) const URL: &str = "https://rollcall.example.com";

type Call = dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = Reply>>>;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The code of a problem; empty when it is none.
    pub(crate) fn code(&self) -> String {
        let text = serde_json::from_str::<Value>(&self.body).unwrap_or_default();
        text["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.headers.get(name);
        value.map_or_else(String::new, |v| v.to_str().unwrap().to_owned())
    }

    /// Demands a status, and shows the answer where it is another.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Demands a problem.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.code().as_str()),
            (status, code),
            "{}",
            self.body
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
    }

    /// The session cookie it sets.
    pub(crate) fn cookie(&self) -> String {
        let set = self.header("set-cookie");
        set.split(';').next().unwrap_or_default().to_owned()
    }
}

/// An application and the one organization in it.
#[derive(Clone)]
pub(crate) struct Panel {
    call: Rc<Call>,
    pub(crate) services: Services,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) organization: OrganizationId,
    _folder: Rc<tempfile::TempDir>,
}

impl Panel {
    /// An organization named Acme with its owner, `owner@acme.example`.
    pub(crate) async fn open() -> Self {
        Self::with(|services| services).await
    }

    /// As [`Panel::open`], over other services.
    pub(crate) async fn with(change: impl FnOnce(Services) -> Services) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let supplies = Supplies {
            documents: DOCUMENTS,
            ..supplies(1)
        };
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, &Options::default(), supplies).unwrap());
        let clock = Arc::new(FixedClock::default());
        let services = change(services_at(store, Arc::clone(&clock)));
        let (organization, _) = set_up(&services, "Acme", person("owner@acme.example"))
            .await
            .unwrap();
        let state = web::Data::new(AppState::new(services.clone(), HttpSettings::default()));
        Self {
            call: caller(state).await,
            services,
            clock,
            organization,
            _folder: Rc::new(folder),
        }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        (self.call)(request).await
    }

    /// A client that is not signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client {
            panel: self.clone(),
            cookie: RefCell::default(),
        }
    }

    /// A client that is signed in.
    pub(crate) async fn sign_in(&self, email: &str) -> Client {
        let client = self.stranger();
        client.sign_in(email, PASSWORD).await.expect(200);
        client
    }

    /// The owner, signed in.
    pub(crate) async fn owner(&self) -> Client {
        self.sign_in("owner@acme.example").await
    }

    /// A new member by invitation, signed in; and its id.
    pub(crate) async fn joined(&self, email: &str, role: &str) -> (Client, String) {
        let owner = self.owner().await;
        let member = owner.invite(json!({"email": email, "role": role})).await;
        let id = member["id"].as_str().unwrap().to_owned();
        let client = self.stranger();
        client.accept(&self.mailed_token().await).await.expect(200);
        (client, id)
    }

    /// The bodies of all mails that wait, taken out of the outbox.
    pub(crate) async fn mails(&self) -> Vec<(String, String)> {
        let now = self.clock.now();
        self.services
            .store
            .write(move |tx| {
                let mails = tx.lease_mails(now, now + Duration::minutes(1), 100)?;
                for mail in &mails {
                    tx.mail_sent(mail.id)?;
                }
                let shown = mails.into_iter();
                Ok(shown
                    .map(|m| (m.mail.to.to_string(), m.mail.body))
                    .collect())
            })
            .await
            .unwrap()
    }

    /// The token of the link in the one mail that waits.
    pub(crate) async fn mailed_token(&self) -> String {
        let mails = self.mails().await;
        let [(_, body)] = mails.as_slice() else {
            panic!("expected one mail, found {}", mails.len());
        };
        let link = body.lines().find(|line| line.starts_with(URL)).unwrap();
        link.rsplit('/').next().unwrap().to_owned()
    }

    /// A second organization, whose owner is `owner@<name>.example`.
    pub(crate) async fn found(&self, name: &str) -> OrganizationId {
        let owner = person(&format!("owner@{}.example", name.to_lowercase()));
        set_up(&self.services, name, owner).await.unwrap().0
    }
}

async fn caller(state: web::Data<AppState>) -> Rc<Call> {
    let service = Rc::new(init_service(app(state)).await);
    Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let (status, headers, body) = match service.call(request.to_request()).await {
                Ok(response) => {
                    let (status, headers) = (response.status(), response.headers().clone());
                    let body = to_bytes(response.into_body()).await;
                    (
                        status,
                        headers,
                        body.map_err(|_| "the body broke off").unwrap(),
                    )
                }
                Err(error) => {
                    let response = error.error_response();
                    let (status, headers) = (response.status(), response.headers().clone());
                    (
                        status,
                        headers,
                        to_bytes(response.into_body()).await.unwrap(),
                    )
                }
            };
            Reply {
                status: status.as_u16(),
                headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            }
        })
    })
}

/// A person for the operator's commands.
pub(crate) fn person(email: &str) -> NamedPerson {
    NamedPerson {
        email: email.to_owned(),
        name: None,
        password: SecretText::new(PASSWORD.to_owned()),
        organization: None,
    }
}

/// A browser, more or less: keeps the cookie it was given.
pub(crate) struct Client {
    pub(crate) panel: Panel,
    cookie: RefCell<Option<String>>,
}

impl Client {
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Reply {
        let body = json!({"email": email, "password": password});
        self.post("/api/v1/session", body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = TestRequest::default().method(method).uri(path);
        let request = match body {
            Some(body) => request.set_json(body),
            None => request,
        };
        self.send(request).await
    }

    /// Sends a request with the cookie, and keeps the one it is given.
    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        let cookie = self.cookie.borrow().clone();
        let request = match cookie {
            Some(cookie) => request.insert_header((header::COOKIE, cookie)),
            None => request,
        };
        let reply = self.panel.send(request).await;
        if reply.headers.contains_key(header::SET_COOKIE) {
            *self.cookie.borrow_mut() = Some(reply.cookie());
        }
        reply
    }

    pub(crate) fn cookie(&self) -> String {
        self.cookie.borrow().clone().unwrap_or_default()
    }

    pub(crate) fn set_cookie(&self, cookie: &str) {
        *self.cookie.borrow_mut() = Some(cookie.to_owned());
    }

    /// Invites one person; the member that results.
    pub(crate) async fn invite(&self, invitation: Value) -> Value {
        let result = self.try_invite(invitation).await;
        assert!(result["problem"].is_null(), "{result}");
        result["member"].clone()
    }

    /// Invites one person; the result, whatever it is.
    pub(crate) async fn try_invite(&self, invitation: Value) -> Value {
        let mut body = json!({"invitations": [invitation]});
        if body["invitations"][0]["role"] == "owner" {
            body["current_password"] = json!(PASSWORD);
        }
        let reply = self.post("/api/v1/members/invite", body).await.expect(200);
        reply.json()["results"][0].clone()
    }

    pub(crate) async fn accept(&self, token: &str) -> Reply {
        let body = json!({"token": token, "password": PASSWORD});
        self.post("/api/v1/invitations/accept", body).await
    }

    /// Creates a team; its id.
    pub(crate) async fn create_team(&self, name: &str, members: &[&str]) -> String {
        let body = json!({"name": name, "member_ids": members});
        let reply = self.post("/api/v1/teams", body).await.expect(201);
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    /// The member of an id.
    pub(crate) async fn member(&self, id: &str) -> Value {
        let path = format!("/api/v1/members/{id}");
        self.get(&path).await.expect(200).json()
    }

    /// The team of an id.
    pub(crate) async fn team(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/teams/{id}"))
            .await
            .expect(200)
            .json()
    }

    /// The ids in a team.
    pub(crate) async fn members_of(&self, team: &str) -> Vec<String> {
        let path = format!("/api/v1/teams/{team}/members?sort=created");
        let page = self.get(&path).await.expect(200).json();
        ids(&page)
    }

    /// The actions in Activity, oldest first.
    pub(crate) async fn actions(&self) -> Vec<String> {
        let page = self
            .get("/api/v1/activity?limit=200")
            .await
            .expect(200)
            .json();
        let entries = page["items"].as_array().unwrap().iter().rev();
        entries
            .map(|entry| entry["action"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Turns provisioning from Okta on; what Okta then pushes with.
    pub(crate) async fn enable(&self) -> Directory {
        self.enable_directory("okta").await
    }

    /// Turns provisioning from a directory on; what it then pushes with.
    pub(crate) async fn enable_directory(&self, kind: &str) -> Directory {
        let body = json!({"current_password": PASSWORD});
        let path = format!("/api/v1/provisioning/{kind}/enable");
        let shown = self.post(&path, body).await.expect(200).json();
        Directory {
            panel: self.panel.clone(),
            base: shown["tenant_url"].as_str().unwrap().to_owned(),
            token: shown["secret_token"].as_str().unwrap().to_owned(),
        }
    }

    /// Turns provisioning from Okta off.
    pub(crate) async fn disable(&self) {
        self.disable_directory("okta").await;
    }

    /// Turns provisioning from a directory off.
    pub(crate) async fn disable_directory(&self, kind: &str) {
        let body = json!({"current_password": PASSWORD});
        let path = format!("/api/v1/provisioning/{kind}/disable");
        self.post(&path, body).await.expect(204);
    }
}

/// The ids of a page.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// A directory, as far as these tests need it.
pub(crate) struct Directory {
    panel: Panel,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Directory {
    /// The same, with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            panel: self.panel.clone(),
            base: self.base.clone(),
            token: token.to_owned(),
        }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let base = self.base.strip_prefix(URL).unwrap();
        let request = TestRequest::default()
            .method(method)
            .uri(&format!("{base}{path}"))
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", self.token)));
        let request = match body {
            Some(body) => request
                .insert_header((header::CONTENT_TYPE, "application/scim+json"))
                .set_payload(body.to_string()),
            None => request,
        };
        self.panel.send(request).await
    }

    /// Pushes a user; its id.
    pub(crate) async fn push_user(&self, user_name: &str) -> String {
        let reply = self.try_push_user(user_name).await.expect(201);
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn try_push_user(&self, user_name: &str) -> Reply {
        let (given, _) = user_name.split_once('@').unwrap();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "externalId": format!("id-{user_name}"),
            "name": {"givenName": given, "familyName": "Pushed"},
            "emails": [{"primary": true, "value": user_name, "type": "work"}],
            "active": true,
        });
        self.send(Method::POST, "/Users", Some(body)).await
    }

    /// Says whether a user is active.
    pub(crate) async fn set_active(&self, id: &str, active: bool) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "value": {"active": active}}],
        });
        let path = format!("/Users/{id}");
        let reply = self.send(Method::PATCH, &path, Some(body)).await;
        assert!(reply.status < 300, "{reply:?}");
    }

    /// Pushes a group; its id.
    pub(crate) async fn push_group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": members,
        });
        let reply = self
            .send(Method::POST, "/Groups", Some(body))
            .await
            .expect(201);
        reply.json()["id"].as_str().unwrap().to_owned()
    }
}
