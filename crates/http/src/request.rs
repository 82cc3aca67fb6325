//! What is known of every request before its handler runs.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, dev};
use rollcall_application::RequestInfo;
use rollcall_domain::{ConnectionId, OrganizationId, RequestId};

/// The request's id and where it came from; an extractor for any handler.
#[derive(Clone)]
pub struct Request {
    info: Rc<RequestInfo>,
    subject: Rc<RefCell<Subject>>,
}

/// Whom a request turned out to be about, for the access log. Ids only (SEC-34).
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject {
    pub(crate) route: Option<&'static str>,
    pub(crate) organization: Option<OrganizationId>,
    pub(crate) connection: Option<ConnectionId>,
}

impl Request {
    pub(crate) fn new(info: RequestInfo) -> Self {
        Self {
            info: Rc::new(info),
            subject: Rc::default(),
        }
    }

    /// Its id.
    pub(crate) fn id(&self) -> RequestId {
        self.info.id
    }

    /// What a use case puts on every activity entry.
    #[must_use]
    pub fn info(&self) -> RequestInfo {
        RequestInfo::clone(&self.info)
    }

    /// The same, for doors that other rooms hang in: they know the use cases and not this room.
    pub(crate) fn shared_info(&self) -> Rc<RequestInfo> {
        Rc::clone(&self.info)
    }

    /// Notes whose request it is, for the access log.
    pub fn concerns(&self, organization: OrganizationId) {
        self.subject.borrow_mut().organization = Some(organization);
    }

    /// Notes through which connection it came, for the access log.
    pub fn comes_through(&self, connection: ConnectionId) {
        self.subject.borrow_mut().connection = Some(connection);
    }

    /// Notes the template of the path where the router does not know it, for the access log.
    pub fn follows(&self, route: &'static str) {
        self.subject.borrow_mut().route = Some(route);
    }

    pub(crate) fn subject(&self) -> Subject {
        self.subject.borrow().clone()
    }
}

impl FromRequest for Request {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(known.ok_or_else(|| {
            actix_web::error::ErrorInternalServerError("the request passed no envelope")
        }))
    }
}
