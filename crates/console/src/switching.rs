//! The questions before provisioning is switched: what exactly will stop, stay and happen.

use rollcall_application::Caller;
use rollcall_application::panel::provisioning::{Listed, ReconnectionPreview, preview_enabling};
use rollcall_domain::rules::permissions::Permission;
use rollcall_domain::{DirectoryKind, Target};

use crate::Console;
use crate::error::{PageError, sentence};
use crate::form::{Effect, Field, FormPage};
use crate::provisioning::HOME;
use crate::shell::Shell;
use crate::view::count;

/// Asks before provisioning is turned on or off, or new credentials are issued, with all that will
/// follow (R03, R12, R13).
pub(crate) async fn step_page(
    console: &Console,
    caller: &Caller,
    kind: DirectoryKind,
    step: &str,
) -> Result<FormPage, PageError> {
    caller.require(Permission::ManageProvisioning)?;
    let title = match step {
        "on" => format!("Turn on provisioning from {kind}?"),
        "off" => format!("Turn off provisioning from {kind}?"),
        "credentials" => format!("Issue new credentials for {kind}?"),
        _ => return Err(PageError::NotFound),
    };
    let submit = match step {
        "on" => "Turn on",
        "off" => "Turn off",
        _ => "Issue new credentials",
    };
    let shell = Shell::of(caller, "provisioning", &title);
    let mut page = FormPage::new(shell, submit, vec![Field::confirmation()]).cancel(HOME);
    page.effects = effects(kind, step);
    if step == "on" {
        let preview = preview_enabling(&console.services, caller, kind).await?;
        describe(&mut page, kind, &preview);
        return Ok(page);
    }
    Ok(page.danger())
}

/// What exactly will stop, what stays, and what happens to what is edited meanwhile.
fn effects(kind: DirectoryKind, step: &str) -> Vec<Effect> {
    let effect = |icon, title, text| Effect { icon, title, text };
    match step {
        "on" => vec![
            effect(
                "login",
                "You get two values",
                format!("A Tenant URL and a Secret Token, to enter in {kind}."),
            ),
            effect(
                "lock",
                "What it provisions is read-only here",
                format!("Members and teams that {kind} provisions can be edited only in {kind}."),
            ),
            effect(
                "members",
                "Everything else stays yours",
                "You go on inviting members and creating teams by hand.".to_owned(),
            ),
        ],
        "off" => vec![
            effect(
                "stop",
                "What stops at once",
                format!(
                    "The Secret Token no longer works: {kind} can push nothing any more. Who signed \
                     in through {kind} has to sign in again."
                ),
            ),
            effect(
                "members",
                "What stays",
                "Every member and team with its badge. They can be edited and deleted here."
                    .to_owned(),
            ),
            effect(
                "provisioning",
                "When it is turned on again",
                format!(
                    "{kind} finds again what was not edited. A member with another e-mail or a team with another name is not found: {kind} then creates a new one beside it."
                ),
            ),
        ],
        _ => vec![
            effect(
                "stop",
                "What stops at once",
                format!(
                    "The present Secret Token. {kind} is refused until you enter the new one there."
                ),
            ),
            effect(
                "members",
                "What stays",
                "The Tenant URL, and every member and team with its tie to the directory."
                    .to_owned(),
            ),
            effect(
                "info",
                "What happens to edited things",
                "Nothing is looked for anew: what is no longer found stays so.".to_owned(),
            ),
        ],
    }
}

fn listed(listed: &Listed<Target>) -> Vec<String> {
    let mut lines: Vec<String> = listed
        .first
        .iter()
        .map(|target| target.label.clone())
        .collect();
    let shown = u64::try_from(lines.len()).unwrap_or(0);
    if listed.count > shown {
        lines.push(format!("and {} more", listed.count - shown));
    }
    lines
}

fn describe(page: &mut FormPage, kind: DirectoryKind, preview: &ReconnectionPreview) {
    if let Some(refused) = &preview.refused {
        page.error = Some(sentence(&format!("This will be refused: {refused}")));
    }
    let found = preview.members_found + preview.teams_found;
    if found > 0 {
        let (members, teams) = (
            count(preview.members_found, "member"),
            count(preview.teams_found, "team"),
        );
        page.intro
            .push(format!("{kind} will find {members} and {teams}."));
    }
    let lists = [
        ("Found again", &preview.members_found_again),
        ("Teams found again", &preview.teams_found_again),
        (
            "Members no longer found: a new one will be created beside each",
            &preview.members_lost,
        ),
        (
            "Teams no longer found: a new one will be created beside each",
            &preview.teams_lost,
        ),
        (
            "Members who will be deactivated",
            &preview.members_deactivated,
        ),
    ];
    for (heading, list) in lists.into_iter().filter(|(_, list)| list.count > 0) {
        page.lists.push((heading.to_owned(), listed(list)));
    }
    let leaving = &preview.memberships_removed;
    if leaving.count > 0 {
        let line =
            |(team, member): &(Target, Target)| format!("{} leaves {}", member.label, team.label);
        let lines = leaving.first.iter().map(line).collect();
        page.lists.push((
            format!("{} will end", count(leaving.count, "membership")),
            lines,
        ));
    }
}
