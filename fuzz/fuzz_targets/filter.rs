//! A filter is read or refused, never a crash; what was read and written is read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_scim_protocol::dialect::Literals;
use rollcall_scim_protocol::filter::{Filter, Limits, ParseOptions, Scope};
use rollcall_scim_protocol::schema::ResourceKind;

fuzz_target!(|text: &str| {
    for kind in [ResourceKind::User, ResourceKind::Group] {
        for literals in [Literals::Lenient, Literals::Strict] {
            let limits = Limits::ADDRESS;
            let Ok(filter) = Filter::parse(
                text,
                kind,
                ParseOptions {
                    limits,
                    literals,
                    scope: Scope::OneKind,
                },
            ) else {
                continue;
            };
            let written = filter.to_string();
            // Written out it may be longer and deeper than what was sent.
            let options = ParseOptions {
                scope: Scope::OneKind,
                limits: Limits {
                    bytes: usize::MAX,
                    depth: 64,
                    ..Limits::BODY
                },
                literals,
            };
            let again = Filter::parse(&written, kind, options).expect("what was written is read");
            assert_eq!(again, filter, "{written}");
        }
    }
});
