//! A new password by mail, for who forgot it.

use rollcall_domain::rules::members;
use rollcall_domain::{Action, ActivityEvent, Actor, Email, FoldedKey, Member, Refusal, Target};

use super::attempts::{Attempt, count};
use super::password::own_names;
use super::{AccessPolicy, require_acceptable};
use crate::panel::mails;
use crate::panel::surroundings::{Surroundings, member_of};
use crate::ports::{Digest, ReadTx, ResetHolder, SecretText, StoreExt, TokenKind, WriteTx};
use crate::{Failure, RequestInfo, Services, Stamp};

/// The link was used, replaced, or is too old.
const DEAD_LINK: Refusal = Refusal::InvalidState("this link is no longer valid: ask for a new one");

/// Sends a link to whom the e-mail belongs, if the rules let it have one. The answer is the same
/// whether it belongs to anybody (SEC-14).
///
/// # Errors
/// [`Failure::TooMany`].
pub async fn request_reset(
    services: &Services,
    policy: &AccessPolicy,
    email: &str,
    request: RequestInfo,
) -> Result<(), Failure> {
    let trimmed = email.trim();
    let known_length = trimmed.len() <= Email::LIMIT;
    let key = FoldedKey::of(if known_length { trimmed } else { "" });
    let address = request.ip.as_deref();
    count(services, policy, Attempt::Reset, &key, address).await?;
    let (services, policy) = (services.clone(), policy.clone());
    let store = services.store.clone();
    store
        .write(move |tx| {
            for (organization, id) in tx.members_by_email(&key)? {
                let member = member_of(tx, organization, id, None)?;
                send_link(tx, &services, &policy, &member, &request)?;
            }
            Ok(())
        })
        .await
}

fn send_link(
    tx: &mut dyn WriteTx,
    services: &Services,
    policy: &AccessPolicy,
    member: &Member,
    request: &RequestInfo,
) -> Result<(), Failure> {
    let now = services.clock.now();
    let around = Surroundings::load(tx, member.organization, member.id, now)?;
    let Some(to) = &member.email else {
        return Ok(());
    };
    if !members::may_reset_by_mail(member, &around.facts()) {
        return Ok(());
    }
    let token = services.tokens.mint(TokenKind::PasswordReset);
    let expires_at = now + policy.reset_lifetime;
    let digest = services.tokens.digest(token.expose());
    tx.put_reset(member.organization, member.id, &digest, expires_at)?;
    let name = around.organization.name.as_str();
    let mail = mails::password_reset(to, name, &services.public_url, &token, expires_at);
    tx.enqueue(member.organization, &mail, now)?;
    let event = ActivityEvent::change(
        Action::MemberPasswordResetRequested,
        Target::member(member.id, &member.label()),
    );
    let stamp = Stamp {
        organization: member.organization,
        actor: Actor::System {
            label: "password reset".to_owned(),
        },
        at: now,
        request: request.clone(),
    };
    Ok(tx.record(event, &stamp)?)
}

/// Sets a new password by the link's token. Every session ends, and so does the link.
///
/// # Errors
/// `invalid_state` for a dead link, `provisioned_read_only`; [`Failure::Invalid`].
pub async fn complete_reset(
    services: &Services,
    token: &SecretText,
    password: SecretText,
    request: RequestInfo,
) -> Result<(), Failure> {
    let digest = services.tokens.digest(token.expose());
    let now = services.clock.now();
    let member = services
        .store
        .read(move |tx| holder_of(tx, &digest, now).map(|(_, member)| member))
        .await?;
    require_acceptable("password", &password, &own_names(&member))?;
    let hash = services.passwords.hash(password).await?;
    services
        .store
        .write(move |tx| {
            let (holder, member) = holder_of(tx, &digest, now)?;
            let around = Surroundings::load(tx, holder.organization, holder.member, now)?;
            let change = members::set_password(&member, &around.facts())?;
            let stamp = Stamp {
                organization: holder.organization,
                actor: Actor::member(member.id, member.role, &member.label()),
                at: now,
                request: request.clone(),
            };
            tx.save_member(change, &stamp)?;
            Ok(tx.put_password_hash(holder.organization, holder.member, &hash)?)
        })
        .await
}

fn holder_of(
    tx: &mut dyn ReadTx,
    digest: &Digest,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(ResetHolder, Member), Failure> {
    let holder = tx.reset_holder(digest)?;
    let holder = holder.filter(|holder| holder.expires_at > now);
    let holder = holder.ok_or(DEAD_LINK)?;
    let member = tx.member(holder.organization, holder.member)?;
    let member = member.ok_or(DEAD_LINK)?;
    Ok((holder, member))
}
