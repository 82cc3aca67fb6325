//! What the provider answers.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::http::{Answer, Request};
use crate::token::{challenge, id_token};
use crate::{Code, Lie, Provider, State};

/// More bytes than a client should read.
const ENDLESS: usize = 2 * 1024 * 1024;

type Pairs = HashMap<String, String>;

/// Answers a request.
pub(crate) fn answer(provider: &Provider, request: &Request) -> Answer {
    let mut state = provider.lock();
    let path = state.issuer[state.base.len()..].to_owned();
    let asked = request.path.strip_prefix(&path).unwrap_or("/nothing");
    match (request.method.as_str(), asked) {
        ("GET", "/.well-known/openid-configuration") => document(&state),
        ("GET", "/keys") => keys(&mut state),
        ("GET", "/authorize") => authorize(&mut state, &pairs(&request.query)),
        ("POST", "/token") => token(&mut state, request),
        _ => Answer::json(404, &json!({ "error": "not_found" })),
    }
}

fn pairs(text: &str) -> Pairs {
    serde_urlencoded::from_str::<Vec<(String, String)>>(text)
        .unwrap_or_default()
        .into_iter()
        .collect()
}

fn document(state: &State) -> Answer {
    let issuer = &state.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    });
    match state.lie {
        Some(Lie::Silence) => return Answer::silence(),
        Some(Lie::EndlessDocument) => document["padding"] = json!("x".repeat(ENDLESS)),
        Some(Lie::DocumentIssuer) => document["issuer"] = json!("https://evil.example"),
        Some(Lie::ForeignKeys) => document["jwks_uri"] = json!("https://evil.example/keys"),
        _ => {}
    }
    Answer::json(200, &document)
}

fn keys(state: &mut State) -> Answer {
    state.key_requests += 1;
    match state.lie {
        Some(Lie::RedirectedKeys) => Answer::redirect(&format!("{}/elsewhere", state.issuer)),
        Some(Lie::EndlessKeys) => Answer::text(200, &"x".repeat(ENDLESS)),
        _ => {
            let keys: Vec<Value> = state
                .keys
                .iter()
                .map(crate::keys::SigningKey::jwk)
                .collect();
            Answer::json(200, &json!({ "keys": keys }))
        }
    }
}

/// Only a client and an address that are registered are sent anything (RFC 6749 section 4.1.2.1).
fn authorize(state: &mut State, query: &Pairs) -> Answer {
    let text = |name: &str| query.get(name).cloned().unwrap_or_default();
    let (client, redirect_uri) = (text("client_id"), text("redirect_uri"));
    let known = state.clients.get(&client);
    if !known.is_some_and(|known| known.redirect_uris.contains(&redirect_uri)) {
        return Answer::text(400, "The redirect_uri is not one of this application.");
    }
    let back = |outcome: &[(&str, &str)]| {
        let state = text("state");
        let mut pairs = vec![("state", state.as_str())];
        pairs.extend_from_slice(outcome);
        let query = serde_urlencoded::to_string(&pairs).expect("pairs of text");
        Answer::redirect(&format!("{redirect_uri}?{query}"))
    };
    let sound = text("response_type") == "code"
        && text("code_challenge_method") == "S256"
        && text("scope").split(' ').any(|scope| scope == "openid")
        && !text("nonce").is_empty();
    if !sound {
        return back(&[("error", "invalid_request")]);
    }
    let Some(person) = state.person.clone().filter(|_| text("prompt") != "none") else {
        let silent = text("prompt") == "none";
        let error = if silent {
            "login_required"
        } else {
            "access_denied"
        };
        return back(&[("error", error)]);
    };
    let issuer = state.issuer.clone();
    let code = state.hand_out(Code {
        client,
        redirect_uri: redirect_uri.clone(),
        challenge: text("code_challenge"),
        nonce: text("nonce"),
        person,
    });
    back(&[("code", &code), ("iss", &issuer)])
}

fn token(state: &mut State, request: &Request) -> Answer {
    let form = pairs(&request.body);
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let refused = |status, error: &str| Answer::json(status, &json!({ "error": error }));
    let Some((id, secret)) = credentials(request, &form) else {
        return refused(401, "invalid_client");
    };
    if state
        .clients
        .get(&id)
        .is_none_or(|client| client.secret != secret)
    {
        return refused(401, "invalid_client");
    }
    if text("grant_type") != "authorization_code" {
        return refused(400, "unsupported_grant_type");
    }
    // A code works once, right or wrong.
    let Some(code) = state.codes.remove(&text("code")) else {
        return refused(400, "invalid_grant");
    };
    let fits = code.client == id
        && code.redirect_uri == text("redirect_uri")
        && code.challenge == challenge(&text("code_verifier"));
    if !fits {
        return refused(400, "invalid_grant");
    }
    let answer = json!({
        "access_token": "opaque",
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": id_token(state, &code),
    });
    Answer::json(200, &answer)
}

fn credentials(request: &Request, form: &Pairs) -> Option<(String, String)> {
    let Some(header) = request.header("authorization") else {
        return Some((
            form.get("client_id")?.clone(),
            form.get("client_secret")?.clone(),
        ));
    };
    let pair = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (id, secret) = pair.split_once(':')?;
    let decoded = pairs(&format!("id={id}&secret={secret}"));
    Some((decoded.get("id")?.clone(), decoded.get("secret")?.clone()))
}
