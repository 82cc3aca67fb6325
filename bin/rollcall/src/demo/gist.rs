//! Wire text made readable: what a person wants to see of an address or a document.

use serde_json::Value;

/// How much of a document is shown, in characters.
const SHOWN: usize = 150;

/// What of a user or group a reader wants to see.
const TOLD: [&str; 6] = [
    "id",
    "userName",
    "displayName",
    "title",
    "active",
    "members",
];

/// A document in one line: of a resource what tells something, of anything else all of it.
pub(super) fn of_document(document: &Value) -> String {
    let mut document = document.clone();
    if let Value::Object(members) = &mut document {
        if members.contains_key("userName") || members.contains_key("displayName") {
            members.retain(|name, value| TOLD.contains(&name.as_str()) && !is_empty(value));
        }
        members.remove("schemas");
    }
    name_people(&mut document);
    let text = document.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    let mut cut: String = text.chars().take(SHOWN).collect();
    cut.push('…');
    cut
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// Shows members of a group by what they are called, wherever they stand.
fn name_people(value: &mut Value) {
    let called = value
        .get("display")
        .filter(|_| value.get("value").is_some());
    if let Some(called) = called.cloned() {
        *value = called;
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(name_people),
        Value::Object(members) => members.values_mut().for_each(name_people),
        _ => {}
    }
}

/// A path as somebody would type it.
pub(super) fn of_path(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_is_shown_by_what_tells_something() {
        let user = json!({"schemas": ["urn:x"], "userName": "jane", "password": "hidden",
            "groups": [], "active": true, "name": {"givenName": "Jane"}});
        assert_eq!(of_document(&user), r#"{"userName":"jane","active":true}"#);
        let patch = json!({"schemas": ["urn:x"], "Operations": [{"op": "add", "path": "members",
            "value": [{"value": "7", "display": "jane"}, {"value": "8", "display": "li"}]}]});
        let shown = r#"{"Operations":[{"op":"add","path":"members","value":["jane","li"]}]}"#;
        assert_eq!(of_document(&patch), shown);
        let long = of_document(&json!({"displayName": "é".repeat(500)}));
        assert_eq!(long.chars().count(), SHOWN + 1);
    }

    #[test]
    fn a_path_is_shown_as_somebody_would_type_it() {
        let path = "/Users?filter=userName+eq+%22li.nguy%E1%BB%85n%40x%22&count=%zz";
        assert_eq!(
            of_path(path),
            "/Users?filter=userName eq \"li.nguyễn@x\"&count=?"
        );
    }
}
