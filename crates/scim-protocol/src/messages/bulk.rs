//! `BulkRequest` and `BulkResponse` (RFC 7644 section 3.7).

use std::collections::HashMap;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::BulkLimits;
use crate::dialect::MissingSchemas;
use crate::error::ScimError;
use crate::resource::{check_message, get};
use crate::schema::ResourceKind;
use crate::urn;

/// What stands before the name of a resource that the same request creates.
const REFERENCE: &str = "bulkId:";

/// The longest name of a resource in a request, in bytes.
const LONGEST_NAME: usize = 256;

/// A request of several operations.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkRequest {
    /// After how many failed operations nothing more is done; never, when absent.
    pub fail_on_errors: Option<u64>,
    /// What is asked for, in order.
    pub operations: Vec<BulkOperation>,
}

/// One operation of a request, with what its result repeats of it.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOperation {
    /// The method as it was sent; empty if it was none.
    pub method: String,
    /// The name by which others of the request refer to the resource.
    pub bulk_id: Option<String>,
    /// What is to be done, or why that cannot be told.
    pub call: Result<BulkCall, ScimError>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkMethod {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Modifies.
    Patch,
    /// Removes.
    Delete,
}

/// An operation that can be told.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkCall {
    /// What it does.
    pub method: BulkMethod,
    /// To which kind of resource.
    pub kind: ResourceKind,
    /// To which resource; nothing when it creates one. It may be a reference.
    pub id: String,
    /// The version it is meant for, as `If-Match` says it.
    pub version: Option<String>,
    /// The body; null for [`BulkMethod::Delete`].
    pub data: Value,
}

impl BulkRequest {
    /// Reads a request. What is wrong with one operation is that operation's result.
    ///
    /// # Errors
    /// `invalidSyntax` for another message, `invalidValue` for a wrong `failOnErrors`, 413 for more
    /// operations than `maxOperations` (P-3.7-02, P-3.7.4-01).
    pub fn parse(body: Value, limits: BulkLimits) -> Result<Self, ScimError> {
        let Value::Object(mut body) = body else {
            return Err(ScimError::invalid_syntax(
                "a BulkRequest must be a JSON object",
            ));
        };
        check_message(&body, urn::BULK_REQUEST, MissingSchemas::Refuse)?;
        let fail_on_errors = match get(&body, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(number) => Some(number.as_u64().filter(|count| *count > 0).ok_or_else(|| {
                ScimError::invalid_value("failOnErrors must be an integer of at least 1")
            })?),
        };
        let name = body
            .keys()
            .find(|key| key.eq_ignore_ascii_case("Operations"));
        let operations = name.cloned().and_then(|name| body.swap_remove(&name));
        let Some(Value::Array(operations)) = operations else {
            return Err(ScimError::invalid_syntax("Operations must be an array"));
        };
        if operations.is_empty() {
            return Err(ScimError::invalid_syntax("Operations must not be empty"));
        }
        if operations.len() > limits.max_operations as usize {
            return Err(ScimError::too_large(format!(
                "there are more operations than maxOperations, which is {}",
                limits.max_operations
            )));
        }
        Ok(Self {
            fail_on_errors,
            operations: operations.into_iter().map(BulkOperation::read).collect(),
        })
    }
}

impl BulkOperation {
    fn read(operation: Value) -> Self {
        let Value::Object(operation) = operation else {
            return Self {
                method: String::new(),
                bulk_id: None,
                call: Err(ScimError::invalid_syntax("an operation must be an object")),
            };
        };
        let text = |name: &str| get(&operation, name).and_then(Value::as_str);
        let bulk_id = text("bulkId").filter(|name| !name.is_empty());
        Self {
            method: text("method").unwrap_or_default().to_owned(),
            bulk_id: bulk_id.map(str::to_owned),
            call: BulkCall::read(&operation, bulk_id),
        }
    }
}

impl BulkCall {
    fn read(operation: &Map<String, Value>, bulk_id: Option<&str>) -> Result<Self, ScimError> {
        let text = |name: &str| get(operation, name).and_then(Value::as_str);
        let method = match text("method").map(str::to_ascii_uppercase).as_deref() {
            Some("POST") => BulkMethod::Post,
            Some("PUT") => BulkMethod::Put,
            Some("PATCH") => BulkMethod::Patch,
            Some("DELETE") => BulkMethod::Delete,
            _ => {
                return Err(ScimError::invalid_syntax(
                    "method must be POST, PUT, PATCH or DELETE",
                ));
            }
        };
        if bulk_id.is_some_and(|name| name.len() > LONGEST_NAME) {
            return Err(ScimError::invalid_value("bulkId is too long"));
        }
        if method == BulkMethod::Post && bulk_id.is_none() {
            return Err(ScimError::invalid_syntax("POST needs a bulkId"));
        }
        let (kind, id) = read_path(text("path").unwrap_or_default(), method)?;
        let data = get(operation, "data").cloned().unwrap_or(Value::Null);
        let needs_data = method != BulkMethod::Delete;
        if needs_data && !data.is_object() {
            return Err(ScimError::invalid_syntax("data must be an object"));
        }
        Ok(Self {
            method,
            kind,
            id,
            version: text("version").map(str::to_owned),
            data: if needs_data { data } else { Value::Null },
        })
    }

    /// The names of this request's resources that it refers to, in its data or its path
    /// (P-3.7.2-01).
    #[must_use]
    pub fn references(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(&Value::String(self.id.clone()), &mut found);
        collect(&self.data, &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Puts ids where the references stand. A reference to what is not known stays.
    pub fn resolve(&mut self, ids: &HashMap<String, String>) {
        if let Some(id) = self
            .id
            .strip_prefix(REFERENCE)
            .and_then(|name| ids.get(name))
        {
            self.id.clone_from(id);
        }
        replace(&mut self.data, ids);
    }

    /// Takes out of the data every attribute that refers to one of these.
    pub fn take_referring(&mut self, names: &[String]) -> Map<String, Value> {
        let Value::Object(data) = &mut self.data else {
            return Map::new();
        };
        let refers = |value: &Value| {
            let mut found = Vec::new();
            collect(value, &mut found);
            found.iter().any(|name| names.contains(name))
        };
        let taken = data.iter().filter(|(_, value)| refers(value));
        let taken: Vec<String> = taken.map(|(key, _)| key.clone()).collect();
        taken
            .into_iter()
            .filter_map(|key| data.shift_remove_entry(&key))
            .collect()
    }

    /// The modification that puts attributes back that were taken out; none where a client may not
    /// write any of them.
    #[must_use]
    pub fn giving_back(&self, id: &str, taken: &Map<String, Value>) -> Option<Self> {
        let is_writable = |name: &&String| {
            let attribute = self.kind.bare_attribute(name);
            !attribute.is_some_and(|(_, attribute)| attribute.ignores_writes())
        };
        let operations: Vec<Value> = taken
            .keys()
            .filter(is_writable)
            .map(|name| json!({"op": "add", "path": name, "value": taken[name]}))
            .collect();
        (!operations.is_empty()).then(|| Self {
            method: BulkMethod::Patch,
            kind: self.kind,
            id: id.to_owned(),
            version: None,
            data: json!({"schemas": [urn::PATCH_OP], "Operations": operations}),
        })
    }
}

/// `/Users` for what is created, `/Users/{id}` for the rest; a slash more or less does not count.
fn read_path(path: &str, method: BulkMethod) -> Result<(ResourceKind, String), ScimError> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let endpoint = segments.first().copied().unwrap_or_default();
    let kind = ResourceKind::ALL
        .into_iter()
        .find(|kind| kind.endpoint().trim_start_matches('/') == endpoint)
        .ok_or_else(|| ScimError::invalid_value("path names no resource type of this server"))?;
    match (method, segments.as_slice()) {
        (BulkMethod::Post, [_]) => Ok((kind, String::new())),
        (BulkMethod::Post, _) => Err(ScimError::invalid_value(
            "the path of a POST must be that of a resource type",
        )),
        (_, [_, id]) => Ok((kind, (*id).to_owned())),
        _ => Err(ScimError::invalid_value("path must be that of a resource")),
    }
}

/// Every reference in a value: a text that is one, or one in quotes in a filter.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => match text.strip_prefix(REFERENCE) {
            Some(name) => found.push(name.to_owned()),
            None => found.extend(quoted(text).map(str::to_owned)),
        },
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(values) => values.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// The names in `"bulkId:name"` inside a text.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split("\"bulkId:")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
}

fn replace(value: &mut Value, ids: &HashMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(REFERENCE) {
                if let Some(id) = ids.get(name) {
                    id.clone_into(text);
                }
                return;
            }
            let names: Vec<String> = quoted(text).map(str::to_owned).collect();
            for name in names {
                if let Some(id) = ids.get(&name) {
                    *text = text.replace(&format!("\"{REFERENCE}{name}\""), &format!("\"{id}\""));
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, ids)),
        Value::Object(values) => values.values_mut().for_each(|value| replace(value, ids)),
        _ => {}
    }
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkResult {
    /// The method as it was sent.
    pub method: String,
    /// The name as it was sent.
    pub bulk_id: Option<String>,
    /// The version of the resource now.
    pub version: Option<String>,
    /// Its absolute address; of all but a creation that failed.
    pub location: Option<String>,
    /// What happened: the status of the single request, with the Error message where it failed.
    pub outcome: Result<u16, ScimError>,
}

impl Serialize for BulkResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut message = serializer.serialize_map(None)?;
        message.serialize_entry("method", &self.method)?;
        if let Some(name) = &self.bulk_id {
            message.serialize_entry("bulkId", name)?;
        }
        if let Some(version) = &self.version {
            message.serialize_entry("version", version)?;
        }
        if let Some(location) = &self.location {
            message.serialize_entry("location", location)?;
        }
        match &self.outcome {
            Ok(status) => message.serialize_entry("status", &status.to_string())?,
            Err(error) => {
                message.serialize_entry("status", &error.status.to_string())?;
                message.serialize_entry("response", &error.to_json())?;
            }
        }
        message.end()
    }
}

/// The answer to a request of several operations, in their order (P-3.7-03).
#[must_use]
pub fn bulk_response(results: &[BulkResult]) -> Value {
    json!({ "schemas": [urn::BULK_RESPONSE], "Operations": results })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ScimType;

    const LIMITS: BulkLimits = BulkLimits {
        max_operations: 2,
        max_payload_bytes: 1_000,
    };

    fn read(operations: &Value) -> Result<BulkRequest, ScimError> {
        let body = json!({"schemas": [urn::BULK_REQUEST], "Operations": operations});
        BulkRequest::parse(body, LIMITS)
    }

    #[track_caller]
    fn refused(operation: &Value) -> Option<ScimType> {
        let mut request = read(&json!([operation])).expect("a request");
        let call = request.operations.remove(0).call;
        call.expect_err("refused").scim_type
    }

    #[test]
    fn p_3_7_02_what_is_wrong_with_one_operation_is_its_own_result() {
        let syntax = Some(ScimType::InvalidSyntax);
        let value = Some(ScimType::InvalidValue);
        assert_eq!(refused(&json!(1)), syntax);
        assert_eq!(
            refused(&json!({"method": "GET", "path": "/Users/1"})),
            syntax
        );
        assert_eq!(
            refused(&json!({"method": "POST", "path": "/Users", "data": {}})),
            syntax
        );
        let put = |path: &str| json!({"method": "PUT", "path": path, "data": {}});
        for path in ["", "/Users", "/Bulk/1", "/Users/1/2", "/"] {
            assert_eq!(refused(&put(path)), value, "{path}");
        }
        assert_eq!(
            refused(&json!({"method": "PATCH", "path": "/Users/1"})),
            syntax
        );
        let nested = json!({"method": "POST", "path": "/Bulk", "bulkId": "a", "data": {}});
        assert_eq!(refused(&nested), value, "P-3.7-06");
    }

    #[test]
    fn p_3_7_02_what_is_wrong_with_the_request_refuses_all_of_it() {
        assert!(read(&json!([])).is_err());
        assert!(read(&json!({})).is_err());
        let many = read(&json!([{}, {}, {}])).expect_err("too many");
        assert_eq!(many.status, 413, "P-3.7.4-01");
        assert!(many.detail.contains("maxOperations") && many.detail.contains('2'));
        let zero = json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": 0, "Operations": [{}]});
        assert!(BulkRequest::parse(zero, LIMITS).is_err());
    }

    fn call(operation: &Value) -> BulkCall {
        let mut request = read(&json!([operation])).expect("a request");
        request.operations.remove(0).call.expect("a call")
    }

    #[test]
    fn p_3_7_2_01_references_are_found_and_replaced_wherever_they_stand() {
        let mut patch = call(
            &json!({"method": "patch", "path": "Groups/bulkId:g/", "data": {
                "Operations": [
                    {"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]},
                    {"op": "remove", "path": "members[value eq \"bulkId:v\" or value eq \"bulkId:u\"]"},
                    {"op": "replace", "path": "displayName", "value": "about bulkId:x"}
                ]
            }}),
        );
        assert_eq!(patch.references(), ["g", "u", "v"]);
        let ids = [("g", "1"), ("u", "2")].map(|(name, id)| (name.to_owned(), id.to_owned()));
        patch.resolve(&HashMap::from(ids));
        assert_eq!(patch.id, "1");
        assert_eq!(patch.references(), ["v"]);
        let operations = &patch.data["Operations"];
        assert_eq!(operations[0]["value"][0]["value"], "2");
        assert_eq!(
            operations[1]["path"],
            "members[value eq \"bulkId:v\" or value eq \"2\"]"
        );
    }

    #[test]
    fn p_3_7_1_01_what_refers_in_a_circle_is_taken_out_and_given_back() {
        let mut post = call(
            &json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": {
                "userName": "a", "groups": [{"value": "bulkId:g"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                    {"manager": {"value": "bulkId:b"}}
            }}),
        );
        let taken = post.take_referring(&["b".to_owned(), "g".to_owned()]);
        assert_eq!(post.data, json!({"userName": "a"}));
        let mut back = post.giving_back("7", &taken).expect("something");
        back.resolve(&HashMap::from([("b".to_owned(), "8".to_owned())]));
        assert_eq!(back.id, "7");
        let operations = back.data["Operations"].as_array().expect("some");
        assert_eq!(operations.len(), 1, "groups are not the client's to write");
        assert_eq!(operations[0]["value"], json!({"manager": {"value": "8"}}));
    }

    #[test]
    fn p_3_7_03_a_result_carries_its_status_as_text() {
        let result = BulkResult {
            method: "POST".to_owned(),
            bulk_id: Some("a".to_owned()),
            version: None,
            location: None,
            outcome: Err(ScimError::uniqueness("taken")),
        };
        let body = bulk_response(&[result]);
        let expected = json!({"method": "POST", "bulkId": "a", "status": "409",
            "response": {"schemas": [urn::ERROR], "status": "409", "scimType": "uniqueness",
                "detail": "taken"}});
        assert_eq!(body["Operations"][0], expected);
        assert_eq!(body["schemas"], json!([urn::BULK_RESPONSE]));
    }
}
