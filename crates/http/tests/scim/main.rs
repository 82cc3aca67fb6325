//! The SCIM door over the whole application and a real database, in the words of a directory.

mod adoption;
mod boundaries;
mod bulk;
mod conditions;
mod cursors;
mod differential;
mod door;
mod giants;
mod groups;
mod log;
mod requirements;
mod root;
mod server;
mod sorting;
mod stage;
mod users;
mod writing;
