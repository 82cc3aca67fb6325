//! *Settings > Login methods*: passwords and identity providers.

use actix_web::{HttpResponse, web};
use askama::Template;
use rollcall_application::panel::login_methods::{
    LoginMethodsDetails, ProviderChange, ProviderDetails, change_provider, get_login_methods,
    switch_password_sign_in, test_provider,
};
use rollcall_application::ports::SecretText;
use rollcall_application::{Caller, Failure};
use rollcall_domain::rules::sign_on::OwnerProof;
use rollcall_domain::{DirectoryKind, LoginProvider, PasswordSignIn, ProviderTest, Role};

use crate::error::{Answer, PageError, see_other, status, words};
use crate::form::FormPage;
use crate::gate::SignedIn;
use crate::params::Params;
use crate::shell::{Shell, render, render_as};
use crate::view::Moment;
use crate::{Console, assets};

type Pairs = Vec<(String, String)>;

const PAGE: &str = "/settings/login-methods";

/// A provider as a card shows it.
pub(crate) struct ProviderCard {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) icon: String,
    pub(crate) state: &'static str,
    pub(crate) tone: &'static str,
    pub(crate) configured: bool,
    pub(crate) issuer: String,
    pub(crate) tested: Option<Moment>,
    pub(crate) trouble: Option<&'static str>,
}

impl From<&ProviderDetails> for ProviderCard {
    fn from(details: &ProviderDetails) -> Self {
        let provider = &details.provider;
        let (tested, trouble) = match provider.test {
            ProviderTest::Untested => (None, None),
            ProviderTest::Passed(at) => (Some(at.into()), None),
            ProviderTest::Failed(at, fault) => (Some(at.into()), Some(fault.words())),
        };
        let (state, tone) = match (provider.enabled, provider.works()) {
            (false, _) => ("Off", "off"),
            (true, false) => ("Enabled, but its test failed", "warn"),
            (true, true) => ("Enabled", "good"),
        };
        Self {
            key: provider.kind.as_str(),
            name: provider.kind.label(),
            icon: assets::address(provider.kind.icon(), "svg"),
            state,
            tone,
            configured: !provider.issuer.is_empty(),
            issuer: provider.issuer.clone(),
            tested,
            trouble,
        }
    }
}

#[derive(Template)]
#[template(path = "login_methods.html")]
struct LoginMethodsPage {
    shell: Shell,
    is_owner: bool,
    password: bool,
    can_be_switched_off: bool,
    cards: Vec<ProviderCard>,
}

/// Every login method.
pub(crate) async fn show(
    console: web::Data<Console>,
    caller: SignedIn,
    query: web::Query<Pairs>,
) -> Answer {
    let details = get_login_methods(&console.services, &caller.0).await?;
    let shell = Shell::of(&caller.0, "login", "Login methods");
    Ok(render(&LoginMethodsPage {
        shell: shell.told(Params(query.into_inner()).get("done")),
        is_owner: caller.0.role == Role::Owner,
        password: details.password.is_on(),
        can_be_switched_off: details.owner_proof == OwnerProof::Given,
        cards: details.providers.iter().map(Into::into).collect(),
    }))
}

#[derive(Template)]
#[template(path = "login_method.html")]
struct LoginMethodPage {
    shell: Shell,
    card: ProviderCard,
    provider: LoginProvider,
    domains: String,
    has_secret: bool,
    is_owner: bool,
    is_okta: bool,
    redirect_uri: String,
    initiate_login_uri: String,
    error: Option<String>,
}

fn page(caller: &Caller, details: &ProviderDetails) -> LoginMethodPage {
    let kind = details.provider.kind;
    LoginMethodPage {
        shell: Shell::of(caller, "login", &format!("Sign in with {kind}")),
        card: details.into(),
        provider: details.provider.clone(),
        domains: details.provider.domains.join(", "),
        has_secret: details.has_client_secret,
        is_owner: caller.role == Role::Owner,
        is_okta: kind == DirectoryKind::Okta,
        redirect_uri: details.redirect_uri.clone(),
        initiate_login_uri: details.initiate_login_uri.clone(),
        error: None,
    }
}

fn kind_of(name: &str) -> Result<DirectoryKind, PageError> {
    DirectoryKind::parse(name).ok_or(PageError::NotFound)
}

fn of(details: LoginMethodsDetails, kind: DirectoryKind) -> Result<ProviderDetails, PageError> {
    let mut providers = details.providers.into_iter();
    let found = providers.find(|one| one.provider.kind == kind);
    found.ok_or(PageError::NotFound)
}

/// One provider.
pub(crate) async fn show_provider(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
    query: web::Query<Pairs>,
) -> Answer {
    let kind = kind_of(&path)?;
    let details = of(get_login_methods(&console.services, &caller.0).await?, kind)?;
    let mut page = page(&caller.0, &details);
    page.shell = page.shell.told(Params(query.into_inner()).get("done"));
    Ok(render(&page))
}

/// Saves one provider.
pub(crate) async fn save_provider(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
    form: web::Form<Pairs>,
) -> Answer {
    let (kind, form) = (kind_of(&path)?, Params(form.into_inner()));
    let provider = written(kind, &form);
    let secret = form.get("client_secret");
    let command = ProviderChange {
        provider: provider.clone(),
        client_secret: secret.map(|text| SecretText::new(text.to_owned())),
    };
    match change_provider(&console.services, &caller.0, command).await {
        Ok(_) => Ok(see_other(&format!("{PAGE}/{}?done=saved", kind.as_str()))),
        Err(failure) => {
            let mut known = of(get_login_methods(&console.services, &caller.0).await?, kind)?;
            known.provider = LoginProvider {
                test: known.provider.test,
                ..provider
            };
            Ok(refused(page(&caller.0, &known), &failure))
        }
    }
}

fn refused(mut page: LoginMethodPage, failure: &Failure) -> HttpResponse {
    page.error = Some(words(failure));
    page.shell.title = format!("Error: {}", page.shell.title);
    render_as(status(failure), &page)
}

fn written(kind: DirectoryKind, form: &Params) -> LoginProvider {
    let domains = form.raw("domains");
    LoginProvider {
        enabled: form.get("enabled").is_some(),
        client_id: form.text("client_id"),
        base_url: form.text("base_url"),
        issuer: form.text("issuer"),
        audience: form.text("audience"),
        domains: domains
            .split([',', ' ', '\n', '\r'])
            .map(str::to_owned)
            .collect(),
        ..LoginProvider::blank(kind)
    }
}

/// Asks the provider whether the settings are right.
pub(crate) async fn test(
    console: web::Data<Console>,
    caller: SignedIn,
    path: web::Path<String>,
) -> Answer {
    let kind = kind_of(&path)?;
    match test_provider(&console.services, &caller.0, kind).await {
        Ok(ProviderTest::Failed(..)) => Ok(see_other(&format!("{PAGE}/{}", kind.as_str()))),
        Ok(_) => Ok(see_other(&format!("{PAGE}/{}?done=tested", kind.as_str()))),
        Err(failure) => {
            let known = of(get_login_methods(&console.services, &caller.0).await?, kind)?;
            Ok(refused(page(&caller.0, &known), &failure))
        }
    }
}

fn password_page(caller: &Caller, on: bool) -> FormPage {
    let shell = |title| Shell::of(caller, "login", title);
    if on {
        FormPage::new(shell("Switch password sign-in off"), "Switch off", Vec::new())
            .intro("Nobody signs in by password any more, owners included: only through an identity provider.")
            .intro("If the provider fails, the operator's command rollcall reset-password switches passwords on again.")
            .danger()
            .cancel(PAGE)
    } else {
        FormPage::new(shell("Switch password sign-in on"), "Switch on", Vec::new())
            .intro("Whoever has a password can sign in with it again.")
            .cancel(PAGE)
    }
}

/// Asks before passwords are switched off or on.
pub(crate) async fn ask_password(console: web::Data<Console>, caller: SignedIn) -> Answer {
    let details = get_login_methods(&console.services, &caller.0).await?;
    Ok(password_page(&caller.0, details.password.is_on()).show())
}

/// Switches them to the other position.
pub(crate) async fn switch_password(console: web::Data<Console>, caller: SignedIn) -> Answer {
    let details = get_login_methods(&console.services, &caller.0).await?;
    let on = details.password.is_on();
    let wanted = match details.password {
        PasswordSignIn::On => PasswordSignIn::Off,
        PasswordSignIn::Off => PasswordSignIn::On,
    };
    match switch_password_sign_in(&console.services, &caller.0, wanted).await {
        Ok(_) => Ok(see_other(&format!("{PAGE}?done=saved"))),
        Err(failure) => Ok(password_page(&caller.0, on).refused(&failure)),
    }
}
