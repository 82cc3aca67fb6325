//! Sorting (RFC 7644 section 3.4.2.3): every resource has a key, and keys compare as bytes.

use serde_json::Value;

use crate::error::ScimError;
use crate::filter::read_instant;
use crate::fold::fold_unless;
use crate::path::AttributePath;
use crate::query::SortOrder;
use crate::schema::{Attribute, AttributeType, Returned};

/// Before every value: an attribute without one comes last ascending and first descending
/// (P-3.4.2.3-03).
const ASSIGNED: u8 = 0;
const UNASSIGNED: u8 = 1;

/// By what a list is sorted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    path: AttributePath,
    /// In which direction.
    pub order: SortOrder,
}

impl Sort {
    /// Sorts by an attribute. A complex one with several values stands for its `value`
    /// (P-3.4.2.3-02).
    ///
    /// # Errors
    /// `invalidValue` for a complex attribute of which no part is named, and for one that is never
    /// shown, since the order would tell of it (P-3.4.2.2-13).
    pub fn new(path: AttributePath, order: SortOrder) -> Result<Self, ScimError> {
        let refused = |why: &str| ScimError::invalid_value(format!("sortBy: {why}"));
        if path.attribute.returned == Returned::Never {
            return Err(refused("the attribute is never returned"));
        }
        if !path.leaf().is_complex() {
            return Ok(Self { path, order });
        }
        let value = path.attribute.sub_attribute("value");
        let Some(value) = value.filter(|_| path.attribute.multi_valued) else {
            return Err(refused("name a part of the complex attribute"));
        };
        let path = path.with_sub(value);
        Ok(Self { path, order })
    }

    /// The attribute, whose name tells what has to be loaded.
    #[must_use]
    pub const fn attribute(&self) -> &'static Attribute {
        self.path.attribute
    }

    /// Whether this is sorting by the attribute written as `name`.
    #[must_use]
    pub fn is_by(&self, name: &str) -> bool {
        self.path.is(name)
    }

    /// The key of a resource whose names are canonical: keys compare as bytes, ascending. Text
    /// that is not `caseExact` is folded, moments are instants (P-3.4.2.3-04).
    #[must_use]
    pub fn key(&self, resource: &Value) -> Vec<u8> {
        let value = self.path.attribute_in(resource).and_then(chosen);
        let part = match self.path.sub {
            Some(sub) => value.and_then(|value| value.get(sub.name)),
            None => value,
        };
        let bytes = part.and_then(|part| bytes(part, self.path.leaf()));
        bytes.map_or_else(
            || vec![UNASSIGNED],
            |bytes| [&[ASSIGNED][..], &bytes].concat(),
        )
    }
}

/// Of several values the primary one, else the first (P-3.4.2.3-02).
fn chosen(value: &Value) -> Option<&Value> {
    let Value::Array(values) = value else {
        return Some(value);
    };
    let is_primary = |value: &&Value| value.get("primary") == Some(&Value::Bool(true));
    values.iter().find(is_primary).or_else(|| values.first())
}

fn bytes(value: &Value, attribute: &Attribute) -> Option<Vec<u8>> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if attribute.data_type == AttributeType::DateTime => {
            let micros = read_instant(text)?.timestamp_micros();
            Some(in_order(micros).to_be_bytes().to_vec())
        }
        Value::String(text) => {
            let folded = fold_unless(attribute.case_exact, text);
            Some(folded.as_bytes().to_vec())
        }
        Value::Bool(value) => Some(vec![u8::from(*value)]),
        Value::Number(number) => {
            let number = number.as_i64()?;
            Some(in_order(number).to_be_bytes().to_vec())
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Moves the negative numbers before the others.
const fn in_order(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::filter::Scope;
    use crate::query::Query;
    use crate::schema::ResourceKind;

    fn sort(by: &str) -> Result<Sort, ScimError> {
        let query = Query::parse(&format!("sortBy={by}")).expect("valid");
        query
            .sort(ResourceKind::User, Scope::OneKind)
            .map(|sort| sort.expect("some"))
    }

    #[track_caller]
    fn assert_ascending(by: &str, resources: &[Value]) {
        let sort = sort(by).expect("sortable");
        let keys: Vec<_> = resources.iter().map(|one| sort.key(one)).collect();
        assert!(keys.is_sorted_by(|left, right| left < right), "{by}");
    }

    #[test]
    fn p_3_4_2_3_04_text_is_compared_folded_and_exact_text_as_it_stands() {
        let named = |name: &str| json!({"userName": name, "externalId": name});
        assert_ascending("userName", &[named("a"), named("B"), named("c")]);
        assert_ascending("externalId", &[named("B"), named("a"), named("c")]);
        let by_name = sort("userName").expect("sortable");
        assert_eq!(by_name.key(&named("JANE")), by_name.key(&named("jane")));
    }

    #[test]
    fn p_3_4_2_3_03_what_is_missing_comes_last() {
        assert_ascending("title", &[json!({"title": "zz"}), json!({})]);
        let title = sort("title").expect("sortable");
        assert_eq!(title.key(&json!({"title": ""})), title.key(&json!({})));
    }

    #[test]
    fn p_3_4_2_3_02_of_several_values_the_primary_one_counts_else_the_first() {
        let one = |first: &str, second: &str, primary: bool| {
            let second = json!({"value": second, "primary": primary});
            json!({"emails": [{"value": first}, second]})
        };
        for by in ["emails", "emails.value"] {
            assert_ascending(by, &[one("b", "a", true), one("b", "a", false)]);
        }
    }

    #[test]
    fn moments_and_switches_have_their_own_order() {
        let at = |at: &str| json!({"meta": {"created": at}});
        let moments = [at("2026-01-01T01:00:00+02:00"), at("2026-01-01T00:00:00Z")];
        assert_ascending("meta.created", &moments);
        assert_ascending(
            "active",
            &[json!({"active": false}), json!({"active": true})],
        );
        assert!(in_order(-1) < in_order(0) && in_order(i64::MIN) < in_order(-1));
    }

    #[test]
    fn p_3_4_2_3_05_a_complex_attribute_needs_its_part() {
        for by in ["name", "meta", "foo", "name.foo", "password"] {
            assert!(sort(by).is_err(), "{by}");
        }
    }
}
