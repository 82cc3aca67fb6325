//! What people write, before it is checked.

use rollcall_domain::{Email, PersonName, Role, TeamName, Text};
use serde::{Deserialize, Deserializer};

use crate::InvalidInput;
use crate::ports::{Cursor, MemberSort, TeamSort};

/// One field of a partial change: left out, emptied (`null`), or given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// Not mentioned: it stays.
    #[default]
    Keep,
    /// `null`: it loses its value.
    Clear,
    /// A new value.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<T>::deserialize(deserializer)? {
            Some(value) => Self::Set(value),
            None => Self::Clear,
        })
    }
}

impl<T> Patch<T> {
    /// The value after the change.
    pub fn over(self, present: Option<T>) -> Option<T> {
        match self {
            Self::Keep => present,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// A change of a person's name, part by part; an empty part is no part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameChanges {
    /// What people read.
    pub display: Patch<String>,
    /// Given name.
    pub given: Patch<String>,
    /// Family name.
    pub family: Patch<String>,
}

impl NameChanges {
    /// The name after the change.
    pub(crate) fn over(&self, present: &PersonName) -> Result<PersonName, InvalidInput> {
        Ok(PersonName {
            display: part("display_name", &self.display, present.display.as_ref())?,
            given: part("given_name", &self.given, present.given.as_ref())?,
            family: part("family_name", &self.family, present.family.as_ref())?,
        })
    }
}

fn part(
    field: &str,
    change: &Patch<String>,
    present: Option<&Text>,
) -> Result<Option<Text>, InvalidInput> {
    match change {
        Patch::Keep => Ok(present.cloned()),
        Patch::Clear => Ok(None),
        Patch::Set(text) if text.trim().is_empty() => Ok(None),
        Patch::Set(text) => Text::parse(text.trim())
            .map(Some)
            .map_err(|error| InvalidInput::new(field, error)),
    }
}

/// An e-mail address that a person typed.
pub(crate) fn email(field: &str, text: &str) -> Result<Email, InvalidInput> {
    Email::parse(text).map_err(|error| InvalidInput::new(field, error))
}

/// The name of a team; white space around it is a slip of the hand.
pub(crate) fn team_name(text: &str) -> Result<TeamName, InvalidInput> {
    TeamName::parse(text.trim()).map_err(|error| InvalidInput::new("name", error))
}

/// A role by its stable name.
///
/// # Errors
/// Names the roles there are.
pub(crate) fn role(field: &str, text: &str) -> Result<Role, InvalidInput> {
    Role::parse(text)
        .ok_or_else(|| InvalidInput::new(field, "must be one of: member, admin, owner"))
}

/// What the cursors of a list hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Places {
    /// A folded text.
    Texts,
    /// An instant, in microseconds.
    Instants,
}

impl From<MemberSort> for Places {
    fn from(sort: MemberSort) -> Self {
        match sort {
            MemberSort::Name | MemberSort::Email => Self::Texts,
            MemberSort::Created => Self::Instants,
        }
    }
}

impl From<TeamSort> for Places {
    fn from(sort: TeamSort) -> Self {
        match sort {
            TeamSort::Name => Self::Texts,
            TeamSort::Created => Self::Instants,
        }
    }
}

/// Checks where a page begins: the list in this order can have given out the cursor.
pub(crate) fn cursor(
    after: Option<&Cursor>,
    places: impl Into<Places>,
) -> Result<(), InvalidInput> {
    let Some(Cursor { key, .. }) = after else {
        return Ok(());
    };
    let possible = match places.into() {
        // No stored text holds a NUL, and PostgreSQL takes none, not even to compare.
        Places::Texts => !key.contains('\0'),
        Places::Instants => key.parse::<i64>().is_ok(),
    };
    if possible {
        Ok(())
    } else {
        let reason = "is not of this list in this order; begin at its first page";
        Err(InvalidInput::new("cursor", reason))
    }
}
