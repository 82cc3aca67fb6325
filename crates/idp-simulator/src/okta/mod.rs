//! Okta, with what it remembers: people, groups, and which of ours each is linked to.

mod document;
mod groups;
mod import;
mod probes;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

pub use document::{ENTERPRISE, Profile};
pub use groups::{PushMode, PushShape, Unlink};

use crate::check::{self, Expectation};
use crate::http::{Exchange, Request, ScimClient};
use crate::observe::{Observer, Pause, Report, Step};
use crate::seed::Seed;

/// How many times Okta sends a request that is answered with 429.
const ATTEMPTS: u32 = 10;
/// How long Okta waits after a 429 without a usable `Retry-After`.
const FALLBACK_WAIT: Duration = Duration::from_mins(5);

/// How long to wait before a request is repeated whose answer was lost.
const LOST_WAIT: Duration = Duration::from_secs(1);

/// How an app of Okta speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// An app from the catalogue (OIN): PUT for profiles, PATCH for `active` and for groups.
    Catalogue,
    /// A custom app made with the App Integration Wizard (AIW): PUT for everything.
    Wizard,
}

/// The settings of an app at Okta.
#[derive(Debug, Clone)]
pub struct App {
    /// How it speaks.
    pub dialect: Dialect,
    /// Whether linking to an existing group renames it ("rename app groups").
    pub rename: GroupNames,
    /// How many membership changes one PATCH carries at most: 100 to 1000 at Okta.
    pub batch_size: usize,
    /// How many lost answers one step bears: what got none is asked again. From a server that has not
    /// answered before, none is borne.
    pub repeats: usize,
    /// The most that all waiting after 429 may take in one request.
    pub patience: Duration,
    /// The most pages that an import reads.
    pub page_limit: usize,
}

impl App {
    /// Okta's own defaults.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            rename: GroupNames::FromOkta,
            batch_size: 100,
            repeats: 3,
            patience: Duration::from_mins(15),
            page_limit: 10_000,
        }
    }
}

/// Whose name a linked group bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupNames {
    /// Okta's; the group is renamed when it is linked.
    FromOkta,
    /// The app's.
    FromApp,
}

/// Okta's id of a person: `00u` and 17 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OktaId(String);

impl OktaId {
    /// The id as Okta sends it in `externalId`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Okta's id of a group: `00g` and 17 characters. It is never sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OktaGroupId(String);

/// What Okta holds of a person's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Active,
    /// Locked out of Okta for a while; apps are not told.
    Suspended,
    /// Gone from the organization.
    Deprovisioned,
}

#[derive(Debug, Clone)]
struct Person {
    profile: Profile,
    status: Status,
    /// The id at the server.
    link: Option<String>,
}

#[derive(Debug, Clone)]
struct Group {
    name: String,
    members: BTreeSet<OktaId>,
    /// The id at the server.
    link: Option<String>,
}

/// The simulator.
pub struct Okta<'a> {
    client: ScimClient,
    app: App,
    people: BTreeMap<OktaId, Person>,
    groups: BTreeMap<OktaGroupId, Group>,
    seed: Seed,
    report: Report,
    observer: Box<dyn Observer + 'a>,
    pause: Box<dyn Pause + 'a>,
    /// Whether the server answered, or is believed to have, when it was last asked.
    heard: bool,
}

/// The answer to a request did not come: it may have been worked, or not.
struct Lost;

impl std::fmt::Debug for Okta<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Okta")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

impl<'a> Okta<'a> {
    /// An organization without people, with one app that points at the client's tenant.
    #[must_use]
    pub fn new(
        client: ScimClient,
        app: App,
        observer: impl Observer + 'a,
        pause: impl Pause + 'a,
    ) -> Self {
        Self {
            client,
            app,
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            seed: Seed::new(1),
            report: Report::default(),
            observer: Box::new(observer),
            pause: Box::new(pause),
            heard: false,
        }
    }

    /// Makes the ids of the people and groups that follow depend on a text.
    pub fn reseed(&mut self, text: &str) {
        self.seed = Seed::from_text(text);
    }

    /// How the app speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.app.dialect
    }

    /// The client in use.
    #[must_use]
    pub fn client(&self) -> &ScimClient {
        &self.client
    }

    /// Points the app at other credentials, as an administrator does after new ones were issued.
    pub fn connect(&mut self, client: ScimClient) {
        self.client = client;
    }

    /// Drops all links, as when an administrator takes the provisioning of the app away and sets it
    /// up again: each person and group is then looked up anew.
    pub fn forget_links(&mut self) {
        self.people
            .values_mut()
            .for_each(|person| person.link = None);
        self.groups.values_mut().for_each(|group| group.link = None);
    }

    /// A person joins the organization. Nothing is sent.
    pub fn hire(&mut self, profile: Profile) -> OktaId {
        let id = OktaId(format!("00u{}", self.seed.letters(17)));
        self.people.insert(
            id.clone(),
            Person {
                profile,
                status: Status::Active,
                link: None,
            },
        );
        id
    }

    /// A group is made at Okta. Nothing is sent until it is pushed.
    pub fn form_group(&mut self, name: &str, members: &[OktaId]) -> OktaGroupId {
        let id = OktaGroupId(format!("00g{}", self.seed.letters(17)));
        let members = members.iter().cloned().collect();
        self.groups.insert(
            id.clone(),
            Group {
                name: name.to_owned(),
                members,
                link: None,
            },
        );
        id
    }

    /// What Okta holds of a person.
    #[must_use]
    pub fn profile(&self, id: &OktaId) -> Option<&Profile> {
        self.people.get(id).map(|person| &person.profile)
    }

    /// Whether a person's account is in use.
    #[must_use]
    pub fn status(&self, id: &OktaId) -> Option<Status> {
        self.people.get(id).map(|person| person.status)
    }

    /// The id that the server gave a person.
    #[must_use]
    pub fn link(&self, id: &OktaId) -> Option<&str> {
        self.people.get(id)?.link.as_deref()
    }

    /// The id that the server gave a group.
    #[must_use]
    pub fn group_link(&self, id: &OktaGroupId) -> Option<&str> {
        self.groups.get(id)?.link.as_deref()
    }

    /// The sum of all steps so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn finish(&mut self, step: Step) -> Step {
        self.report.add(&step);
        self.observer.step(&step);
        step
    }

    /// Sends one request as part of a step and judges the answer. When the answer is lost, the same
    /// is sent again, so it has to mean the same however often it comes.
    ///
    /// Answers the body (null when there is none) if the status was one of the expected ones: only
    /// then can Okta go on with its task.
    fn call(
        &mut self,
        step: &mut Step,
        request: &Request,
        expectations: &[Expectation],
    ) -> Option<Value> {
        loop {
            if let Ok(body) = self.try_call(step, request, expectations) {
                return body;
            }
        }
    }

    /// As [`Self::call`], and whoever called decides what to do when the answer is lost.
    fn try_call(
        &mut self,
        step: &mut Step,
        request: &Request,
        expectations: &[Expectation],
    ) -> Result<Option<Value>, Lost> {
        let Some(exchange) = self.send_patiently(step, request)? else {
            return Ok(None);
        };
        let mut findings = check::judge(&exchange, expectations);
        let goes_on = !findings
            .iter()
            .any(|finding| finding.what.ends_with("HTTP status"));
        if !goes_on {
            // A wrong status makes everything else wrong too; one finding says enough.
            findings.truncate(1);
        }
        step.findings.append(&mut findings);
        let body = exchange.body.clone().unwrap_or(Value::Null);
        step.exchanges.push(exchange);
        Ok(goes_on.then_some(body))
    }

    /// Repeats a request that is answered with 429, as Okta does: it keeps to `Retry-After`, waits
    /// twice as long each further time, and gives up in the end.
    fn send_patiently(
        &mut self,
        step: &mut Step,
        request: &Request,
    ) -> Result<Option<Exchange>, Lost> {
        let mut waited = Duration::ZERO;
        let mut attempt = 0;
        loop {
            let exchange = match self.client.send(request) {
                Ok(exchange) => exchange,
                Err(_) if self.heard && step.lost < self.app.repeats => {
                    step.lost += 1;
                    self.pause.pause(LOST_WAIT);
                    return Err(Lost);
                }
                Err(error) => {
                    self.heard = false;
                    let what = format!("{} {}", request.method, request.path);
                    step.find(
                        &what,
                        "an answer",
                        error.reason,
                        "Okta waits for 60 seconds",
                    );
                    return Ok(None);
                }
            };
            self.heard = true;
            attempt += 1;
            if exchange.status != 429 {
                return Ok(Some(exchange));
            }
            step.findings
                .extend(check::judge(&exchange, &check::throttled()));
            let asked = exchange
                .header("retry-after")
                .and_then(|text| text.parse().ok());
            let first = asked.map_or(FALLBACK_WAIT, Duration::from_secs);
            let wait = first.saturating_mul(1 << (attempt - 1));
            if attempt == ATTEMPTS || waited.saturating_add(wait) > self.app.patience {
                return Ok(Some(exchange));
            }
            step.exchanges.push(exchange);
            self.pause.pause(wait);
            waited += wait;
        }
    }
}
