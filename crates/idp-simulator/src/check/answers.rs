//! What each kind of answer must fulfil, whatever the request was.

use serde_json::Value;

use super::{ERROR, Expectation, Is, LIST_RESPONSE};

/// A list, also an empty one (RFC 7644 section 3.4.2).
#[must_use]
pub fn list() -> Vec<Expectation> {
    let number = "Okta computes the next page from it and refuses a text";
    vec![
        Expectation::status(
            &[200],
            "a search without a hit is an empty list, not an error",
        ),
        Expectation::content_type(),
        Expectation::body(
            "schemas",
            Is::Containing(Value::from(LIST_RESPONSE)),
            "it says what the message is",
        ),
        Expectation::body("totalResults", Is::Integer, number),
        Expectation::body("startIndex", Is::Integer, number),
        Expectation::body("itemsPerPage", Is::Integer, number),
        Expectation::body(
            "Resources",
            Is::List,
            "Okta walks through it, also when it is empty",
        ),
    ]
}

/// A resource with its identity (RFC 7643 section 3.1); the kind is `User` or `Group`.
#[must_use]
pub fn resource(kind: &str, statuses: &[u16]) -> Vec<Expectation> {
    let schema = format!("urn:ietf:params:scim:schemas:core:2.0:{kind}");
    vec![
        Expectation::status(statuses, "any other status fails the task at Okta"),
        Expectation::content_type(),
        Expectation::body(
            "schemas",
            Is::Containing(Value::from(schema)),
            "it says what the resource is",
        ),
        Expectation::body(
            "id",
            Is::Something,
            "Okta stores it and uses it in every later request",
        ),
        Expectation::if_present(
            "id",
            Is::NotContaining(Value::from("bulkId")),
            "the word is reserved (RFC 7643 section 3.1)",
        ),
        Expectation::if_present(
            "meta.resourceType",
            Is::Equal(Value::from(kind)),
            "RFC 7643 section 3.1",
        ),
        Expectation::body(
            "password",
            Is::Absent,
            "a password never goes out (RFC 7643 section 4.1.1)",
        ),
    ]
}

/// A change that may be answered with the resource, or with nothing (RFC 7644 section 3.5.2).
#[must_use]
pub fn changed() -> Vec<Expectation> {
    vec![
        Expectation::status(
            &[200, 204],
            "Okta does not repeat a change that was refused",
        ),
        Expectation::if_body(
            "id",
            Is::Something,
            "a body, if there is one, is the resource",
        ),
    ]
}

/// An error (RFC 7644 section 3.12).
#[must_use]
pub fn error(status: u16) -> Vec<Expectation> {
    vec![
        Expectation::status(&[status], "Okta acts by the status"),
        Expectation::content_type(),
        Expectation::body(
            "schemas",
            Is::Containing(Value::from(ERROR)),
            "it says what the message is",
        ),
        Expectation::body(
            "detail",
            Is::Something,
            "Okta shows it to the administrator",
        ),
        Expectation::body(
            "status",
            Is::Text(status.to_string()),
            "it is the HTTP status, as a text",
        ),
    ]
}

/// A duplicate (RFC 7644 section 3.12, `uniqueness`).
#[must_use]
pub fn conflict() -> Vec<Expectation> {
    let mut expectations = error(409);
    let why = "it tells a duplicate from any other conflict";
    expectations.push(Expectation::body(
        "scimType",
        Is::Equal(Value::from("uniqueness")),
        why,
    ));
    expectations
}

/// Too many requests. Okta keeps to a whole number of seconds exactly and waits five minutes for
/// anything else, so the header matters more than the body.
#[must_use]
pub fn throttled() -> Vec<Expectation> {
    let mut expectations = error(429);
    let why = "without it Okta waits five minutes, and twice as long each time";
    expectations.push(Expectation::header("Retry-After", Is::WholeSeconds, why));
    expectations
}
