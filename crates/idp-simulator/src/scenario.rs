//! Whole stories, from the first click at the identity provider to the last.

mod entra;

pub use entra::entra_everything;

use serde_json::{Value, json};

use crate::observe::Report;
use crate::okta::{ENTERPRISE, Okta, OktaGroupId, OktaId, Profile, PushMode, PushShape, Unlink};

/// The people of the story.
struct Cast {
    jane: OktaId,
    omar: OktaId,
    li: OktaId,
}

/// Everything that Okta does, in the dialect of the app, against any server.
///
/// All names carry the suffix, so that a live tenant is safe as long as no other run used it: only
/// what the story made is touched, its groups are deleted at the end, and its users deactivated,
/// because Okta never deletes a user. The report is that of the whole simulator, earlier steps
/// included.
pub fn okta_everything(okta: &mut Okta<'_>, run_suffix: &str) -> Report {
    okta.reseed(run_suffix);
    okta.test_credentials();
    okta.try_wrong_token();
    okta.look_for_nobody();
    let cast = people_arrive(okta, run_suffix);
    profiles_change(okta, &cast);
    let group = group_lives(okta, &cast, run_suffix);
    leaver_returns(okta, &cast, &group);
    okta.import();
    clean_up(okta);
    okta.report().clone()
}

fn people_arrive(okta: &mut Okta<'_>, suffix: &str) -> Cast {
    let jane = Profile::new("Jane", "Doe", &format!("Jane.Doe+{suffix}@Example.com"))
        .with("title", json!("Engineer"))
        .with(
            "phoneNumbers",
            json!([{"value": "+1 555 0100", "type": "work", "primary": true}]),
        )
        .with(
            ENTERPRISE,
            json!({"department": "Platform", "employeeNumber": "7001"}),
        );
    let omar = Profile::new("Omar", "Haddad", &format!("ohaddad-{suffix}"))
        .with_email(&format!("omar.haddad+{suffix}@example.com"));
    let li = Profile::new("Li", "Nguyễn", &format!("li.nguyen+{suffix}@example.com"));
    let [jane, omar, li] = [jane, omar, li].map(|profile| okta.hire(profile));
    for person in [&jane, &omar, &li] {
        okta.assign(person);
        okta.verify_user(person);
    }
    okta.create_again(&jane);
    okta.look_up_in_capitals(&jane);
    Cast { jane, omar, li }
}

fn profiles_change(okta: &mut Okta<'_>, cast: &Cast) {
    push_change(okta, &cast.jane, |profile| {
        "Janet".clone_into(&mut profile.given_name);
        profile
            .mapped
            .insert("title".to_owned(), json!("Staff Engineer"));
    });
    push_change(okta, &cast.jane, |profile| {
        profile.mapped.insert("title".to_owned(), json!(""));
        profile
            .mapped
            .insert("phoneNumbers".to_owned(), Value::Array(Vec::new()));
    });
    push_change(okta, &cast.omar, |profile| {
        profile.user_name = profile.user_name.to_uppercase();
    });
    okta.suspend(&cast.li);
    okta.verify_user(&cast.li);
}

fn push_change(okta: &mut Okta<'_>, person: &OktaId, change: impl FnOnce(&mut Profile)) {
    let Some(mut profile) = okta.profile(person).cloned() else {
        return;
    };
    change(&mut profile);
    okta.update_profile(person, profile);
    okta.verify_user(person);
}

fn group_lives(okta: &mut Okta<'_>, cast: &Cast, suffix: &str) -> OktaGroupId {
    let group = okta.form_group(
        &format!("Platform {suffix}"),
        std::slice::from_ref(&cast.jane),
    );
    okta.push_group(&group, PushMode::Create);
    okta.verify_group(&group);
    okta.change_members(&group, std::slice::from_ref(&cast.omar), &[]);
    // The same again must change nothing: Okta repeats a push whose answer was lost.
    okta.change_members(&group, std::slice::from_ref(&cast.omar), &[]);
    okta.verify_group(&group);
    // One leaves and one stays: a removal that empties the group would show.
    okta.change_members(&group, &[], std::slice::from_ref(&cast.jane));
    okta.verify_group(&group);
    okta.change_members(
        &group,
        std::slice::from_ref(&cast.li),
        &[cast.jane.clone(), cast.omar.clone()],
    );
    okta.verify_group(&group);
    okta.add_with_unknown_member(&group, &cast.omar);
    okta.verify_group(&group);
    okta.rename_group(&group, &format!("Platform and Tools {suffix}"));
    okta.verify_group(&group);
    push_everything(okta, &group, cast);
    link_existing(okta, cast, suffix);
    group
}

/// "Push now" in each shape, with people who came and went since, and with nobody at all.
fn push_everything(okta: &mut Okta<'_>, group: &OktaGroupId, cast: &Cast) {
    let both = [cast.omar.clone(), cast.li.clone()];
    for shape in [
        PushShape::Path,
        PushShape::WholeGroup,
        PushShape::MembersOnly,
    ] {
        for members in [&both[..1], &[], &both[1..], &both[..]] {
            okta.set_members_unsent(group, members);
            okta.push_now(group, shape);
            okta.verify_group(group);
        }
    }
}

/// A group that was left at the server is found again by its name, with nobody lost.
fn link_existing(okta: &mut Okta<'_>, cast: &Cast, suffix: &str) {
    let group = okta.form_group(&format!("Press {suffix}"), std::slice::from_ref(&cast.omar));
    okta.push_group(&group, PushMode::Create);
    okta.unlink_group(&group, Unlink::Leave);
    okta.push_group(&group, PushMode::Link);
    okta.verify_group(&group);
}

fn leaver_returns(okta: &mut Okta<'_>, cast: &Cast, group: &OktaGroupId) {
    okta.deactivate(&cast.jane);
    okta.verify_user(&cast.jane);
    okta.verify_still_found(&cast.jane);
    okta.reactivate(&cast.jane);
    okta.verify_user(&cast.jane);
    okta.change_members(group, std::slice::from_ref(&cast.jane), &[]);
    okta.verify_group(group);
}

fn clean_up(okta: &mut Okta<'_>) {
    for group in okta.pushed_groups() {
        let link = okta.group_link(&group).unwrap_or_default().to_owned();
        okta.unlink_group(&group, Unlink::Delete);
        okta.look_for_deleted_group("that the story made", &link);
    }
    for person in okta.linked_people() {
        okta.deactivate(&person);
    }
}
