//! Signing in through an identity provider: how it is set up, who may enter, and whose account is
//! whose (R06; part B, Last owner).

use crate::activity::{Action, ActivityEvent, FieldChange, Target};
use crate::actor::Actor;
use crate::change::Change;
use crate::connection::{Directories, DirectoryKind, Origin};
use crate::ids::MemberId;
use crate::login::{
    Identity, LoginMethods, LoginProvider, PasswordSignIn, ProviderTest, SignInFault,
};
use crate::member::{Member, MemberStatus};
use crate::organization::Organization;
use crate::refusal::Refusal;
use crate::rules::permissions::{Permission, require};
use crate::text::FoldedKey;

/// How long ago an owner may have signed in through a provider for password sign-in to be
/// switched off, in hours: the proof that the other door opens.
pub const PROOF_HOURS: i64 = 24;

/// Whether a change brings a new secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretUpdate {
    /// The stored one stays.
    Keep,
    /// A new one replaces it.
    Replace,
}

/// Changes a provider as a login method; an owner's business. `secret` says whether a new client
/// secret comes with it, which the entry names and never shows. What was tested before was
/// something else: a changed provider is untested.
///
/// # Errors
/// [`Refusal::NotAllowed`].
pub fn change_provider(
    organization: &Organization,
    methods: &LoginMethods,
    provider: LoginProvider,
    secret: SecretUpdate,
    by: &Actor,
) -> Result<Change<LoginMethods>, Refusal> {
    require(by, Permission::ManageSettings)?;
    let kind = provider.kind;
    let blank = LoginProvider::blank(kind);
    let before = methods.provider(kind).unwrap_or(&blank);
    let mut changes = provider_changes(before, &provider);
    if secret == SecretUpdate::Replace {
        let words = Some("(replaced)".to_owned());
        changes.push(FieldChange::new("client_secret", None, words));
    }
    if changes.is_empty() {
        return Ok(Change::none(methods.clone()));
    }
    changes.insert(0, about(kind));
    let event = login_event(organization, changes);
    let test = if only_the_switch(before, &provider, secret) {
        before.test
    } else {
        ProviderTest::Untested
    };
    let mut next = methods.clone();
    next.providers.retain(|one| one.kind != kind);
    next.providers.push(LoginProvider { test, ..provider });
    next.providers.sort_by_key(|one| one.kind);
    Ok(Change::update(next, vec![event]))
}

/// Whether a change takes the way from who came through a provider: it is disabled, or another issuer
/// takes its place. Their sessions end then.
#[must_use]
pub fn shuts_a_door(before: &LoginProvider, after: &LoginProvider) -> bool {
    before.enabled && (!after.enabled || before.issuer != after.issuer)
}

/// Switches sign-in by password on or off for the whole organization; an owner's business. Off
/// only while an owner has shown, in the last [`PROOF_HOURS`] hours, that a provider lets them in.
///
/// # Errors
/// [`Refusal::NotAllowed`]; [`Refusal::InvalidState`] without that proof.
pub fn switch_password_sign_in(
    organization: &Organization,
    methods: &LoginMethods,
    wanted: PasswordSignIn,
    proof: OwnerProof,
    by: &Actor,
) -> Result<Change<LoginMethods>, Refusal> {
    require(by, Permission::ManageSettings)?;
    if methods.password == wanted {
        return Ok(Change::none(methods.clone()));
    }
    if wanted == PasswordSignIn::Off && proof == OwnerProof::Missing {
        return Err(Refusal::InvalidState(
            "password sign-in can be switched off only while an owner has signed in through an \
             identity provider within the last day: do that first, in another browser",
        ));
    }
    let words = |value: PasswordSignIn| if value.is_on() { "on" } else { "off" };
    let change = FieldChange::between(
        "password_sign_in",
        Some(words(methods.password)),
        Some(words(wanted)),
    );
    let event = login_event(organization, change.into_iter().collect());
    let next = LoginMethods {
        password: wanted,
        ..methods.clone()
    };
    Ok(Change::update(next, vec![event]))
}

/// Whether an active owner has signed in through a provider of now within [`PROOF_HOURS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerProof {
    /// One has.
    Given,
    /// None has.
    Missing,
}

/// The entry of a test: a warning where it failed.
#[must_use]
pub fn tested(
    organization: &Organization,
    kind: DirectoryKind,
    test: &ProviderTest,
) -> ActivityEvent {
    let target = Target::organization(organization.id, organization.name.as_str());
    let outcome = match test {
        ProviderTest::Untested => "untested".to_owned(),
        ProviderTest::Passed(_) => "passed".to_owned(),
        ProviderTest::Failed(_, fault) => fault.words().to_owned(),
    };
    let changes = vec![about(kind), FieldChange::new("test", None, Some(outcome))];
    let event = match test {
        ProviderTest::Failed(..) => ActivityEvent::warning(Action::LoginMethodTested, target),
        _ => ActivityEvent::change(Action::LoginMethodTested, target),
    };
    event.with(changes)
}

/// The kinds of directory that push while nobody can sign in through them: on, and no working
/// login method. Computed, not dismissed (R06).
#[must_use]
pub fn login_reminders(directories: &Directories, methods: &LoginMethods) -> Vec<DirectoryKind> {
    DirectoryKind::OFFERED
        .into_iter()
        .filter(|kind| directories.is_on(*kind) && !methods.works(*kind))
        .collect()
}

/// Who a provider says somebody is, as far as it may decide anything here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The user name, folded.
    pub user_name: Option<FoldedKey>,
    /// The e-mail, folded; only one that the provider has verified.
    pub verified_email: Option<FoldedKey>,
}

impl Presented {
    /// What to look members up by.
    #[must_use]
    pub fn keys(&self) -> Vec<FoldedKey> {
        let keys = [&self.user_name, &self.verified_email];
        keys.into_iter().flatten().cloned().collect()
    }
}

/// Which member somebody is who signs in through a provider for the first time: among the members
/// that this very directory provisioned, the one of that user name, else the only one who answers
/// to the verified e-mail. A member made by hand is never found: who wants that asks for it while
/// signed in ([`bind`]).
///
/// # Errors
/// [`SignInFault::NoMember`], [`SignInFault::Ambiguous`].
pub fn whom<'a>(
    kind: DirectoryKind,
    presented: &Presented,
    candidates: &'a [Member],
) -> Result<&'a Member, SignInFault> {
    let provisioned = || {
        let of_kind = |member: &&Member| member.origin == Origin::Provisioned(kind);
        candidates.iter().filter(of_kind)
    };
    if let Some(name) = &presented.user_name
        && let Some(member) = provisioned().find(|member| member.login_key == *name)
    {
        return Ok(member);
    }
    let Some(email) = &presented.verified_email else {
        return Err(SignInFault::NoMember);
    };
    let key = std::slice::from_ref(email);
    let mut hits = provisioned().filter(|member| member.answers_to(key));
    match (hits.next(), hits.next()) {
        (Some(member), None) => Ok(member),
        (Some(_), Some(_)) => Err(SignInFault::Ambiguous),
        (None, _) => Err(SignInFault::NoMember),
    }
}

/// Only an active member gets a session.
///
/// # Errors
/// [`SignInFault::NotActive`].
pub fn may_enter(member: &Member) -> Result<(), SignInFault> {
    if member.status == MemberStatus::Active {
        Ok(())
    } else {
        Err(SignInFault::NotActive)
    }
}

/// Ties an account to a member. `holder` is whom the account is tied to already, `own` what the
/// member has at this issuer. A tie that exists is not made again; none is ever moved.
///
/// # Errors
/// [`SignInFault::BelongsToAnother`], [`SignInFault::BoundToAnother`].
pub fn bind(
    wanted: &Identity,
    holder: Option<MemberId>,
    own: Option<&Identity>,
) -> Result<Binding, SignInFault> {
    match holder {
        Some(holder) if holder == wanted.member => return Ok(Binding::Known),
        Some(_) => return Err(SignInFault::BelongsToAnother),
        None => {}
    }
    if own.is_some() {
        return Err(SignInFault::BoundToAnother);
    }
    Ok(Binding::New)
}

/// What tying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The tie exists.
    Known,
    /// It has to be stored.
    New,
}

/// The entry of a new tie.
#[must_use]
pub fn bound(member: &Member, kind: DirectoryKind) -> ActivityEvent {
    let target = Target::member(member.id, &member.label());
    ActivityEvent::change(Action::MemberIdentityBound, target).with(vec![about(kind)])
}

/// The entry of a tie that is ended.
#[must_use]
pub fn released(member: &Member, kind: DirectoryKind) -> ActivityEvent {
    let target = Target::member(member.id, &member.label());
    ActivityEvent::change(Action::MemberIdentityReleased, target).with(vec![about(kind)])
}

/// The entry of a sign-in that failed, with a cause that an administrator understands.
#[must_use]
pub fn refused(target: Target, kind: DirectoryKind, fault: SignInFault) -> ActivityEvent {
    let cause = FieldChange::new("cause", None, Some(fault.words().to_owned()));
    ActivityEvent::warning(Action::SessionRefused, target).with(vec![about(kind), cause])
}

fn about(kind: DirectoryKind) -> FieldChange {
    FieldChange::new("provider", None, Some(kind.label().to_owned()))
}

fn login_event(organization: &Organization, changes: Vec<FieldChange>) -> ActivityEvent {
    let target = Target::organization(organization.id, organization.name.as_str());
    ActivityEvent::change(Action::LoginMethodUpdated, target).with(changes)
}

fn only_the_switch(before: &LoginProvider, after: &LoginProvider, secret: SecretUpdate) -> bool {
    let same = LoginProvider {
        enabled: before.enabled,
        domains: before.domains.clone(),
        test: before.test,
        ..after.clone()
    };
    secret == SecretUpdate::Keep && same == *before
}

fn provider_changes(before: &LoginProvider, after: &LoginProvider) -> Vec<FieldChange> {
    let on_off = |value: bool| Some(if value { "on" } else { "off" });
    let (was, is) = (before.domains.join(" "), after.domains.join(" "));
    [
        FieldChange::between("enabled", on_off(before.enabled), on_off(after.enabled)),
        FieldChange::between("client_id", some(&before.client_id), some(&after.client_id)),
        FieldChange::between("base_url", some(&before.base_url), some(&after.base_url)),
        FieldChange::between("issuer", some(&before.issuer), some(&after.issuer)),
        FieldChange::between("audience", some(&before.audience), some(&after.audience)),
        FieldChange::between("domains", some(&was), some(&is)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
