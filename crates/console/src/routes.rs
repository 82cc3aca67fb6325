//! Every page and its address.

use actix_web::http::StatusCode;
use actix_web::middleware::from_fn;
use actix_web::web::{self, post};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Route, guard};

use crate::error::{Answer, PageError, see_other};
use crate::gate::{SignedIn, surround, visitor};
use crate::{
    Console, access, accounts, activity, assets, compatibility, export, invitations, login_methods,
    member_actions, members, profile, provisioning, settings, setup, sign_in, teams,
};

/// The largest form, in bytes: a thousand chosen members fit well.
const FORM_LIMIT: usize = 256 * 1024;

/// Adds the pages beside the doors for programs, which keep their addresses.
pub fn configure(console: &Console, config: &mut web::ServiceConfig) {
    config.app_data(web::Data::new(console.clone())).service(
        web::scope("")
            .guard(guard::fn_guard(|context| {
                let path = context.head().uri.path();
                let first = path.split('/').find(|part| !part.is_empty());
                !matches!(first, Some("api" | "scim"))
            }))
            .app_data(
                web::FormConfig::default()
                    .limit(FORM_LIMIT)
                    .error_handler(|error, _| PageError::of_form(&error).into()),
            )
            .app_data(
                web::QueryConfig::default()
                    .error_handler(|_, _| PageError::Unreadable(StatusCode::BAD_REQUEST).into()),
            )
            .wrap(from_fn(surround))
            .configure(doors)
            .configure(people)
            .configure(rest)
            .default_service(web::to(nothing)),
    );
}

/// Reads a page, or its head alone (RFC 9110 section 9.3.2).
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Nothing is here; who is signed in keeps the navigation.
async fn nothing(console: web::Data<Console>, request: HttpRequest) -> Answer {
    if let Some(caller) = visitor(&request, &console).await {
        request.extensions_mut().insert(caller);
    }
    Err(PageError::NotFound)
}

async fn home(caller: SignedIn) -> HttpResponse {
    see_other(if caller.0.role >= rollcall_domain::Role::Admin {
        "/members"
    } else {
        "/profile"
    })
}

fn doors(config: &mut web::ServiceConfig) {
    config
        .route("/", get().to(home))
        .route("/assets/{name}", get().to(assets::get))
        .route("/setup/{token}", get().to(setup::show))
        .route("/setup/{token}", post().to(setup::found))
        .route("/sign-in", get().to(sign_in::show))
        .route("/sign-in", post().to(sign_in::sign_in))
        .route(
            "/sign-in/{organization}",
            get().to(sign_in::show_of_organization),
        )
        .route(
            "/sign-in/{organization}/{provider}",
            get().to(sign_in::begin),
        )
        .route(
            "/sign-in/{organization}/{provider}/callback",
            // Its code serves once: whoever asks for the head alone must not use it up.
            web::get().to(sign_in::come_back),
        )
        .route("/sign-out", post().to(sign_in::sign_out))
        .route("/invitations/{token}", get().to(access::show_invitation))
        .route("/invitations/{token}", post().to(access::accept))
        .route("/password-reset", get().to(access::show_request))
        .route("/password-reset", post().to(access::request))
        .route("/password-reset/{token}", get().to(access::show_reset))
        .route("/password-reset/{token}", post().to(access::reset))
        .route("/profile", get().to(profile::show))
        .route("/profile", post().to(profile::save))
        .route("/profile/password", get().to(profile::show_password))
        .route("/profile/password", post().to(profile::change_password))
        .route("/profile/sessions", post().to(profile::end_others))
        .route(
            "/profile/connect/{provider}",
            get().to(accounts::ask_connect),
        )
        .route("/profile/connect/{provider}", post().to(accounts::connect))
        .route(
            "/profile/disconnect/{provider}",
            post().to(accounts::disconnect),
        );
}

fn people(config: &mut web::ServiceConfig) {
    config
        .route("/members", get().to(members::list))
        .route("/members.csv", get().to(export::members))
        .route("/members/invite", get().to(invitations::show_invite))
        .route("/members/invite", post().to(invitations::invite))
        .route("/members/bulk", post().to(member_actions::bulk))
        .route("/members/{id}", get().to(members::show))
        .route("/members/{id}/edit", get().to(member_actions::show_edit))
        .route("/members/{id}/edit", post().to(member_actions::edit))
        .route("/members/{id}/role", get().to(member_actions::show_role))
        .route("/members/{id}/role", post().to(member_actions::set_role))
        .route(
            "/members/{id}/accounts/{provider}",
            get().to(accounts::ask_release),
        )
        .route(
            "/members/{id}/accounts/{provider}",
            post().to(accounts::release),
        )
        .route("/members/{id}/{command}", get().to(member_actions::ask))
        .route("/members/{id}/{command}", post().to(member_actions::act))
        .route("/teams", get().to(teams::list))
        .route("/teams/new", get().to(teams::show_new))
        .route("/teams/new", post().to(teams::create))
        .route("/teams/{id}", get().to(teams::show))
        .route("/teams/{id}/rename", get().to(teams::show_rename))
        .route("/teams/{id}/rename", post().to(teams::rename))
        .route("/teams/{id}/delete", get().to(teams::ask_delete))
        .route("/teams/{id}/delete", post().to(teams::delete))
        .route("/teams/{id}/add", get().to(teams::show_add))
        .route("/teams/{id}/add", post().to(teams::add))
        .route("/teams/{id}/remove/{member}", get().to(teams::ask_remove))
        .route("/teams/{id}/remove/{member}", post().to(teams::remove));
}

fn rest(config: &mut web::ServiceConfig) {
    const ON: &str = "/settings/provisioning";
    const METHODS: &str = "/settings/login-methods";
    config
        .route("/activity", get().to(activity::list))
        .route(ON, get().to(provisioning::show))
        .route(
            &format!("{ON}/links/{{member}}"),
            get().to(provisioning::ask_link),
        )
        .route(
            &format!("{ON}/links/{{member}}"),
            post().to(provisioning::allow),
        )
        .route(
            &format!("{ON}/{{directory}}/connect"),
            get().to(provisioning::connect),
        )
        .route(
            &format!("{ON}/{{directory}}/status"),
            get().to(provisioning::status),
        )
        .route(
            &format!("{ON}/{{directory}}/compatibility"),
            get().to(compatibility::show),
        )
        .route(
            &format!("{ON}/{{directory}}/compatibility"),
            post().to(compatibility::save),
        )
        .route(
            &format!("{ON}/{{directory}}/{{step}}"),
            get().to(provisioning::ask),
        )
        .route(
            &format!("{ON}/{{directory}}/{{step}}"),
            post().to(provisioning::act),
        )
        .route(METHODS, get().to(login_methods::show))
        .route(
            &format!("{METHODS}/password"),
            get().to(login_methods::ask_password),
        )
        .route(
            &format!("{METHODS}/password"),
            post().to(login_methods::switch_password),
        )
        .route(
            &format!("{METHODS}/{{provider}}"),
            get().to(login_methods::show_provider),
        )
        .route(
            &format!("{METHODS}/{{provider}}"),
            post().to(login_methods::save_provider),
        )
        .route(
            &format!("{METHODS}/{{provider}}/test"),
            post().to(login_methods::test),
        )
        .route("/settings/organization", get().to(settings::show))
        .route("/settings/organization", post().to(settings::save));
}
