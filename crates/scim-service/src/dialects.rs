//! Which dialect of SCIM a directory speaks.

use rollcall_domain::DirectoryKind;
use rollcall_scim_protocol::dialect::Dialect;

/// The dialect of a kind of directory: a new kind is a new line here.
pub(crate) const fn dialect_of(kind: DirectoryKind) -> &'static Dialect {
    match kind {
        DirectoryKind::Okta => &Dialect::OKTA,
        DirectoryKind::Entra => &Dialect::ENTRA,
    }
}
