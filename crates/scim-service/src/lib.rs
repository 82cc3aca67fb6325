//! What SCIM means for members and teams.
