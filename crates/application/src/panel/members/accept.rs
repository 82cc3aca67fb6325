//! Accepting an invitation, by its link alone.

use chrono::{DateTime, Utc};
use rollcall_domain::rules::{invitations, memberships};
use rollcall_domain::{Actor, Email, Invitation, Member, MemberStatus, Refusal};

use crate::panel::NameChanges;
use crate::panel::access::{AccessPolicy, StartedSession, begin_session, require_acceptable};
use crate::panel::surroundings::organization_of;
use crate::ports::{Digest, ReadTx, SecretText, StoreError, StoreExt, WriteTx};
use crate::{Failure, RequestInfo, Services, Stamp};

/// What an invited person sees before accepting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationPreview {
    /// The organization to join.
    pub organization: String,
    /// Who is invited.
    pub member: Member,
    /// When the link dies.
    pub expires_at: DateTime<Utc>,
}

/// What an invited person gives.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// The token of the link.
    pub token: SecretText,
    /// The name; what is left out stays as the invitation said.
    pub name: NameChanges,
    /// The password chosen.
    pub password: SecretText,
    /// The request.
    pub request: RequestInfo,
}

/// Shows what a link invites to.
///
/// # Errors
/// `invitation_expired`.
pub async fn preview_invitation(
    services: &Services,
    token: &SecretText,
) -> Result<InvitationPreview, Failure> {
    let digest = services.tokens.digest(token.expose());
    let now = services.clock.now();
    services
        .store
        .read(move |tx| {
            let (invitation, member) = open_invitation(tx, &digest, now)?;
            let organization = organization_of(tx, invitation.organization)?;
            Ok(InvitationPreview {
                organization: organization.name.as_str().to_owned(),
                member,
                expires_at: invitation.expires_at,
            })
        })
        .await
}

/// Accepts: the member becomes active, joins what R10 lets it join now, and is signed in.
///
/// # Errors
/// `invitation_expired`, also for who loses the race with an adoption; [`Failure::Invalid`].
pub async fn accept_invitation(
    services: &Services,
    policy: &AccessPolicy,
    command: AcceptInvitation,
) -> Result<StartedSession, Failure> {
    let digest = services.tokens.digest(command.token.expose());
    let invited = preview_invitation(services, &command.token).await?.member;
    let email = invited.email.as_ref().map(Email::key);
    let own: Vec<_> = email.into_iter().chain([invited.login_key]).collect();
    require_acceptable("password", &command.password, &own)?;
    let hash = services.passwords.hash(command.password).await?;
    let (name, request) = (command.name, command.request);
    let (services, policy) = (services.clone(), policy.clone());
    let store = services.store.clone();
    store
        .write(move |tx| {
            let now = services.clock.now();
            let (invitation, invited) = open_invitation(tx, &digest, now)?;
            let name = name.over(&invited.name)?;
            let change = invitations::accept(&invited, name, now)?;
            let stamp = stamp(&change.value, now, &request);
            let member = tx.save_member(change, &stamp).map_err(lost_race)?;
            tx.put_password_hash(member.organization, member.id, &hash)?;
            join_teams(tx, &member, &invitation, &stamp)?;
            begin_session(tx, &services, &policy, &member, &request)
        })
        .await
}

fn open_invitation(
    tx: &mut dyn ReadTx,
    token: &Digest,
    now: DateTime<Utc>,
) -> Result<(Invitation, Member), Failure> {
    let holder = tx.invitation_holder(token)?;
    let invitation = holder.ok_or(Refusal::InvitationExpired)?.invitation;
    let member = tx.member(invitation.organization, invitation.member)?;
    let member = member.ok_or(Refusal::InvitationExpired)?;
    match member.status {
        MemberStatus::Invited { expires_at } if expires_at > now => Ok((invitation, member)),
        _ => Err(Refusal::InvitationExpired.into()),
    }
}

fn stamp(member: &Member, at: DateTime<Utc>, request: &RequestInfo) -> Stamp {
    Stamp {
        organization: member.organization,
        actor: Actor::member(member.id, member.role, &member.label()),
        at,
        request: request.clone(),
    }
}

/// Accepting and adopting race through one compare-and-set; the loser's invitation is gone.
fn lost_race(error: StoreError) -> Failure {
    match error {
        StoreError::VersionConflict => Refusal::InvitationExpired.into(),
        other => other.into(),
    }
}

fn join_teams(
    tx: &mut dyn WriteTx,
    member: &Member,
    invitation: &Invitation,
    stamp: &Stamp,
) -> Result<(), Failure> {
    let directories = tx.directories(member.organization)?;
    let teams = tx.teams(member.organization, &invitation.teams)?;
    for team in invitations::teams_on_acceptance(member, &teams, &directories) {
        tx.apply_memberships(&memberships::join(team, member), stamp)?;
    }
    Ok(())
}
