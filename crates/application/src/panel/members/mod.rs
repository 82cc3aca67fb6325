//! Members: looking at them, inviting them by hand, and what the panel may do to them.

mod accept;
mod commands;
mod edit;
mod invite;
mod read;

pub use accept::{AcceptInvitation, InvitationPreview, accept_invitation, preview_invitation};
pub use commands::{BULK_LIMIT, MemberCommand, command_member, command_members};
pub use edit::{MemberChanges, edit_member};
pub use invite::{
    INVITE_LIMIT, InviteMember, cancel_invitation, invite_member, invite_members, resend_invitation,
};
pub use read::{CHOSEN_LIMIT, MemberDetails, MemberRow, chosen_members, get_member, list_members};

pub(crate) use read::rows;
