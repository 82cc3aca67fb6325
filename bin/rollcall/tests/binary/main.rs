//! The real program, from outside: its command line, its sentences, its exit codes, its signals.

mod configuration;
mod databases;
mod operator;
mod program;
mod service;
mod story;
