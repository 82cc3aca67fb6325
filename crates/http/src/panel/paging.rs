//! Cursors, limits and the values of filters, as they stand in an address.

use std::fmt::Write as _;

use rollcall_application::Failure;
use rollcall_application::ports::{Cursor, Direction};
use rollcall_domain::{MemberId, Origin, Role, SessionId, TeamId};
use uuid::Uuid;

use super::problem::Problem;

/// Rows of a page where none are asked for.
const DEFAULT_LIMIT: u32 = 50;

/// The most rows of a page.
const MAX_LIMIT: u32 = 200;

/// A cursor as opaque text: id and key, both in hexadecimal, safe in any address.
pub(super) fn cursor_text(cursor: &Cursor) -> String {
    let mut text = cursor.id.as_simple().to_string();
    for byte in cursor.key.as_bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads a cursor that [`cursor_text`] wrote.
pub(super) fn cursor(text: Option<&str>) -> Result<Option<Cursor>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let parsed = text.split_at_checked(32).and_then(|(id, key)| {
        Some(Cursor {
            id: Uuid::try_parse(id).ok()?,
            key: String::from_utf8(bytes(key)?).ok()?,
        })
    });
    let malformed = || Problem::invalid("cursor", "must be the `next` of the page before");
    parsed.map(Some).ok_or_else(malformed)
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    if !hexadecimal.is_ascii() || !hexadecimal.len().is_multiple_of(2) {
        return None;
    }
    (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok())
        .collect()
}

/// How many rows.
pub(super) fn limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else {
        return Ok(DEFAULT_LIMIT);
    };
    match text.parse::<u32>() {
        Ok(limit) if limit > 0 => Ok(limit.min(MAX_LIMIT)),
        _ => Err(Problem::invalid("limit", "must be a number from 1 to 200")),
    }
}

/// Which way.
pub(super) fn direction(text: Option<&str>) -> Result<Direction, Problem> {
    match text {
        None | Some("asc") => Ok(Direction::Ascending),
        Some("desc") => Ok(Direction::Descending),
        Some(_) => Err(Problem::invalid("direction", "must be asc or desc")),
    }
}

/// A source: `manual`, or a directory's name.
pub(super) fn source(text: Option<&str>) -> Result<Option<Origin>, Problem> {
    known(
        text,
        Origin::parse,
        "source",
        "must be one of: manual, okta, entra",
    )
}

/// A role.
pub(super) fn role(text: Option<&str>) -> Result<Option<Role>, Problem> {
    known(
        text,
        Role::parse,
        "role",
        "must be one of: member, admin, owner",
    )
}

/// A value by its stable name, where one is given.
pub(super) fn known<T>(
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    field: &str,
    reason: &str,
) -> Result<Option<T>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let malformed = || Problem::invalid(field, reason);
    parse(text).map(Some).ok_or_else(malformed)
}

/// A member's id from an address or body. What is no id names nobody, exactly as an id that
/// nobody has (SEC-4).
pub(super) fn member_id(text: &str) -> Result<MemberId, Failure> {
    text.parse().map_err(|_| Failure::Absent("member"))
}

/// A team's id; see [`member_id`].
pub(super) fn team_id(text: &str) -> Result<TeamId, Failure> {
    text.parse().map_err(|_| Failure::Absent("team"))
}

/// A session's id; see [`member_id`].
pub(super) fn session_id(text: &str) -> Result<SessionId, Failure> {
    text.parse().map_err(|_| Failure::Absent("session"))
}

/// Members' ids of a body, at most `most` of them.
pub(super) fn member_ids(texts: &[String], most: usize) -> Result<Vec<MemberId>, Problem> {
    require_at_most("member_ids", texts.len(), most)?;
    let ids: Result<Vec<MemberId>, Failure> = texts.iter().map(|text| member_id(text)).collect();
    Ok(ids?)
}

/// Teams' ids of a body.
pub(super) fn team_ids(texts: &[String]) -> Result<Vec<TeamId>, Failure> {
    texts.iter().map(|text| team_id(text)).collect()
}

/// Refuses what is too much for one request.
pub(super) fn require_at_most(field: &str, count: usize, most: usize) -> Result<(), Problem> {
    if count > most {
        let reason = format!("must not name more than {most} at once");
        return Err(Problem::invalid(field, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_out() {
        let sent = Cursor {
            key: "zoë & co/=?".to_owned(),
            id: Uuid::from_u128(7),
        };
        let text = cursor_text(&sent);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(cursor(Some(&text)).ok().flatten(), Some(sent));
    }

    #[test]
    fn a_cursor_that_was_tampered_with_is_refused() {
        for text in [
            "",
            "xyz",
            &"0".repeat(33),
            &format!("{}ff", "0".repeat(32)),
            "ä",
        ] {
            assert!(cursor(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_never_has_more_rows_than_the_most() {
        assert_eq!(limit(None).ok(), Some(DEFAULT_LIMIT));
        assert_eq!(limit(Some("100000")).ok(), Some(MAX_LIMIT));
        assert!(limit(Some("0")).is_err());
        assert!(limit(Some("-1")).is_err());
    }
}
