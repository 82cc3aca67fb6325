//! Wire text made readable: what a person wants to see of an address or a document.

use serde_json::Value;

/// How much of a document is shown, in characters.
const SHOWN: usize = 118;

/// Members of a document that tell a reader nothing, or are nobody's business.
const LEFT_OUT: [&str; 4] = ["schemas", "password", "meta", "locale"];

/// A document in one line, without what says nothing.
pub(super) fn of_document(document: &Value) -> String {
    let mut document = document.clone();
    if let Value::Object(members) = &mut document {
        members.retain(|name, value| !LEFT_OUT.contains(&name.as_str()) && !is_empty(value));
    }
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
    fn a_document_is_shown_without_its_password_and_cut() {
        let document = json!({"schemas": ["urn:x"], "userName": "jane", "password": "hidden",
            "groups": [], "active": true});
        assert_eq!(
            of_document(&document),
            r#"{"userName":"jane","active":true}"#
        );
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
