//! Addresses of resources: `$ref` and `meta.location`.

use crate::schema::ResourceKind;

/// Whether two addresses lead to the same resource. A version of the protocol before the endpoint
/// makes no difference (RFC 7643 section 2.4), and a relative address is one of this provider
/// (section 2.3.7). The first one is ours, and absolute.
pub(crate) fn is_same(absolute: &str, other: &str) -> bool {
    let (Some(absolute), Some(other)) = (Address::read(absolute), Address::read(other)) else {
        return false;
    };
    (absolute.endpoint, absolute.id) == (other.endpoint, other.id)
        && (other.base.is_empty() || [absolute.base, absolute.path()].contains(&other.base))
}

/// An address, taken apart.
struct Address<'a> {
    /// What stands before the version and the endpoint, without what only says that it is relative.
    base: &'a str,
    endpoint: &'a str,
    id: &'a str,
}

impl<'a> Address<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (rest, id) = text.rsplit_once('/')?;
        let (base, endpoint) = rest.rsplit_once('/').unwrap_or(("", rest));
        let is_known = |kind: ResourceKind| kind.endpoint().trim_start_matches('/') == endpoint;
        if id.is_empty() || !ResourceKind::ALL.into_iter().any(is_known) {
            return None;
        }
        let (before, last) = base.rsplit_once('/').unwrap_or(("", base));
        let base = if is_version(last) { before } else { base };
        let base = if matches!(base, "." | "..") { "" } else { base };
        Some(Self { base, endpoint, id })
    }

    /// The base without scheme and host.
    fn path(&self) -> &'a str {
        let behind_scheme = self.base.split_once("://");
        let path =
            behind_scheme.and_then(|(_, rest)| Some(rest.split_at_checked(rest.find('/')?)?.1));
        path.unwrap_or_default()
    }
}

/// `v` and a number (RFC 7644 section 3.13).
fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix(['v', 'V']);
    digits.is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_2_4_04_neither_a_version_nor_the_base_makes_another_address() {
        let ours = "https://a.example/scim/1/v2/Users/7";
        for same in [
            ours,
            "https://a.example/scim/1/Users/7",
            "https://a.example/scim/1/v1/Users/7",
            "/scim/1/v2/Users/7",
            "/v2/Users/7",
            "v2/Users/7",
            "/Users/7",
            "Users/7",
            "../Users/7",
        ] {
            assert!(is_same(ours, same), "{same}");
        }
        for other in [
            "https://a.example/scim/1/v2/Users/8",
            "https://a.example/scim/1/v2/Groups/7",
            "https://b.example/scim/1/v2/Users/7",
            "https://a.example/scim/1/vx/Users/7",
            "/1/v2/Users/7",
            "/Users/7/",
            "/scim/2/Users/7",
            "Users",
            "7",
            "Users/",
            "",
        ] {
            assert!(!is_same(ours, other), "{other}");
        }
    }
}
