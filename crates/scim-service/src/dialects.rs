//! Which dialect of SCIM a connection speaks.

use rollcall_domain::Profile;
use rollcall_scim_protocol::dialect::Dialect;

/// The dialect of a profile: a new profile is a new line here.
pub(crate) const fn dialect_of(profile: Profile) -> &'static Dialect {
    match profile {
        Profile::Okta => &Dialect::OKTA,
        Profile::Entra => &Dialect::ENTRA,
        Profile::EntraAdditive => &Dialect::ENTRA_ADDITIVE,
        Profile::Generic => &Dialect::GENERIC,
        Profile::Strict => &Dialect::STRICT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_has_the_dialect_of_its_name() {
        for profile in Profile::ALL {
            assert_eq!(dialect_of(profile).name, profile.as_str());
        }
    }
}
