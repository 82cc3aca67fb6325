//! Getting in and staying in: sign-in, sessions, passwords.

mod attempts;
mod confirmation;
mod identities;
mod options;
mod password;
mod policy;
mod provider_sign_in;
mod reset;
mod sessions;
mod sign_in;

pub use confirmation::{Confirmed, confirm};
pub use identities::{list_identities, member_identities, release_identity};
pub use options::{organization_sign_in_options, sign_in_options};
pub use password::{MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, change_password};
pub use policy::AccessPolicy;
pub use provider_sign_in::{
    BeginSignIn, CameBack, ProviderAnswer, SIGN_IN_LIFETIME, SignInBegun, begin_connecting,
    begin_provider_sign_in, finish_provider_sign_in,
};
pub use reset::{complete_reset, request_reset};
pub use sessions::{
    StartedSession, authenticate, end_other_sessions, end_session, list_sessions, sign_out,
    sign_out_elsewhere,
};
pub use sign_in::{OrganizationChoice, SignIn, SignedIn, sign_in};

pub(crate) use confirmation::require_confirmed;
pub(crate) use password::require_acceptable;
pub(crate) use sessions::begin_session;

/// There is no session, or it has ended.
pub const NO_SESSION: &str = "sign in first";
/// E-mail and password do not fit, whatever the reason (SEC-14).
pub const WRONG_CREDENTIALS: &str = "this e-mail and password do not match an active account";
/// The present password, asked for again, is wrong (SEC-9).
pub const WRONG_PASSWORD: &str = "this is not your current password";
/// Who has no password confirms by having just signed in through the provider (SEC-9).
pub const FRESH_SIGN_IN_NEEDED: &str = "to confirm this, sign out and sign in again through your identity provider; within ten minutes \
     it counts as your confirmation";
/// The present password has to be given again and was not (SEC-9).
pub const PASSWORD_NEEDED: &str = "give your current password to confirm this";
