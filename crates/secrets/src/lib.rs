//! Password hashing, tokens, the system clock and ids.
