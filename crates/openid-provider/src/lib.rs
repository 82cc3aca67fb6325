//! A small `OpenID` provider for tests: discovery, keys, the authorization endpoint and the token
//! endpoint over real HTTP on loopback, with real RS256 and ES256 keys that rotate.
//!
//! It is strict where a provider has to be (exact redirect URIs, PKCE, one-time codes, the client's
//! secret) and lies when it is told to ([`Lie`]), so that the other side can be tested.
//!
//! ```
//! use rollcall_openid_provider::{Person, Provider};
//!
//! let okta = Provider::start("/oauth2/default");
//! okta.register("client", "secret", "http://127.0.0.1:1/callback");
//! okta.sign_in(Person::named("00u1", "jane@acme.test"));
//! assert!(okta.issuer().ends_with("/oauth2/default"));
//! ```

mod endpoints;
mod http;
mod keys;
mod token;

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use keys::SigningAlgorithm;
use keys::SigningKey;

/// Who is signed in at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The subject.
    pub subject: String,
    /// The user name.
    pub user_name: String,
    /// The e-mail.
    pub email: String,
    /// Whether the provider has verified it.
    pub email_verified: bool,
}

impl Person {
    /// Somebody whose user name is their verified e-mail.
    #[must_use]
    pub fn named(subject: &str, email: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            user_name: email.to_owned(),
            email: email.to_owned(),
            email_verified: true,
        }
    }
}

/// What is wrong with the tokens from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Another nonce than was asked with.
    Nonce,
    /// None at all.
    NoNonce,
    /// Another issuer.
    Issuer,
    /// Another client's token.
    Audience,
    /// One audience more than anybody knows.
    SecondAudience,
    /// Expired so many seconds ago.
    Expired(u64),
    /// Made so many seconds from now.
    FromTheFuture(u64),
    /// `alg: none`, without a signature.
    Unsigned,
    /// HS256, keyed with the public key.
    HmacWithPublicKey,
    /// Signed by a key that is published under no id.
    UnknownKey,
    /// Signed by another key than the one it names.
    WrongKey,
    /// Claims changed after signing.
    Tampered,
    /// A document that names another issuer.
    DocumentIssuer,
    /// A document whose keys lie on another host.
    ForeignKeys,
    /// A redirect instead of the keys.
    RedirectedKeys,
    /// More keys than anybody reads.
    EndlessKeys,
    /// A document larger than anybody reads.
    EndlessDocument,
    /// No answer at all to who asks for the document, and the connection stays open.
    Silence,
}

struct Client {
    secret: String,
    redirect_uris: Vec<String>,
}

/// A code that was handed out.
struct Code {
    client: String,
    redirect_uri: String,
    challenge: String,
    nonce: String,
    person: Person,
}

struct State {
    base: String,
    issuer: String,
    tenant: Option<String>,
    clients: HashMap<String, Client>,
    codes: HashMap<String, Code>,
    person: Option<Person>,
    keys: Vec<SigningKey>,
    lie: Option<Lie>,
    minted: u64,
    key_requests: u64,
}

/// A running provider; it ends with the process that started it.
#[derive(Clone)]
pub struct Provider(Arc<Mutex<State>>);

impl Provider {
    /// Starts one on a free port of loopback whose issuer has this path.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let base = format!("http://{address}");
        let tenant = path
            .strip_suffix("/v2.0")
            .and_then(|rest| rest.rsplit('/').next());
        let state = State {
            issuer: format!("{base}{path}"),
            base,
            tenant: tenant.map(str::to_owned),
            clients: HashMap::new(),
            codes: HashMap::new(),
            person: None,
            keys: vec![SigningKey::new(SigningAlgorithm::Rs256, 0)],
            lie: None,
            minted: 0,
            key_requests: 0,
        };
        let provider = Self(Arc::new(Mutex::new(state)));
        let served = provider.clone();
        std::thread::spawn(move || http::serve(&listener, &served));
        provider
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.lock().issuer.clone()
    }

    /// Its base URL.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.lock().base.clone()
    }

    /// Registers a client, or one more redirect URI of it.
    pub fn register(&self, id: &str, secret: &str, redirect_uri: &str) {
        let mut state = self.lock();
        let client = state
            .clients
            .entry(id.to_owned())
            .or_insert_with(|| Client {
                secret: secret.to_owned(),
                redirect_uris: Vec::new(),
            });
        client.redirect_uris.push(redirect_uri.to_owned());
    }

    /// Lets somebody be signed in at the provider.
    pub fn sign_in(&self, person: Person) {
        self.lock().person = Some(person);
    }

    /// Lets nobody be signed in: whoever asks is told no.
    pub fn sign_out(&self) {
        self.lock().person = None;
    }

    /// Takes a new key and forgets the ones before.
    pub fn rotate(&self, algorithm: SigningAlgorithm) {
        let mut state = self.lock();
        let number = state.keys.last().map_or(0, |key| key.number + 1);
        state.keys = vec![SigningKey::new(algorithm, number)];
    }

    /// Lies from now on, or tells the truth again.
    pub fn lie(&self, lie: Option<Lie>) {
        self.lock().lie = lie;
    }

    /// How often the keys were asked for.
    #[must_use]
    pub fn key_requests(&self) -> u64 {
        self.lock().key_requests
    }

    /// A code for somebody, as if a sign-in of that client had gone out with this nonce and proof:
    /// what an attacker has who runs a client of his own at the same provider.
    #[must_use]
    pub fn code_for(&self, client: &str, redirect_uri: &str, person: Person) -> String {
        let mut state = self.lock();
        let code = Code {
            client: client.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: token::challenge("an-attackers-own-verifier-of-enough-length-0"),
            nonce: "an attacker's nonce".to_owned(),
            person,
        };
        state.hand_out(code)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hand_out(&mut self, code: Code) -> String {
        self.minted += 1;
        let text = format!("code-{}-{}", self.minted, keys::random_text());
        self.codes.insert(text.clone(), code);
        text
    }
}
