//! R06; part B, Last owner: signing in through an identity provider.

use rollcall_domain::rules::members;
use rollcall_domain::rules::owners::{Owners, keep_a_way_in};
use rollcall_domain::rules::sign_on::{
    Binding, OwnerProof, Presented, SecretUpdate, bind, change_provider, login_reminders,
    may_enter, refused, switch_password_sign_in, tested, whom,
};
use rollcall_domain::{
    Action, Directories, DirectoryKind, EventKind, FoldedKey, Identity, LoginMethods,
    LoginProvider, Member, MemberId, MemberStatus, Organization, OrganizationName, PasswordSignIn,
    ProviderTest, ProviderWay, Refusal, Role, SignInFault, Target, WaysIn,
};

use OwnerProof::{Given, Missing};
use PasswordSignIn::{Off, On};
use ProviderWay::{Closed, Open};

use crate::support::{
    ORGANIZATION, actions, admin, as_owner, both_on, code, email, entra, facts, fields, manual,
    now, okta_actor, okta_off, owner, pushed, pushed_by, signed_in, standing, statuses,
};

const OKTA: DirectoryKind = DirectoryKind::Okta;

fn organization() -> Organization {
    let name = OrganizationName::parse("Acme").expect("a valid name");
    rollcall_domain::rules::organizations::found(ORGANIZATION, name, now()).value
}

fn provider(enabled: bool) -> LoginProvider {
    LoginProvider {
        enabled,
        client_id: "0oa1".to_owned(),
        issuer: "https://acme.okta.example".to_owned(),
        ..LoginProvider::blank(OKTA)
    }
}

fn methods(provider: LoginProvider) -> LoginMethods {
    LoginMethods {
        providers: vec![provider],
        ..LoginMethods::default()
    }
}

fn failed() -> ProviderTest {
    ProviderTest::Failed(now(), SignInFault::Unreachable)
}

#[test]
fn r06_the_reminder_is_computed_from_the_switch_and_what_the_login_method_can_do() {
    let broken = LoginProvider {
        test: failed(),
        ..provider(true)
    };
    let passed = LoginProvider {
        test: ProviderTest::Passed(now()),
        ..provider(true)
    };
    let only_okta = || Directories::new(both_on().all()[..1].to_vec());
    for (what, directories, methods, shown) in [
        (
            "never configured",
            only_okta(),
            LoginMethods::default(),
            true,
        ),
        (
            "configured and off",
            only_okta(),
            methods(provider(false)),
            true,
        ),
        ("enabled", only_okta(), methods(provider(true)), false),
        ("enabled and tested", only_okta(), methods(passed), false),
        (
            "enabled, its test failed",
            only_okta(),
            methods(broken),
            true,
        ),
        ("off", okta_off(), LoginMethods::default(), false),
        (
            "none",
            Directories::default(),
            LoginMethods::default(),
            false,
        ),
    ] {
        let reminders = login_reminders(&directories, &methods);
        assert_eq!(reminders == [OKTA], shown, "{what}: {reminders:?}");
    }
    let entra_only = Directories::new(vec![entra()]);
    let reminders = login_reminders(&entra_only, &methods(provider(true)));
    assert_eq!(reminders, [DirectoryKind::Entra], "each kind for itself");
}

#[test]
fn b_roles_only_an_owner_changes_login_methods() {
    for (actor, wanted) in [
        (signed_in(Role::Member), "not_allowed"),
        (admin(), "not_allowed"),
        (owner(), "ok"),
        (okta_actor(), "not_allowed"),
    ] {
        let none = LoginMethods::default();
        let change = change_provider(
            &organization(),
            &none,
            provider(false),
            SecretUpdate::Keep,
            &actor,
        );
        assert_eq!(code(&change), wanted, "{}", actor.label());
        let switch = switch_password_sign_in(
            &organization(),
            &none,
            PasswordSignIn::Off,
            OwnerProof::Given,
            &actor,
        );
        assert_eq!(code(&switch), wanted, "{}", actor.label());
    }
}

#[test]
fn b_activity_a_client_secret_is_named_and_never_shown() {
    let none = LoginMethods::default();
    let change = change_provider(
        &organization(),
        &none,
        provider(true),
        SecretUpdate::Replace,
        &owner(),
    )
    .expect("an owner may");
    assert_eq!(actions(&change), [Action::LoginMethodUpdated]);
    assert_eq!(
        fields(&change.events[0]),
        [
            ("provider", None, Some("Okta")),
            ("enabled", Some("off"), Some("on")),
            ("client_id", None, Some("0oa1")),
            ("issuer", None, Some("https://acme.okta.example")),
            ("client_secret", None, Some("(replaced)")),
        ]
    );
    let again = change_provider(
        &organization(),
        &change.value,
        provider(true),
        SecretUpdate::Keep,
        &owner(),
    )
    .expect("an owner may");
    assert!(again.is_none() && again.events.is_empty());
}

#[test]
fn r06_a_changed_provider_is_untested_and_a_switched_one_is_not() {
    let tested = LoginProvider {
        test: failed(),
        ..provider(true)
    };
    let moved = LoginProvider {
        issuer: "https://other.okta.example".to_owned(),
        ..provider(true)
    };
    for (what, next, secret, kept) in [
        ("switched off", provider(false), SecretUpdate::Keep, true),
        ("another issuer", moved, SecretUpdate::Keep, false),
        (
            "another secret",
            provider(true),
            SecretUpdate::Replace,
            false,
        ),
    ] {
        let before = methods(tested.clone());
        let change = change_provider(&organization(), &before, next, secret, &owner());
        let after = change.expect("an owner may").value;
        let test = after.provider(OKTA).expect("it is there").test;
        assert_eq!(test == failed(), kept, "{what}");
    }
}

#[test]
fn password_sign_in_is_switched_off_only_while_an_owner_came_through_a_provider() {
    let on = methods(provider(true));
    let off = LoginMethods {
        password: PasswordSignIn::Off,
        ..on.clone()
    };
    let switch = |from: &LoginMethods, to, proof| {
        code(&switch_password_sign_in(
            &organization(),
            from,
            to,
            proof,
            &owner(),
        ))
    };
    assert_eq!(switch(&on, PasswordSignIn::Off, Missing), "invalid_state");
    assert_eq!(switch(&on, PasswordSignIn::Off, Given), "ok");
    assert_eq!(switch(&off, PasswordSignIn::On, Missing), "ok");
    assert_eq!(switch(&off, PasswordSignIn::Off, Missing), "ok", "nothing");
}

fn presented(user_name: &str, verified_email: &str) -> Presented {
    let key = |text: &str| (!text.is_empty()).then(|| FoldedKey::of(text));
    Presented {
        user_name: key(user_name),
        verified_email: key(verified_email),
    }
}

#[test]
fn the_first_sign_in_finds_only_whom_this_directory_provisioned() {
    let jane = pushed(1, "jane@x.io", "jane.doe@x.io");
    let joe = pushed(2, "joe@x.io", "shared@x.io");
    let jim = pushed(3, "jim@x.io", "shared@x.io");
    let by_hand = manual(4, "ann@x.io");
    let from_entra = pushed_by(&entra(), 5, "eve@x.io", "eve@x.io");
    let all = [jane.clone(), joe.clone(), jim, by_hand, from_entra];
    for (what, presented, wanted) in [
        ("user name", presented("jane@x.io", ""), Ok(jane.id)),
        (
            "user name in capitals",
            presented("JANE@x.io", ""),
            Ok(jane.id),
        ),
        (
            "verified e-mail",
            presented("", "jane.doe@x.io"),
            Ok(jane.id),
        ),
        (
            "user name before e-mail",
            presented("joe@x.io", "jane.doe@x.io"),
            Ok(joe.id),
        ),
        (
            "shared e-mail",
            presented("", "shared@x.io"),
            Err(SignInFault::Ambiguous),
        ),
        (
            "e-mail of a manual member",
            presented("ann@x.io", "ann@x.io"),
            Err(SignInFault::NoMember),
        ),
        (
            "another directory's",
            presented("eve@x.io", "eve@x.io"),
            Err(SignInFault::NoMember),
        ),
        (
            "e-mail as user name",
            presented("jane.doe@x.io", ""),
            Err(SignInFault::NoMember),
        ),
        (
            "nobody",
            presented("nobody", ""),
            Err(SignInFault::NoMember),
        ),
        ("nothing", presented("", ""), Err(SignInFault::NoMember)),
    ] {
        let found = whom(OKTA, &presented, &all).map(|member| member.id);
        assert_eq!(found, wanted, "{what}");
    }
}

#[test]
fn only_an_active_member_enters() {
    for status in statuses() {
        let member = standing(status, &pushed(1, "jane@x.io", "jane@x.io"));
        let wanted = match status {
            MemberStatus::Active => Ok(()),
            _ => Err(SignInFault::NotActive),
        };
        assert_eq!(may_enter(&member), wanted, "{}", status.as_str());
    }
}

#[test]
fn an_account_is_tied_to_one_member_and_a_tie_is_never_moved() {
    let identity = |member| Identity {
        organization: ORGANIZATION,
        member: MemberId::from_u128(member),
        kind: OKTA,
        issuer: "https://acme.okta.example".to_owned(),
        subject: "00u1".to_owned(),
        bound_at: now(),
        last_sign_in_at: None,
    };
    let (wanted, own) = (identity(1), identity(1));
    let holder = |id: u128| Some(MemberId::from_u128(id));
    for (what, holder, own, answer) in [
        ("first", None, None, Ok(Binding::New)),
        ("again", holder(1), Some(&own), Ok(Binding::Known)),
        (
            "another's account",
            holder(2),
            None,
            Err(SignInFault::BelongsToAnother),
        ),
        (
            "a second account",
            None,
            Some(&own),
            Err(SignInFault::BoundToAnother),
        ),
    ] {
        assert_eq!(bind(&wanted, holder, own), answer, "{what}");
    }
}

#[test]
fn b_last_owner_counts_every_way_that_really_opens() {
    let directories = both_on();
    let ways = |password, provider| WaysIn { password, provider };
    for (has_password, ways, counts) in [
        (true, ways(On, Closed), true),
        (true, ways(Off, Closed), false),
        (true, ways(Off, Open), true),
        (false, ways(On, Closed), false),
        (false, ways(On, Open), true),
        (false, ways(Off, Open), true),
    ] {
        let member = Member {
            has_password,
            ..as_owner(&manual(1, "a@x.io"))
        };
        let what = format!("{has_password} {ways:?}");
        assert_eq!(member.is_effective_owner(ways), counts, "{what}");
        let mut facts = facts(&directories);
        facts.owners = Owners { others: 0, ways };
        let answer = members::delete(&member, &owner(), &facts);
        assert_eq!(code(&answer) == "last_owner", counts, "{what}");
    }
}

#[test]
fn b_last_owner_a_login_method_is_not_taken_from_the_last_who_has_no_other() {
    assert_eq!(keep_a_way_in(1, 0), Err(Refusal::LastOwner));
    assert_eq!(keep_a_way_in(2, 1), Ok(()));
    assert_eq!(keep_a_way_in(0, 0), Ok(()), "nothing is lost any more");
}

#[test]
fn a_failed_sign_in_and_a_failed_test_are_warnings_with_a_cause() {
    let target = Target::member(MemberId::from_u128(1), "Jane");
    let event = refused(target, OKTA, SignInFault::NoMember);
    assert_eq!(
        (event.action, event.kind),
        (Action::SessionRefused, EventKind::Warning)
    );
    assert_eq!(
        fields(&event),
        [
            ("provider", None, Some("Okta")),
            ("cause", None, Some(SignInFault::NoMember.words())),
        ]
    );
    let event = tested(&organization(), OKTA, &failed());
    assert_eq!(event.kind, EventKind::Warning);
    let event = tested(&organization(), OKTA, &ProviderTest::Passed(now()));
    assert_eq!(event.kind, EventKind::Change);
    for fault in SignInFault::ALL {
        assert_eq!(SignInFault::parse(fault.code()), Some(*fault));
        assert!(email("a@x.io").key().as_str().len() > 1 && fault.words().len() > 20);
    }
}
