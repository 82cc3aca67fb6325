//! A body is read and normalised or refused, never a crash.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_scim_protocol::dialect::Dialect;
use rollcall_scim_protocol::json;
use rollcall_scim_protocol::resource::normalise;
use rollcall_scim_protocol::schema::ResourceKind;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else {
        return;
    };
    for kind in [ResourceKind::User, ResourceKind::Group] {
        for dialect in [&Dialect::ENTRA, &Dialect::STRICT] {
            // Both answers are fair; only a crash is not.
            let _ = normalise(body.clone(), kind, dialect);
        }
    }
});
