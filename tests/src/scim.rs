//! A directory's client that sends JSON and wants a status and JSON back.

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use crate::server::Provisioned;

/// A directory's client.
#[derive(Clone)]
pub struct Scim {
    agent: Agent,
    provisioned: Provisioned,
}

impl Scim {
    /// A client of a connection.
    #[must_use]
    pub fn new(provisioned: &Provisioned) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .new_agent();
        Self {
            agent,
            provisioned: provisioned.clone(),
        }
    }

    /// Sends a request; none when the server died under it.
    ///
    /// # Panics
    /// When the request cannot be written.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.provisioned.tenant_url))
            .header(
                "authorization",
                format!("Bearer {}", self.provisioned.token),
            )
            .header("content-type", "application/scim+json");
        let answer = match body {
            Some(body) => self
                .agent
                .run(request.body(body.to_string()).expect("a request")),
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.ok()?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Creates a user; none when the server died under the request.
    #[must_use]
    pub fn create(&self, user_name: &str) -> Option<(u16, Value)> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "name": { "givenName": "Given", "familyName": "Family" },
            "emails": [{ "value": user_name, "primary": true }],
            "active": true,
        });
        self.send("POST", "/Users", Some(&body))
    }

    /// Reads.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None).expect("the server answers")
    }

    /// Deactivates a user; the status.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn deactivate(&self, id: &str) -> u16 {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": { "active": false } }],
        });
        let answer = self.send("PATCH", &format!("/Users/{id}"), Some(&body));
        answer.expect("the server answers").0
    }

    /// Creates a group; its id.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn create_group(&self, name: &str) -> String {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
        });
        let answer = self.send("POST", "/Groups", Some(&body));
        let (status, made) = answer.expect("the server answers");
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Adds a member to a group; the status.
    ///
    /// # Panics
    /// When there is no answer.
    #[must_use]
    pub fn add_to_group(&self, group: &str, member: &str) -> u16 {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "members", "value": [{ "value": member }] }],
        });
        let answer = self.send("PATCH", &format!("/Groups/{group}"), Some(&body));
        answer.expect("the server answers").0
    }
}
