//! Teams: made by hand and pushed, side by side (R07, R09–R12).

mod change;
mod membership;
mod read;

pub use change::{CreateTeam, create_team, delete_team, rename_team};
pub use membership::{MEMBERSHIP_LIMIT, add_members, remove_members};
pub use read::{TeamDetails, get_team, list_invitable_teams, list_team_members, list_teams};
