//! What a decision rests on beyond the object it changes. Where several transactions write at the
//! same time, such a matter has to stand still from the moment it is read.

/// A matter of an organization that a rule looks at before a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matter {
    /// How many seats are left (R5): two invitations must not take the same last one.
    Seats,
    /// Who else is an owner (P-LAST-OWNER): two owners must not leave at the same time.
    Owners,
    /// Which connections are on, and by which token: what rests on it must not outlive it.
    Connections,
    /// The same, by whoever changes it: nobody else decides by it meanwhile.
    ConnectionsChange,
    /// Which ways of signing in are open: a session must not begin through one that is closed.
    LoginMethods,
    /// The same, by whoever changes them.
    LoginMethodsChange,
}
