//! Sessions: begun at sign-in, checked on every request, ended on the server (SEC-10, SEC-12).

use chrono::{DateTime, Duration, Utc};
use rollcall_domain::{
    Action, ActivityEvent, Actor, DirectoryKind, FieldChange, Member, MemberStatus, SessionId,
    Target,
};

use super::{AccessPolicy, NO_SESSION};
use crate::ports::{
    NewSession, SecretText, SessionHolder, SessionRecord, StoreExt, TokenKind, WriteTx,
};
use crate::{Caller, Failure, RequestInfo, Services, Stamp};

/// A session is noted as used at most this often.
const TOUCH_EVERY: Duration = Duration::seconds(60);

/// A session that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedSession {
    /// Its token: told to the client once, kept as a digest alone.
    pub token: SecretText,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// Whose it is.
    pub caller: Caller,
}

/// Begins a session of an active member with a token of its own, in the caller's transaction.
pub(crate) fn begin_session(
    tx: &mut dyn WriteTx,
    services: &Services,
    policy: &AccessPolicy,
    member: &Member,
    request: &RequestInfo,
) -> Result<StartedSession, Failure> {
    let entry = event(Action::SessionStarted, member);
    begin(tx, (services, policy), member, request, entry)
}

/// The same for who came through a provider.
pub(super) fn begin_session_through(
    tx: &mut dyn WriteTx,
    around: (&Services, &AccessPolicy),
    member: &Member,
    request: &RequestInfo,
    kind: DirectoryKind,
) -> Result<StartedSession, Failure> {
    let provider = FieldChange::new("provider", None, Some(kind.label().to_owned()));
    let entry = event(Action::SessionStarted, member).with(vec![provider]);
    let started = begin(tx, around, member, request, entry)?;
    tx.put_provider_session(member.organization, started.caller.session, kind)?;
    Ok(started)
}

fn begin(
    tx: &mut dyn WriteTx,
    (services, policy): (&Services, &AccessPolicy),
    member: &Member,
    request: &RequestInfo,
    entry: ActivityEvent,
) -> Result<StartedSession, Failure> {
    let now = services.clock.now();
    let token = services.tokens.mint(TokenKind::Session);
    let session = NewSession {
        id: SessionId::new(services.ids.next()),
        organization: member.organization,
        member: member.id,
        token: services.tokens.digest(token.expose()),
        created_at: now,
        expires_at: now + policy.session_lifetime,
        ip: request.ip.clone(),
        user_agent: request.user_agent.clone(),
    };
    tx.create_session(&session)?;
    let stamp = Stamp {
        organization: member.organization,
        actor: Actor::member(member.id, member.role, &member.label()),
        at: now,
        request: request.clone(),
    };
    tx.record(entry, &stamp)?;
    tracing::info!(
        org.id = %member.organization,
        member.id = %member.id,
        request.id = %request.id,
        "a session began"
    );
    Ok(StartedSession {
        token,
        expires_at: session.expires_at,
        caller: caller(member, session.id, request),
    })
}

/// Finds who asks. The session, its limits and the member are read anew for every request, on
/// every node (SEC-12).
///
/// # Errors
/// [`Failure::NotAuthenticated`] with [`NO_SESSION`].
pub async fn authenticate(
    services: &Services,
    policy: &AccessPolicy,
    token: &str,
    request: RequestInfo,
) -> Result<Caller, Failure> {
    let digest = services.tokens.digest(token);
    let (now, idle) = (services.clock.now(), policy.session_idle);
    let (holder, member) = services
        .store
        .glance(move |tx| {
            let holder = tx.session_holder(&digest)?;
            let holder = holder.filter(|holder| is_alive(holder, now, idle));
            let holder = holder.ok_or(Failure::NotAuthenticated(NO_SESSION))?;
            let member = tx.member(holder.organization, holder.member)?;
            let member = member.filter(|member| member.status == MemberStatus::Active);
            let member = member.ok_or(Failure::NotAuthenticated(NO_SESSION))?;
            Ok((holder, member))
        })
        .await?;
    if now - holder.last_seen_at >= TOUCH_EVERY {
        touch(services, &holder, now).await;
    }
    Ok(caller(&member, holder.session, &request))
}

fn is_alive(holder: &SessionHolder, now: DateTime<Utc>, idle: Duration) -> bool {
    now < holder.expires_at && now - holder.last_seen_at < idle
}

/// Being too busy to note a session as used is no reason to refuse what it asks for.
async fn touch(services: &Services, holder: &SessionHolder, at: DateTime<Utc>) {
    let (organization, session) = (holder.organization, holder.session);
    let touched = services
        .store
        .write(move |tx| Ok(tx.touch_session(organization, session, at)?))
        .await;
    if touched.is_err() {
        tracing::warn!(session.id = %session, "could not note that a session was used");
    }
}

/// Signs out: the session is gone on the server, whatever the client keeps.
///
/// # Errors
/// Only what the store answers.
pub async fn sign_out(services: &Services, caller: &Caller) -> Result<(), Failure> {
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .write(move |tx| {
            let ended = tx.end_session(caller.organization, caller.member, caller.session)?;
            if ended {
                tx.record(ended_event(&caller), &caller.stamp(now))?;
            }
            Ok(())
        })
        .await
}

/// Where the caller can sign out of the provider, too, if this session began through one: ours
/// ends with [`sign_out`], theirs is theirs to end.
///
/// # Errors
/// Only what the store answers.
pub async fn sign_out_elsewhere(
    services: &Services,
    caller: &Caller,
) -> Result<Option<(DirectoryKind, String)>, Failure> {
    let (organization, session) = (caller.organization, caller.session);
    let began = services
        .store
        .read(move |tx| {
            let Some(began) = tx.provider_session(organization, session)? else {
                return Ok(None);
            };
            let methods = tx.login_methods(organization)?;
            Ok(methods.provider(began.kind).cloned())
        })
        .await?;
    Ok(began.and_then(|provider| Some((provider.kind, provider.sign_out_url()?))))
}

/// The caller's own sessions, newest first.
///
/// # Errors
/// Only what the store answers.
pub async fn list_sessions(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<SessionRecord>, Failure> {
    let (organization, member) = (caller.organization, caller.member);
    let now = services.clock.now();
    services
        .store
        .read(move |tx| Ok(tx.sessions(organization, member, now)?))
        .await
}

/// Ends one of the caller's own sessions.
///
/// # Errors
/// [`Failure::Absent`] when there is none of that id.
pub async fn end_session(
    services: &Services,
    caller: &Caller,
    session: SessionId,
) -> Result<(), Failure> {
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .write(move |tx| {
            if !tx.end_session(caller.organization, caller.member, session)? {
                return Err(Failure::Absent("session"));
            }
            Ok(tx.record(ended_event(&caller), &caller.stamp(now))?)
        })
        .await
}

/// Ends every session of the caller but the present one; how many.
///
/// # Errors
/// Only what the store answers.
pub async fn end_other_sessions(services: &Services, caller: &Caller) -> Result<u64, Failure> {
    let (caller, now) = (caller.clone(), services.clock.now());
    services
        .store
        .write(move |tx| {
            let kept = Some(caller.session);
            let ended = tx.end_other_sessions(caller.organization, caller.member, kept)?;
            if ended > 0 {
                tx.record(ended_event(&caller), &caller.stamp(now))?;
            }
            Ok(ended)
        })
        .await
}

fn caller(member: &Member, session: SessionId, request: &RequestInfo) -> Caller {
    Caller {
        organization: member.organization,
        member: member.id,
        role: member.role,
        session,
        label: member.label(),
        request: request.clone(),
    }
}

fn ended_event(caller: &Caller) -> ActivityEvent {
    let target = Target::member(caller.member, &caller.label);
    ActivityEvent::change(Action::SessionEnded, target)
}

fn event(action: Action, member: &Member) -> ActivityEvent {
    ActivityEvent::change(action, Target::member(member.id, &member.label()))
}
