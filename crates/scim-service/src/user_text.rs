//! A member as the text of a `User`, written straight from what is stored.
//!
//! [`render`] builds a tree, which filters, orders and modifications look at. An answer needs no
//! tree: what the directory said beyond our columns is a document that is ready to be passed on, and
//! building, arranging and dropping it would cost several times what writing it does.

use rollcall_application::directory::UserView;
use rollcall_domain::{ExternalId, MemberStatus, Text};
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::schema::{Attribute, ResourceKind};
use rollcall_scim_protocol::urn;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::user_resource::{emails, enterprise, groups, meta, name, render};

const KIND: ResourceKind = ResourceKind::User;

/// A member as an answer shows it.
pub(crate) struct Shown<'a> {
    pub(crate) view: &'a UserView,
    pub(crate) base_url: &'a str,
    pub(crate) projection: &'a Projection,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = serde_json::from_str(self.view.member.attributes.as_str());
        match (stored, Choice::of(self.projection)) {
            (Ok(stored), Some(choice)) => self.write(&stored, &choice, serializer),
            _ => self.tree().serialize(serializer),
        }
    }
}

/// What a projection leaves, where it takes every attribute whole or not at all.
struct Choice {
    kept: Vec<&'static Attribute>,
    keeps_enterprise: bool,
    keeps_external_id: bool,
    keeps_meta: bool,
}

impl Choice {
    fn of(projection: &Projection) -> Option<Self> {
        let mut kept = Vec::with_capacity(KIND.schema().attributes.len());
        for attribute in KIND.schema().attributes {
            if projection.keeps(None, attribute)? {
                kept.push(attribute);
            }
        }
        let common = |name| projection.keeps(None, KIND.attribute(name)?);
        let schema = KIND.extension(urn::ENTERPRISE_USER)?;
        let mut parts = schema.attributes.iter();
        let keeps_enterprise = projection.keeps(Some(schema), parts.next()?)?;
        let is_same = |part| projection.keeps(Some(schema), part) == Some(keeps_enterprise);
        parts.all(is_same).then_some(())?;
        Some(Self {
            kept,
            keeps_enterprise,
            keeps_external_id: common("externalId")?,
            keeps_meta: common("meta")?,
        })
    }
}

impl Shown<'_> {
    fn tree(&self) -> Value {
        self.projection.apply(render(self.view, self.base_url))
    }

    fn write<S: Serializer>(
        &self,
        stored: &Stored<'_>,
        choice: &Choice,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let member = &self.view.member;
        let id = member.id.to_string();
        let enterprise = match stored.get(urn::ENTERPRISE_USER) {
            Some(said) if choice.keeps_enterprise => self.enterprise(said),
            _ => None,
        };
        let schemas = [urn::USER, urn::ENTERPRISE_USER];
        let mut object = serializer.serialize_map(None)?;
        let listed = if enterprise.is_some() { 2 } else { 1 };
        object.serialize_entry("schemas", &schemas[..listed])?;
        object.serialize_entry("id", &id)?;
        let link = member.link.as_ref();
        let external = link.and_then(|link| link.external_id.as_ref());
        let external = external.filter(|_| choice.keeps_external_id);
        put(&mut object, "externalId", external.map(ExternalId::as_str))?;
        for attribute in &choice.kept {
            self.write_attribute(&mut object, attribute.name, stored)?;
        }
        put(&mut object, urn::ENTERPRISE_USER, enterprise)?;
        if choice.keeps_meta {
            object.serialize_entry("meta", &meta(member, &id, self.base_url))?;
        }
        object.end()
    }

    fn write_attribute<M: SerializeMap>(
        &self,
        object: &mut M,
        attribute: &'static str,
        stored: &Stored<'_>,
    ) -> Result<(), M::Error> {
        let member = &self.view.member;
        let said = stored.get(attribute);
        match attribute {
            "userName" => {
                let link = member.link.as_ref();
                put(object, attribute, link.map(|link| link.name.as_str()))
            }
            "displayName" => {
                let display = member.name.display.as_ref();
                put(object, attribute, display.map(Text::as_str))
            }
            "active" => {
                let is_active = member.status == MemberStatus::Active;
                put(object, attribute, Some(is_active))
            }
            "name" => put(object, attribute, name(member, said.and_then(tree_of))),
            "emails" => put(object, attribute, emails(member, said.and_then(tree_of))),
            "groups" => put(object, attribute, groups(self.view, self.base_url)),
            _ => put(object, attribute, said),
        }
    }

    /// As it was said, unless there is an address of ours to add.
    fn enterprise<'s>(&self, said: &'s RawValue) -> Option<Passed<'s>> {
        if self.view.reference.is_some() {
            return enterprise(self.view, tree_of(said), self.base_url).map(Passed::Made);
        }
        (said.get() != "{}").then_some(Passed::AsSaid(said))
    }
}

fn put<M: SerializeMap>(
    object: &mut M,
    name: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => object.serialize_entry(name, &value),
        None => Ok(()),
    }
}

fn tree_of(said: &RawValue) -> Option<Value> {
    serde_json::from_str(said.get()).ok()
}

/// A part of the answer: passed on, or made.
enum Passed<'a> {
    AsSaid(&'a RawValue),
    Made(Value),
}

impl Serialize for Passed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AsSaid(text) => text.serialize(serializer),
            Self::Made(value) => value.serialize(serializer),
        }
    }
}

/// The stored document, opened no further than its names.
struct Stored<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'a> Stored<'a> {
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Stored<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Stored<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Stored(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}
