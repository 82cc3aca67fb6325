//! A modification is applied or refused, never a crash; the person before it stays as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rollcall_scim_protocol::dialect::Dialect;
use rollcall_scim_protocol::json;
use rollcall_scim_protocol::patch::group::plan;
use rollcall_scim_protocol::patch::{PatchRequest, apply};
use rollcall_scim_protocol::schema::ResourceKind;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else {
        return;
    };
    let person = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "jane@example.com",
        "emails": [{"value": "jane@example.com", "type": "work", "primary": true}],
        "active": true,
    });
    for dialect in [
        &Dialect::OKTA,
        &Dialect::ENTRA,
        &Dialect::GENERIC,
        &Dialect::STRICT,
    ] {
        let Ok(request) = PatchRequest::parse(body.clone(), dialect) else {
            continue;
        };
        // Both answers are fair; only a crash is not.
        let _ = apply(&person, &request, ResourceKind::User, dialect);
        let _ = plan(request, dialect);
    }
});
