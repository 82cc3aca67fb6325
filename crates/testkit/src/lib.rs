//! For tests only: fixed clock, builders and the contract every store must keep.
