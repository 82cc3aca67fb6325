//! The story of Microsoft Entra ID.

use crate::entra::{Account, Entra, Person};
use crate::observe::Report;

/// Everything that Entra does, as the flag has it written, against any server.
///
/// All names carry the suffix, so that a live tenant is safe as long as no other run used it: what
/// the story made is deleted at the end. The report is that of the whole simulator, earlier steps
/// included.
pub fn entra_everything(entra: &mut Entra<'_>, run_suffix: &str) -> Report {
    entra.reseed(run_suffix);
    entra.test_connection();
    entra.try_wrong_token();
    let person = |given, family| {
        let nickname = format!("{given}.{run_suffix}");
        Person::new(given, family, &nickname)
    };
    let mut joy = person("Joy", "Young");
    let mut boss = person("Maya", "Lindqvist");
    let mut team = ["Ana", "Ben", "Chi", "Dov", "Eve", "Fay"].map(|name| person(name, "Park"));
    for one in [&mut joy, &mut boss].into_iter().chain(&mut team) {
        entra.create_user(one);
    }
    entra.create_user_again(&joy);
    entra.find_user(&joy);
    entra.change_user(&mut joy, "Young-Park");
    entra.set_manager(&joy, &boss);

    let mut group = entra.create_group(&format!("Research {run_suffix}"));
    entra.create_group_again(&group);
    let everybody: Vec<&Person> = team.iter().chain([&joy]).collect();
    entra.add_in_parallel(&group, &everybody);
    entra.verify_members(&group, &everybody);
    entra.read_without_members(&group);
    entra.remove_members(&group, &everybody[..2]);
    entra.verify_members(&group, &everybody[2..]);
    entra.rename_group(&mut group, &format!("Research and Design {run_suffix}"));
    entra.verify_members(&group, &everybody[2..]);

    // Deleted softly, and restored: nobody sends the memberships again.
    entra.switch_user(&joy, Account::Disabled);
    entra.find_user(&joy);
    entra.switch_user(&joy, Account::Enabled);
    entra.verify_members(&group, &everybody[2..]);

    // Deleted for good: gone from the group, too.
    entra.switch_user(&joy, Account::Disabled);
    entra.delete_user(&joy);
    entra.verify_members(&group, &everybody[2..everybody.len() - 1]);
    entra.delete_group(&group);
    for one in team.iter().chain([&boss]) {
        entra.switch_user(one, Account::Disabled);
        entra.delete_user(one);
    }
    entra.report().clone()
}
