//! R09, R10; part B, Member states and Identity: inviting by hand.

use rollcall_domain::rules::invitations::{
    Invitee, accept, cancel, invite, offers, resend, teams_on_acceptance,
};
use rollcall_domain::rules::memberships::join;
use rollcall_domain::{
    Action, Change, Directories, Effect, FoldedKey, INVITATION_LIFETIME_HOURS, Invitation, Member,
    MemberId, MemberStatus, Origin, Refusal, Role, Team,
};

use crate::support::{
    ORGANIZATION, actions, admin, assert_effects, both_on, code, email, facts, fields, hours,
    invited, lost_team, manual, manual_team, name, now, okta_off, owner, pushed_team, signed_in,
};

fn invitee(role: Role) -> Invitee {
    Invitee {
        id: MemberId::from_u128(1),
        email: email("New@x.io"),
        name: name("New"),
        role,
    }
}

fn invite_to(
    teams: &[Team],
    directories: &Directories,
    taken_by: Option<u128>,
) -> Result<(Change<Member>, Invitation), Refusal> {
    invite(
        ORGANIZATION,
        invitee(Role::Member),
        teams,
        &admin(),
        &facts(directories),
        taken_by.map(MemberId::from_u128),
    )
}

#[test]
fn r09_inviting_goes_on_while_it_is_on() {
    for directories in [both_on(), okta_off(), Directories::default()] {
        let teams = [manual_team(1, "Choir"), manual_team(2, "Board")];
        let (change, invitation) = invite_to(&teams, &directories, None).expect("nobody has it");
        let member = &change.value;
        assert_eq!(member.origin, Origin::Manual);
        assert_eq!(member.status, invited());
        assert_eq!(member.login_key, FoldedKey::of("new@x.io"));
        assert!(member.link.is_none() && !member.has_password);
        assert_eq!(INVITATION_LIFETIME_HOURS, 72);
        assert_eq!(invitation.expires_at, hours(72));
        assert_eq!(invitation.member, member.id);
        assert_eq!(invitation.teams, [teams[0].id, teams[1].id]);
        assert_eq!(actions(&change), [Action::MemberInvited]);
        assert_eq!(
            fields(&change.events[0]),
            [
                ("role", None, Some("member")),
                ("teams", None, Some("Choir, Board"))
            ]
        );
        assert_effects("invite", &change, &[]);
    }
}

#[test]
fn r10_an_invitation_offers_and_takes_manually_created_teams_only() {
    let provisioned = pushed_team(2, "Engineering");
    let cases = [
        ("manual", manual_team(1, "Choir"), true),
        ("managed", provisioned.clone(), false),
        ("lost", lost_team(&provisioned), false),
    ];
    for (what, team, offered) in cases {
        assert_eq!(offers(&team), offered, "{what}");
        // While its directory is off a team can be joined by hand, and still not by invitation.
        let cases = [
            (both_on(), "manual_member_in_provisioned_team"),
            (okta_off(), "invalid_state"),
        ];
        for (directories, refused) in cases {
            let answer = invite_to(&[manual_team(9, "Other"), team.clone()], &directories, None);
            let wanted = if offered { "ok" } else { refused };
            assert_eq!(code(&answer), wanted, "{what}");
        }
    }
}

#[test]
fn b_identity_an_invitation_is_refused_when_anybody_has_its_email() {
    let answer = invite_to(&[], &both_on(), Some(7));
    assert_eq!(code(&answer), "member_exists");
    // Anybody means by login key as well as by primary e-mail, folded.
    let keys = [email("New@X.io").key()];
    let mut by_email = manual(7, "NEW@x.io");
    by_email.login_key = FoldedKey::of("other");
    let mut by_login_key = manual(8, "other@x.io");
    by_login_key.login_key = FoldedKey::of("new@x.io");
    for member in [by_email, by_login_key] {
        assert!(member.answers_to(&keys), "{:?}", member.id);
    }
    assert!(!manual(9, "other@x.io").answers_to(&keys));
}

#[test]
fn b_roles_nobody_invites_above_their_own_role() {
    for actor in Role::ALL {
        for role in Role::ALL {
            let directories = both_on();
            let answer = invite(
                ORGANIZATION,
                invitee(role),
                &[],
                &signed_in(actor),
                &facts(&directories),
                None,
            );
            let allowed = actor != Role::Member && role <= actor;
            let wanted = if allowed { "ok" } else { "not_allowed" };
            assert_eq!(code(&answer), wanted, "{actor} invites a {role}");
        }
    }
}

#[test]
fn b_roles_an_admin_neither_resends_nor_cancels_the_invitation_of_an_owner() {
    let mut member = manual(1, "a@x.io");
    member.status = invited();
    member.role = Role::Owner;
    for (actor, wanted) in [(admin(), "not_allowed"), (owner(), "ok")] {
        assert_eq!(code(&resend(&member, &actor, now())), wanted);
        assert_eq!(code(&cancel(&member, &actor)), wanted);
    }
}

#[test]
fn b_member_states_an_accepted_invitation_makes_an_active_member_with_a_password() {
    let directories = both_on();
    let (invited, _) = invite_to(&[], &directories, None).expect("nobody has it");
    let change = accept(&invited.value, name("Newcomer"), hours(1)).expect("it is still good");
    assert_eq!(change.value.status, MemberStatus::Active);
    assert!(change.value.has_password);
    assert_eq!(actions(&change), [Action::MemberJoined]);
    assert_eq!(
        fields(&change.events[0]),
        [
            ("display_name", Some("New"), Some("Newcomer")),
            ("status", Some("invited"), Some("active")),
        ]
    );
    assert_effects("accept", &change, &[Effect::VoidInvitation]);
}

#[test]
fn b_member_states_resending_kills_the_old_link_and_cancelling_removes_the_member() {
    let mut member = manual(1, "a@x.io");
    member.status = invited();
    let resent = resend(&member, &admin(), hours(10)).expect("it is open");
    assert_eq!(
        resent.value.status,
        MemberStatus::Invited {
            expires_at: hours(82)
        }
    );
    assert_eq!(actions(&resent), [Action::MemberInvitationResent]);
    let (before, after) = (hours(72).to_rfc3339(), hours(82).to_rfc3339());
    assert_eq!(
        fields(&resent.events[0]),
        [("expires_at", Some(before.as_str()), Some(after.as_str()))]
    );
    let cancelled = cancel(&member, &admin()).expect("it is open");
    assert_eq!(actions(&cancelled), [Action::MemberInvitationCancelled]);
    assert_effects("cancel", &cancelled, &[Effect::VoidInvitation]);
}

#[test]
fn b_member_states_membership_by_invitation_begins_at_acceptance_and_r10_is_judged_again() {
    let provisioned = pushed_team(2, "Engineering");
    let teams = [
        manual_team(1, "Choir"),
        provisioned.clone(),
        lost_team(&provisioned),
    ];
    let mut member = manual(1, "a@x.io");
    member.status = invited();
    let joined = |member: &Member, directories: &Directories| -> Vec<&'static str> {
        let kept = teams_on_acceptance(member, &teams, directories);
        teams
            .iter()
            .zip(["manual", "managed", "lost"])
            .filter(|(team, _)| kept.iter().any(|one| one == team))
            .map(|(_, what)| what)
            .collect()
    };
    assert_eq!(joined(&member, &both_on()), [""; 0], "not accepted yet");
    let accepted = accept(&member, name("A"), now()).expect("it is good").value;
    assert_eq!(joined(&accepted, &both_on()), ["manual"]);
    assert_eq!(
        joined(&accepted, &okta_off()),
        ["manual", "managed", "lost"]
    );
    let delta = join(&teams[0], &accepted);
    assert_eq!(
        (delta.team(), delta.added()),
        (teams[0].id, &[accepted.id][..])
    );
}
