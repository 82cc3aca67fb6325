//! The rules, family by family, as tables; and random sequences of commands over them.
//!
//! A test is named after the rule it proves: R01 to R14, or the paragraph of part B.

mod activity;
mod adoption;
mod documentation;
mod identity;
mod invitations;
mod last_owner;
mod memberships;
mod organizations;
mod permissions;
mod read_only;
mod receive;
mod refusals;
mod seats;
mod sequences;
mod sign_on;
mod states;
mod support;
mod switching;
mod teams;
mod text;
mod world;
