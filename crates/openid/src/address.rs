//! Which addresses may be asked. Whoever configures a login method names a host that this service
//! then connects to: so it must not become a way into the network behind it (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rollcall_application::ports::ProviderClient;
use rollcall_domain::SignInFault;
use ureq::http::Uri;

/// The hosts that belong to one provider: its issuer's and its base URL's, with their ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// The hosts of a provider.
    #[must_use]
    pub fn of(client: &ProviderClient) -> Self {
        let addresses = [&client.issuer, &client.base_url];
        let authorities = addresses.into_iter().filter_map(|text| authority(text));
        Self(authorities.collect())
    }

    /// Reads an address that a provider names.
    ///
    /// # Errors
    /// [`SignInFault::AddressRefused`] unless it is https, or http on this very machine;
    /// [`SignInFault::ForeignEndpoint`] when it is on another host.
    pub fn require(&self, text: &str) -> Result<Uri, SignInFault> {
        let uri: Uri = text.parse().map_err(|_| SignInFault::AddressRefused)?;
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return Err(SignInFault::AddressRefused);
        };
        let carried = scheme == "https" || (scheme == "http" && names_this_machine(host));
        if !carried || text.contains(['@', '#', '\\']) {
            return Err(SignInFault::AddressRefused);
        }
        let known = authority(text).is_some_and(|authority| self.0.contains(&authority));
        if known {
            Ok(uri)
        } else {
            Err(SignInFault::ForeignEndpoint)
        }
    }
}

/// Scheme, host and port of an address.
fn authority(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host()?.to_ascii_lowercase());
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = uri.port_u16().unwrap_or(usual);
    Some(format!("{scheme}://{host}:{port}"))
}

/// Whether a host is this machine by its very name.
#[must_use]
pub fn names_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare.eq_ignore_ascii_case("localhost"),
    }
}

/// Whether an address is one of the public internet.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded(address) {
        return is_public_v4(inner);
    }
    let first = address.segments()[0];
    // Of all of it only 2000::/3 is assigned to the public internet.
    let global = first & 0xe000 == 0x2000;
    let documentation = first == 0x2001 && address.segments()[1] == 0x0db8;
    global && !documentation
}

/// The address of IPv4 inside one of IPv6: mapped, translated (`64:ff9b::/96`), or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    let segments = address.segments();
    let at = |from: usize| -> Option<Ipv4Addr> {
        let (high, low) = (*segments.get(from)?, *segments.get(from + 1)?);
        Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
    };
    match segments {
        [0x0064, 0xff9b, 0, 0, 0, 0, ..] => at(6),
        [0x2002, ..] => at(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rollcall_domain::DirectoryKind;

    use super::*;

    #[test]
    fn private_and_special_addresses_are_not_public() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "fec0::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "172.32.0.1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn only_the_configured_hosts_are_asked_and_only_over_tls() {
        let hosts = Hosts::of(&ProviderClient {
            kind: DirectoryKind::Okta,
            client_id: String::new(),
            base_url: "https://acme.okta.com".to_owned(),
            issuer: "https://login.acme.com/oauth2/default".to_owned(),
            audience: String::new(),
            redirect_uri: String::new(),
        });
        for good in [
            "https://acme.okta.com/oauth2/v1/token",
            "https://LOGIN.acme.com:443/keys",
        ] {
            assert!(hosts.require(good).is_ok(), "{good}");
        }
        for (bad, fault) in [
            ("https://evil.example/token", SignInFault::ForeignEndpoint),
            (
                "https://acme.okta.com.evil.example/",
                SignInFault::ForeignEndpoint,
            ),
            (
                "https://acme.okta.com:8443/token",
                SignInFault::ForeignEndpoint,
            ),
            ("http://127.0.0.1/token", SignInFault::ForeignEndpoint),
            ("http://acme.okta.com/token", SignInFault::AddressRefused),
            (
                "https://acme.okta.com@evil.example/",
                SignInFault::AddressRefused,
            ),
            ("ftp://acme.okta.com/token", SignInFault::AddressRefused),
            ("/token", SignInFault::AddressRefused),
        ] {
            assert_eq!(hosts.require(bad), Err(fault), "{bad}");
        }
    }
}
