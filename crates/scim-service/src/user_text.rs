//! A member as the text of a `User`, written straight from what is stored.
//!
//! [`render`] builds a tree, which filters, orders and modifications look at. An answer needs no
//! tree: what the directory said beyond our columns is a document that is ready to be passed on, and
//! building, arranging and dropping it would cost several times what writing it does.
//!
//! What is read far more often than it changes is written once, when the member is saved
//! ([`DOCUMENTS`]), and passed on ([`Showing::pass_on`]) with what does not hang on the member alone:
//! its teams, the name of its manager, and under which address the provider is reached.

use std::borrow::Cow;

use rollcall_application::directory::UserView;
use rollcall_application::ports::{Documents, MemberDocument, TeamLabel};
use rollcall_domain::{Email, ExternalId, Member, MemberStatus, Parts, PersonName, Text};
use rollcall_scim_protocol::etag::ETag;
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

/// How a member is written for its directory when it is saved: a `User` without what its attributes tell
/// (`schemas`), what stands beside it (its id and version, which give its address too), and its teams.
pub const DOCUMENTS: Documents = Documents {
    // To be counted on with every change to what `document` writes.
    form: 2,
    write: document,
};

fn document(member: &Member) -> String {
    let mut text = Vec::with_capacity(MOST_BYTES);
    if let Some(choice) = Choice::of(&Projection::default_of(KIND)) {
        let shown = Shown {
            member,
            teams: &[],
            manager: None,
            stored: &member.attributes.parts(),
            base_url: "",
        };
        json_text::object(&mut text, |user| {
            shown.write_attributes(user, &choice, shown.enterprise(&choice).as_ref());
            user.object("meta", |meta| {
                meta.moment("created", member.created_at);
                meta.moment("lastModified", member.updated_at);
            });
        });
    }
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// What a document says, both as they stand between brackets.
struct Said<'a> {
    attributes: &'a str,
    times: &'a str,
}

impl<'a> Said<'a> {
    /// Finds the seam: nothing behind the last bracket that opens was sent by anybody.
    fn by(document: &'a str) -> Option<Self> {
        let said = document.strip_prefix('{')?.strip_suffix("}}")?;
        let (attributes, times) = said.rsplit_once('{')?;
        let attributes = attributes.strip_suffix(",\"meta\":")?;
        Some(Self { attributes, times })
    }

    /// Whether there is an extension for enterprises: no other object is written behind `active`.
    fn has_enterprise(&self) -> bool {
        self.attributes.ends_with('}')
    }
}

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

    /// Whether documents are what is shown, but perhaps for the teams.
    pub(crate) fn passes_on(&self) -> bool {
        let usual = Projection::default_of(KIND);
        let is_usual = |extension, attribute: &'static Attribute| {
            let kept = self.projection.keeps(extension, attribute);
            kept == usual.keeps(extension, attribute)
        };
        let core = KIND.schema().attributes.iter();
        let common = ["externalId", "meta"].map(|name| KIND.attribute(name));
        let extension = KIND.extension(urn::ENTERPRISE_USER);
        let further = extension.map_or(&[][..], |schema| schema.attributes);
        !self.projection.is_chosen()
            || core
                .chain(common.into_iter().flatten())
                .filter(|attribute| attribute.name != "groups")
                .all(|attribute| is_usual(None, attribute))
                && further.iter().all(|part| is_usual(extension, part))
    }

    /// A member as an answer shows it.
    pub(crate) fn text(&self, view: &UserView) -> Vec<u8> {
        let mut text = Vec::with_capacity(MOST_BYTES);
        self.write(view, &mut text);
        text
    }

    /// Writes a member as an answer shows it.
    pub(crate) fn write(&self, view: &UserView, out: &mut Vec<u8>) {
        if self.choice.is_some() {
            let reference = view.reference.as_deref();
            self.write_member(&view.member, &view.teams, reference, out);
        } else {
            let tree = render(view, self.base_url);
            json_text::value(out, &self.projection.apply(tree));
        }
    }

    /// Writes a member of which a projection takes every attribute whole or not at all.
    fn write_member(
        &self,
        member: &Member,
        teams: &[TeamLabel],
        manager: Option<&str>,
        out: &mut Vec<u8>,
    ) {
        let Some(choice) = &self.choice else {
            return;
        };
        let shown = Shown {
            member,
            teams,
            manager,
            stored: &member.attributes.parts(),
            base_url: self.base_url,
        };
        json_text::object(out, |user| shown.write(user, choice));
    }

    /// A member's document as an answer shows it.
    pub(crate) fn passed_on(&self, view: &UserView<MemberDocument>) -> Vec<u8> {
        let mut text = Vec::with_capacity(MOST_BYTES);
        self.pass_on(view, &mut text);
        text
    }

    /// Writes a member's document as an answer shows it.
    pub(crate) fn pass_on(&self, view: &UserView<MemberDocument>, out: &mut Vec<u8>) {
        let document = view.member.text.as_str();
        let MemberDocument { id, version, .. } = &view.member;
        let document: &str = &match &view.reference {
            Some(manager) => self.with_manager(document, manager).into(),
            None => Cow::Borrowed(document),
        };
        let Some(said) = Said::by(document) else {
            return out.extend_from_slice(document.as_bytes());
        };
        let id = id.to_string();
        json_text::object(out, |user| {
            write_schemas(user, said.has_enterprise());
            user.text("id", &id);
            user.members(said.attributes);
            if !view.teams.is_empty() {
                user.list("groups", |groups| {
                    write_groups(&view.teams, self.base_url, groups);
                });
            }
            user.object("meta", |meta| {
                meta.text("resourceType", KIND.name());
                meta.members(said.times);
                meta.etag("version", ETag::of_version(version.0));
                meta.text("location", &location(self.base_url, KIND, &id));
            });
        });
    }

    /// A document, with what is told of the manager.
    fn with_manager(&self, document: &str, manager: &str) -> String {
        let Ok(parts) = serde_json::from_str::<Parts<'_>>(document) else {
            return document.to_owned();
        };
        let mut text = Vec::with_capacity(MOST_BYTES);
        json_text::object(&mut text, |user| {
            for (name, said) in parts.iter() {
                if name == urn::ENTERPRISE_USER {
                    let made = enterprise(Some(manager), tree_of(said), self.base_url);
                    user.maybe_value(urn::ENTERPRISE_USER, made.as_ref());
                } else {
                    user.ready_as(name, said);
                }
            }
        });
        String::from_utf8(text).expect("JSON is UTF-8")
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
    member: &'a Member,
    teams: &'a [TeamLabel],
    manager: Option<&'a str>,
    stored: &'a Parts<'a>,
    base_url: &'a str,
}

impl Shown<'_> {
    fn write(&self, user: &mut Object<'_>, choice: &Choice) {
        let member = self.member;
        let id = member.id.to_string();
        let enterprise = self.enterprise(choice);
        write_schemas(user, enterprise.is_some());
        user.text("id", &id);
        self.write_attributes(user, choice, enterprise.as_ref());
        if choice.keeps_meta {
            let meta = meta(member, &id, self.base_url);
            user.object("meta", |object| meta.write(object));
        }
    }

    fn write_attributes(
        &self,
        user: &mut Object<'_>,
        choice: &Choice,
        enterprise: Option<&Enterprise<'_>>,
    ) {
        let link = self.member.link.as_ref();
        let external = link.and_then(|link| link.external_id.as_ref());
        let external = external.filter(|_| choice.keeps_external_id);
        user.maybe_text("externalId", external.map(ExternalId::as_str));
        for attribute in &choice.kept {
            self.write_attribute(user, attribute.name);
        }
        match enterprise {
            Some(Enterprise::AsSaid(said)) => user.ready(urn::ENTERPRISE_USER, said),
            Some(Enterprise::Made(value)) => user.value(urn::ENTERPRISE_USER, value),
            None => {}
        }
    }

    fn write_attribute(&self, user: &mut Object<'_>, attribute: &'static str) {
        let member = self.member;
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
            "groups" if !self.teams.is_empty() => {
                user.list(attribute, |groups| {
                    write_groups(self.teams, self.base_url, groups);
                });
            }
            _ => {
                if let Some(said) = said {
                    user.ready(attribute, said);
                }
            }
        }
    }

    /// As it was said, unless there is an address of ours to add.
    fn enterprise(&self, choice: &Choice) -> Option<Enterprise<'_>> {
        let said = self.stored.get(urn::ENTERPRISE_USER);
        let said = said.filter(|_| choice.keeps_enterprise)?;
        if self.manager.is_some() {
            let made = enterprise(self.manager, tree_of(said), self.base_url);
            return made.map(Enterprise::Made);
        }
        (said.get() != "{}").then_some(Enterprise::AsSaid(said))
    }
}

fn write_schemas(user: &mut Object<'_>, has_enterprise: bool) {
    user.list("schemas", |schemas| {
        schemas.text(urn::USER);
        if has_enterprise {
            schemas.text(urn::ENTERPRISE_USER);
        }
    });
}

/// The teams of a member: see [`groups`](crate::user_resource::groups).
fn write_groups(teams: &[TeamLabel], base_url: &str, groups: &mut List<'_>) {
    for team in teams {
        let id = team.id.to_string();
        groups.object(|group| {
            group.text("value", &id);
            group.text("$ref", &location(base_url, ResourceKind::Group, &id));
            group.text("display", team.name.as_str());
            group.text("type", "direct");
        });
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
