//! The session cookie (SEC-10).

use actix_web::http::header::{self, HeaderMap};
use rollcall_application::PublicUrl;
use rollcall_application::panel::access::{AccessPolicy, StartedSession};

/// Gives the client its session.
pub(super) fn set(
    public_url: &PublicUrl,
    policy: &AccessPolicy,
    session: &StartedSession,
) -> (header::HeaderName, String) {
    let cookie = format!(
        "{}={}; Max-Age={}; {}",
        public_url.session_cookie(),
        session.token.expose(),
        policy.session_lifetime.num_seconds(),
        public_url.session_cookie_attributes(),
    );
    (header::SET_COOKIE, cookie)
}

/// Takes it away.
pub(super) fn clear(public_url: &PublicUrl) -> (header::HeaderName, String) {
    let cookie = format!(
        "{}=; Max-Age=0; {}",
        public_url.session_cookie(),
        public_url.session_cookie_attributes()
    );
    (header::SET_COOKIE, cookie)
}

/// The token of the session, if exactly one is stated: two would leave open whose request it is.
pub(super) fn read<'a>(headers: &'a HeaderMap, public_url: &PublicUrl) -> Option<&'a str> {
    let name = public_url.session_cookie();
    let mut tokens = headers
        .get_all(header::COOKIE)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, token)| token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if !token.is_empty() => Some(token),
        _ => None,
    }
}
