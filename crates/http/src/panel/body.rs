//! Bodies and queries: bounded, and every field known (SEC-17, SEC-28).

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, dev, web};
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::AppState;

/// The longest body where the application states no other limit, in bytes.
const DEFAULT_LIMIT: usize = 1024 * 1024;

/// A JSON body. Unknown and repeated fields are refused by their name.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let limit = request
            .app_data::<web::Data<AppState>>()
            .map_or(DEFAULT_LIMIT, |state| state.settings.body_limit);
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let payload = payload.await.map_err(|_| unreadable())?;
            let bytes = match payload.to_bytes_limited(limit).await {
                Err(_) => return Err(too_large(limit)),
                Ok(Err(_)) => return Err(unreadable()),
                Ok(Ok(bytes)) => bytes,
            };
            serde_json::from_slice(&bytes)
                .map(Self)
                .map_err(|error| explain("body", &error.to_string()))
        })
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("the body must not be longer than {limit} bytes"),
    )
}

fn unreadable() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "validation",
        "the body broke off before its end",
    )
}

/// The query of the address. Unknown and repeated parameters are refused by their name.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let query = web::Query::<T>::from_query(request.query_string());
        ready(match query {
            Ok(query) => Ok(Self(query.into_inner())),
            Err(error) => Err(explain("query", &error.to_string())),
        })
    }
}

/// Names the field that the parser stumbled over, in the words of the API.
fn explain(whole: &str, error: &str) -> Problem {
    let reasons = [
        ("unknown field `", "is not a field of this request"),
        ("missing field `", "is needed"),
        ("duplicate field `", "is given twice"),
    ];
    for (marker, reason) in reasons {
        let named = error
            .split_once(marker)
            .and_then(|(_, rest)| rest.split_once('`'));
        if let Some((field, _)) = named {
            return Problem::invalid(field, reason);
        }
    }
    // What the parser says beyond that repeats what was sent, so only the place is told.
    let place = error.rsplit_once(" at line ").map(|(_, place)| place);
    match place {
        Some(place) => Problem::invalid(whole, format!("cannot be read at line {place}")),
        None => Problem::invalid(whole, "cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its parsing is looked at")]
        name: String,
    }

    fn refusal(text: &str) -> String {
        let error = serde_json::from_str::<Sample>(text).err().unwrap();
        let problem = explain("body", &error.to_string());
        assert_eq!(problem.status_code(), StatusCode::BAD_REQUEST);
        problem.into_item().detail
    }

    #[test]
    fn a_body_that_cannot_be_taken_names_the_field() {
        assert_eq!(
            refusal(r#"{"name":"x","role":"owner"}"#),
            "role is not a field of this request"
        );
        assert_eq!(refusal("{}"), "name is needed");
        assert_eq!(refusal(r#"{"name":"a","name":"b"}"#), "name is given twice");
        assert_eq!(refusal("{"), "body cannot be read at line 1 column 1");
        let wrong_type = refusal(r#"{"name":12345678}"#);
        assert!(!wrong_type.contains("12345678"), "{wrong_type}");
    }
}
