//! `{{NAME}}` in paths, headers, bodies and expected values.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::http::{Space, encode_query};
use crate::seed::Seed;

/// Named values. The token is not among them: only the client knows it.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Value>);

impl Variables {
    /// Nothing but `RUN`, the suffix that makes names unique.
    #[must_use]
    pub fn run(suffix: &str) -> Self {
        Self::default().with("RUN", suffix)
    }

    /// The variables of the recorded exchanges of identity providers, all derived from a suffix.
    /// Those that a step saves (`USER_ID`, `GROUP_ID`) are missing, as are the ids of a second and
    /// third user.
    #[must_use]
    pub fn recorded(suffix: &str) -> Self {
        let mut seed = Seed::from_text(suffix);
        let user_name = format!("Jane.Doe+{suffix}@Example.com");
        let group = format!("Design & Research {suffix}");
        Self::run(suffix)
            .with("USERNAME_URLENC", encode_query(&user_name, Space::Percent))
            .with("USERNAME", user_name)
            .with("EMAIL", format!("jane.doe+{suffix}@example.com"))
            .with("USERNAME2", format!("second+{suffix}@example.com"))
            .with("USERNAME3", format!("third+{suffix}@example.com"))
            .with("GIVEN", "Jane")
            .with("GIVEN2", "Janet")
            .with("FAMILY", "Doe")
            .with("OKTA_USER_ID", format!("00u{}", seed.letters(17)))
            .with("RANDOM8", seed.letters(8))
            .with("RANDOM16", seed.letters(16))
            .with("NEW_PASSWORD", seed.letters(16))
            .with("GROUP_URLENC", encode_query(&group, Space::Percent))
            .with("GROUP", group)
            .with("CREATED", "2026-01-02T03:04:05Z")
            .with("MODIFIED", "2026-01-02T03:04:05Z")
            .with("VERSION", "W/\"1\"")
    }

    /// The variables of Okta's certification suite, as its script makes them: a user name in mixed
    /// letter case, and the same in capitals.
    #[must_use]
    pub fn certification(suffix: &str) -> Self {
        let mut seed = Seed::from_text(suffix);
        let given = format!("Runscope{}", seed.letters(3));
        let family = format!("Q{}{}", seed.letters(8).to_lowercase(), seed.letters(3));
        let email = format!("{given}{family}@atko.com");
        Self::run(suffix)
            .with("randomUsernameCaps", email.to_uppercase())
            .with("randomUsername", email.clone())
            .with("randomEmail", email)
            .with("randomGivenName", given)
            .with("randomFamilyName", family)
            .with("InvalidUserEmail", "abcdefgh@atko.com")
            .with("UserIdThatDoesNotExist", "010101001010101011001010101011")
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value.into());
        self
    }

    /// Sets one.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// The value of one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Replaces every `{{NAME}}` in a text.
    ///
    /// # Errors
    /// The name of a variable that is not set.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            let value = self.get(name).ok_or_else(|| name.to_owned())?;
            filled.push_str(before);
            filled.push_str(&crate::check::written(value));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Replaces variables all over a JSON value. A text that is nothing but one variable becomes the
    /// variable's value, whatever type it has; `{"$document": "{{DOC}}", "$set": {..}, "$remove":
    /// [..]}` becomes a saved document with members replaced and removed.
    ///
    /// # Errors
    /// The name of a variable that is not set.
    pub fn fill_value(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::String(text) => self.fill_text(text),
            Value::Array(elements) => elements
                .iter()
                .map(|element| self.fill_value(element))
                .collect(),
            Value::Object(entries) if entries.contains_key("$document") => self.edit(entries),
            Value::Object(entries) => entries
                .iter()
                .map(|(key, value)| Ok((self.fill(key)?, self.fill_value(value)?)))
                .collect::<Result<Map<_, _>, _>>()
                .map(Value::Object),
            other => Ok(other.clone()),
        }
    }

    fn fill_text(&self, text: &str) -> Result<Value, String> {
        let whole = text
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"));
        match whole {
            Some(name) if !name.contains('{') => {
                self.get(name).cloned().ok_or_else(|| name.to_owned())
            }
            _ => self.fill(text).map(|filled| json!(filled)),
        }
    }

    fn edit(&self, entries: &Map<String, Value>) -> Result<Value, String> {
        let part = |name: &str| {
            entries
                .get(name)
                .map(|part| self.fill_value(part))
                .transpose()
        };
        let mut document = part("$document")?.unwrap_or_default();
        if let Some(target) = document.as_object_mut() {
            for name in part("$remove")?
                .iter()
                .filter_map(Value::as_array)
                .flatten()
            {
                target.remove(name.as_str().unwrap_or_default());
            }
            for (name, value) in part("$set")?.iter().filter_map(Value::as_object).flatten() {
                target.insert(name.clone(), value.clone());
            }
        }
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::Variables;
    use serde_json::json;

    #[test]
    fn variables_keep_their_type_when_they_stand_alone() {
        let variables = Variables::run("7")
            .with("N", 3)
            .with("DOC", json!({"id": "a", "meta": 1}));
        assert_eq!(
            variables.fill_value(&json!(["{{N}}", "x{{N}}-{{RUN}}"])),
            Ok(json!([3, "x3-7"]))
        );
        let edited =
            json!({"$document": "{{DOC}}", "$set": {"title": "{{RUN}}"}, "$remove": ["meta"]});
        assert_eq!(
            variables.fill_value(&edited),
            Ok(json!({"id": "a", "title": "7"}))
        );
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        assert_eq!(
            Variables::default().fill("/Users/{{USER_ID}}"),
            Err("USER_ID".to_owned())
        );
    }
}
