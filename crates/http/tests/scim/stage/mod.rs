//! An organization with provisioning turned on, the whole application in front of a real store,
//! and a directory that knocks at its door.

mod environment;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web;
use rollcall_application::panel::access::{AccessPolicy, Confirmed, confirm};
use rollcall_application::panel::{members, operator, provisioning, teams};
use rollcall_application::ports::{
    ActivityEntry, ActivityQuery, ReadTx, SecretText, Store, StoreExt, TokenKind, WriteTx,
};
use rollcall_application::{Caller, PublicUrl, RequestInfo, Services, Stamp};
use rollcall_domain::rules::owners::Owners;
use rollcall_domain::rules::{Facts, invitations};
use rollcall_domain::{
    Action, Actor, Directories, DirectoryKind, Email, Member, MemberId, OrganizationId, PersonName,
    Profile, RequestId, Role, Seats, SessionId, Team, TeamId, WaysIn,
};
use rollcall_http::{AppState, HttpSettings};
use rollcall_secrets::{AeadSealer, SealingKey};
use rollcall_testkit::FakeProvider;
use serde_json::{Value, json};

pub(crate) use environment::TestClock;
use environment::{CountingIds, PlainPasswords, SlipperyStore, TestTokens};

pub(crate) const PUBLIC_URL: &str = "https://rollcall.example";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const SCIM: &str = "application/scim+json";
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

type Serve = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = Answer>>>>;

/// The service with its database; organizations are founded on it.
pub(crate) struct Stage {
    pub(crate) services: Services,
    pub(crate) clock: Arc<TestClock>,
    store: Arc<SlipperyStore>,
    serve: Serve,
    _folder: Option<tempfile::TempDir>,
}

/// What the service answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }

    /// P-3.12-01 and P-3.12-02: an Error message whose status is the line's, as text.
    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, scim_type: Option<&str>) -> Value {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        assert_eq!(self.status, status, "{text}");
        assert_eq!(self.header("content-type"), Some(SCIM), "{text}");
        let body = self.json();
        assert_eq!(body["schemas"], json!([ERROR]), "{text}");
        assert_eq!(body["status"], status.to_string(), "{text}");
        assert_eq!(
            body.get("scimType").and_then(Value::as_str),
            scim_type,
            "{text}"
        );
        assert!(
            body["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty())
        );
        body
    }

    #[track_caller]
    pub(crate) fn assert(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        self
    }
}

impl Stage {
    /// No test depends on how fast the machine is: who asks often is not slowed down here.
    pub(crate) async fn new() -> Self {
        let settings = HttpSettings {
            scim_rate: None,
            ..HttpSettings::default()
        };
        Self::with(settings).await
    }

    /// One over each engine: SQLite, and PostgreSQL where it is installed.
    pub(crate) async fn on_each_engine() -> Vec<Self> {
        let mut stages = vec![Self::new().await];
        let ids = Arc::new(CountingIds::default());
        if let Some(server) = environment::open_server(ids.clone()) {
            let settings = HttpSettings {
                scim_rate: None,
                ..HttpSettings::default()
            };
            stages.push(Self::over(server, ids, None, settings).await);
        }
        stages
    }

    pub(crate) async fn with(settings: HttpSettings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ids = Arc::new(CountingIds::default());
        let inner = environment::open_store(folder.path(), ids.clone());
        Self::over(inner, ids, Some(folder), settings).await
    }

    async fn over(
        inner: Arc<dyn Store>,
        ids: Arc<CountingIds>,
        folder: Option<tempfile::TempDir>,
        settings: HttpSettings,
    ) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(SlipperyStore::new(inner));
        let services = Services {
            store: store.clone() as Arc<dyn Store>,
            clock: clock.clone(),
            ids,
            tokens: Arc::new(TestTokens::default()),
            passwords: Arc::new(PlainPasswords),
            sealer: Arc::new(AeadSealer::new(&SealingKey::random())),
            relying_party: Arc::new(FakeProvider),
            public_url: PublicUrl::new(PUBLIC_URL),
            refused_tokens: Arc::default(),
        };
        let state = AppState::new(services.clone(), settings);
        let app = Rc::new(init_service(rollcall_http::app(web::Data::new(state))).await);
        let serve: Serve = Rc::new(move |request: TestRequest| {
            let app = Rc::clone(&app);
            Box::pin(async move {
                let response = call_service(app.as_ref(), request.to_request()).await;
                let headers = response.headers().iter().map(|(name, value)| {
                    let value = value.to_str().expect("text").to_owned();
                    (name.as_str().to_owned(), value)
                });
                Answer {
                    status: response.status().as_u16(),
                    headers: headers.collect(),
                    body: read_body(response).await.to_vec(),
                }
            })
        });
        Self {
            services,
            clock,
            store,
            serve,
            _folder: folder,
        }
    }

    /// The application's state, for a server of its own.
    pub(crate) fn state(&self, settings: HttpSettings) -> AppState {
        AppState::new(self.services.clone(), settings)
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        (self.serve)(request).await
    }

    /// Founds an organization with one owner, and turns provisioning from Okta on.
    pub(crate) async fn organization(&self, name: &str) -> Tenant<'_> {
        let owner = operator::NamedPerson {
            email: format!("owner@{name}.example"),
            name: Some("Olga Owner".to_owned()),
            password: SecretText::new(PASSWORD.to_owned()),
            organization: None,
        };
        let (organization, member) = operator::set_up(&self.services, name, owner)
            .await
            .expect("founds");
        let owner = Caller {
            organization,
            member,
            role: Role::Owner,
            session: SessionId::from_u128(1),
            label: "Olga Owner".to_owned(),
            request: self.request(),
        };
        let mut tenant = Tenant {
            stage: self,
            organization,
            owner,
            base: String::new(),
            token: String::new(),
        };
        tenant.turn_on().await;
        tenant
    }

    /// Before the next write is begun, `interruption` happens: whatever the request found out
    /// until then is out of date.
    pub(crate) fn before_next_write<F>(&self, interruption: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.store.interrupt(Box::pin(interruption));
    }

    pub(crate) fn fail_from_now_on(&self) {
        self.store.fail();
    }

    fn request(&self) -> RequestInfo {
        RequestInfo {
            id: RequestId::new(self.services.ids.next()),
            ip: None,
            user_agent: None,
        }
    }
}

/// One organization, with what its directory was given.
pub(crate) struct Tenant<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) organization: OrganizationId,
    pub(crate) owner: Caller,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Tenant<'_> {
    fn services(&self) -> &Services {
        &self.stage.services
    }

    async fn confirmed(&self) -> Confirmed {
        let password = SecretText::new(PASSWORD.to_owned());
        confirm(
            self.services(),
            &AccessPolicy::default(),
            &self.owner,
            password,
        )
        .await
        .expect("the password is right")
    }

    pub(crate) async fn turn_on(&mut self) {
        let confirmed = self.confirmed().await;
        let okta = DirectoryKind::Okta;
        let credentials = provisioning::enable(self.services(), &self.owner, okta, confirmed)
            .await
            .expect("turns on");
        self.take(&credentials);
    }

    pub(crate) async fn turn_off(&self) {
        let confirmed = self.confirmed().await;
        provisioning::disable(self.services(), &self.owner, DirectoryKind::Okta, confirmed)
            .await
            .expect("turns off");
    }

    /// Chooses how the directory is read.
    pub(crate) async fn reads_as(&self, profile: Profile) {
        let okta = DirectoryKind::Okta;
        provisioning::choose_profile(self.services(), &self.owner, okta, profile)
            .await
            .expect("chooses");
    }

    /// Turning off, to happen later.
    pub(crate) async fn turning_off(&self) -> impl Future<Output = ()> + Send + 'static {
        let (services, owner) = (self.services().clone(), self.owner.clone());
        let confirmed = self.confirmed().await;
        async move {
            provisioning::disable(&services, &owner, DirectoryKind::Okta, confirmed)
                .await
                .expect("turns off");
        }
    }

    /// Issuing credentials that nobody is told, to happen later.
    pub(crate) async fn issuing_credentials(&self) -> impl Future<Output = ()> + Send + 'static {
        let (services, owner) = (self.services().clone(), self.owner.clone());
        let confirmed = self.confirmed().await;
        async move {
            provisioning::issue_credentials(&services, &owner, DirectoryKind::Okta, confirmed)
                .await
                .expect("issues");
        }
    }

    pub(crate) async fn new_credentials(&mut self) {
        let confirmed = self.confirmed().await;
        let okta = DirectoryKind::Okta;
        let issued = provisioning::issue_credentials(self.services(), &self.owner, okta, confirmed)
            .await
            .expect("issues");
        self.take(&issued);
    }

    fn take(&mut self, credentials: &provisioning::Credentials) {
        let tail = credentials.tenant_url.strip_prefix(PUBLIC_URL);
        tail.expect("the Tenant URL begins with the public one")
            .clone_into(&mut self.base);
        credentials
            .secret_token
            .expose()
            .clone_into(&mut self.token);
    }

    pub(crate) async fn allow_link(&self, member: MemberId) {
        let confirmed = self.confirmed().await;
        let okta = DirectoryKind::Okta;
        provisioning::allow_link(self.services(), &self.owner, okta, member, confirmed)
            .await
            .expect("allows");
    }

    /// The id of the connection, as the Tenant URL says it.
    pub(crate) fn connection(&self) -> &str {
        self.base.split('/').nth(2).expect("/scim/{connection}/v2")
    }

    // --- the directory ---

    pub(crate) fn knock(&self, method: Method, tail: &str) -> TestRequest {
        TestRequest::with_uri(&format!("{}{tail}", self.base))
            .method(method)
            .insert_header(("authorization", format!("Bearer {}", self.token)))
            .insert_header(("accept", SCIM))
            .insert_header(("user-agent", "Okta SCIM Client 1.0.0"))
    }

    pub(crate) async fn call(&self, method: Method, tail: &str, body: Option<Value>) -> Answer {
        let mut request = self.knock(method, tail);
        if let Some(body) = body {
            request = request
                .insert_header(("content-type", "application/scim+json; charset=utf-8"))
                .set_payload(body.to_string());
        }
        self.stage.send(request).await
    }

    pub(crate) async fn get(&self, tail: &str) -> Answer {
        self.call(Method::GET, tail, None).await
    }

    pub(crate) async fn post(&self, tail: &str, body: Value) -> Answer {
        self.call(Method::POST, tail, Some(body)).await
    }

    pub(crate) async fn put(&self, tail: &str, body: Value) -> Answer {
        self.call(Method::PUT, tail, Some(body)).await
    }

    pub(crate) async fn patch(&self, tail: &str, operations: Value) -> Answer {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        self.call(Method::PATCH, tail, Some(body)).await
    }

    pub(crate) async fn delete(&self, tail: &str) -> Answer {
        self.call(Method::DELETE, tail, None).await
    }

    /// Pushes a person as Okta does, and answers the id.
    pub(crate) async fn push_user(&self, email: &str) -> String {
        self.post("/Users", okta_user(email)).await.assert(201).id()
    }

    pub(crate) async fn push_group(&self, name: &str) -> String {
        let body = json!({"schemas": [GROUP], "displayName": name, "members": []});
        self.post("/Groups", body).await.assert(201).id()
    }

    pub(crate) async fn find_user(&self, user_name: &str) -> Value {
        let tail = format!("/Users?filter=userName+eq+%22{user_name}%22&startIndex=1&count=100");
        self.get(&tail).await.assert(200).json()
    }

    // --- the panel ---

    /// A manually created, active member with a password.
    pub(crate) async fn manual(&self, email: &str, role: Role) -> MemberId {
        let id = self.invited(email, role, &[]).await;
        let (organization, stamp) = (self.organization, self.stamp());
        let job = move |tx: &mut dyn WriteTx| {
            let member = tx.member(organization, id)?.expect("is there");
            let change = invitations::accept(&member, member.name.clone(), stamp.at)?;
            tx.save_member(change, &stamp)?;
            tx.put_password_hash(organization, id, PASSWORD)?;
            Ok(id)
        };
        self.services().store.write(job).await.expect("accepts")
    }

    /// An invited person who has not accepted yet.
    pub(crate) async fn invited(&self, email: &str, role: Role, teams: &[TeamId]) -> MemberId {
        let id = MemberId::new(self.services().ids.next());
        let token = self.services().tokens.mint(TokenKind::Invitation);
        let token = self.services().tokens.digest(token.expose());
        let (organization, stamp, teams) = (self.organization, self.stamp(), teams.to_vec());
        let email = Email::parse(email).expect("an address");
        let by = self.owner.actor();
        let job = move |tx: &mut dyn WriteTx| {
            let teams = tx.teams(organization, &teams)?;
            let directories = tx.directories(organization)?;
            let facts = Facts {
                now: stamp.at,
                directories: &directories,
                seats: tx.seats(organization)?,
                owners: Owners {
                    others: 1,
                    ways: WaysIn::PASSWORD,
                },
                roles_in_panel: false,
            };
            let invitee = invitations::Invitee {
                id,
                email: email.clone(),
                name: PersonName::default(),
                role,
            };
            let (change, invitation) =
                invitations::invite(organization, invitee, &teams, &by, &facts, None)?;
            tx.save_member(change, &stamp)?;
            tx.put_invitation(&invitation, &token, stamp.at)?;
            Ok(id)
        };
        self.services().store.write(job).await.expect("invites")
    }

    pub(crate) async fn manual_team(&self, name: &str, members: &[MemberId]) -> TeamId {
        let command = teams::CreateTeam {
            name: name.to_owned(),
            members: members.to_vec(),
        };
        let team = teams::create_team(self.services(), &self.owner, command).await;
        team.expect("creates").team.id
    }

    pub(crate) async fn edit_email(&self, member: &str, email: &str) {
        let changes = members::MemberChanges {
            email: Some(email.to_owned()),
            ..members::MemberChanges::default()
        };
        let id = member.parse().expect("an id");
        members::edit_member(self.services(), &self.owner, id, changes)
            .await
            .expect("edits");
    }

    pub(crate) async fn rename_team(&self, team: &str, name: &str) {
        let id = team.parse().expect("an id");
        teams::rename_team(self.services(), &self.owner, id, name, None)
            .await
            .expect("renames");
    }

    pub(crate) async fn link_requests(&self) -> Vec<MemberId> {
        let organization = self.organization;
        let job = move |tx: &mut dyn ReadTx| Ok(tx.link_requests(organization)?);
        let requests = self.services().store.read(job).await.expect("reads");
        requests.into_iter().map(|request| request.member).collect()
    }

    pub(crate) async fn command(
        &self,
        member: MemberId,
        command: members::MemberCommand,
    ) -> Result<(), rollcall_application::Failure> {
        let confirmed = Some(self.confirmed().await);
        members::command_member(
            self.services(),
            &self.owner,
            member,
            command,
            confirmed,
            None,
        )
        .await
        .map(|_| ())
    }

    pub(crate) async fn make_owner(&self, email: &str) {
        let person = operator::NamedPerson {
            email: email.to_owned(),
            name: None,
            password: SecretText::new(PASSWORD.to_owned()),
            organization: Some(self.organization),
        };
        operator::grant_owner(self.services(), person)
            .await
            .expect("grants");
    }

    pub(crate) async fn seats(&self, limit: Option<u32>) {
        let (organization, stamp) = (self.organization, self.stamp());
        let job = move |tx: &mut dyn WriteTx| {
            let stored = tx.organization(organization)?.expect("is there");
            let next = rollcall_domain::Organization {
                seat_limit: limit,
                ..stored
            };
            tx.save_organization(rollcall_domain::Change::update(next, Vec::new()), &stamp)?;
            Ok(())
        };
        self.services().store.write(job).await.expect("limits");
    }

    // --- what is stored ---

    fn stamp(&self) -> Stamp {
        Stamp {
            organization: self.organization,
            actor: Actor::operator(),
            at: self.services().clock.now(),
            request: self.stage.request(),
        }
    }

    pub(crate) async fn member(&self, id: &str) -> Member {
        self.found(id).await.expect("the member is stored")
    }

    pub(crate) async fn found(&self, id: &str) -> Option<Member> {
        let (organization, id) = (self.organization, id.parse().expect("an id"));
        let job = move |tx: &mut dyn ReadTx| Ok(tx.member(organization, id)?);
        self.services().store.read(job).await.expect("reads")
    }

    pub(crate) async fn team(&self, id: &str) -> Team {
        let (organization, id) = (self.organization, id.parse().expect("an id"));
        let job = move |tx: &mut dyn ReadTx| Ok(tx.team(organization, id)?);
        let team = self.services().store.read(job).await.expect("reads");
        team.expect("the team is stored")
    }

    pub(crate) async fn members_of(&self, team: &str) -> Vec<MemberId> {
        let (organization, id) = (self.organization, team.parse().expect("an id"));
        let job =
            move |tx: &mut dyn ReadTx| Ok(tx.team_member_labels(organization, id, None, 10_000)?);
        let labels = self.services().store.read(job).await.expect("reads");
        labels.into_iter().map(|label| label.id).collect()
    }

    pub(crate) async fn seats_used(&self) -> Seats {
        let organization = self.organization;
        let job = move |tx: &mut dyn ReadTx| Ok(tx.seats(organization)?);
        self.services().store.read(job).await.expect("reads")
    }

    pub(crate) async fn directories(&self) -> Directories {
        let organization = self.organization;
        let job = move |tx: &mut dyn ReadTx| Ok(tx.directories(organization)?);
        self.services().store.read(job).await.expect("reads")
    }

    /// Every entry of *Activity > Actions*, newest first.
    pub(crate) async fn activity(&self) -> Vec<ActivityEntry> {
        let organization = self.organization;
        let query = ActivityQuery {
            limit: 5_000,
            ..ActivityQuery::default()
        };
        let job = move |tx: &mut dyn ReadTx| Ok(tx.activity_page(organization, &query)?);
        self.services().store.read(job).await.expect("reads").items
    }

    /// The entries of one action, but for those of founding the organization.
    pub(crate) async fn entries(&self, action: Action) -> Vec<ActivityEntry> {
        let mut entries = self.activity().await;
        entries.retain(|entry| entry.action == action && entry.actor_kind != "system");
        entries
    }
}

/// A person as Okta pushes one.
pub(crate) fn okta_user(email: &str) -> Value {
    let name = email.split('@').next().expect("a name");
    json!({
        "schemas": [USER],
        "userName": email,
        "name": {"givenName": "Given", "familyName": name},
        "emails": [{"primary": true, "value": email, "type": "work"}],
        "displayName": format!("Given {name}"),
        "locale": "en-US",
        "externalId": format!("00u-{name}"),
        "groups": [],
        "password": "4a9XuKkx",
        "active": true
    })
}
