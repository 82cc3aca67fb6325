//! Which address a request really came from.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::http::header::HeaderMap;

/// A network of addresses, such as `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an IP address or network, such as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| InvalidNetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.trim().parse().map_err(|_| InvalidNetwork)?,
            None => width,
        };
        if prefix > width {
            return Err(InvalidNetwork);
        }
        Ok(Self { address, prefix })
    }
}

impl Network {
    /// Whether the address lies in the network; IPv4 written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                let cut = |bits: u32| bits.checked_shr(shift).unwrap_or(0);
                cut(network.to_bits()) == cut(address.to_bits())
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix);
                let cut = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                cut(network.to_bits()) == cut(address.to_bits())
            }
            _ => false,
        }
    }
}

/// The client's address: the socket's, unless that is a trusted proxy, whose word is then taken
/// for the one before it, and so on (SEC-32: anybody else's forwarding headers have no effect).
#[must_use]
pub fn client_address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &[Network],
) -> Option<IpAddr> {
    let mut client = peer?.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(client) {
        return Some(client);
    }
    for hop in forwarded(headers).into_iter().rev() {
        let Some(address) = parse_hop(&hop) else {
            break;
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    Some(client)
}

/// The hops as the proxies wrote them, the client's own first.
fn forwarded(headers: &HeaderMap) -> Vec<String> {
    let values = |name: &str| -> Vec<String> {
        let values = headers
            .get_all(name)
            .filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(','))
            .map(|part| part.trim().to_owned())
            .collect()
    };
    let classic = values("x-forwarded-for");
    if !classic.is_empty() {
        return classic;
    }
    let hops = values("forwarded");
    let address = |hop: &String| -> String {
        let pair = hop.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.eq_ignore_ascii_case("for").then_some(value)
        });
        pair.unwrap_or_default().trim_matches('"').to_owned()
    };
    hops.iter().map(address).collect()
}

/// Reads `192.0.2.1`, `192.0.2.1:8080`, `[2001:db8::1]`, `[2001:db8::1]:8080` or `2001:db8::1`.
fn parse_hop(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        headers
    }

    fn seen(peer: &str, pairs: &[(&'static str, &'static str)], trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|n| n.parse().unwrap()).collect();
        let peer = Some(peer.parse().unwrap());
        client_address(peer, &headers(pairs), &trusted)
            .unwrap()
            .to_string()
    }

    #[test]
    fn sec_32_nobody_is_believed_by_default() {
        let forged = [("x-forwarded-for", "203.0.113.9")];
        assert_eq!(seen("192.0.2.1", &forged, &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &forged, &["10.0.0.0/8"]), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_first_stranger() {
        let chain = [("x-forwarded-for", "1.2.3.4, 203.0.113.9, 10.1.1.1")];
        assert_eq!(seen("10.0.0.1", &chain, &["10.0.0.0/8"]), "203.0.113.9");
        let standard = [(
            "forwarded",
            "for=\"[2001:db8::7]:99\";proto=https, for=10.2.2.2",
        )];
        assert_eq!(seen("10.0.0.1", &standard, &["10.0.0.0/8"]), "2001:db8::7");
        assert_eq!(seen("::ffff:10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
        let junk = [("x-forwarded-for", "unknown")];
        assert_eq!(seen("10.0.0.1", &junk, &["10.0.0.0/8"]), "10.0.0.1");
    }

    #[test]
    fn networks_are_read_and_checked() {
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("nonsense".parse::<Network>().is_err());
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("255.1.2.3".parse().unwrap()));
        assert!(!all.contains("::1".parse().unwrap()));
        let one: Network = "::1".parse().unwrap();
        assert!(one.contains("::1".parse().unwrap()));
    }
}
