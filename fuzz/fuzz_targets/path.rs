//! The path of an attribute is read or refused, never a crash; written, it is the same path.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_scim_protocol::path::AttributePath;
use rollcall_scim_protocol::schema::ResourceKind;

fuzz_target!(|text: &str| {
    for kind in [ResourceKind::User, ResourceKind::Group] {
        if let Ok(path) = AttributePath::parse(text, kind) {
            let again = AttributePath::parse(&path.to_string(), kind);
            assert_eq!(again.expect("what was written is read"), path);
        }
    }
});
