//! A SCIM server in two hundred lines, with faults to order.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use rollcall_idp_simulator::http::{ScimClient, Token};
use serde_json::{Map, Value, json};

pub(crate) const TOKEN: &str = "the-secret-of-the-fake";

/// What the server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    NumbersAsTexts,
    NotFoundForEmptyList,
    LowerCasesUserName,
    OmitsId,
    AnswersHtmlErrors,
    NumericErrorStatus,
    EmptyDetail,
    AnswersPlainText,
    ComparesLetterCase,
    HidesInactive,
    AcceptsDuplicates,
    RenameEmptiesGroup,
    RefusesUnknownMembers,
    ReplaceAddsMembers,
    RemoveEmptiesGroup,
    ShowsPassword,
    ForgetsTitle,
    KeepsCleared,
    CapsPages,
    SkipsLast,
    ShufflesPages,
    TellsRequestedCount,
    AcceptsAnyToken,
    /// Answers 429 to the first requests, with this `Retry-After`.
    Throttles(u32, &'static str),
    /// Works every so manieth request, and hangs up without an answer.
    LosesAnswers(usize),
    /// Redirects elsewhere.
    Redirects,
    ActiveAsText,
    /// Of the members of a group, only the last one that was added is kept.
    LosesParallelMembers,
    /// Who is disabled leaves the groups.
    DropsDisabledMembers,
}

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

struct State {
    fault: Fault,
    users: Vec<Value>,
    groups: Vec<Value>,
    seen: Vec<Seen>,
    next: u32,
}

/// The server; it ends with the test's process.
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    base: String,
}

impl Fake {
    pub(crate) fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/scim/v2/acme/", listener.local_addr().unwrap());
        let state = State {
            fault,
            users: vec![],
            groups: vec![],
            seen: vec![],
            next: 1,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &shared);
            }
        });
        Self { state, base }
    }

    pub(crate) fn client(&self) -> ScimClient {
        ScimClient::new(&self.base, Token::new(TOKEN))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// The value of one attribute of all users, or of all groups.
    pub(crate) fn all(&self, kind: &str, attribute: &str) -> Vec<Value> {
        let mut state = self.state.lock().unwrap();
        let rows = state.rows(kind).iter();
        rows.map(|row| row[attribute].clone()).collect()
    }

    /// Puts that many users there, without a request.
    pub(crate) fn fill(&self, count: u32) {
        let mut state = self.state.lock().unwrap();
        for number in 0..count {
            state
                .users
                .push(json!({"schemas": [USER], "id": format!("f{number}"),
                "userName": format!("filler{number}"), "active": true}));
        }
    }
}

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

struct Answer(u16, Vec<(&'static str, String)>, String);

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let Some(seen) = read(&mut reader) else {
        return;
    };
    let mut state = state.lock().unwrap();
    state.seen.push(seen.clone());
    let Answer(status, headers, body) = state.answer(&seen);
    if let Fault::LosesAnswers(each) = state.fault
        && state.seen.len().is_multiple_of(each)
    {
        return;
    }
    let mut text = format!("HTTP/1.1 {status} Any\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", &value, "\r\n"]);
    }
    if status != 204 {
        text.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    text += "\r\n";
    if seen.method != "HEAD" {
        text += &body;
    }
    let _ = reader.into_inner().write_all(text.as_bytes());
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = path
        .strip_prefix("/scim/v2/acme")
        .unwrap_or(&path)
        .to_owned();
    Some(Seen {
        method,
        path,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

impl State {
    fn json(&self, status: u16, body: &Value) -> Answer {
        let media = match self.fault {
            Fault::AnswersPlainText => "text/plain",
            _ => "application/scim+json; charset=utf-8",
        };
        Answer(
            status,
            vec![("Content-Type", media.to_owned())],
            body.to_string(),
        )
    }

    fn error(&self, status: u16, scim_type: &str) -> Answer {
        if self.fault == Fault::AnswersHtmlErrors {
            let html = vec![("Content-Type", "text/html".to_owned())];
            return Answer(status, html, "<h1>Oops</h1>".to_owned());
        }
        let detail = if self.fault == Fault::EmptyDetail {
            ""
        } else {
            "that did not work"
        };
        let mut body = json!({"schemas": [ERROR], "detail": detail, "status": status.to_string()});
        if self.fault == Fault::NumericErrorStatus {
            body["status"] = json!(status);
        }
        if !scim_type.is_empty() {
            body["scimType"] = json!(scim_type);
        }
        self.json(status, &body)
    }

    fn answer(&mut self, seen: &Seen) -> Answer {
        if let Fault::Throttles(left, after) = self.fault
            && left > 0
        {
            self.fault = Fault::Throttles(left - 1, after);
            let mut answer = self.error(429, "");
            answer.1.push(("Retry-After", after.to_owned()));
            return answer;
        }
        if self.fault == Fault::Redirects {
            return Answer(
                302,
                vec![("Location", "/elsewhere".to_owned())],
                String::new(),
            );
        }
        let expected = format!("Bearer {TOKEN}");
        let token = seen.header("authorization");
        if token != Some(&expected) && self.fault != Fault::AcceptsAnyToken {
            return self.error(401, "");
        }
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        let mut parts = path.trim_matches('/').splitn(2, '/');
        let (kind, id) = (parts.next().unwrap_or_default(), parts.next());
        if kind == "Schemas" {
            return self.json(
                200,
                &json!({"schemas": [LIST], "totalResults": 0, "startIndex": 1,
                "itemsPerPage": 0, "Resources": []}),
            );
        }
        if kind != "Users" && kind != "Groups" {
            return self.error(404, "");
        }
        match (seen.method.as_str(), id) {
            ("GET", None) => self.list(kind, query),
            ("POST", None) => self.create(kind, body),
            ("GET" | "HEAD" | "PUT" | "PATCH" | "DELETE", Some(id)) => {
                let mut answer = self.one(&seen.method, kind, id, body);
                if query.contains("excludedAttributes=members") {
                    let mut body: Value = serde_json::from_str(&answer.2).unwrap_or_default();
                    body.as_object_mut().map(|body| body.remove("members"));
                    answer.2 = body.to_string();
                }
                answer
            }
            _ => self.error(405, ""),
        }
    }

    fn rows(&mut self, kind: &str) -> &mut Vec<Value> {
        if kind == "Users" {
            &mut self.users
        } else {
            &mut self.groups
        }
    }

    fn show(&self, row: &Value) -> Value {
        let mut shown = row.clone();
        let Some(entries) = shown.as_object_mut() else {
            return shown;
        };
        if self.fault != Fault::ShowsPassword {
            entries.remove("password");
        }
        let name = entries
            .get("userName")
            .and_then(Value::as_str)
            .map(str::to_lowercase);
        match (self.fault, name) {
            (Fault::LowerCasesUserName, Some(name)) => {
                drop(entries.insert("userName".into(), json!(name)));
            }
            (Fault::OmitsId, _) => drop(entries.remove("id")),
            (Fault::ForgetsTitle, _) => drop(entries.remove("title")),
            (Fault::ActiveAsText, Some(_)) => {
                let active = entries["active"].to_string();
                entries.insert("active".into(), json!(active));
            }
            _ => {}
        }
        shown
    }

    fn list(&mut self, kind: &str, query: &str) -> Answer {
        let parameter = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .filter(|(known, _)| *known == name)
                .map(|(_, value)| decode(value))
                .next()
        };
        let fault = self.fault;
        let mut rows = self.rows(kind).clone();
        if let Some(filter) = parameter("filter") {
            rows.retain(|row| {
                filter.split(" and ").all(|term| {
                    let (attribute, wanted) = term.split_once(" eq ").unwrap();
                    let wanted: String = serde_json::from_str(wanted).unwrap();
                    let value = match attribute {
                        "members" => return row["members"].to_string().contains(&wanted),
                        "manager" => return row[MANAGER].to_string().contains(&wanted),
                        attribute => row[attribute].as_str().unwrap_or_default(),
                    };
                    match fault {
                        Fault::ComparesLetterCase => value == wanted,
                        Fault::HidesInactive if row["active"] == json!(false) => false,
                        _ => value.to_lowercase() == wanted.to_lowercase(),
                    }
                })
            });
            if rows.is_empty() && fault == Fault::NotFoundForEmptyList {
                return self.error(404, "");
            }
        }
        let number = |name: &str, default: usize| {
            parameter(name)
                .and_then(|text| text.parse().ok())
                .unwrap_or(default)
        };
        let (start, count) = (number("startIndex", 1).max(1), number("count", 100));
        let total = rows.len();
        if fault == Fault::SkipsLast {
            rows.pop();
        }
        if fault == Fault::ShufflesPages && start > 1 {
            rows.rotate_right(1);
        }
        let most = if fault == Fault::CapsPages { 50 } else { count };
        let page: Vec<Value> = rows
            .iter()
            .skip(start - 1)
            .take(most.min(count))
            .map(|row| self.show(row))
            .collect();
        let told = if fault == Fault::TellsRequestedCount {
            count
        } else {
            page.len()
        };
        let mut body = json!({"schemas": [LIST], "totalResults": total, "startIndex": start,
            "itemsPerPage": told, "Resources": page});
        if fault == Fault::NumbersAsTexts {
            body["totalResults"] = json!(total.to_string());
        }
        self.json(200, &body)
    }

    fn create(&mut self, kind: &str, mut body: Value) -> Answer {
        let key = if kind == "Users" {
            "userName"
        } else {
            "displayName"
        };
        let name = body[key].as_str().unwrap_or_default().to_lowercase();
        let fault = self.fault;
        let taken = self
            .rows(kind)
            .iter()
            .any(|row| row[key].as_str().unwrap_or_default().to_lowercase() == name);
        if taken && fault != Fault::AcceptsDuplicates {
            return self.error(409, "uniqueness");
        }
        body["id"] = json!(format!("{}-{}", kind.to_lowercase(), self.next));
        body["meta"] = json!({"resourceType": kind.trim_end_matches('s')});
        self.next += 1;
        self.rows(kind).push(body.clone());
        self.json(201, &self.show(&body))
    }

    fn one(&mut self, method: &str, kind: &str, id: &str, body: Value) -> Answer {
        let fault = self.fault;
        let Some(at) = self
            .rows(kind)
            .iter()
            .position(|row| row["id"] == json!(id))
        else {
            return self.error(404, "");
        };
        let hidden = fault == Fault::HidesInactive && self.rows(kind)[at]["active"] == json!(false);
        match method {
            _ if hidden => return self.error(404, ""),
            "DELETE" => {
                self.rows(kind).remove(at);
                self.leave_groups(&json!(id));
                return Answer(204, vec![], String::new());
            }
            "PUT" => {
                let mut body = body;
                let old = self.rows(kind)[at].clone();
                body["id"] = json!(id);
                if fault == Fault::KeepsCleared && body["title"] == json!("") {
                    body["title"] = old["title"].clone();
                }
                self.drop_strangers(&mut body);
                self.rows(kind)[at] = body;
            }
            "PATCH" => {
                let known: Vec<Value> = self.users.iter().map(|user| user["id"].clone()).collect();
                for operation in body["Operations"].as_array().cloned().unwrap_or_default() {
                    let strangers = operation.to_string().contains("does-not-exist");
                    if strangers && fault == Fault::RefusesUnknownMembers {
                        return self.error(400, "invalidValue");
                    }
                    patch(&mut self.rows(kind)[at], &operation, fault, &known);
                }
                let disabled = self.rows(kind)[at]["active"] == json!(false);
                if disabled && fault == Fault::DropsDisabledMembers {
                    self.leave_groups(&json!(id));
                }
            }
            _ => {}
        }
        let row = self.rows(kind)[at].clone();
        self.json(200, &self.show(&row))
    }

    fn leave_groups(&mut self, id: &Value) {
        for group in &mut self.groups {
            if let Some(members) = group["members"].as_array_mut() {
                members.retain(|one| one["value"] != *id);
            }
        }
    }

    fn drop_strangers(&self, body: &mut Value) {
        if let Some(members) = body.get_mut("members").and_then(Value::as_array_mut) {
            members.retain(|one| self.users.iter().any(|user| user["id"] == one["value"]));
        }
    }
}

fn patch(row: &mut Value, operation: &Value, fault: Fault, known: &[Value]) {
    let path = operation["path"].as_str().unwrap_or_default();
    let value = &operation["value"];
    let mut members = row["members"].as_array().cloned().unwrap_or_default();
    let add = |members: &mut Vec<Value>, new: &Value| {
        for one in new.as_array().into_iter().flatten() {
            let there = members.iter().any(|old| old["value"] == one["value"]);
            if !there && known.contains(&one["value"]) {
                members.push(json!({"value": one["value"]}));
            }
        }
    };
    let keeps = fault == Fault::ReplaceAddsMembers;
    let verb = operation["op"].as_str().unwrap().to_lowercase();
    match (verb.as_str(), path) {
        ("add", "members") => {
            if fault == Fault::LosesParallelMembers {
                members.clear();
            }
            add(&mut members, value);
        }
        ("replace", "members") => {
            members = if keeps { members } else { vec![] };
            add(&mut members, value);
        }
        ("remove", "members") => members.retain(|one| {
            let listed = value.as_array().unwrap().iter();
            let stays = listed.clone().all(|gone| gone["value"] != one["value"]);
            stays && fault != Fault::RemoveEmptiesGroup
        }),
        ("remove", path) => {
            let id = path.split('"').nth(1).unwrap();
            members.retain(|one| fault != Fault::RemoveEmptiesGroup && one["value"] != json!(id));
        }
        ("replace", "") => {
            for (name, value) in value.as_object().unwrap_or(&Map::new()) {
                match name.as_str() {
                    "members" => {
                        members = if keeps { members } else { vec![] };
                        add(&mut members, value);
                    }
                    "displayName" if fault == Fault::RenameEmptiesGroup => {
                        members.clear();
                        row["displayName"] = value.clone();
                    }
                    "id" => {}
                    name => set(row, name, value),
                }
            }
        }
        (_, "displayName") if fault == Fault::RenameEmptiesGroup => {
            members.clear();
            row["displayName"] = value.clone();
        }
        ("add" | "replace", path) => set(row, path, value),
        other => panic!("the fake does not know {other:?}"),
    }
    if row["schemas"].to_string().contains(GROUP) {
        row["members"] = json!(members);
    }
}

/// Sets what a path names, as far as the stories go.
fn set(row: &mut Value, path: &str, value: &Value) {
    if path.starts_with("phoneNumbers[") {
        row["phoneNumbers"] = json!([{"type": "work", "value": value}]);
    } else if path == "active" && value.is_string() {
        row["active"] = json!(value == "True");
    } else if let Some(("name", part)) = path.split_once('.') {
        row["name"][part] = value.clone();
    } else {
        row[path] = value.clone();
    }
}
