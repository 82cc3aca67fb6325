//! A member as the text of a `User`, written straight from what is stored.
//!
//! [`render`] builds a tree, which filters, orders and modifications look at. An answer needs no
//! tree: what the directory said beyond our columns is a document that is ready to be passed on, and
//! building, arranging and dropping it would cost several times what writing it does.

use rollcall_application::directory::UserView;
use rollcall_application::ports::TeamLabel;
use rollcall_domain::{Email, ExternalId, MemberStatus, Parts, PersonName, Text};
use rollcall_scim_protocol::messages::location;
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::schema::{Attribute, ResourceKind};
use rollcall_scim_protocol::urn;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::user_resource::{emails, enterprise, meta, name, render};

const KIND: ResourceKind = ResourceKind::User;

/// How an answer shows members: worked out once for all of them.
pub(crate) struct Showing<'a> {
    base_url: &'a str,
    projection: &'a Projection,
    choice: Option<Choice>,
}

impl<'a> Showing<'a> {
    pub(crate) fn new(base_url: &'a str, projection: &'a Projection) -> Self {
        Self {
            base_url,
            projection,
            choice: Choice::of(projection),
        }
    }

    pub(crate) const fn of(&'a self, view: &'a UserView) -> Shown<'a> {
        Shown {
            view,
            showing: self,
        }
    }
}

/// A member as an answer shows it.
pub(crate) struct Shown<'a> {
    view: &'a UserView,
    showing: &'a Showing<'a>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.showing.choice {
            Some(choice) => self.write(&self.view.member.attributes.parts(), choice, serializer),
            None => self.tree().serialize(serializer),
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
        let resource = render(self.view, self.showing.base_url);
        self.showing.projection.apply(resource)
    }

    fn write<S: Serializer>(
        &self,
        stored: &Parts<'_>,
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
            object.serialize_entry("meta", &meta(member, &id, self.showing.base_url))?;
        }
        object.end()
    }

    fn write_attribute<M: SerializeMap>(
        &self,
        object: &mut M,
        attribute: &'static str,
        stored: &Parts<'_>,
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
            "name" => match said {
                Some(said) => put(object, attribute, name(member, tree_of(said))),
                None => put(object, attribute, Names::of(&member.name)),
            },
            "emails" => {
                let ready = said.zip(member.email.as_ref());
                match ready.and_then(|(said, address)| Emails::of(said, address)) {
                    Some(emails) => put(object, attribute, Some(emails)),
                    None => put(object, attribute, emails(member, said.and_then(tree_of))),
                }
            }
            "groups" => {
                let teams = self.view.teams.as_slice();
                let groups = (!teams.is_empty()).then_some(Groups {
                    teams,
                    base_url: self.showing.base_url,
                });
                put(object, attribute, groups)
            }
            _ => put(object, attribute, said),
        }
    }

    /// As it was said, unless there is an address of ours to add.
    fn enterprise<'s>(&self, said: &'s RawValue) -> Option<Passed<'s>> {
        if self.view.reference.is_some() {
            return enterprise(self.view, tree_of(said), self.showing.base_url).map(Passed::Made);
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

/// `name` where the directory said nothing of it beyond our columns.
struct Names<'a>(&'a PersonName);

impl<'a> Names<'a> {
    fn of(name: &'a PersonName) -> Option<Self> {
        let is_said = name.family.is_some() || name.given.is_some();
        is_said.then_some(Self(name))
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        put(
            &mut object,
            "familyName",
            self.0.family.as_ref().map(Text::as_str),
        )?;
        put(
            &mut object,
            "givenName",
            self.0.given.as_ref().map(Text::as_str),
        )?;
        object.end()
    }
}

/// The list as it was said, with the primary address as it is now, where it has a place in the list
/// and an address: what [`emails`] does for every other list.
struct Emails<'a> {
    said: Vec<Parts<'a>>,
    place: usize,
    address: &'a str,
}

impl<'a> Emails<'a> {
    fn of(said: &'a RawValue, address: &'a Email) -> Option<Self> {
        let said: Vec<Parts<'a>> = serde_json::from_str(said.get()).ok()?;
        let place = said.iter().position(|entry| !has_value(entry))?;
        Some(Self {
            said,
            place,
            address: address.as_str(),
        })
    }
}

impl Serialize for Emails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (place, entry) in self.said.iter().enumerate() {
            if place == self.place {
                let value = Some(self.address);
                list.serialize_element(&Address { value, entry })?;
            } else if has_value(entry) {
                list.serialize_element(&Address { value: None, entry })?;
            }
        }
        list.end()
    }
}

fn has_value(entry: &Parts<'_>) -> bool {
    entry.get("value").is_some()
}

/// An entry of the list: as it was said, behind its value where that is kept elsewhere.
struct Address<'a> {
    value: Option<&'a str>,
    entry: &'a Parts<'a>,
}

impl Serialize for Address<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        put(&mut object, "value", self.value)?;
        for (name, said) in self.entry.iter() {
            object.serialize_entry(name, said)?;
        }
        object.end()
    }
}

/// The teams of a member: see [`groups`](crate::user_resource::groups).
struct Groups<'a> {
    teams: &'a [TeamLabel],
    base_url: &'a str,
}

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let base_url = self.base_url;
        serializer.collect_seq(self.teams.iter().map(|team| Group { team, base_url }))
    }
}

struct Group<'a> {
    team: &'a TeamLabel,
    base_url: &'a str,
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let id = self.team.id.to_string();
        let address = location(self.base_url, ResourceKind::Group, &id);
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("value", &id)?;
        object.serialize_entry("$ref", &address)?;
        object.serialize_entry("display", self.team.name.as_str())?;
        object.serialize_entry("type", "direct")?;
        object.end()
    }
}
