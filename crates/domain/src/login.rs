//! How members of an organization sign in to the panel.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::connection::DirectoryKind;
use crate::ids::{MemberId, OrganizationId};

/// What the last test of a login method found: whether people can sign in by it today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProviderTest {
    /// Nobody tested it since it was changed.
    #[default]
    Untested,
    /// It answered as it should.
    Passed(DateTime<Utc>),
    /// It did not.
    Failed(DateTime<Utc>, SignInFault),
}

/// An identity provider as a login method, by `OpenID` Connect: what the panel stores and shows.
/// The client secret is kept apart and never read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginProvider {
    /// Which one. It is the directory, too, whose members sign in through it.
    pub kind: DirectoryKind,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The client id of the application in the provider.
    pub client_id: String,
    /// The provider's base URL, such as `https://example.okta.com`.
    pub base_url: String,
    /// The issuer of its tokens, exactly as they state it.
    pub issuer: String,
    /// Another audience its tokens may name beside the client id; empty when there is none.
    pub audience: String,
    /// Domains of e-mail addresses whose owners are offered it, folded: where a service has
    /// several organizations, the address alone tells which one.
    pub domains: Vec<String>,
    /// What its last test found.
    pub test: ProviderTest,
}

impl LoginProvider {
    /// One that was never configured.
    #[must_use]
    pub fn blank(kind: DirectoryKind) -> Self {
        Self {
            kind,
            enabled: false,
            client_id: String::new(),
            base_url: String::new(),
            issuer: String::new(),
            audience: String::new(),
            domains: Vec::new(),
            test: ProviderTest::Untested,
        }
    }

    /// Where people sign out of the provider itself; none while that is not known.
    #[must_use]
    pub fn sign_out_url(&self) -> Option<String> {
        match self.kind {
            DirectoryKind::Okta if self.base_url.is_empty() => None,
            DirectoryKind::Okta => Some(format!("{}/login/signout", self.base_url)),
            DirectoryKind::Entra => {
                let tenant = self.issuer.strip_suffix("/v2.0")?;
                Some(format!("{tenant}/oauth2/v2.0/logout"))
            }
        }
    }

    /// Whether people can sign in by it, as far as is known: switched on, and its last test did
    /// not fail.
    #[must_use]
    pub const fn works(&self) -> bool {
        self.enabled && !matches!(self.test, ProviderTest::Failed(..))
    }
}

/// Whether a password opens the panel, for who has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PasswordSignIn {
    /// It does.
    #[default]
    On,
    /// Nobody signs in by password.
    Off,
}

impl PasswordSignIn {
    /// Whether it does.
    #[must_use]
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }
}

/// The login methods of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoginMethods {
    /// Passwords.
    pub password: PasswordSignIn,
    /// The identity providers that were ever configured, at most one of a kind.
    pub providers: Vec<LoginProvider>,
}

impl LoginMethods {
    /// The provider of a kind, when it was ever configured.
    #[must_use]
    pub fn provider(&self, kind: DirectoryKind) -> Option<&LoginProvider> {
        self.providers.iter().find(|one| one.kind == kind)
    }

    /// Whether people can sign in by the provider of a kind, as far as is known (R06).
    #[must_use]
    pub fn works(&self, kind: DirectoryKind) -> bool {
        self.provider(kind).is_some_and(LoginProvider::works)
    }
}

/// The ways into the panel that stand open to one member (part B, Last owner).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaysIn {
    /// Whether the organization lets passwords open the panel.
    pub password: PasswordSignIn,
    /// Whether the member is known at a provider that works.
    pub provider: ProviderWay,
}

/// Whether a member is known at an identity provider that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProviderWay {
    /// At none.
    #[default]
    Closed,
    /// At one or more: an identity there is bound to the member.
    Open,
}

impl WaysIn {
    /// A password, and nothing else.
    pub const PASSWORD: Self = Self {
        password: PasswordSignIn::On,
        provider: ProviderWay::Closed,
    };
}

/// Who a member is at an identity provider. Once bound, the subject alone decides: a changed
/// e-mail never moves an identity to another member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose member.
    pub organization: OrganizationId,
    /// Who.
    pub member: MemberId,
    /// At which kind of provider.
    pub kind: DirectoryKind,
    /// The issuer that names the subject.
    pub issuer: String,
    /// The subject: unique and never reassigned within the issuer (`OpenID` Connect Core 2).
    pub subject: String,
    /// When it was bound.
    pub bound_at: DateTime<Utc>,
    /// When the member last signed in by it.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident => $code:literal, $words:literal;)+) => {
        /// Why a sign-in through a provider, or the test of one, failed: a stable code, and a
        /// sentence that an administrator understands. Never holds anything secret.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SignInFault { $($(#[$doc])* $name,)+ }

        impl SignInFault {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The fault of a stable code.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($code => Some(Self::$name),)+ _ => None }
            }

            /// What happened and what to do, for an administrator.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }
        }
    };
}

faults! {
    /// The provider is not, or no longer, a login method here.
    NotEnabled => "not_enabled", "this provider is not enabled as a login method";
    /// The state is unknown: used before, too old, or never ours.
    StateUnknown => "state_unknown", "the sign-in was too old, was used before, or did not begin here";
    /// Another browser began it.
    OtherBrowser => "other_browser", "the sign-in began in another browser";
    /// The address it came back to is another provider's.
    MixedUp => "mixed_up", "the answer came from another provider than the one that was asked";
    /// The person or the provider said no.
    Declined => "declined", "the provider did not let the person in: check that the application is assigned to them";
    /// The provider refused the request itself.
    RequestRefused => "request_refused", "the provider refused the request: check that the application allows the authorization code grant, the scopes openid, profile and email, and this redirect URI";
    /// No answer.
    Unreachable => "unreachable", "the provider cannot be reached: check the issuer, and that this service may connect to it";
    /// Its address is not one we connect to.
    AddressRefused => "address_refused", "the provider's address is a private one, or not https: this service does not connect to it";
    /// The answer is not what OpenID Connect asks for.
    Malformed => "malformed", "the answer of the provider is not what OpenID Connect asks for: check the issuer";
    /// The document names another issuer.
    IssuerDiffers => "issuer_differs", "the provider calls itself by another issuer: copy the issuer exactly as the provider states it";
    /// An endpoint is on a host that nobody configured.
    ForeignEndpoint => "foreign_endpoint", "the provider names an address on another host than its issuer and base URL";
    /// It publishes no key that could verify a token.
    NoKeys => "no_keys", "the provider publishes no RS256 or ES256 key to check its tokens with";
    /// It does not know the client, or the secret is wrong.
    SecretRefused => "secret_refused", "the provider refused the client: check client ID and client secret";
    /// The sealed secret does not open.
    SecretUnreadable => "secret_unreadable", "the stored client secret cannot be read with the present secret_key: enter it again";
    /// It does not know the redirect URI.
    RedirectRefused => "redirect_refused", "the provider does not know the redirect URI: add it to the application exactly as shown";
    /// The code is wrong, used or too old.
    CodeRefused => "code_refused", "the provider refused the code: it was used before, is too old, or is not meant for this application";
    /// The token is signed by no current key, or not by an algorithm we take.
    SignatureWrong => "signature_wrong", "the ID token is not signed by a current key of the provider";
    /// The token is of another issuer.
    TokenIssuer => "token_issuer", "the ID token comes from another issuer";
    /// The token is for somebody else.
    TokenAudience => "token_audience", "the ID token is meant for another application: check client ID and audience";
    /// The token is too old, or not valid yet.
    TokenTime => "token_time", "the ID token is too old or not valid yet: check the clocks of this service and of the provider";
    /// The token answers another request.
    TokenNonce => "token_nonce", "the ID token answers another request";
    /// Nobody here.
    NoMember => "no_member", "no member provisioned by this provider has that user name or verified e-mail: assign the application to the person and push them";
    /// More than one could be meant.
    Ambiguous => "ambiguous", "more than one provisioned member has that e-mail";
    /// The member cannot sign in.
    NotActive => "not_active", "the member is not active";
    /// Another account of the provider is bound to the member.
    BoundToAnother => "bound_to_another", "the member is bound to another account of the provider: an owner can end that tie on the member's page";
    /// The account is bound to another member.
    BelongsToAnother => "belongs_to_another", "that account of the provider is bound to another member";
    /// Who asked to be bound is not signed in any more.
    SignedOut => "signed_out", "the person who asked to connect the account is no longer signed in";
}

impl SignInFault {
    /// What the person is told who wanted to sign in: what they can do, and the same whether an
    /// account exists or not (SEC-14).
    #[must_use]
    pub const fn for_the_person(self) -> &'static str {
        match self {
            Self::StateUnknown | Self::OtherBrowser | Self::MixedUp | Self::TokenNonce => {
                "this sign-in took too long, was used before, or did not begin in this browser: \
                 start again"
            }
            Self::Unreachable | Self::AddressRefused => {
                "your identity provider cannot be reached at the moment: try again later, or ask \
                 your administrator"
            }
            Self::SignedOut => "you were signed out in the meantime: sign in and start again",
            _ => "you could not be signed in: your administrator finds the reason under Activity",
        }
    }
}

impl fmt::Display for SignInFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
