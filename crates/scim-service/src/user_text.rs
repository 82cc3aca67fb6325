//! A member as the text of a `User`, written straight from what is stored.
//!
//! [`render`] builds a tree, which filters, orders and modifications look at. An answer needs no
//! tree: what the directory said beyond our columns is a document that is ready to be passed on, and
//! building, arranging and dropping it would cost several times what writing it does.

use rollcall_application::directory::UserView;
use rollcall_domain::{Email, ExternalId, Member, MemberStatus, Parts, PersonName, Text};
use rollcall_scim_protocol::json_text::{self, List, Object};
use rollcall_scim_protocol::messages::location;
use rollcall_scim_protocol::projection::Projection;
use rollcall_scim_protocol::schema::{Attribute, ResourceKind};
use rollcall_scim_protocol::urn;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::user_resource::{emails, enterprise, meta, name, render};

const KIND: ResourceKind = ResourceKind::User;

/// What most members take.
const MOST_BYTES: usize = 1_536;

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

    /// A member as an answer shows it.
    pub(crate) fn text(&self, view: &UserView) -> Vec<u8> {
        let mut text = Vec::with_capacity(MOST_BYTES);
        self.write(view, &mut text);
        text
    }

    /// Writes a member as an answer shows it.
    pub(crate) fn write(&self, view: &UserView, out: &mut Vec<u8>) {
        let Some(choice) = &self.choice else {
            let tree = render(view, self.base_url);
            return json_text::value(out, &self.projection.apply(tree));
        };
        let stored = view.member.attributes.parts();
        let shown = Shown {
            view,
            stored: &stored,
            base_url: self.base_url,
        };
        json_text::object(out, |user| shown.write(user, choice));
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

/// A member, and what was said of them, opened as far as their names.
struct Shown<'a> {
    view: &'a UserView,
    stored: &'a Parts<'a>,
    base_url: &'a str,
}

impl Shown<'_> {
    fn write(&self, user: &mut Object<'_>, choice: &Choice) {
        let member = &self.view.member;
        let id = member.id.to_string();
        let enterprise = match self.stored.get(urn::ENTERPRISE_USER) {
            Some(said) if choice.keeps_enterprise => self.enterprise(said),
            _ => None,
        };
        user.list("schemas", |schemas| {
            schemas.text(urn::USER);
            if enterprise.is_some() {
                schemas.text(urn::ENTERPRISE_USER);
            }
        });
        user.text("id", &id);
        let link = member.link.as_ref();
        let external = link.and_then(|link| link.external_id.as_ref());
        let external = external.filter(|_| choice.keeps_external_id);
        user.maybe_text("externalId", external.map(ExternalId::as_str));
        for attribute in &choice.kept {
            self.write_attribute(user, attribute.name);
        }
        match &enterprise {
            Some(Enterprise::AsSaid(said)) => user.ready(urn::ENTERPRISE_USER, said),
            Some(Enterprise::Made(value)) => user.value(urn::ENTERPRISE_USER, value),
            None => {}
        }
        if choice.keeps_meta {
            let meta = meta(member, &id, self.base_url);
            user.object("meta", |object| meta.write(object));
        }
    }

    fn write_attribute(&self, user: &mut Object<'_>, attribute: &'static str) {
        let member = &self.view.member;
        let said = self.stored.get(attribute);
        match attribute {
            "userName" => {
                let link = member.link.as_ref();
                user.maybe_text(attribute, link.map(|link| link.name.as_str()));
            }
            "displayName" => {
                let display = member.name.display.as_ref();
                user.maybe_text(attribute, display.map(Text::as_str));
            }
            "active" => user.boolean(attribute, member.status == MemberStatus::Active),
            "name" => match said {
                Some(said) => user.maybe_value(attribute, name(member, tree_of(said)).as_ref()),
                None => write_name(user, attribute, &member.name),
            },
            "emails" => write_emails(user, attribute, said, member),
            "groups" if !self.view.teams.is_empty() => {
                user.list(attribute, |groups| self.write_groups(groups));
            }
            _ => {
                if let Some(said) = said {
                    user.ready(attribute, said);
                }
            }
        }
    }

    /// As it was said, unless there is an address of ours to add.
    fn enterprise<'s>(&self, said: &'s RawValue) -> Option<Enterprise<'s>> {
        if self.view.reference.is_some() {
            return enterprise(self.view, tree_of(said), self.base_url).map(Enterprise::Made);
        }
        (said.get() != "{}").then_some(Enterprise::AsSaid(said))
    }

    /// The teams of a member: see [`groups`](crate::user_resource::groups).
    fn write_groups(&self, groups: &mut List<'_>) {
        for team in &self.view.teams {
            let id = team.id.to_string();
            groups.object(|group| {
                group.text("value", &id);
                group.text("$ref", &location(self.base_url, ResourceKind::Group, &id));
                group.text("display", team.name.as_str());
                group.text("type", "direct");
            });
        }
    }
}

/// The extension for enterprises: passed on, or made.
enum Enterprise<'a> {
    AsSaid(&'a RawValue),
    Made(Value),
}

fn tree_of(said: &RawValue) -> Option<Value> {
    serde_json::from_str(said.get()).ok()
}

/// `name` where the directory said nothing of it beyond our columns.
fn write_name(user: &mut Object<'_>, attribute: &'static str, name: &PersonName) {
    if name.family.is_none() && name.given.is_none() {
        return;
    }
    user.object(attribute, |object| {
        object.maybe_text("familyName", name.family.as_ref().map(Text::as_str));
        object.maybe_text("givenName", name.given.as_ref().map(Text::as_str));
    });
}

/// The list as it was said, with the primary address as it is now, where it has a place in the list
/// and an address; any other list is made by [`emails`].
fn write_emails(
    user: &mut Object<'_>,
    attribute: &'static str,
    said: Option<&RawValue>,
    member: &Member,
) {
    let ready = said.zip(member.email.as_ref());
    let Some((said, place, address)) = ready.and_then(|(said, address)| placed(said, address))
    else {
        let made = emails(member, said.and_then(tree_of));
        return user.maybe_value(attribute, made.as_ref());
    };
    user.list(attribute, |emails| {
        for (at, entry) in said.iter().enumerate() {
            let is_primary = at == place;
            if is_primary || has_value(entry) {
                emails.object(|email| {
                    // `value` first, as everybody writes it.
                    email.maybe_text("value", is_primary.then_some(address));
                    for (name, said) in entry.iter() {
                        email.ready_as(name, said);
                    }
                });
            }
        }
    });
}

/// The entries of a list, which of them is the place of the primary address, and the address.
fn placed<'a>(said: &'a RawValue, address: &'a Email) -> Option<(Vec<Parts<'a>>, usize, &'a str)> {
    let said: Vec<Parts<'a>> = serde_json::from_str(said.get()).ok()?;
    let place = said.iter().position(|entry| !has_value(entry))?;
    Some((said, place, address.as_str()))
}

fn has_value(entry: &Parts<'_>) -> bool {
    entry.get("value").is_some()
}
