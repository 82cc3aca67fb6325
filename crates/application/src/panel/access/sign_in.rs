//! Signing in with e-mail and password.

use rollcall_domain::{
    Action, ActivityEvent, Actor, Email, FoldedKey, MemberId, MemberStatus, OrganizationId, Target,
};

use super::attempts::{Attempt, account_key, count};
use super::{AccessPolicy, StartedSession, WRONG_CREDENTIALS, begin_session};
use crate::ports::{Digest, PasswordCheck, SecretText, SignInCandidate, StoreExt, WriteTx};
use crate::{Failure, RequestInfo, Services, Stamp};

/// What a person gives to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// E-mail, or the user name a directory gave.
    pub email: String,
    /// Password.
    pub password: SecretText,
    /// Which organization, when the same e-mail and password open several.
    pub organization: Option<OrganizationId>,
    /// The request.
    pub request: RequestInfo,
}

/// An organization to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationChoice {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
}

/// What signing in led to.
#[derive(Debug)]
pub enum SignedIn {
    /// A new session; never one that the client brought along (SEC-10).
    Session(Box<StartedSession>),
    /// The password is right in more than one organization: ask which (part B, Identity). Said
    /// only after the password check, so that it tells a stranger nothing.
    Ambiguous(Vec<OrganizationChoice>),
}

/// A candidate whose password was right.
struct Hit {
    candidate: SignInCandidate,
    /// A new hash, where the stored one was made with older settings (SEC-11).
    rehashed: Option<String>,
}

/// Signs in. An unknown account, a wrong password and an account that may not sign in are one
/// answer after the same work (SEC-14).
///
/// # Errors
/// [`Failure::NotAuthenticated`] with [`WRONG_CREDENTIALS`], [`Failure::TooMany`].
pub async fn sign_in(
    services: &Services,
    policy: &AccessPolicy,
    command: SignIn,
) -> Result<SignedIn, Failure> {
    let key = account(&command.email);
    let address = command.request.ip.as_deref();
    count(services, policy, Attempt::Password, &key, address).await?;
    let candidates = candidates(services, &key, command.organization).await?;
    let mut hits = check_all(services, &candidates, &command.password).await?;
    if hits.len() > 1 {
        return Ok(SignedIn::Ambiguous(hits.iter().map(Hit::choice).collect()));
    }
    let Some(hit) = hits.pop() else {
        tracing::info!(request.id = %command.request.id, "a sign-in was refused");
        note_refusals(services, candidates, &command.request).await?;
        return Err(Failure::NotAuthenticated(WRONG_CREDENTIALS));
    };
    let attempts = account_key(services, Attempt::Password, &key);
    let started = enter(services, policy, hit, attempts, command.request).await?;
    Ok(SignedIn::Session(Box::new(started)))
}

/// The key an account is looked up and counted by; what is too long to be one names nobody.
fn account(email: &str) -> FoldedKey {
    let trimmed = email.trim();
    if trimmed.len() > Email::LIMIT {
        return FoldedKey::of("");
    }
    FoldedKey::of(trimmed)
}

async fn candidates(
    services: &Services,
    key: &FoldedKey,
    organization: Option<OrganizationId>,
) -> Result<Vec<SignInCandidate>, Failure> {
    let key = key.clone();
    services
        .store
        .read(move |tx| {
            let mut found = Vec::new();
            for one in tx.sign_in_candidates(&key)? {
                let asked = organization.is_none_or(|id| id == one.organization);
                if asked && tx.login_methods(one.organization)?.password.is_on() {
                    found.push(one);
                }
            }
            Ok(found)
        })
        .await
}

async fn check_all(
    services: &Services,
    candidates: &[SignInCandidate],
    password: &SecretText,
) -> Result<Vec<Hit>, Failure> {
    if candidates.is_empty() {
        services.passwords.check(password.clone(), None).await?;
    }
    let mut hits = Vec::new();
    for candidate in candidates {
        let stored = Some(candidate.password_hash.clone());
        let rehashed = match services.passwords.check(password.clone(), stored).await? {
            PasswordCheck::Wrong => continue,
            PasswordCheck::Right => None,
            PasswordCheck::RightButOutdated => {
                Some(services.passwords.hash(password.clone()).await?)
            }
        };
        hits.push(Hit {
            candidate: candidate.clone(),
            rehashed,
        });
    }
    Ok(hits)
}

/// Begins the session, unless the account changed since its password was checked.
async fn enter(
    services: &Services,
    policy: &AccessPolicy,
    hit: Hit,
    attempts: Digest,
    request: RequestInfo,
) -> Result<StartedSession, Failure> {
    let (services, policy) = (services.clone(), policy.clone());
    let store = services.store.clone();
    store
        .write(move |tx| {
            require_unchanged(tx, &hit.candidate)?;
            let (organization, id) = (hit.candidate.organization, hit.candidate.member);
            // Asked again: it may have been switched off while the password was checked.
            if !tx.login_methods(organization)?.password.is_on() {
                return Err(Failure::NotAuthenticated(WRONG_CREDENTIALS));
            }
            let member = tx.member(organization, id)?;
            let member = member.filter(|member| member.status == MemberStatus::Active);
            let member = member.ok_or(Failure::NotAuthenticated(WRONG_CREDENTIALS))?;
            if let Some(hash) = &hit.rehashed {
                tx.put_password_hash(organization, id, hash)?;
            }
            tx.forget_attempts(&attempts)?;
            begin_session(tx, &services, &policy, &member, &request)
        })
        .await
}

fn require_unchanged(tx: &mut dyn WriteTx, candidate: &SignInCandidate) -> Result<(), Failure> {
    let stored = tx.password_hash(candidate.organization, candidate.member)?;
    if stored.as_deref() == Some(candidate.password_hash.as_str()) {
        Ok(())
    } else {
        Err(Failure::NotAuthenticated(WRONG_CREDENTIALS))
    }
}

/// Warns the organization of a refused sign-in to one of its accounts; an unknown account leaves
/// no trace, for there is nobody to tell.
async fn note_refusals(
    services: &Services,
    candidates: Vec<SignInCandidate>,
    request: &RequestInfo,
) -> Result<(), Failure> {
    let (at, request) = (services.clock.now(), request.clone());
    services
        .store
        .write(move |tx| {
            for candidate in &candidates {
                let label = label_of(tx, candidate.organization, candidate.member)?;
                let target = Target::member(candidate.member, &label);
                let stamp = Stamp {
                    organization: candidate.organization,
                    actor: Actor::System {
                        label: "sign-in".to_owned(),
                    },
                    at,
                    request: request.clone(),
                };
                tx.record_warning(
                    ActivityEvent::warning(Action::SessionRefused, target),
                    &stamp,
                )?;
            }
            Ok(())
        })
        .await
}

fn label_of(
    tx: &mut dyn WriteTx,
    organization: OrganizationId,
    id: MemberId,
) -> Result<String, Failure> {
    let member = tx.member(organization, id)?;
    Ok(member.map_or_else(|| id.to_string(), |member| member.label()))
}

impl Hit {
    fn choice(&self) -> OrganizationChoice {
        OrganizationChoice {
            id: self.candidate.organization,
            name: self.candidate.organization_name.clone(),
        }
    }
}
