//! The organization before Okta comes: people and teams made by hand, through the same use cases
//! as everything else.

use anyhow::Context as _;
use chrono::TimeDelta;
use rollcall_application::panel::access::AccessPolicy;
use rollcall_application::panel::members::{
    AcceptInvitation, InviteMember, accept_invitation, invite_member,
};
use rollcall_application::panel::operator::{self, NamedPerson};
use rollcall_application::panel::teams::{CreateTeam, create_team};
use rollcall_application::panel::{NameChanges, Patch};
use rollcall_application::ports::{SecretText, StoreExt as _};
use rollcall_application::{Caller, RequestInfo, Services};
use rollcall_domain::{MemberId, RequestId, Role, SessionId};
use rollcall_secrets::generated_password;

/// Who can sign in.
pub(super) struct Owner {
    /// E-mail.
    pub(super) email: String,
    /// Password.
    pub(super) password: SecretText,
}

/// Founds the organization: an owner, three members and two teams by hand, and one open
/// invitation.
///
/// # Errors
/// When a use case refuses, which it should not.
pub(super) async fn organization(services: &Services) -> anyhow::Result<Owner> {
    let owner = Owner {
        email: "olivia@acme.example".to_owned(),
        password: generated_password(),
    };
    let named = NamedPerson {
        email: owner.email.clone(),
        name: Some("Olivia Owens".to_owned()),
        password: owner.password.clone(),
        organization: None,
    };
    let (organization, member) = operator::set_up(services, "Acme", named).await?;
    let caller = Caller {
        organization,
        member,
        role: Role::Owner,
        session: SessionId::new(services.ids.next()),
        label: "Olivia Owens".to_owned(),
        request: request(services),
    };
    let ada = join(services, &caller, "Ada Adams", "ada@acme.example").await?;
    let noor = join(services, &caller, "Noor Nasser", "noor@acme.example").await?;
    let max = join(services, &caller, "Max Meyer", "max@acme.example").await?;
    for (name, members) in [("Customer Success", vec![ada, max]), ("Board", vec![noor])] {
        let team = CreateTeam {
            name: name.to_owned(),
            members,
        };
        create_team(services, &caller, team).await?;
    }
    invite(services, &caller, "Ivy Ito", "ivy@acme.example").await?;
    Ok(owner)
}

/// Invites somebody, opens their mail and accepts for them.
async fn join(
    services: &Services,
    caller: &Caller,
    name: &str,
    email: &str,
) -> anyhow::Result<MemberId> {
    let id = invite(services, caller, name, email).await?;
    let acceptance = AcceptInvitation {
        token: take_token_from_mail(services).await?,
        name: NameChanges::default(),
        password: generated_password(),
        request: request(services),
    };
    accept_invitation(services, &AccessPolicy::default(), acceptance).await?;
    Ok(id)
}

async fn invite(
    services: &Services,
    caller: &Caller,
    name: &str,
    email: &str,
) -> anyhow::Result<MemberId> {
    let invitation = InviteMember {
        email: email.to_owned(),
        name: NameChanges {
            display: Patch::Set(name.to_owned()),
            ..NameChanges::default()
        },
        role: Role::Member.as_str().to_owned(),
        teams: Vec::new(),
    };
    Ok(invite_member(services, caller, invitation, None)
        .await?
        .member
        .id)
}

/// Takes the mail out of the outbox, where no worker is at work yet, and the token out of its
/// link.
async fn take_token_from_mail(services: &Services) -> anyhow::Result<SecretText> {
    let now = services.clock.now();
    let mail = services
        .store
        .write(move |tx| {
            let mail = tx.lease_mails(now, now + TimeDelta::minutes(1), 1)?.pop();
            if let Some(mail) = &mail {
                tx.mail_sent(mail.id)?;
            }
            Ok(mail)
        })
        .await?
        .context("no invitation is in the outbox")?;
    let token = mail
        .mail
        .body
        .split_whitespace()
        .find_map(|word| word.split_once("/invitations/"))
        .map(|(_, token)| token.to_owned())
        .context("the invitation holds no link")?;
    Ok(SecretText::new(token))
}

fn request(services: &Services) -> RequestInfo {
    RequestInfo {
        id: RequestId::new(services.ids.next()),
        ip: None,
        user_agent: Some("rollcall demo".to_owned()),
    }
}
