//! What the RFCs ask of reading, row by row over HTTP. A row bears the id that `docs/CONFORMANCE.md`
//! explains: `P-` and the section of RFC 7644, `S-` of RFC 7643, `C-` of RFC 9865.

mod discovery;
mod filters;
mod formats;
mod model;
mod names;
mod paging;
mod projection;

use serde_json::{Value, json};

use crate::stage::{Answer, GROUP, Tenant, USER};

pub(super) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
pub(super) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Three people and two groups that differ in everything a filter can ask.
pub(super) struct World {
    pub(super) alice: Value,
    pub(super) bob: Value,
    pub(super) ops: Value,
}

impl World {
    pub(super) async fn of(tenant: &Tenant<'_>) -> Self {
        let created = async |endpoint: &str, body: Value| {
            let answer = tenant.post(endpoint, body).await.assert(201);
            answer.json()
        };
        let alice = created("/Users", alice()).await;
        let bob = json!({
            "schemas": [USER], "userName": "bob", "displayName": "Bob", "active": false,
            "emails": [{"value": "x@home.org", "type": "work"}, {"value": "bob@ex.com", "type": "home"}],
            ENTERPRISE: {"manager": {"value": alice["id"]}}
        });
        let bob = created("/Users", bob).await;
        let carol =
            json!({"schemas": [USER], "userName": "carol", "displayName": "carol", "title": ""});
        created("/Users", carol).await;
        let ops = json!({
            "schemas": [GROUP], "displayName": "Ops", "externalId": "gx",
            "members": [{"value": alice["id"]}, {"value": bob["id"]}]
        });
        let ops = created("/Groups", ops).await;
        created(
            "/Groups",
            json!({"schemas": [GROUP], "displayName": "Empty"}),
        )
        .await;
        Self { alice, bob, ops }
    }

    /// A row's text, with the ids and moments that are only known now.
    pub(super) fn fill(&self, text: &str) -> String {
        let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
        text.replace("{ALICE}", &id(&self.alice).to_uppercase())
            .replace("{alice}", &id(&self.alice))
            .replace("{bob}", &id(&self.bob))
            .replace("{OPS}", &id(&self.ops).to_uppercase())
            .replace("{ops}", &id(&self.ops))
            .replace("{user}", USER)
            .replace("{USER}", &USER.to_uppercase())
            .replace("{group}", GROUP)
            .replace("{enterprise}", ENTERPRISE)
            .replace("{ENTERPRISE}", &ENTERPRISE.to_uppercase())
    }
}

fn alice() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "userName": "Alice@Ex.com", "externalId": "Ext-A",
        "displayName": "Älice 100%_x\\y", "title": "Boss", "nickName": "al",
        "profileUrl": "https://Ex.com/A", "userType": "Employee", "preferredLanguage": "en-US",
        "locale": "en_US", "timezone": "Europe/Zurich", "active": true,
        "name": {"givenName": "Alice", "familyName": "Ångström", "formatted": "Alice A"},
        "emails": [
            {"value": "alice@ex.com", "type": "work", "primary": true},
            {"value": "alice@home.org", "type": "home"}
        ],
        "phoneNumbers": [{"value": "+1 555", "type": "work"}],
        "photos": [{"value": "https://p/A.png", "type": "photo"}],
        "addresses": [{"country": "US", "type": "work", "locality": "NYC"}],
        "entitlements": [{"value": "e1"}], "roles": [{"value": "r1", "primary": true}],
        "ims": [{"value": "im", "type": "xmpp"}], "x509Certificates": [{"value": "MAA="}],
        ENTERPRISE: {
            "employeeNumber": "42", "costCenter": "CC", "organization": "Org",
            "division": "Div", "department": "Sales"
        }
    })
}

/// A text as a parameter of an address.
pub(super) fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

pub(super) fn resources(list: &Value) -> &[Value] {
    list["Resources"].as_array().expect("a list").as_slice()
}

/// Asks in the address and in a body; both must answer the same (P-3.4.3-01).
pub(super) async fn asked(tenant: &Tenant<'_>, endpoint: &str, filter: &str) -> Answer {
    let tail = format!("{endpoint}?filter={}", encoded(filter));
    let in_address = tenant.get(&tail).await;
    let body = json!({"schemas": [SEARCH], "filter": filter});
    let search = format!("{}/.search", endpoint.trim_end_matches('/'));
    let in_body = tenant.post(&search, body).await;
    assert_eq!(in_address.status, in_body.status, "P-3.4.3-01 {filter}");
    assert_eq!(in_address.json(), in_body.json(), "P-3.4.3-01 {filter}");
    in_address
}
