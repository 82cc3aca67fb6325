//! Sends the outbox by SMTP or into a folder.
