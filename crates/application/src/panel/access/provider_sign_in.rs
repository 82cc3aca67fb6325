//! Signing in through an identity provider, by `OpenID` Connect (authorization code with PKCE).
//!
//! A sign-in that has begun is a row that any node can take out, once. Nothing secret is in it: the
//! browser keeps a key in a cookie, and from the key come the PKCE verifier and the nonce. So an
//! answer is worth nothing in another browser, and a look into the database begins no session.

use chrono::{DateTime, Duration, Utc};
use rollcall_domain::rules::sign_on::{self, Binding, Presented};
use rollcall_domain::{
    Actor, DirectoryKind, FoldedKey, Identity, LoginProvider, Member, MemberId, OrganizationId,
    Refusal, SignInFault, Target,
};

use super::attempts::count_begun;
use super::sessions::begin_session_through;
use super::{AccessPolicy, StartedSession};
use crate::panel::login_methods::{client, open};
use crate::panel::surroundings::organization_of;
use crate::ports::{
    Authenticated, AuthorizationRequest, CodeExchange, PendingLogin, ReadTx, SealedSecret,
    SecretText, StoreExt, TokenKind, WriteTx,
};
use crate::{Caller, Failure, RequestInfo, Services, Stamp};

/// How long a sign-in may take at the provider.
pub const SIGN_IN_LIFETIME: Duration = Duration::minutes(10);

/// The longest text of an answer that is looked at, in bytes; codes are far shorter.
const ANSWER_LIMIT: usize = 4096;

/// A sign-in, to be.
#[derive(Debug, Clone)]
pub struct BeginSignIn {
    /// Whose login method.
    pub organization: OrganizationId,
    /// Which provider.
    pub kind: DirectoryKind,
    /// A path of ours to go on to.
    pub next: String,
    /// The issuer that the provider named when it began the sign-in itself (`OpenID` Connect Core
    /// section 4); it has to be the one that is configured.
    pub named_issuer: Option<String>,
    /// The request.
    pub request: RequestInfo,
}

/// A sign-in that has begun.
#[derive(Debug, Clone)]
pub struct SignInBegun {
    /// Where to send the browser.
    pub url: SecretText,
    /// What the browser has to keep until it comes back.
    pub browser_key: SecretText,
}

/// What came back from a provider.
#[derive(Debug, Clone)]
pub struct ProviderAnswer {
    /// Whose login method: from the address it came back to.
    pub organization: OrganizationId,
    /// Which provider: from the address, too.
    pub kind: DirectoryKind,
    /// The state.
    pub state: String,
    /// The code, or the provider's error.
    pub outcome: Result<SecretText, String>,
    /// The issuer, where the provider states it (RFC 9207).
    pub issuer: Option<String>,
    /// The key that the browser kept.
    pub browser_key: Option<SecretText>,
    /// Who is signed in with this browser.
    pub caller: Option<Caller>,
    /// The request.
    pub request: RequestInfo,
}

/// What an answer led to.
#[derive(Debug)]
pub struct CameBack {
    /// A new session, never one that the client brought along (SEC-10); none where somebody who
    /// was signed in already had the account tied to them.
    pub session: Option<StartedSession>,
    /// A path of ours to go on to.
    pub next: String,
}

/// Begins a sign-in.
///
/// # Errors
/// [`Failure::SignIn`] where the provider is no login method or cannot be reached,
/// [`Failure::TooMany`].
pub async fn begin_provider_sign_in(
    services: &Services,
    policy: &AccessPolicy,
    command: BeginSignIn,
) -> Result<SignInBegun, Failure> {
    begin(services, policy, command, None).await
}

/// Begins a sign-in that ties the account to the caller: the way in for a member made by hand,
/// who has to ask for it.
///
/// # Errors
/// As [`begin_provider_sign_in`].
pub async fn begin_connecting(
    services: &Services,
    policy: &AccessPolicy,
    caller: &Caller,
    confirmed: super::Confirmed,
    kind: DirectoryKind,
) -> Result<SignInBegun, Failure> {
    super::require_confirmed(caller, Some(&confirmed))?;
    let command = BeginSignIn {
        organization: caller.organization,
        kind,
        next: "/profile?done=connected".to_owned(),
        named_issuer: None,
        request: caller.request.clone(),
    };
    begin(services, policy, command, Some(caller.member)).await
}

async fn begin(
    services: &Services,
    policy: &AccessPolicy,
    command: BeginSignIn,
    member: Option<MemberId>,
) -> Result<SignInBegun, Failure> {
    count_begun(services, policy, command.request.ip.as_deref()).await?;
    let (organization, kind) = (command.organization, command.kind);
    let asked = services
        .store
        .read(move |tx| enabled_provider(tx, organization, kind))
        .await?;
    let named = |provider: &LoginProvider| match &command.named_issuer {
        Some(named) => named.trim_end_matches('/') == provider.issuer,
        None => true,
    };
    let Some(provider) = asked.filter(named) else {
        return Err(Failure::SignIn(SignInFault::NotEnabled));
    };
    let state = services.tokens.mint(TokenKind::SignIn);
    let browser_key = services.tokens.mint(TokenKind::SignIn);
    let request = AuthorizationRequest {
        nonce: derived(services, "nonce", &state, &browser_key),
        verifier: derived(services, "verifier", &state, &browser_key),
        state: state.clone(),
    };
    let client = client(&services.public_url, organization, &provider);
    let url = match services
        .relying_party
        .authorization_url(&client, request)
        .await
    {
        Ok(url) => url,
        Err(fault) => {
            warn(
                services,
                &command.request,
                organization,
                kind,
                (None, fault),
            )
            .await?;
            return Err(Failure::SignIn(fault));
        }
    };
    let pending = PendingLogin {
        organization,
        state: services.tokens.digest(state.expose()),
        browser: services.tokens.digest(browser_key.expose()),
        kind,
        issuer: provider.issuer,
        member,
        next: command.next,
        expires_at: services.clock.now() + SIGN_IN_LIFETIME,
    };
    services
        .store
        .write(move |tx| Ok(tx.put_pending_login(&pending)?))
        .await?;
    Ok(SignInBegun { url, browser_key })
}

/// The nonce or the verifier of a sign-in: 256 bits that only state and key together give, in
/// characters that RFC 7636 section 4.1 takes.
fn derived(
    services: &Services,
    what: &str,
    state: &SecretText,
    browser_key: &SecretText,
) -> SecretText {
    let text = format!("{what} of {} for {}", state.expose(), browser_key.expose());
    let digest = services.tokens.digest(&text);
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    let digits = digest.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    SecretText::new(digits.map(digit).collect())
}

fn enabled_provider<T: ReadTx + ?Sized>(
    tx: &mut T,
    organization: OrganizationId,
    kind: DirectoryKind,
) -> Result<Option<LoginProvider>, Failure> {
    let methods = tx.login_methods(organization)?;
    let provider = methods.provider(kind).cloned();
    Ok(provider.filter(|provider| provider.enabled))
}

/// Takes a provider's answer. Whatever is wrong with it, the person is told no more than what they
/// can do; the cause is an entry of the organization (SEC-14).
///
/// # Errors
/// [`Failure::SignIn`].
pub async fn finish_provider_sign_in(
    services: &Services,
    policy: &AccessPolicy,
    answer: ProviderAnswer,
) -> Result<CameBack, Failure> {
    let (organization, kind) = (answer.organization, answer.kind);
    match judge(services, policy, &answer).await? {
        Ok(came_back) => Ok(came_back),
        Err((member, fault)) => {
            tracing::info!(
                org.id = %organization,
                request.id = %answer.request.id,
                fault = fault.code(),
                "a sign-in through a provider was refused"
            );
            warn(
                services,
                &answer.request,
                organization,
                kind,
                (member, fault),
            )
            .await?;
            Err(Failure::SignIn(fault))
        }
    }
}

/// Why an answer was refused, and whom it was about where that is known.
type Refused = (Option<Target>, SignInFault);

async fn judge(
    services: &Services,
    policy: &AccessPolicy,
    answer: &ProviderAnswer,
) -> Result<Result<CameBack, Refused>, Failure> {
    let nobody = |fault| Ok(Err((None, fault)));
    let pending = match taken(services, answer).await? {
        Ok(pending) => pending,
        Err(fault) => return nobody(fault),
    };
    let code = match &answer.outcome {
        Ok(code) => code.clone(),
        Err(error) => return nobody(said_no(error)),
    };
    let (organization, kind) = (answer.organization, answer.kind);
    let (provider, sealed) = services
        .store
        .read(move |tx| {
            let provider = enabled_provider(tx, organization, kind)?;
            Ok((provider, tx.client_secret(organization, kind)?))
        })
        .await?;
    let Some(provider) = provider.filter(|provider| provider.issuer == pending.issuer) else {
        return nobody(SignInFault::NotEnabled);
    };
    let redeemed = redeem(services, answer, (&provider, sealed), code).await;
    let who = match redeemed {
        Ok(who) => who,
        Err(fault) => return nobody(fault),
    };
    enter(services, policy, answer.clone(), pending, provider, who).await
}

/// Takes the sign-in out, whatever comes of it: a state works once.
async fn taken(
    services: &Services,
    answer: &ProviderAnswer,
) -> Result<Result<PendingLogin, SignInFault>, Failure> {
    if answer.state.is_empty() || answer.state.len() > ANSWER_LIMIT {
        return Ok(Err(SignInFault::StateUnknown));
    }
    let state = services.tokens.digest(&answer.state);
    let organization = answer.organization;
    let pending = services
        .store
        .write(move |tx| {
            // An organization that is none has no sign-ins; nobody is told the difference.
            Ok(tx.take_pending_login(organization, &state)?)
        })
        .await?;
    let now = services.clock.now();
    let Some(pending) = pending.filter(|pending| now < pending.expires_at) else {
        return Ok(Err(SignInFault::StateUnknown));
    };
    let key = answer.browser_key.as_ref();
    let browser = key.map(|key| services.tokens.digest(key.expose()));
    if browser != Some(pending.browser) {
        return Ok(Err(SignInFault::OtherBrowser));
    }
    let stated = answer.issuer.as_ref();
    let foreign = stated.is_some_and(|issuer| issuer.trim_end_matches('/') != pending.issuer);
    if pending.kind != answer.kind || foreign {
        return Ok(Err(SignInFault::MixedUp));
    }
    Ok(Ok(pending))
}

/// What the provider's own error means (RFC 6749 section 4.1.2.1, `OpenID` Connect Core 3.1.2.6).
fn said_no(error: &str) -> SignInFault {
    match error {
        "access_denied"
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => SignInFault::Declined,
        "server_error" | "temporarily_unavailable" => SignInFault::Unreachable,
        _ => SignInFault::RequestRefused,
    }
}

async fn redeem(
    services: &Services,
    answer: &ProviderAnswer,
    (provider, sealed): (&LoginProvider, Option<SealedSecret>),
    code: SecretText,
) -> Result<Authenticated, SignInFault> {
    let browser_key = answer
        .browser_key
        .clone()
        .ok_or(SignInFault::OtherBrowser)?;
    let state = SecretText::new(answer.state.clone());
    let secret = open(services, answer.organization, sealed)?;
    let exchange = CodeExchange {
        code,
        nonce: derived(services, "nonce", &state, &browser_key),
        verifier: derived(services, "verifier", &state, &browser_key),
        now: services.clock.now(),
    };
    let client = client(&services.public_url, answer.organization, provider);
    services
        .relying_party
        .redeem(&client, secret, exchange)
        .await
}

/// Begins the session, or ties the account, in one transaction that asks everything again.
async fn enter(
    services: &Services,
    policy: &AccessPolicy,
    answer: ProviderAnswer,
    pending: PendingLogin,
    provider: LoginProvider,
    who: Authenticated,
) -> Result<Result<CameBack, Refused>, Failure> {
    let (services, policy) = (services.clone(), policy.clone());
    let store = services.store.clone();
    store
        .write(move |tx| {
            let now = services.clock.now();
            let still = enabled_provider(tx, pending.organization, pending.kind)?;
            if still.is_none_or(|still| still.issuer != provider.issuer) {
                return Ok(Err((None, SignInFault::NotEnabled)));
            }
            let member = match find(tx, &answer, &pending, &who)? {
                Ok(member) => member,
                Err(refused) => return Ok(Err(refused)),
            };
            let about = Target::member(member.id, &member.label());
            if let Err(fault) = sign_on::may_enter(&member) {
                return Ok(Err((Some(about), fault)));
            }
            let identity = identity(&member, &pending, &who, now);
            if let Err(fault) = tie(tx, &member, &identity, &answer.request)? {
                return Ok(Err((Some(about), fault)));
            }
            tx.note_sign_in(&identity, now)?;
            let session = match pending.member {
                Some(_) => None,
                None => Some(begin_session_through(
                    tx,
                    (&services, &policy),
                    &member,
                    &answer.request,
                    pending.kind,
                )?),
            };
            let next = pending.next.clone();
            Ok(Ok(CameBack { session, next }))
        })
        .await
}

/// Who it is: whoever asked while signed in; else whom the subject is bound to; else, the first
/// time, who the provider says it is.
fn find(
    tx: &mut dyn WriteTx,
    answer: &ProviderAnswer,
    pending: &PendingLogin,
    who: &Authenticated,
) -> Result<Result<Member, Refused>, Failure> {
    let organization = pending.organization;
    if let Some(asked) = pending.member {
        let here = answer.caller.as_ref();
        let here =
            here.filter(|caller| caller.member == asked && caller.organization == organization);
        let member = match here {
            Some(_) => tx.member(organization, asked)?,
            None => None,
        };
        return Ok(member.ok_or((None, SignInFault::SignedOut)));
    }
    let bound = tx.identity(organization, &pending.issuer, &who.subject)?;
    if let Some(bound) = bound {
        let member = tx.member(organization, bound.member)?;
        return Ok(member.ok_or((None, SignInFault::NoMember)));
    }
    let presented = Presented {
        user_name: who.user_name.as_deref().map(FoldedKey::of),
        verified_email: who.verified_email.as_deref().map(FoldedKey::of),
    };
    let candidates = tx.members_with_keys(organization, &presented.keys())?;
    let found = match sign_on::whom(pending.kind, &presented, &candidates) {
        Ok(found) => found,
        Err(fault) => return Ok(Err((None, fault))),
    };
    // Held from here on: whoever deactivates or renames them was before this, or comes after it.
    match tx.member(organization, found.id)? {
        Some(held) if held.version == found.version => Ok(Ok(held)),
        Some(_) => Err(Failure::Refused(Refusal::VersionConflict)),
        None => Ok(Err((None, SignInFault::NoMember))),
    }
}

fn identity(
    member: &Member,
    pending: &PendingLogin,
    who: &Authenticated,
    now: DateTime<Utc>,
) -> Identity {
    Identity {
        organization: member.organization,
        member: member.id,
        kind: pending.kind,
        issuer: pending.issuer.clone(),
        subject: who.subject.clone(),
        bound_at: now,
        last_sign_in_at: Some(now),
    }
}

/// Ties the account to the member where it is not yet.
fn tie(
    tx: &mut dyn WriteTx,
    member: &Member,
    identity: &Identity,
    request: &RequestInfo,
) -> Result<Result<(), SignInFault>, Failure> {
    let organization = member.organization;
    let holder = tx.identity(organization, &identity.issuer, &identity.subject)?;
    let own = tx.identities(organization, member.id)?;
    let own = own.iter().find(|one| one.issuer == identity.issuer);
    match sign_on::bind(identity, holder.map(|holder| holder.member), own) {
        Err(fault) => return Ok(Err(fault)),
        Ok(Binding::Known) => {}
        Ok(Binding::New) => {
            let stamp = Stamp {
                organization,
                actor: Actor::member(member.id, member.role, &member.label()),
                at: identity.bound_at,
                request: request.clone(),
            };
            tx.bind_identity(identity, sign_on::bound(member, identity.kind), &stamp)?;
        }
    }
    Ok(Ok(()))
}

/// Leaves the cause where an administrator looks for it; once a day for each cause and person.
async fn warn(
    services: &Services,
    request: &RequestInfo,
    organization: OrganizationId,
    kind: DirectoryKind,
    (member, fault): Refused,
) -> Result<(), Failure> {
    let (at, request) = (services.clock.now(), request.clone());
    let written = services
        .store
        .write(move |tx| {
            let organization = organization_of(tx, organization)?;
            let whole = || Target::organization(organization.id, organization.name.as_str());
            let event = sign_on::refused(member.clone().unwrap_or_else(whole), kind, fault);
            let stamp = Stamp {
                organization: organization.id,
                actor: Actor::System {
                    label: "sign-in".to_owned(),
                },
                at,
                request: request.clone(),
            };
            tx.record_warning(event, &stamp)?;
            Ok(())
        })
        .await;
    match written {
        // No such organization: there is nobody to tell.
        Ok(()) | Err(Failure::Absent(_)) => Ok(()),
        Err(failure) => Err(failure),
    }
}
