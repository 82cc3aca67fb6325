//! What may be written in the fields of a login method.

use std::net::IpAddr;

use rollcall_domain::{DirectoryKind, FoldedKey, LoginProvider};
use uuid::Uuid;

use crate::InvalidInput;

/// The longest value of one field, in bytes.
pub(super) const LIMIT: usize = 2048;

/// How many domains one provider may be offered to.
const DOMAINS: usize = 50;

/// The provider with its fields as they are stored.
pub(super) fn checked(provider: &LoginProvider) -> Result<LoginProvider, InvalidInput> {
    let issuer = address("issuer", &provider.issuer)?;
    require_issuer_of(provider.kind, &issuer)?;
    Ok(LoginProvider {
        kind: provider.kind,
        enabled: provider.enabled,
        client_id: plain("client_id", &provider.client_id)?,
        base_url: address("base_url", &provider.base_url)?,
        issuer,
        audience: plain("audience", &provider.audience)?,
        domains: domains(&provider.domains)?,
        test: provider.test,
    })
}

/// Demands everything that signing in needs, of a provider that is enabled.
pub(super) fn require_complete(
    provider: &LoginProvider,
    has_secret: bool,
) -> Result<(), InvalidInput> {
    if !provider.enabled {
        return Ok(());
    }
    let needs_base = provider.kind == DirectoryKind::Okta;
    let needed = [
        ("client_id", provider.client_id.is_empty()),
        ("client_secret", !has_secret),
        ("base_url", needs_base && provider.base_url.is_empty()),
        ("issuer", provider.issuer.is_empty()),
    ];
    match needed.into_iter().find(|(_, missing)| *missing) {
        Some((field, _)) => {
            let reason = format!("is needed to sign in through {}", provider.kind);
            Err(InvalidInput::new(field, reason))
        }
        None => Ok(()),
    }
}

/// Microsoft Entra ID has one issuer for each of its tenants. The issuers that stand for every
/// tenant (`common`, `organizations`, `consumers`) would let anybody in who has any account there.
fn require_issuer_of(kind: DirectoryKind, issuer: &str) -> Result<(), InvalidInput> {
    if kind != DirectoryKind::Entra || issuer.is_empty() || entra_tenant(issuer).is_some() {
        return Ok(());
    }
    let reason = "must name your tenant by its id, as in \
        https://login.microsoftonline.com/<tenant id>/v2.0";
    Err(InvalidInput::new("issuer", reason))
}

/// The tenant id in an issuer of Microsoft Entra ID.
fn entra_tenant(issuer: &str) -> Option<Uuid> {
    let mut parts = issuer.strip_suffix("/v2.0")?.rsplit('/');
    parts.next()?.parse().ok()
}

fn plain(field: &str, text: &str) -> Result<String, InvalidInput> {
    let text = text.trim();
    if text.len() > LIMIT {
        return Err(InvalidInput::new(field, "is too long"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(InvalidInput::new(field, "must not contain white space"));
    }
    Ok(text.to_owned())
}

/// An absolute https URL without credentials, query or fragment; empty while not configured.
/// Plain http is taken for this very machine alone, where a test's provider listens.
fn address(field: &str, text: &str) -> Result<String, InvalidInput> {
    let text = plain(field, text)?;
    if text.is_empty() {
        return Ok(text);
    }
    let secure = text.strip_prefix("https://");
    let local = text.strip_prefix("http://");
    let host = secure.or(local).and_then(|rest| rest.split('/').next());
    let plain_host = host.is_some_and(|host| {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "443"));
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        let written = !name.is_empty() && name.chars().all(allowed) && port.parse::<u16>().is_ok();
        written && (secure.is_some() || is_this_machine(name))
    });
    if !plain_host || text.contains(['?', '#', '\\']) {
        let reason = "must be an https address, such as https://example.okta.com";
        return Err(InvalidInput::new(field, reason));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn is_this_machine(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name == "localhost",
    }
}

fn domains(written: &[String]) -> Result<Vec<String>, InvalidInput> {
    let refuse = |reason: &str| InvalidInput::new("domains", reason);
    let mut domains = Vec::new();
    for text in written.iter().map(|text| text.trim()) {
        let text = text.strip_prefix('@').unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        let odd = |c: char| c.is_control() || c.is_whitespace() || "@/:,;\\\"<>()".contains(c);
        let dots = text.starts_with('.') || text.ends_with('.') || text.contains("..");
        if text.len() > 253 || text.chars().any(odd) || dots || !text.contains('.') {
            return Err(refuse(
                "must be domains of e-mail addresses, such as example.com",
            ));
        }
        domains.push(FoldedKey::of(text).as_str().to_owned());
    }
    domains.sort_unstable();
    domains.dedup();
    if domains.len() > DOMAINS {
        return Err(refuse("must not be more than 50"));
    }
    Ok(domains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_https_addresses_are_taken_and_http_of_this_machine() {
        for good in [
            "https://example.okta.com",
            "https://example.okta.com/oauth2/default",
            "https://example.okta.com:8443/",
            "http://127.0.0.1:8080/oauth2",
            "http://localhost:8080",
            "",
        ] {
            assert!(address("issuer", good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.okta.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "example.okta.com",
            "https://",
            "https://user:secret@example.okta.com",
            "https://example.okta.com?next=1",
            "https://example.okta.com#part",
            "https://exa mple.com",
            "javascript:alert(1)",
            "https://example.okta.com\\@evil.example",
        ] {
            assert!(address("issuer", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_issuer_of_entra_names_one_tenant() {
        let of = |issuer: &str| require_issuer_of(DirectoryKind::Entra, issuer).is_ok();
        assert!(of(
            "https://login.microsoftonline.com/8d2a1c80-91a4-4b9a-9f0e-0e3f0c4f7b11/v2.0"
        ));
        for bad in [
            "https://login.microsoftonline.com/common/v2.0",
            "https://login.microsoftonline.com/organizations/v2.0",
            "https://login.microsoftonline.com/consumers/v2.0",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/8d2a1c80-91a4-4b9a-9f0e-0e3f0c4f7b11",
            "https://example.okta.com",
        ] {
            assert!(!of(bad), "{bad}");
        }
        assert!(require_issuer_of(DirectoryKind::Okta, "https://example.okta.com").is_ok());
    }

    #[test]
    fn domains_are_folded_and_told_once() {
        let written = ["Example.com", " @example.com", "", "b.example"].map(str::to_owned);
        assert_eq!(
            domains(&written),
            Ok(vec!["b.example".to_owned(), "example.com".to_owned()])
        );
        for bad in [
            "example",
            "a@example.com",
            ".com",
            "exa mple.com",
            "x/y.com",
        ] {
            assert!(domains(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
