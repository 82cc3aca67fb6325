//! Signing in through an identity provider, against the real binary and a provider of our own over
//! real HTTP: from the push of a member to that member's first sign-in, and everything that must
//! not open the door.

mod attacks;
mod members;
mod providers;
mod sessions;

use std::sync::Arc;

use rollcall_idp_simulator::http::{Request, ScimClient, Token};
use rollcall_openid_provider::{Person, Provider};
use rollcall_tests::{Engine, Home, Panel, Provisioned, Server, Visitor};
use serde_json::{Value, json};

const SECRET: &str = "the-client-secret-of-the-application";
const SESSION: &str = "rollcall";
const BROWSER_KEY: &str = "rollcall-sign-in";

/// A service, an identity provider, and an organization that knows both.
struct Stage {
    server: Server,
    okta: Provider,
    provisioned: Provisioned,
    owner: Panel,
    organization: String,
}

impl Stage {
    fn new() -> Self {
        let stage = Self::before("okta", "/oauth2/default");
        let saved = stage.save("okta", &stage.okta, true);
        assert_eq!(saved.0, 200, "{}", saved.1);
        stage
    }

    fn before(kind: &str, path: &str) -> Self {
        let server = serve(Home::new(Engine::Sqlite), "");
        Self::over(server, Provider::start(path), kind)
    }

    fn over(server: Server, okta: Provider, kind: &str) -> Self {
        let owner = server.owner();
        let session = owner.get("/session").body;
        let provisioned = server.provision_from(kind);
        Self {
            organization: text_of(&session["organization_id"]),
            okta,
            provisioned,
            owner,
            server,
        }
    }

    fn begin_url(&self, kind: &str) -> String {
        format!("{}/sign-in/{}/{kind}", self.server.url(), self.organization)
    }

    /// Registers this service at a provider and the provider at this service.
    fn save(&self, kind: &str, provider: &Provider, enabled: bool) -> (u16, Value) {
        let redirect = format!("{}/callback", self.begin_url(kind));
        provider.register("rollcall", SECRET, &redirect);
        let body = json!({
            "enabled": enabled,
            "client_id": "rollcall",
            "client_secret": SECRET,
            "base_url": provider.base_url(),
            "issuer": provider.issuer(),
        });
        let path = format!("/organization/login-methods/{kind}");
        let answer = self.owner.put(&path, &body);
        (answer.status, answer.body)
    }

    fn push(&self, user_name: &str) -> String {
        let client = ScimClient::new(
            &self.provisioned.tenant_url,
            Token::new(&self.provisioned.token),
        );
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "name": { "givenName": "Jane", "familyName": "Doe" },
            "emails": [{ "value": user_name, "primary": true, "type": "work" }],
            "active": true,
        });
        let sent = client.send(&Request::new("POST", "/Users", Some(body)));
        let sent = sent.expect("the server answers");
        assert_eq!(sent.status, 201, "{sent:?}");
        text_of(&sent.body.expect("a body")["id"])
    }

    fn patch_user(&self, id: &str, path: &str, value: &Value) {
        let client = ScimClient::new(
            &self.provisioned.tenant_url,
            Token::new(&self.provisioned.token),
        );
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": path, "value": value }],
        });
        let sent = client.send(&Request::new("PATCH", format!("/Users/{id}"), Some(body)));
        let sent = sent.expect("the server answers");
        assert!(sent.status < 300, "{sent:?}");
    }

    /// The whole way through the provider with this browser; the last address.
    fn sign_in(&self, visitor: &mut Visitor, person: Person) -> String {
        self.okta.sign_in(person);
        let (_, seen) = visitor.follow(&self.begin_url("okta"));
        seen.last().expect("an address").clone()
    }

    /// As far as the provider's answer, which is not followed: the address it leads back to.
    fn until_answer(&self, visitor: &mut Visitor, person: Person) -> String {
        self.okta.sign_in(person);
        let out = visitor.get(&self.begin_url("okta"));
        assert_eq!(out.status, 303, "{}", out.body);
        Visitor::default().get(&out.location).location
    }

    fn refused(&self, last: &str, why: &str) {
        let wanted = format!("/sign-in/{}?refused={why}", self.organization);
        assert!(last.ends_with(&wanted), "{last}, not {wanted}");
    }

    /// The causes that Activity holds of sign-ins that were refused, newest first.
    fn causes(&self) -> Vec<String> {
        let path = "/activity?action=session.refused&kind=warning";
        let entries = self.owner.get(path).body;
        let items = entries["items"].as_array().expect("entries").clone();
        let cause = |entry: &Value| {
            let changes = entry["changes"].as_array().expect("changes").clone();
            let found = changes.iter().find(|change| change["field"] == "cause");
            found.map(|change| text_of(&change["after"]))
        };
        items.iter().filter_map(cause).collect()
    }
}

/// A service that may ask providers on this machine, and what else its section `login` says.
fn serve(home: Home, login: &str) -> Server {
    let text = format!("[login]\nprivate_providers = true\n{login}\n");
    Server::configured(Arc::new(home), &text)
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn jane() -> Person {
    Person::named("00u-jane", "jane@acme.test")
}

fn whoami(server: &Server, visitor: &Visitor) -> Option<String> {
    let session = session(server, visitor)?;
    session["label"].as_str().map(str::to_owned)
}

/// What the panel's API says of a visitor's session.
fn session(server: &Server, visitor: &Visitor) -> Option<Value> {
    let token = visitor.cookie(SESSION)?;
    let mut other = Visitor::default();
    other.put_cookie(SESSION, token);
    let page = other.get(&format!("{}/api/v1/session", server.url()));
    Some(serde_json::from_str(&page.body).expect("JSON"))
}
