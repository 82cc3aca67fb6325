//! What every request of a page passes: where it comes from, who asks (SEC-10, SEC-25), and the
//! headers of every answer (SEC-23).

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, ResponseError, web};
use rollcall_application::panel::access::{StartedSession, authenticate};
use rollcall_application::{Caller, Failure, PublicUrl, RequestInfo};
use rollcall_domain::RequestId;

use crate::Console;
use crate::error::PageError;

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The middleware.
pub(crate) async fn surround(
    console: web::Data<Console>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let own = is_own(
        request.method(),
        request.headers(),
        &console.services.public_url,
    );
    let mut response = if own {
        match next.call(request).await {
            Ok(response) => framed(response),
            Err(error) => {
                let mut response = error.error_response();
                secure(response.status(), response.headers_mut());
                return Err(InternalError::from_response(error, response).into());
            }
        }
    } else {
        request.into_response(PageError::CrossSite.error_response())
    };
    secure(response.status(), response.headers_mut());
    Ok(response)
}

/// An error within the frame of who is signed in, as far as the handler came to know.
fn framed(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let page = {
        let extensions = response.request().extensions();
        let error = response.response().error();
        let error = error.and_then(|error| error.as_error::<PageError>());
        error
            .zip(extensions.get::<Caller>())
            .and_then(|(error, caller)| error.framed(caller))
    };
    match page {
        Some(page) => response.into_response(page),
        None => response,
    }
}

/// Every header of a page of this status.
pub(crate) fn secure(status: StatusCode, headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // An invitation's link is a secret: no address leaves with a request.
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        set(header::RETRY_AFTER, "1");
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A change needs our own origin where a browser states one; `SameSite` is the other lock.
fn is_own(method: &Method, headers: &HeaderMap, url: &PublicUrl) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let mut sites = headers.get_all("sec-fetch-site");
    let own = url.origin();
    sites.all(|site| site == "same-origin" || site == "none")
        && headers
            .get_all(header::ORIGIN)
            .all(|origin| origin.as_bytes() == own.as_bytes())
}

/// The signed-in member.
pub(crate) struct SignedIn(pub(crate) Caller);

impl FromRequest for SignedIn {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let console = console(&request);
            let back = match *request.method() {
                Method::GET | Method::HEAD => request.uri().to_string(),
                _ => "/".to_owned(),
            };
            let token = token(request.headers(), &console.services.public_url);
            let Some(token) = token else {
                return Err(PageError::SignIn(back));
            };
            let info = info(&request, console);
            match authenticate(&console.services, &console.access, token, info).await {
                Ok(caller) => {
                    request.extensions_mut().insert(caller.clone());
                    Ok(Self(caller))
                }
                Err(Failure::NotAuthenticated(_)) => Err(PageError::SignIn(back)),
                Err(failure) => Err(failure.into()),
            }
        })
    }
}

fn console(request: &HttpRequest) -> &web::Data<Console> {
    request
        .app_data::<web::Data<Console>>()
        .expect("the pages are configured with their data")
}

/// Who is signed in, where anybody may come.
pub(crate) async fn visitor(request: &HttpRequest, console: &Console) -> Option<Caller> {
    let token = token(request.headers(), &console.services.public_url)?;
    let info = info(request, console);
    let known = authenticate(&console.services, &console.access, token, info).await;
    known.ok()
}

/// The token of the session.
fn token<'a>(headers: &'a HeaderMap, url: &PublicUrl) -> Option<&'a str> {
    only_cookie(headers, url.session_cookie())
}

/// A cookie, if exactly one of that name is stated: two would leave open whose request it is.
pub(crate) fn only_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
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

/// The request as the application's envelope described it.
pub(crate) fn info(request: &HttpRequest, console: &Console) -> RequestInfo {
    let extensions = request.extensions();
    let described = extensions.get::<Rc<RequestInfo>>();
    described.map_or_else(
        || RequestInfo {
            id: RequestId::new(console.services.ids.next()),
            ip: None,
            user_agent: None,
        },
        |described| RequestInfo::clone(described),
    )
}

/// Gives the browser its session.
pub(crate) fn cookie(console: &Console, session: &StartedSession) -> (HeaderName, String) {
    let url = &console.services.public_url;
    let value = format!(
        "{}={}; Max-Age={}; {}",
        url.session_cookie(),
        session.token.expose(),
        console.access.session_lifetime.num_seconds(),
        url.session_cookie_attributes(),
    );
    (header::SET_COOKIE, value)
}

/// Takes it away.
pub(crate) fn no_cookie(console: &Console) -> (HeaderName, String) {
    let url = &console.services.public_url;
    let (name, attributes) = (url.session_cookie(), url.session_cookie_attributes());
    (
        header::SET_COOKIE,
        format!("{name}=; Max-Age=0; {attributes}"),
    )
}
