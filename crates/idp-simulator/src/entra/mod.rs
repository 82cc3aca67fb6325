//! Microsoft Entra ID: test connection, cycles of users and groups, and what becomes of leavers.

mod groups;
mod users;

pub use users::Account;

use std::time::Duration;

use serde_json::{Value, json};

use crate::check::{self, Expectation};
use crate::http::{Exchange, HeaderSet, Request, ScimClient, Token};
use crate::observe::{Observer, Pause, Report, Step};
use crate::seed::Seed;

/// The message URN of PATCH (RFC 7644 section 3.5.2).
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// How many times a request that is answered with 429 is sent.
const ATTEMPTS: u32 = 10;
/// How long to wait after a 429 without a usable `Retry-After`.
const FALLBACK_WAIT: Duration = Duration::from_mins(1);

/// Whether the administrator wrote the flag `aadOptscim062020` behind the Tenant URL. It changes how
/// Entra writes a PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Operations with a capital, booleans as text, one operation for each attribute, and removals
    /// of members that list them in `value`.
    Absent,
    /// Nearer to the RFCs: lower case, booleans, pathless operations, value filters.
    Present,
}

/// A person in Entra, as far as the app is told of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub family_name: String,
    /// The user principal name: sent as `userName` and as the e-mail.
    pub principal: String,
    /// The mail nickname: sent as `externalId`.
    pub nickname: String,
    /// The id that the server gave.
    pub link: String,
}

impl Person {
    /// Somebody whom the server does not know yet.
    #[must_use]
    pub fn new(given_name: &str, family_name: &str, nickname: &str) -> Self {
        Self {
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            principal: format!("{nickname}@contoso.example"),
            nickname: nickname.to_owned(),
            link: String::new(),
        }
    }
}

/// A group in Entra.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Entra's id of it: sent as `externalId`.
    pub object_id: String,
    /// The id that the server gave.
    pub link: String,
}

/// The simulator.
pub struct Entra<'a> {
    client: ScimClient,
    flag: Flag,
    seed: Seed,
    report: Report,
    observer: Box<dyn Observer + 'a>,
    pause: Box<dyn Pause + 'a>,
}

impl std::fmt::Debug for Entra<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entra")
            .field("flag", &self.flag)
            .finish_non_exhaustive()
    }
}

impl<'a> Entra<'a> {
    /// An enterprise application that points at the client's tenant.
    #[must_use]
    pub fn new(
        client: ScimClient,
        flag: Flag,
        observer: impl Observer + 'a,
        pause: impl Pause + 'a,
    ) -> Self {
        Self {
            client,
            flag,
            seed: Seed::new(1),
            report: Report::default(),
            observer: Box::new(observer),
            pause: Box::new(pause),
        }
    }

    /// Makes the ids that follow depend on a text.
    pub fn reseed(&mut self, text: &str) {
        self.seed = Seed::from_text(text);
    }

    /// The sum of all steps so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// "Test Connection": looks for somebody who cannot be there. A 404 would put the job into
    /// quarantine (P-29).
    pub fn test_connection(&mut self) -> Step {
        let mut step = Step::new("Entra tests the connection");
        let nobody = format!("{}-{}", self.seed.letters(8), self.seed.letters(12));
        self.look_up(&mut step, "/Users", "userName", &nobody, None);
        self.call(&mut step, &get("/Schemas"), &check::list());
        self.finish(step)
    }

    /// The administrator mistypes the Secret Token, and must be told so.
    pub fn try_wrong_token(&mut self) -> Step {
        let mut step = Step::new("Entra tests the connection with a wrong token");
        let client = self.client.with_token(Token::new("not-the-token"));
        let right = std::mem::replace(&mut self.client, client);
        self.call(
            &mut step,
            &get("/Users?startIndex=1&count=1"),
            &check::error(401),
        );
        self.client = right;
        self.finish(step)
    }

    fn finish(&mut self, step: Step) -> Step {
        self.report.add(&step);
        self.observer.step(&step);
        step
    }

    /// Sends one request as part of a step; answers the body if the status was an expected one.
    fn call(
        &mut self,
        step: &mut Step,
        request: &Request,
        expectations: &[Expectation],
    ) -> Option<Value> {
        let exchange = self.send_patiently(step, request)?;
        judged(step, exchange, expectations)
    }

    fn send_patiently(&mut self, step: &mut Step, request: &Request) -> Option<Exchange> {
        let first = sent(step, &self.client, request)?;
        self.repeated(step, request, first)
    }

    /// Repeats a request that was answered with 429, after the time that the server asks for.
    fn repeated(
        &mut self,
        step: &mut Step,
        request: &Request,
        mut exchange: Exchange,
    ) -> Option<Exchange> {
        for _ in 1..ATTEMPTS {
            if exchange.status != 429 {
                break;
            }
            let found = check::judge(&exchange, &check::throttled());
            step.findings.extend(found);
            let asked = exchange.header("retry-after");
            let asked = asked.and_then(|text| text.parse().ok());
            step.exchanges.push(exchange);
            self.pause
                .pause(asked.map_or(FALLBACK_WAIT, Duration::from_secs));
            exchange = sent(step, &self.client, request)?;
        }
        Some(exchange)
    }

    /// An operation on one path, as the flag has it written.
    fn operation(&self, verb: &str, path: &str, value: Value) -> Value {
        let verb = match self.flag {
            Flag::Present => verb.to_lowercase(),
            Flag::Absent => verb.to_owned(),
        };
        let mut operation = json!({"op": verb, "path": path});
        operation["value"] = value;
        operation
    }
}

fn get(path: impl Into<String>) -> Request {
    request("GET", path, None)
}

fn request(method: &str, path: impl Into<String>, body: Option<Value>) -> Request {
    Request {
        header_set: HeaderSet::Entra,
        ..Request::new(method, path, body)
    }
}

fn patch(path: String, operations: &[Value]) -> Request {
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    request("PATCH", path, Some(body))
}

fn sent(step: &mut Step, client: &ScimClient, request: &Request) -> Option<Exchange> {
    match client.send(request) {
        Ok(exchange) => Some(exchange),
        Err(error) => {
            let what = format!("{} {}", request.method, request.path);
            step.find(&what, "an answer", error.reason, "Entra tries again later");
            None
        }
    }
}

fn judged(step: &mut Step, exchange: Exchange, expectations: &[Expectation]) -> Option<Value> {
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
    goes_on.then_some(body)
}
