//! `POST /Bulk` (RFC 7644 section 3.7): several requests in one.
//!
//! Every operation is the single request, in a transaction of its own and under the same rules. They
//! run in their order, but for a resource that an earlier one refers to: that is made first. Where
//! references go in a circle, a resource is made without them, and they are added at the end.

use std::collections::HashMap;
use std::time::Instant;

use rollcall_scim_protocol::error::ScimError;
use rollcall_scim_protocol::messages::{
    BulkCall, BulkLimits, BulkMethod, BulkOperation, BulkRequest, BulkResult, bulk_response,
    location,
};
use rollcall_scim_protocol::schema::ResourceKind;
use serde_json::{Map, Value};

use crate::failure::ScimFailure;
use crate::reply::{Reply, body_of};
use crate::session::{Change, Conditions, ScimSession, body};

/// How much one bulk request may hold, as `/ServiceProviderConfig` says.
pub const BULK_LIMITS: BulkLimits = BulkLimits {
    max_operations: 1_000,
    max_payload_bytes: 2 * 1024 * 1024,
};

impl ScimSession {
    /// `POST /Bulk`. Operations that have not begun at `until` are answered with 503.
    ///
    /// # Errors
    /// `invalidSyntax`, `invalidValue`, 413; what is wrong with an operation is its own result.
    pub async fn bulk(&self, change: Change<'_>, until: Instant) -> Result<Reply, ScimFailure> {
        let request = BulkRequest::parse(body(change.body)?, BULK_LIMITS)?;
        let results = Run::new(self, request, until).run().await;
        Ok(Reply::ok(body_of(&bulk_response(&results))))
    }

    /// One operation, as the single request would be.
    async fn call(&self, call: &BulkCall) -> Result<Reply, ScimFailure> {
        let body = serde_json::to_vec(&call.data).map_err(ScimFailure::internal)?;
        let change = Change {
            body: &body,
            // Nobody reads the resource.
            query: match call.method {
                BulkMethod::Patch => "",
                _ => "attributes=id",
            },
            conditions: Conditions {
                if_match: call.version.as_deref(),
                if_none_match: None,
            },
        };
        let id = call.id.as_str();
        match (call.kind, call.method) {
            (ResourceKind::User, BulkMethod::Post) => self.create_user(change).await,
            (ResourceKind::User, BulkMethod::Put) => self.replace_user(id, change).await,
            (ResourceKind::User, BulkMethod::Patch) => self.modify_user(id, change).await,
            (ResourceKind::User, BulkMethod::Delete) => self.delete_user(id, change).await,
            (ResourceKind::Group, BulkMethod::Post) => self.create_group(change).await,
            (ResourceKind::Group, BulkMethod::Put) => self.replace_group(id, change).await,
            (ResourceKind::Group, BulkMethod::Patch) => self.modify_group(id, change).await,
            (ResourceKind::Group, BulkMethod::Delete) => self.delete_group(id, change).await,
        }
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    /// It waits for others that it refers to.
    Begun,
    Done,
}

/// What can be said of the references of an operation.
enum References {
    /// All of them are known, but for these, which go in a circle.
    Known { circular: Vec<String> },
    /// This operation comes first.
    Needs(usize),
    /// One of them leads nowhere.
    Broken(ScimError),
}

/// A resource that was made without what refers in a circle.
struct Unfinished {
    place: usize,
    call: BulkCall,
}

/// A bulk request at work.
struct Run<'a> {
    session: &'a ScimSession,
    until: Instant,
    operations: Vec<BulkOperation>,
    places: HashMap<String, usize>,
    stages: Vec<Stage>,
    results: Vec<Option<BulkResult>>,
    ids: HashMap<String, String>,
    unfinished: Vec<Unfinished>,
    errors_left: Option<u64>,
}

impl<'a> Run<'a> {
    fn new(session: &'a ScimSession, request: BulkRequest, until: Instant) -> Self {
        let mut operations = request.operations;
        let mut places = HashMap::new();
        for (place, operation) in operations.iter_mut().enumerate() {
            let Some(name) = &operation.bulk_id else {
                continue;
            };
            if places.contains_key(name) {
                let detail = "another operation has this bulkId";
                operation.call = Err(ScimError::invalid_value(detail));
            } else {
                places.insert(name.clone(), place);
            }
        }
        Self {
            session,
            until,
            places,
            stages: vec![Stage::Waiting; operations.len()],
            results: vec![None; operations.len()],
            operations,
            ids: HashMap::new(),
            unfinished: Vec::new(),
            errors_left: request.fail_on_errors,
        }
    }

    /// The results of what was done, in the order of the request (P-3.7-03, P-3.7-04).
    async fn run(mut self) -> Vec<BulkResult> {
        for place in 0..self.operations.len() {
            if self.has_failed_enough() {
                break;
            }
            if self.stages[place] == Stage::Waiting {
                self.work(place).await;
                self.finish().await;
            }
        }
        self.results.into_iter().flatten().collect()
    }

    fn has_failed_enough(&self) -> bool {
        self.errors_left == Some(0)
    }

    /// Does an operation, and before it those that it refers to.
    async fn work(&mut self, place: usize) {
        let mut begun = vec![place];
        while let Some(place) = begun.last().copied() {
            if self.has_failed_enough() {
                return;
            }
            self.stages[place] = Stage::Begun;
            let call = match self.operations[place].call.clone() {
                Ok(call) => call,
                Err(error) => {
                    self.put(place, Err(error.into()));
                    begun.pop();
                    continue;
                }
            };
            match self.references(&call) {
                References::Needs(first) => begun.push(first),
                References::Broken(error) => {
                    self.put(place, Err(error.into()));
                    begun.pop();
                }
                References::Known { circular } => {
                    self.perform(place, call, &circular).await;
                    begun.pop();
                }
            }
        }
    }

    fn references(&self, call: &BulkCall) -> References {
        let mut circular = Vec::new();
        for name in call.references() {
            if self.ids.contains_key(&name) {
                continue;
            }
            let Some(place) = self.places.get(&name).copied() else {
                let detail = "no operation of this request has the bulkId that is referred to";
                return References::Broken(ScimError::invalid_value(detail));
            };
            match self.stages[place] {
                Stage::Waiting => return References::Needs(place),
                Stage::Begun => circular.push(name),
                Stage::Done => return References::Broken(depends_on_failure()),
            }
        }
        References::Known { circular }
    }

    async fn perform(&mut self, place: usize, mut call: BulkCall, circular: &[String]) {
        if Instant::now() >= self.until {
            self.put(place, Err(ScimFailure::unavailable(1)));
            return;
        }
        call.resolve(&self.ids);
        let taken = match call.method {
            BulkMethod::Post => call.take_referring(circular),
            _ if circular.is_empty() => Map::new(),
            _ => return self.put(place, Err(in_a_circle().into())),
        };
        let answer = self.session.call(&call).await;
        let id = match &answer {
            Ok(reply) => Some(id_of(&call, reply)),
            Err(_) => None,
        };
        self.put(place, answer);
        let Some(id) = id else { return };
        if let Some(back) = call.giving_back(&id, &taken) {
            let call = back;
            self.unfinished.push(Unfinished { place, call });
        }
        if let Some(name) = &self.operations[place].bulk_id {
            self.ids.insert(name.clone(), id);
        }
    }

    /// Adds what went in a circle, once all of the circle is there (P-3.7.1-01).
    async fn finish(&mut self) {
        for Unfinished { place, mut call } in std::mem::take(&mut self.unfinished) {
            call.resolve(&self.ids);
            let answer = match call.references().as_slice() {
                [] => self.session.call(&call).await,
                _ => Err(depends_on_failure().into()),
            };
            let Some(result) = &mut self.results[place] else {
                continue;
            };
            match answer {
                Ok(reply) => result.version = reply.etag.or(result.version.take()),
                Err(failure) => {
                    result.outcome = Err(ScimError::with_status(409, failure.error.detail));
                    self.count_error();
                }
            }
        }
    }

    fn count_error(&mut self) {
        self.errors_left = self.errors_left.map(|left| left.saturating_sub(1));
    }

    fn put(&mut self, place: usize, answer: Result<Reply, ScimFailure>) {
        self.stages[place] = Stage::Done;
        let operation = &self.operations[place];
        let (version, created, outcome) = match answer {
            Ok(reply) => (reply.etag, reply.location, Ok(reply.status)),
            Err(failure) => {
                if let Some(cause) = &failure.cause {
                    tracing::error!(error = %cause, "an operation of a bulk request failed");
                }
                (None, None, Err(failure.error))
            }
        };
        let is_error = outcome.is_err();
        let result = BulkResult {
            method: operation.method.clone(),
            bulk_id: operation.bulk_id.clone(),
            version,
            location: created.or_else(|| self.address(operation)),
            outcome,
        };
        self.results[place] = Some(result);
        if is_error {
            self.count_error();
        }
    }

    /// The address of the resource an operation names.
    fn address(&self, operation: &BulkOperation) -> Option<String> {
        let call = operation.call.as_ref().ok()?;
        let mut call = BulkCall {
            data: Value::Null,
            ..call.clone()
        };
        call.resolve(&self.ids);
        let is_known = !call.id.is_empty() && call.references().is_empty();
        is_known.then(|| location(self.session.base_url(), call.kind, &call.id))
    }
}

/// The id of the resource an operation was about: of a new one, the end of its address.
fn id_of(call: &BulkCall, reply: &Reply) -> String {
    let address = reply.location.as_deref().unwrap_or_default();
    let id = address.rsplit('/').next().filter(|_| call.id.is_empty());
    id.unwrap_or(&call.id).to_owned()
}

fn depends_on_failure() -> ScimError {
    let detail = "the operation that is referred to failed, so this one was not done";
    ScimError::with_status(409, detail)
}

fn in_a_circle() -> ScimError {
    ScimError::with_status(409, "the references of this operation go in a circle")
}
