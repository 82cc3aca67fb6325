//! Paths into JSON, as the recorded exchanges write them: `Resources[0].emails[0].value`,
//! `members[*].value`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department`.

use serde_json::Value;

/// Finds the value at `path`; the empty path, and `$`, are the whole document.
///
/// A key may hold dots (schema URNs do), so at each object the longest key that fits is taken.
/// `[*]` gathers what the rest of the path finds in each element.
#[must_use]
pub fn find(document: &Value, path: &str) -> Option<Value> {
    let path = path.strip_prefix("$.").unwrap_or(path);
    if path.is_empty() || path == "$" {
        return Some(document.clone());
    }
    if let Some(rest) = path.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let elements = document.as_array()?;
        if index == "*" {
            let found = elements.iter().filter_map(|element| find(element, rest));
            return Some(Value::Array(found.collect()));
        }
        return find(elements.get(index.parse::<usize>().ok()?)?, rest);
    }
    let (key, value) = document
        .as_object()?
        .iter()
        .filter(|(key, _)| leads(path, key))
        .max_by_key(|(key, _)| key.len())?;
    let rest = path.get(key.len()..)?;
    find(value, rest.strip_prefix('.').unwrap_or(rest))
}

/// Whether `path` begins with the whole of `key`.
fn leads(path: &str, key: &str) -> bool {
    path.strip_prefix(key)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::find;
    use serde_json::json;

    #[test]
    fn a_path_reaches_through_lists_and_urns() {
        let document = json!({
            "Resources": [{"emails": [{"value": "a@x"}, {"value": "b@x"}]}],
            "urn:x:2.0:User": {"manager": {"value": "7"}},
        });
        assert_eq!(
            find(&document, "Resources[0].emails[1].value"),
            Some(json!("b@x"))
        );
        assert_eq!(
            find(&document, "Resources[0].emails[*].value"),
            Some(json!(["a@x", "b@x"]))
        );
        assert_eq!(
            find(&document, "urn:x:2.0:User.manager.value"),
            Some(json!("7"))
        );
        assert_eq!(find(&document, "Resources[1].id"), None);
        assert_eq!(find(&document, "Res"), None);
        assert_eq!(find(&document, "$"), Some(document.clone()));
    }
}
