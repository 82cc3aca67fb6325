//! What a directory may do through its connection (R03–R05, R11; part B).
//!
//! A directory sees exactly the members and teams with a live link to its connection; everything
//! else is absent to it. Every write asks again, inside its transaction, whether the token still
//! opens the connection, so that nothing lands once it does not (R03).

mod authenticate;
mod caller;
mod delete_team;
mod delete_user;
mod groups;
mod listing;
mod note_heard;
mod ranking;
mod receive_team;
mod receive_user;
mod refused_tokens;
mod scene;
mod update_team;
mod update_user;
mod users;
mod warnings;

pub use authenticate::authenticate;
pub use caller::{DirectoryCaller, Precondition, Rejection, Versions};
pub use delete_team::delete_team;
pub use delete_user::delete_user;
pub use groups::{GroupQuery, GroupView, Members, get_group, list_groups};
pub use listing::{Found, Keep, Key, Listed, Order, Place, SCAN_LIMIT, SortBy, Start, Wanted};
pub use note_heard::note_heard;
pub use receive_team::receive_team;
pub use receive_user::{Received, receive_user};
pub use refused_tokens::{RefusedTokens, TokenRefusals};
pub use update_team::{Strangers, TeamUpdate, TeamWish, update_team};
pub use update_user::update_user;
pub use users::{
    Readable, Referrer, UserDetail, UserQuery, UserView, describe_user, get_user, list_users,
};
