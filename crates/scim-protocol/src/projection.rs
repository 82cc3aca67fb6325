//! `attributes` and `excludedAttributes` (RFC 7644 sections 3.4.2.5, 3.9 and 3.10).
//!
//! A projection is known before a resource is loaded: [`Projection::includes`] tells a caller whether
//! to load an expensive part, such as the members of a group, at all (P-3.9-07).

use serde_json::{Map, Value};

use crate::error::ScimError;
use crate::path::AttributePath;
use crate::resource::list_schemas;
use crate::schema::{Attribute, ResourceKind, Returned, Schema};
use crate::urn;

/// One name of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selector {
    Extension(&'static Schema),
    Path(AttributePath),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Mode {
    Default,
    Only(Vec<Selector>),
    Except(Vec<Selector>),
}

/// How much of something is part of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    All,
    Some,
    None,
}

/// Which attributes a response carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    kind: ResourceKind,
    mode: Mode,
}

impl Projection {
    /// What is returned when the client does not choose.
    #[must_use]
    pub const fn default_of(kind: ResourceKind) -> Self {
        Self {
            kind,
            mode: Mode::Default,
        }
    }

    /// Reads the two lists. Unknown names are ignored (P-3.9-06); a value filter behind a name is, too.
    ///
    /// # Errors
    /// `invalidValue` when both lists are given: they exclude each other (P-3.9-02).
    pub fn new(
        attributes: Option<&[String]>,
        excluded: Option<&[String]>,
        kind: ResourceKind,
    ) -> Result<Self, ScimError> {
        let mode = match (attributes, excluded) {
            (None, None) => Mode::Default,
            (Some(names), None) => Mode::Only(selectors(names, kind)),
            (None, Some(names)) => Mode::Except(selectors(names, kind)),
            (Some(_), Some(_)) => {
                return Err(ScimError::invalid_value(
                    "attributes and excludedAttributes exclude each other",
                ));
            }
        };
        Ok(Self { kind, mode })
    }

    /// Whether the client chose anything: then a modification is answered with 200 and the resource
    /// (RFC 7644 section 3.5.2).
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.mode != Mode::Default
    }

    /// Whether the response carries the attribute, or any part of it. `name` is a path such as
    /// `members` or `name.givenName`; an unknown one is not included.
    #[must_use]
    pub fn includes(&self, name: &str) -> bool {
        match AttributePath::parse(name, self.kind) {
            Ok(path) => self.share(&path) != Share::None,
            Err(_) => false,
        }
    }

    /// Whether the response carries the attribute as it is: all of it or nothing. Answers nothing
    /// where it carries a part.
    #[must_use]
    pub fn keeps(
        &self,
        extension: Option<&'static Schema>,
        attribute: &'static Attribute,
    ) -> Option<bool> {
        match self.share(&AttributePath::whole(extension, attribute)) {
            Share::All => Some(true),
            Share::None => Some(false),
            Share::Some => None,
        }
    }

    /// Leaves only what is wanted. The names in `resource` must be canonical.
    #[must_use]
    pub fn apply(&self, resource: Value) -> Value {
        let Value::Object(resource) = resource else {
            return resource;
        };
        let mut kept = Map::new();
        for (name, value) in resource {
            if let Some(schema) = self.kind.extension(&name) {
                if let Some(value) = self.apply_extension(schema, value) {
                    kept.insert(name, value);
                }
            } else if let Some(attribute) = self.kind.attribute(&name) {
                let path = AttributePath::whole(None, attribute);
                if let Some(value) = self.apply_attribute(path, value) {
                    kept.insert(name, value);
                }
            }
        }
        // S-3-02: an extension is listed exactly when data of it is present.
        if kept.contains_key("schemas") {
            kept.insert("schemas".into(), list_schemas(&kept, self.kind));
        }
        Value::Object(kept)
    }

    fn apply_extension(&self, schema: &'static Schema, value: Value) -> Option<Value> {
        let Value::Object(values) = value else {
            return None;
        };
        let mut kept = Map::new();
        for (name, value) in values {
            let Some(attribute) = schema.attribute(&name) else {
                continue;
            };
            let path = AttributePath::whole(Some(schema), attribute);
            if let Some(value) = self.apply_attribute(path, value) {
                kept.insert(name, value);
            }
        }
        (!kept.is_empty()).then_some(Value::Object(kept))
    }

    fn apply_attribute(&self, path: AttributePath, value: Value) -> Option<Value> {
        match self.share(&path) {
            Share::None => None,
            Share::All => Some(value),
            Share::Some => match value {
                Value::Array(values) => {
                    let parts = values
                        .into_iter()
                        .filter_map(|value| self.apply_parts(path, value));
                    let parts: Vec<_> = parts.collect();
                    (!parts.is_empty()).then_some(Value::Array(parts))
                }
                one => self.apply_parts(path, one),
            },
        }
    }

    fn apply_parts(&self, path: AttributePath, value: Value) -> Option<Value> {
        let Value::Object(mut parts) = value else {
            return None;
        };
        parts.retain(|name, _| {
            let sub = path.attribute.sub_attribute(name);
            sub.is_some_and(|sub| self.share(&path.with_sub(sub)) != Share::None)
        });
        (!parts.is_empty()).then_some(Value::Object(parts))
    }

    /// The matrix of RFC 7643 section 7 (`returned`) and RFC 7644 section 3.9.
    fn share(&self, path: &AttributePath) -> Share {
        match path.attribute.returned {
            Returned::Always => return Share::All,
            Returned::Never => return Share::None,
            Returned::Default | Returned::Request => {}
        }
        let is_default = path.leaf().returned != Returned::Request;
        match &self.mode {
            Mode::Default if is_default => Share::All,
            Mode::Default => Share::None,
            Mode::Only(selected) => share_of(selected, path),
            Mode::Except(_) if !is_default => Share::None,
            Mode::Except(selected) => match share_of(selected, path) {
                Share::All => Share::None,
                Share::Some => Share::Some,
                Share::None => Share::All,
            },
        }
    }
}

fn selectors(names: &[String], kind: ResourceKind) -> Vec<Selector> {
    names
        .iter()
        .filter_map(|name| selector(name, kind))
        .collect()
}

fn selector(name: &str, kind: ResourceKind) -> Option<Selector> {
    let name = name.split('[').next().unwrap_or_default().trim();
    // P-3.10-02: a bare extension URN stands for all of it.
    if let Some(schema) = kind.extension(name.trim_end_matches(':')) {
        return Some(Selector::Extension(schema));
    }
    if urn::same(name, kind.schema().urn) {
        return None;
    }
    AttributePath::parse(name, kind).ok().map(Selector::Path)
}

/// How much of `path` the list names.
fn share_of(selected: &[Selector], path: &AttributePath) -> Share {
    let shares = selected.iter().map(|selector| match selector {
        Selector::Extension(schema) if path.extension == Some(schema) => Share::All,
        Selector::Path(named) if named.extension == path.extension => {
            share_of_attribute(named, path.attribute, path.sub)
        }
        _ => Share::None,
    });
    shares.fold(Share::None, |most, share| match (most, share) {
        (Share::All, _) | (_, Share::All) => Share::All,
        (Share::Some, _) | (_, Share::Some) => Share::Some,
        _ => Share::None,
    })
}

fn share_of_attribute(
    named: &AttributePath,
    attribute: &'static Attribute,
    sub: Option<&'static Attribute>,
) -> Share {
    if named.attribute != attribute {
        return Share::None;
    }
    match (named.sub, sub) {
        (None, _) => Share::All,
        (Some(named), Some(sub)) if named == sub => Share::All,
        (Some(_), Some(_)) => Share::None,
        (Some(_), None) => Share::Some,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn person() -> Value {
        json!({
            "schemas": [urn::USER, urn::ENTERPRISE_USER], "id": "1", "userName": "a",
            "name": {"givenName": "G", "familyName": "F"},
            "emails": [{"value": "a@x", "type": "work"}, {"type": "home"}],
            urn::ENTERPRISE_USER: {"department": "D", "manager": {"value": "m", "$ref": "r"}},
            "meta": {"resourceType": "User"}
        })
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    fn only(list: &[&str]) -> Value {
        let projection = Projection::new(Some(&names(list)), None, ResourceKind::User);
        projection.expect("valid").apply(person())
    }

    fn except(list: &[&str]) -> Value {
        let projection = Projection::new(None, Some(&names(list)), ResourceKind::User);
        projection.expect("valid").apply(person())
    }

    #[test]
    fn p_3_9_03_the_named_attributes_come_with_the_minimum_and_nothing_else() {
        let expected = json!({"schemas": [urn::USER], "id": "1", "userName": "a"});
        assert_eq!(only(&["USERNAME"]), expected);
        assert_eq!(
            only(&["urn:ietf:params:scim:schemas:core:2.0:User:userName"]),
            expected
        );
        assert_eq!(only(&["foo"]), json!({"schemas": [urn::USER], "id": "1"}));
    }

    #[test]
    fn p_3_10_01_a_sub_attribute_brings_its_parent_with_that_part_alone() {
        let kept = only(&["name.givenName", "Emails.Value"]);
        assert_eq!(kept["name"], json!({"givenName": "G"}));
        assert_eq!(kept["emails"], json!([{"value": "a@x"}]));
        let kept = only(&[r#"emails[type eq "work"]"#]);
        assert_eq!(kept["emails"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn p_3_10_02_a_bare_urn_is_the_whole_extension() {
        let kept = only(&[urn::ENTERPRISE_USER]);
        assert_eq!(kept["schemas"], json!([urn::USER, urn::ENTERPRISE_USER]));
        assert_eq!(kept[urn::ENTERPRISE_USER], person()[urn::ENTERPRISE_USER]);
        assert!(
            except(&[urn::ENTERPRISE_USER])
                .get(urn::ENTERPRISE_USER)
                .is_none()
        );
        let manager = format!("{}:manager.value", urn::ENTERPRISE_USER);
        let kept = only(&[&manager]);
        assert_eq!(
            kept[urn::ENTERPRISE_USER],
            json!({"manager": {"value": "m"}})
        );
    }

    #[test]
    fn p_3_9_04_and_06_excluding_takes_a_parent_or_a_part_but_never_the_minimum() {
        let kept = except(&["id", "schemas", "name.givenName", "emails", "foo"]);
        assert_eq!(kept["id"], "1");
        assert!(kept.get("schemas").is_some());
        assert_eq!(kept["name"], json!({"familyName": "F"}));
        assert!(kept.get("emails").is_none());
        assert_eq!(kept["userName"], "a");
    }

    #[test]
    fn p_3_9_05_what_is_never_returned_is_not_returned_on_request_either() {
        let mut resource = person();
        resource["password"] = "secret".into();
        let projection = Projection::new(Some(&names(&["password"])), None, ResourceKind::User);
        assert!(
            projection
                .expect("valid")
                .apply(resource.clone())
                .get("password")
                .is_none()
        );
        let default = Projection::default_of(ResourceKind::User);
        assert!(default.apply(resource).get("password").is_none());
    }

    #[test]
    fn p_3_9_02_both_lists_are_refused() {
        let lists = names(&["id"]);
        assert!(Projection::new(Some(&lists), Some(&lists), ResourceKind::User).is_err());
    }

    #[test]
    fn p_3_9_07_a_caller_learns_before_loading_whether_members_are_wanted() {
        let kind = ResourceKind::Group;
        let includes = |attributes: Option<&[String]>, excluded: Option<&[String]>| {
            Projection::new(attributes, excluded, kind)
                .expect("valid")
                .includes("members")
        };
        assert!(includes(None, None));
        assert!(!includes(None, Some(&names(&["Members"]))));
        assert!(includes(None, Some(&names(&["members.display"]))));
        assert!(!includes(Some(&names(&["displayName"])), None));
        assert!(includes(Some(&names(&["members.value"])), None));
        assert!(!Projection::default_of(kind).includes("groups"));
    }

    #[test]
    fn an_untouched_resource_stays_whole() {
        assert_eq!(
            Projection::default_of(ResourceKind::User).apply(person()),
            person()
        );
    }
}
