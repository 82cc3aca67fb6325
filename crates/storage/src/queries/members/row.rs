//! A member as it stands in its table.

use diesel::prelude::*;
use rollcall_application::ports::StoreError;
use rollcall_domain::{
    Attributes, Email, FOLD_VERSION, FoldedKey, Member, MemberStatus, Origin, PersonName, Role,
    Text, Version,
};

use super::super::links::StoredLink;
use crate::schema::members;
use crate::values::{Key, Word, Worded, damaged, instant, key, maybe_instant, micros};

/// A member as it is written. What changes together stands together: an index is written anew for
/// every column of it that an update names, also where the value stays what it was.
pub(crate) struct MemberRow {
    pub(crate) own: OwnColumns,
    pub(crate) state: StateColumns,
    pub(crate) names: NameColumns,
    pub(crate) moment: MomentColumns,
}

/// What of a member differs from what was stored.
pub(crate) enum Difference {
    Moment(MomentColumns),
    State(MomentColumns, StateColumns),
    Names(MomentColumns, StateColumns, Box<NameColumns>),
}

/// What never changes.
#[derive(Insertable)]
#[diesel(table_name = members, treat_none_as_default_value = false)]
pub(crate) struct OwnColumns {
    org_id: Key,
    id: Key,
    created_at: i64,
}

/// Whose the member is, and whether and how it may sign in.
#[derive(PartialEq, Eq, Insertable, AsChangeset)]
#[diesel(table_name = members, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct StateColumns {
    origin: String,
    status: String,
    invited_until: Option<i64>,
    role: String,
    has_password: bool,
}

/// What the member is called and found by.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = members, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct NameColumns {
    login_key: String,
    email: Option<String>,
    email_key: Option<String>,
    fold_version: i32,
    display_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    label: String,
    label_key: String,
    search_text: String,
}

/// What every change may move.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = members, treat_none_as_default_value = false)]
pub(crate) struct MomentColumns {
    attributes: String,
    version: i64,
    updated_at: i64,
}

impl MemberRow {
    pub(crate) fn new(member: &Member) -> Self {
        Self {
            own: OwnColumns {
                org_id: key(member.organization),
                id: key(member.id),
                created_at: micros(member.created_at),
            },
            state: StateColumns::of(member),
            names: NameColumns::of(member),
            moment: MomentColumns::of(member),
        }
    }
}

impl Difference {
    /// What has to be written to make `next` of the member that is stored.
    pub(crate) fn between(before: &Member, next: &Member) -> Self {
        let moment = MomentColumns::of(next);
        let state = StateColumns::of(next);
        if NameColumns::source(before) != NameColumns::source(next) {
            Self::Names(moment, state, Box::new(NameColumns::of(next)))
        } else if state != StateColumns::of(before) {
            Self::State(moment, state)
        } else {
            Self::Moment(moment)
        }
    }
}

impl StateColumns {
    fn of(member: &Member) -> Self {
        Self {
            origin: member.origin.as_str().to_owned(),
            status: member.status.as_str().to_owned(),
            invited_until: match member.status {
                MemberStatus::Invited { expires_at } => Some(micros(expires_at)),
                _ => None,
            },
            role: member.role.as_str().to_owned(),
            has_password: member.has_password,
        }
    }
}

impl NameColumns {
    fn of(member: &Member) -> Self {
        let text = |value: &Option<Text>| value.as_ref().map(ToString::to_string);
        let label = member.label();
        let label_key = FoldedKey::of(&label).to_string();
        let email_key = member.email.as_ref().map(|email| email.key().to_string());
        Self {
            login_key: member.login_key.to_string(),
            email: member.email.as_ref().map(ToString::to_string),
            fold_version: FOLD_VERSION,
            display_name: text(&member.name.display),
            given_name: text(&member.name.given),
            family_name: text(&member.name.family),
            search_text: search_text(member, &label_key, email_key.as_deref()),
            email_key,
            label,
            label_key,
        }
    }

    /// Everything of a member that these columns are made of.
    fn source(member: &Member) -> impl PartialEq {
        let sent = member.link.as_ref().map(|link| &link.name);
        (&member.login_key, &member.email, &member.name, sent)
    }
}

impl MomentColumns {
    fn of(member: &Member) -> Self {
        Self {
            attributes: member.attributes.as_str().to_owned(),
            version: member.version.0,
            updated_at: micros(member.updated_at),
        }
    }
}

/// A member as it is read: without what only searches and sorts look at.
#[derive(Queryable, Selectable)]
#[diesel(table_name = members)]
pub(crate) struct StoredMember {
    org_id: Key,
    id: Key,
    origin: Word<Origin>,
    status: Word<StatusWord>,
    invited_until: Option<i64>,
    role: Word<Role>,
    login_key: String,
    email: Option<String>,
    display_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    attributes: String,
    has_password: bool,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl StoredMember {
    pub(crate) fn member(self, link: Option<StoredLink>) -> Result<Member, StoreError> {
        let status = self.status.0.status(self.invited_until)?;
        let text = |value: Option<String>| value.map(Text::from_stored);
        Ok(Member {
            id: self.id.into(),
            organization: self.org_id.into(),
            origin: self.origin.0,
            status,
            role: self.role.0,
            login_key: FoldedKey::from_stored(self.login_key),
            email: self.email.map(Email::from_stored),
            name: PersonName {
                display: text(self.display_name),
                given: text(self.given_name),
                family: text(self.family_name),
            },
            attributes: Attributes::from_stored(self.attributes),
            link: link.map(StoredLink::link),
            has_password: self.has_password,
            version: Version(self.version),
            created_at: instant(self.created_at)?,
            updated_at: instant(self.updated_at)?,
        })
    }
}

/// The column of a status: how long an invitation holds stands in another one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StatusWord {
    Invited,
    Settled(MemberStatus),
}

impl Worded for StatusWord {
    const WHAT: &'static str = "status";

    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "invited" => Self::Invited,
            "active" => Self::Settled(MemberStatus::Active),
            "suspended" => Self::Settled(MemberStatus::Suspended),
            "deactivated" => Self::Settled(MemberStatus::Deactivated),
            _ => return None,
        })
    }
}

impl StatusWord {
    fn status(self, invited_until: Option<i64>) -> Result<MemberStatus, StoreError> {
        match self {
            Self::Settled(status) => Ok(status),
            Self::Invited => {
                let expires_at = maybe_instant(invited_until)?;
                let expires_at = expires_at.ok_or_else(|| damaged("status"))?;
                Ok(MemberStatus::Invited { expires_at })
            }
        }
    }
}

/// What a search looks through: each part on a line of its own, so that no text that was typed,
/// which has no line breaks, matches across two.
fn search_text(member: &Member, label_key: &str, email_key: Option<&str>) -> String {
    let sent = member
        .link
        .as_ref()
        .map(|link| FoldedKey::of(&link.name).to_string());
    let mut parts = vec![label_key];
    for part in [email_key, sent.as_deref()].into_iter().flatten() {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join("\n")
}
