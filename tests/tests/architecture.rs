//! The picture in docs/ARCHITECTURE.md, held against the code: an arrow that is not on the list
//! fails, and so does a look-up that forgets its organization.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which rooms a room may lean on. Dev-dependencies are free: a test may wire what it likes.
const ARROWS: &[(&str, &[&str])] = &[
    ("rollcall-domain", &[]),
    ("rollcall-scim-protocol", &[]),
    ("rollcall-application", &["rollcall-domain"]),
    (
        "rollcall-scim-service",
        &[
            "rollcall-domain",
            "rollcall-application",
            "rollcall-scim-protocol",
        ],
    ),
    (
        "rollcall-storage",
        &["rollcall-domain", "rollcall-application"],
    ),
    (
        "rollcall-secrets",
        &["rollcall-domain", "rollcall-application"],
    ),
    (
        "rollcall-mail",
        &["rollcall-domain", "rollcall-application"],
    ),
    (
        "rollcall-openid",
        &["rollcall-domain", "rollcall-application"],
    ),
    (
        "rollcall-http",
        &[
            "rollcall-domain",
            "rollcall-application",
            "rollcall-scim-service",
        ],
    ),
    (
        "rollcall-console",
        &["rollcall-domain", "rollcall-application"],
    ),
    ("rollcall-idp-simulator", &[]),
    ("rollcall-openid-provider", &[]),
    (
        "rollcall-testkit",
        &["rollcall-domain", "rollcall-application"],
    ),
    (
        "rollcall",
        &[
            "rollcall-domain",
            "rollcall-application",
            "rollcall-scim-service",
            "rollcall-storage",
            "rollcall-secrets",
            "rollcall-mail",
            "rollcall-openid",
            "rollcall-console",
            "rollcall-http",
            "rollcall-idp-simulator",
        ],
    ),
    (
        "rollcall-tests",
        &[
            "rollcall-idp-simulator",
            "rollcall-openid-provider",
            "rollcall-testkit",
        ],
    ),
    ("rollcall-benchmark", &["rollcall-testkit"]),
];

/// Libraries that only these rooms may know.
const OWNERS: &[(&str, &[&str])] = &[
    // The kit starts servers for tests and makes databases on them.
    (
        "diesel",
        &["rollcall-storage", "rollcall-testkit", "rollcall-benchmark"],
    ),
    ("pq-sys", &["rollcall-storage", "rollcall-testkit"]),
    ("libsqlite3-sys", &["rollcall-storage"]),
    (
        "actix-web",
        &["rollcall-http", "rollcall-console", "rollcall"],
    ),
    ("askama", &["rollcall-console"]),
    ("argon2", &["rollcall-secrets"]),
    ("lettre", &["rollcall-mail"]),
    ("jsonwebtoken", &["rollcall-openid"]),
    ("config", &["rollcall"]),
];

/// What the pure rooms may lean on beside the standard library.
const PURE: &[(&str, &[&str])] = &[
    (
        "rollcall-domain",
        &[
            "chrono",
            "serde",
            "serde_json",
            "thiserror",
            "unicode-normalization",
            "unicode-properties",
            "uuid",
        ],
    ),
    (
        "rollcall-scim-protocol",
        &[
            "base64",
            "chrono",
            "serde",
            "serde_json",
            "thiserror",
            "unicode-normalization",
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the root")
        .to_owned()
}

/// Each workspace package with its normal and build dependencies.
fn packages() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| text(&dependency["name"]))
                .collect();
            (text(&package["name"]), dependencies)
        })
        .collect()
}

#[test]
fn every_arrow_between_rooms_is_on_the_list() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let packages = packages();
    assert_eq!(
        packages.keys().map(String::as_str).collect::<BTreeSet<_>>(),
        allowed.keys().copied().collect::<BTreeSet<_>>(),
        "a room is missing on the list, or the list names one that is gone"
    );
    for (package, dependencies) in &packages {
        for dependency in dependencies
            .iter()
            .filter(|name| packages.contains_key(*name))
        {
            assert!(
                allowed[package.as_str()].contains(&dependency.as_str()),
                "forbidden arrow: {package} -> {dependency}"
            );
        }
    }
}

#[test]
fn each_library_stays_in_the_rooms_that_own_it() {
    let packages = packages();
    for (library, owners) in OWNERS {
        for (package, dependencies) in &packages {
            assert!(
                !dependencies.contains(*library) || owners.contains(&package.as_str()),
                "{package} leans on {library}, which belongs to {owners:?}"
            );
        }
    }
}

#[test]
fn the_pure_rooms_lean_on_values_and_text_alone() {
    let packages = packages();
    for (package, allowed) in PURE {
        for dependency in &packages[*package] {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{package} leans on {dependency}"
            );
        }
    }
}

/// The look-ups that find an organization instead of being told it. The list may only shrink.
const UNSCOPED: &[&str] = &[
    "count_attempt",
    "forget_attempts",
    "invitation_holder",
    "lease_mails",
    "mail_failed",
    "mail_sent",
    "members_by_email",
    "organizations",
    "providers_of_domain",
    "purge",
    "reset_holder",
    "session_holder",
    "sign_in_candidates",
    "token_holder",
];

#[test]
fn only_the_listed_look_ups_do_without_an_organization() {
    let ports = root().join("crates/application/src/ports");
    assert_eq!(
        trait_methods(&ports.join("unscoped.rs"))
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        UNSCOPED
    );
}

/// SEC-5: the organization cannot be left out. It is an argument of its own, or a part of the
/// value given (a stamp, a session, an invitation).
#[test]
fn every_other_port_of_the_store_names_its_organization() {
    let ports = root().join("crates/application/src/ports");
    let scoped = [
        "OrganizationId",
        "&Stamp",
        "&NewSession",
        "&Invitation",
        "&Identity",
        "&PendingLogin",
        "&MembershipDelta",
    ];
    let files = [
        "organizations",
        "connections",
        "members",
        "teams",
        "activity",
        "credentials",
        "outbox",
        "sign_on",
    ];
    let mut seen = 0;
    for file in files {
        for (name, signature) in trait_methods(&ports.join(file).with_extension("rs")) {
            seen += 1;
            assert!(
                scoped.iter().any(|argument| signature.contains(argument)),
                "{file}.rs: `{name}` does not take the organization: {signature}"
            );
        }
    }
    assert!(seen > 40, "the ports were not found");
}

/// Name and signature of each method declared in the file's traits.
fn trait_methods(file: &Path) -> BTreeMap<String, String> {
    let source = std::fs::read_to_string(file).expect("the file is there");
    source
        .split("\n    fn ")
        .skip(1)
        .map(|rest| {
            let signature: String = rest
                .chars()
                .take_while(|c| !matches!(c, ';' | '{'))
                .collect();
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            (name, signature)
        })
        .filter(|(_, signature)| signature.contains("&mut self"))
        .collect()
}
