//! What stands around every page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use rollcall_application::panel::provisioning::{
    LoginReminder, ProvisioningState, ReminderCause, get_provisioning,
};
use rollcall_application::{Caller, Failure};
use rollcall_domain::{DirectoryKind, Role};

use crate::view::count;
use crate::{Console, assets};

/// Who is signed in.
pub(crate) struct User {
    pub(crate) label: String,
    pub(crate) initials: String,
    pub(crate) role: &'static str,
    pub(crate) is_admin: bool,
}

/// Members are provisioned who cannot sign in (R06).
pub(crate) struct Reminder {
    pub(crate) directory: &'static str,
    pub(crate) cause: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) members: String,
}

impl From<&LoginReminder> for Reminder {
    fn from(reminder: &LoginReminder) -> Self {
        let members = match reminder.members {
            0 => "Nobody can".to_owned(),
            10_000.. => "10,000 or more of its members cannot".to_owned(),
            1 => "1 member cannot".to_owned(),
            some => format!("{} cannot", count(some, "member")),
        };
        let (cause, remedy) = match reminder.cause {
            ReminderCause::NotEnabled => ("is not enabled as a login method", "enable it"),
            ReminderCause::TestFailed => ("failed its last test as a login method", "mend it"),
        };
        Self {
            directory: reminder.directory.label(),
            cause,
            remedy,
            members,
        }
    }
}

/// The frame of a page.
pub(crate) struct Shell {
    pub(crate) title: String,
    pub(crate) heading: String,
    pub(crate) section: &'static str,
    pub(crate) user: Option<User>,
    pub(crate) flash: Option<&'static str>,
    /// R06: remind of a login method, and whom it concerns.
    pub(crate) reminders: Vec<Reminder>,
    /// R07: whose members and teams are read-only.
    pub(crate) read_only: Vec<&'static str>,
    pub(crate) css: String,
    pub(crate) js: String,
    pub(crate) mark: String,
}

impl Shell {
    /// For who is not signed in.
    pub(crate) fn public(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            heading: title.to_owned(),
            section: "",
            user: None,
            flash: None,
            reminders: Vec::new(),
            read_only: Vec::new(),
            css: assets::address("console", "css"),
            js: assets::address("console", "js"),
            mark: assets::address("rollcall", "svg"),
        }
    }

    /// For the caller, in a section of the navigation.
    pub(crate) fn of(caller: &Caller, section: &'static str, title: &str) -> Self {
        Self {
            section,
            user: Some(User {
                label: caller.label.clone(),
                initials: initials(&caller.label),
                role: role_label(caller.role),
                is_admin: caller.role >= Role::Admin,
            }),
            ..Self::public(title)
        }
    }

    /// With what just happened, by its code in the address.
    pub(crate) fn told(mut self, code: Option<&str>) -> Self {
        self.flash = code.and_then(flash);
        self
    }

    /// With the reminder and the notice of provisioning.
    pub(crate) async fn noticed(
        mut self,
        console: &Console,
        caller: &Caller,
    ) -> Result<Self, Failure> {
        let state = get_provisioning(&console.services, caller).await?;
        self.notice(&state);
        Ok(self)
    }

    /// The same from a state that is loaded already.
    pub(crate) fn notice(&mut self, state: &ProvisioningState) {
        self.reminders = state.login_reminders.iter().map(Into::into).collect();
        let labels = state.read_only_sources.iter();
        self.read_only = labels.map(|kind: &DirectoryKind| kind.label()).collect();
    }
}

/// What just happened, in words. The address holds a code alone, so nobody can put words there.
fn flash(code: &str) -> Option<&'static str> {
    Some(match code {
        "saved" => "Saved.",
        "suspended" => "The member is suspended and signed out.",
        "activated" => "The member is active again.",
        "deleted" => "Deleted.",
        "resent" => "The invitation was sent again. The old link no longer works.",
        "cancelled" => "The invitation was cancelled.",
        "created" => "The team was created.",
        "added" => "Added to the team.",
        "removed" => "Removed from the team.",
        "off" => "Provisioning is off. The old credentials no longer work.",
        "allowed" => "Allowed for 24 hours. Push the person again from the directory.",
        "tested" => "The test passed: members can sign in.",
        "connected" => "Your account is connected. You can sign in with it from now on.",
        "released" => "The account is no longer connected.",
        "signed-out" => "You are signed out.",
        "others" => "Your other sessions were signed out.",
        "password" => "Your password was changed.",
        "reset" => "If an account has that e-mail, a link is on its way.",
        "new-password" => "Your new password is set. Sign in with it.",
        _ => return None,
    })
}

/// The letters of an avatar.
pub(crate) fn initials(label: &str) -> String {
    let words = label.split(|c: char| c.is_whitespace() || c == '.' || c == '@');
    let firsts = words.filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let letters: String = firsts.take(2).flat_map(char::to_uppercase).collect();
    if letters.is_empty() {
        "?".to_owned()
    } else {
        letters
    }
}

/// A role in words.
pub(crate) fn role_label(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Member => "Member",
    }
}

/// Renders a page.
pub(crate) fn render(page: &impl Template) -> HttpResponse {
    render_as(StatusCode::OK, page)
}

/// Renders a page with a status.
pub(crate) fn render_as(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .body(html),
        Err(error) => {
            tracing::error!(%error, "a template failed");
            HttpResponse::InternalServerError().body("Something broke on our side.")
        }
    }
}
