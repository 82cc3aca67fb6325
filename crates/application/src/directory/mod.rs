//! What a directory does through its connection: receive, change and remove members and teams.
