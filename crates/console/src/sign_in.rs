//! Signing in and out: e-mail first, then a password or an identity provider.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use rollcall_application::panel::access::{
    self, BeginSignIn, OrganizationChoice, ProviderAnswer, SIGN_IN_LIFETIME, SignIn,
    SignedIn as Outcome, StartedSession,
};
use rollcall_application::ports::{OfferedProvider, SecretText};
use rollcall_application::{Caller, Failure, PublicUrl};
use rollcall_domain::{DirectoryKind, OrganizationId, SignInFault};

use crate::error::{Answer, PageError, see_other, status, words};
use crate::form::Choice;
use crate::gate::{SignedIn, cookie, info, no_cookie, visitor};
use crate::params::Params;
use crate::shell::{Shell, render, render_as};
use crate::{Console, assets};

type Pairs = Vec<(String, String)>;

/// A button that leads to an identity provider.
pub(crate) struct ProviderButton {
    pub(crate) href: String,
    pub(crate) icon: String,
    pub(crate) label: String,
}

/// Where somebody signs in: first the e-mail alone, then the ways in.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    email: String,
    next: String,
    /// Whether the ways in are shown.
    ways: bool,
    buttons: Vec<ProviderButton>,
    organizations: Vec<Choice>,
    intro: Option<&'static str>,
    error: Option<String>,
}

impl SignInPage {
    fn first(next: &str) -> Self {
        Self {
            shell: Shell::public("Sign in"),
            email: String::new(),
            next: own_path(next).to_owned(),
            ways: false,
            buttons: Vec::new(),
            organizations: Vec::new(),
            intro: None,
            error: None,
        }
    }

    fn ways(form: &Params, offers: &[OfferedProvider]) -> Self {
        let next = own_path(form.raw("next"));
        let several = offers
            .iter()
            .any(|offer| offer.organization != offers[0].organization);
        Self {
            email: form.raw("email").to_owned(),
            ways: true,
            buttons: offers
                .iter()
                .map(|offer| button(offer, next, several))
                .collect(),
            ..Self::first(next)
        }
    }

    fn refused(mut self, failure: &Failure) -> HttpResponse {
        self.error = Some(words(failure));
        self.shell.title = format!("Error: {}", self.shell.title);
        render_as(status(failure), &self)
    }
}

fn button(offer: &OfferedProvider, next: &str, several: bool) -> ProviderButton {
    let (organization, kind) = (offer.organization, offer.kind);
    let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    let name = &offer.organization_name;
    ProviderButton {
        href: format!("/sign-in/{organization}/{}?{query}", kind.as_str()),
        icon: assets::address(kind.icon(), "svg"),
        label: if several {
            format!("Continue with {kind} ({name})")
        } else {
            format!("Continue with {kind}")
        },
    }
}

/// A path of ours; anything else leads home.
fn own_path(next: &str) -> &str {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c == '\\' || c.is_control());
    if plain { next } else { "/" }
}

/// A path of ours out of an address that a provider names; anything else leads home.
fn own_target<'a>(url: &PublicUrl, target: &'a str) -> &'a str {
    match target.strip_prefix(url.as_str()) {
        Some("") => "/",
        Some(path) => own_path(path),
        None => own_path(target),
    }
}

/// Asks for the e-mail.
pub(crate) async fn show(query: web::Query<Pairs>) -> Answer {
    let query = Params(query.into_inner());
    let mut page = SignInPage::first(query.raw("next"));
    page.shell = page.shell.told(query.get("done"));
    Ok(render(&page))
}

/// An organization's own sign-in page: its ways in, and why the last attempt was refused.
pub(crate) async fn show_of_organization(
    console: web::Data<Console>,
    path: web::Path<String>,
    query: web::Query<Pairs>,
) -> Answer {
    let organization = organization(&path)?;
    let query = Params(query.into_inner());
    let offers = access::organization_sign_in_options(&console.services, organization).await?;
    let mut page = SignInPage::ways(&query, &offers);
    let Some(fault) = query.get("refused").and_then(told_fault) else {
        return Ok(render(&page));
    };
    page.error = Some(words(&Failure::SignIn(fault)));
    page.shell.title = format!("Error: {}", page.shell.title);
    Ok(render_as(StatusCode::FORBIDDEN, &page))
}

/// Shows the ways in for an e-mail, or begins a session by its password.
pub(crate) async fn sign_in(
    console: web::Data<Console>,
    request: HttpRequest,
    form: web::Form<Pairs>,
) -> Answer {
    let form = Params(form.into_inner());
    let email = form.text("email");
    let offers = access::sign_in_options(&console.services, &email).await?;
    let page = SignInPage::ways(&form, &offers);
    if form.get("password").is_none() {
        return Ok(render(&page));
    }
    let command = SignIn {
        email,
        password: SecretText::new(form.raw("password").to_owned()),
        organization: form.get("organization").and_then(|id| id.parse().ok()),
        request: info(&request, &console),
    };
    match access::sign_in(&console.services, &console.access, command).await {
        Ok(Outcome::Session(session)) => Ok(begun(&console, &session, own_path(form.raw("next")))),
        Ok(Outcome::Ambiguous(choices)) => Ok(render(&SignInPage {
            intro: Some(
                "You belong to more than one organization. Choose one and give your password \
                 again.",
            ),
            organizations: choices.iter().map(choice).collect(),
            ..page
        })),
        Err(failure) => Ok(page.refused(&failure)),
    }
}

fn choice(choice: &OrganizationChoice) -> Choice {
    Choice {
        value: choice.id.to_string(),
        label: choice.name.clone(),
        chosen: false,
    }
}

/// Sends a browser on with its new session.
pub(crate) fn begun(console: &Console, session: &StartedSession, path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header(cookie(console, session))
        .insert_header((header::LOCATION, path))
        .finish()
}

fn organization(text: &str) -> Result<OrganizationId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

fn parts(path: &(String, String)) -> Result<(OrganizationId, DirectoryKind), PageError> {
    let kind = DirectoryKind::parse(&path.1).ok_or(PageError::NotFound)?;
    Ok((organization(&path.0)?, kind))
}

/// Sends the browser to the identity provider: from our own button, or begun by the provider
/// itself (`OpenID` Connect Core section 4).
pub(crate) async fn begin(
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<Pairs>,
) -> Answer {
    let (organization, kind) = parts(&path)?;
    let query = Params(query.into_inner());
    let next = match query.get("target_link_uri") {
        Some(target) => own_target(&console.services.public_url, target),
        None => own_path(query.raw("next")),
    };
    let command = BeginSignIn {
        organization,
        kind,
        next: next.to_owned(),
        named_issuer: query.get("iss").map(str::to_owned),
        request: info(&request, &console),
    };
    let begun = access::begin_provider_sign_in(&console.services, &console.access, command).await;
    match begun {
        Ok(begun) => Ok(HttpResponse::SeeOther()
            .insert_header(sign_in_cookie(&console, Some(&begun.browser_key)))
            .insert_header((header::LOCATION, begun.url.expose()))
            .finish()),
        Err(failure) => turned_back(&console, organization, failure),
    }
}

/// Takes what the provider answered. Whatever comes of it, the browser is sent on at once: code
/// and state stay in no address bar and in no history.
pub(crate) async fn come_back(
    console: web::Data<Console>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: web::Query<Pairs>,
) -> Answer {
    let (organization, kind) = parts(&path)?;
    let query = Params(query.into_inner());
    let key = kept_key(request.headers(), &console.services.public_url);
    let answer = ProviderAnswer {
        organization,
        kind,
        state: query.raw("state").to_owned(),
        outcome: match (query.get("code"), query.get("error")) {
            (Some(code), None) => Ok(SecretText::new(code.to_owned())),
            (_, error) => Err(error.unwrap_or_default().to_owned()),
        },
        issuer: query.get("iss").map(str::to_owned),
        browser_key: key,
        caller: visitor(&request, &console).await,
        request: info(&request, &console),
    };
    let finished =
        access::finish_provider_sign_in(&console.services, &console.access, answer).await;
    match finished {
        Ok(came_back) => {
            let mut response = match &came_back.session {
                Some(session) => begun(&console, session, own_path(&came_back.next)),
                None => see_other(own_path(&came_back.next)),
            };
            let (name, value) = sign_in_cookie(&console, None);
            let value = value.parse().expect("a cookie of ours is a header");
            response.headers_mut().append(name, value);
            Ok(response)
        }
        Err(failure) => turned_back(&console, organization, failure),
    }
}

/// Back to where one can start again, with a word and no more than that in the address.
fn turned_back(console: &Console, organization: OrganizationId, failure: Failure) -> Answer {
    let Failure::SignIn(fault) = failure else {
        return Err(failure.into());
    };
    let why = fault_word(fault);
    Ok(HttpResponse::SeeOther()
        .insert_header(sign_in_cookie(console, None))
        .insert_header((
            header::LOCATION,
            format!("/sign-in/{organization}?refused={why}"),
        ))
        .finish())
}

/// What a person may know of a fault: no more words than there are sentences for a person.
fn fault_word(fault: SignInFault) -> &'static str {
    let told = fault.for_the_person();
    let same = |other: SignInFault| other.for_the_person() == told;
    if same(SignInFault::StateUnknown) {
        "start-again"
    } else if same(SignInFault::Unreachable) {
        "unreachable"
    } else if same(SignInFault::SignedOut) {
        "signed-out"
    } else {
        "refused"
    }
}

fn told_fault(word: &str) -> Option<SignInFault> {
    Some(match word {
        "start-again" => SignInFault::StateUnknown,
        "unreachable" => SignInFault::Unreachable,
        "signed-out" => SignInFault::SignedOut,
        "refused" => SignInFault::NoMember,
        _ => return None,
    })
}

/// Gives the browser its key for this one sign-in, or takes it away.
pub(crate) fn sign_in_cookie(
    console: &Console,
    key: Option<&SecretText>,
) -> (header::HeaderName, String) {
    let url = &console.services.public_url;
    let (name, attributes) = (url.sign_in_cookie(), url.session_cookie_attributes());
    let (value, age) = match key {
        Some(key) => (key.expose(), SIGN_IN_LIFETIME.num_seconds()),
        None => ("", 0),
    };
    let cookie = format!("{name}={value}; Max-Age={age}; {attributes}");
    (header::SET_COOKIE, cookie)
}

/// The key, if exactly one is stated.
fn kept_key(headers: &HeaderMap, url: &PublicUrl) -> Option<SecretText> {
    let key = crate::gate::only_cookie(headers, url.sign_in_cookie())?;
    Some(SecretText::new(key.to_owned()))
}

/// Signed out here, perhaps not there.
#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    shell: Shell,
    provider: &'static str,
    href: String,
}

/// Ends the session, and offers to end the provider's, too.
pub(crate) async fn sign_out(console: web::Data<Console>, caller: SignedIn) -> Answer {
    let caller: &Caller = &caller.0;
    let elsewhere = access::sign_out_elsewhere(&console.services, caller).await?;
    access::sign_out(&console.services, caller).await?;
    let Some((kind, href)) = elsewhere else {
        return Ok(HttpResponse::SeeOther()
            .insert_header(no_cookie(&console))
            .insert_header((header::LOCATION, "/sign-in?done=signed-out"))
            .finish());
    };
    let mut response = render(&SignedOutPage {
        shell: Shell::public("You are signed out"),
        provider: kind.label(),
        href,
    });
    let (name, value) = no_cookie(&console);
    let value = value.parse().expect("a cookie of ours is a header");
    response.headers_mut().insert(name, value);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_ours_is_gone_on_to() {
        let url = PublicUrl::new("https://panel.example");
        for (target, wanted) in [
            ("/members?page=2", "/members?page=2"),
            ("https://panel.example/teams", "/teams"),
            ("https://panel.example", "/"),
            ("https://panel.example.evil.test/", "/"),
            ("https://panel.example@evil.test/", "/"),
            ("https://evil.test/", "/"),
            ("//evil.test", "/"),
            ("/\\evil.test", "/"),
            ("/\t/evil.test", "/"),
            ("javascript:alert(1)", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_target(&url, target), wanted, "{target}");
        }
    }
}
