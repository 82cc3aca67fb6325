//! A bulk request is read, its references found and replaced, or it is refused, never a crash.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use rollcall_scim_protocol::json;
use rollcall_scim_protocol::messages::{BulkLimits, BulkRequest};

const LIMITS: BulkLimits = BulkLimits {
    max_operations: 100,
    max_payload_bytes: 64 * 1024,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else {
        return;
    };
    let Ok(request) = BulkRequest::parse(body, LIMITS) else {
        return;
    };
    for mut call in request
        .operations
        .into_iter()
        .filter_map(|one| one.call.ok())
    {
        let names = call.references();
        let ids: HashMap<String, String> = names
            .iter()
            .map(|name| (name.clone(), "1".to_owned()))
            .collect();
        let taken = call.take_referring(&names);
        if let Some(mut back) = call.giving_back("1", &taken) {
            back.resolve(&ids);
        }
        call.resolve(&ids);
    }
});
