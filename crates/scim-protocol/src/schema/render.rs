//! How the table is written at `/Schemas` (RFC 7643 section 7).

use serde_json::{Map, Value, json};

use super::{Attribute, AttributeType, Mutability, Schema};
use crate::urn;

/// One schema as a resource. `base_url` is the SCIM base without trailing slash.
#[must_use]
pub fn schema(schema: &Schema, base_url: &str) -> Value {
    json!({
        "schemas": [urn::SCHEMA],
        "id": schema.urn,
        "name": schema.name,
        "description": schema.description,
        "attributes": attributes(schema.attributes),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base_url}/Schemas/{}", schema.urn)
        }
    })
}

/// What the provider does not keep is not published (SEC-21: `password`).
fn attributes(table: &[Attribute]) -> Vec<Value> {
    let kept = table
        .iter()
        .filter(|attribute| attribute.mutability != Mutability::WriteOnly);
    kept.map(attribute).collect()
}

fn attribute(attribute: &Attribute) -> Value {
    let mut body = Map::new();
    body.insert("name".into(), attribute.name.into());
    body.insert("type".into(), attribute.data_type.as_str().into());
    if attribute.is_complex() {
        body.insert(
            "subAttributes".into(),
            attributes(attribute.sub_attributes).into(),
        );
    }
    body.insert("multiValued".into(), attribute.multi_valued.into());
    body.insert("description".into(), attribute.description.into());
    body.insert("required".into(), attribute.required.into());
    if !attribute.canonical_values.is_empty() {
        body.insert("canonicalValues".into(), attribute.canonical_values.into());
    }
    if has_case(attribute.data_type) {
        body.insert("caseExact".into(), attribute.case_exact.into());
    }
    body.insert("mutability".into(), attribute.mutability.as_str().into());
    body.insert("returned".into(), attribute.returned.as_str().into());
    if has_case(attribute.data_type) {
        body.insert("uniqueness".into(), attribute.uniqueness.as_str().into());
    }
    if !attribute.reference_types.is_empty() {
        body.insert("referenceTypes".into(), attribute.reference_types.into());
    }
    Value::Object(body)
}

/// Case and uniqueness mean nothing for the other types (RFC 7643 section 2.2).
const fn has_case(data_type: AttributeType) -> bool {
    matches!(
        data_type,
        AttributeType::String | AttributeType::Binary | AttributeType::Reference
    )
}
