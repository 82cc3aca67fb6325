//! Random filters over random people, asked of the database and of the protocol's own evaluator:
//! both must answer the same, in the same order, by index and by cursor.

use chrono::Duration;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rollcall_scim_protocol::filter::{Filter, Limits, ParseOptions};
use rollcall_scim_protocol::schema::ResourceKind;
use serde_json::{Value, json};

use crate::stage::{GROUP, Stage, Tenant, USER};

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Texts that are equal to each other, or nearly, in many ways; and what a database might take for a
/// pattern.
const TEXTS: [&str; 12] = [
    "jane", "JANE", "Janet", "é", "e\u{301}", "É", "ｊane", "straße", "STRASSE", "a%", "a_", "a\\b",
];

/// How many filters are tried on each kind of resource.
const FILTERS: usize = 250;

fn sample(pool: &[String]) -> BoxedStrategy<String> {
    prop::sample::select(pool.to_vec()).boxed()
}

/// What filters are made of.
struct Pool {
    texts: Vec<String>,
    ids: Vec<String>,
    moments: Vec<String>,
    text_attributes: &'static [&'static str],
    id_attributes: &'static [&'static str],
    value_paths: &'static [&'static str],
}

impl Pool {
    fn leaf(&self) -> BoxedStrategy<String> {
        let text = sample(&self.texts);
        let operator = || {
            prop::sample::select(vec![
                "eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le",
            ])
        };
        let order = prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
        let attribute = prop::sample::select(self.text_attributes);
        let id_attribute = prop::sample::select(self.id_attributes);
        let quoted = |text: String| Value::from(text).to_string();
        prop_oneof![
            4 => (attribute.clone(), operator(), text.clone())
                .prop_map(move |(a, o, t)| format!("{a} {o} {}", quoted(t))),
            2 => (id_attribute, prop::sample::select(vec!["eq", "ne"]), sample(&self.ids))
                .prop_map(move |(a, o, t)| format!("{a} {o} {}", quoted(t))),
            3 => (prop::sample::select(vec!["meta.created", "meta.lastModified"]), order, sample(&self.moments))
                .prop_map(move |(a, o, t)| format!("{a} {o} {}", quoted(t))),
            1 => attribute.prop_map(|a| format!("{a} pr")),
            2 => (prop::sample::select(self.value_paths), text)
                .prop_map(move |(path, t)| path.replace("TEXT", &quoted(t))),
        ]
        .boxed()
    }

    fn filter(&self) -> BoxedStrategy<String> {
        self.leaf()
            .prop_recursive(3, 8, 2, |inner| {
                prop_oneof![
                    3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
                    1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
                    1 => inner.prop_map(|a| format!("not ({a})")),
                ]
            })
            .boxed()
    }
}

async fn people(tenant: &Tenant<'_>, runner: &mut TestRunner) -> Vec<String> {
    let text = prop::sample::select(TEXTS.to_vec());
    let some = prop::option::of(text.clone());
    let person = (some.clone(), some.clone(), some.clone(), text, any::<u8>());
    let mut ids = Vec::new();
    for number in 0..24 {
        let tree = person.new_tree(runner).expect("a person");
        let (display, title, department, other, bits) = tree.current();
        let mut emails =
            vec![json!({"value": format!("{other}@x"), "type": "work", "primary": true})];
        if bits & 1 == 1 {
            emails.push(json!({"value": other, "type": "home"}));
        }
        let mut body = json!({"schemas": [USER], "userName": format!("{other}{number}"),
            "externalId": format!("{other}-{number}"), "emails": emails,
            "active": bits & 2 == 2, "displayName": display, "title": title});
        if bits & 4 == 4 {
            body["emails"] = json!([]);
        }
        if let Some(department) = department {
            body[ENTERPRISE] = json!({"department": department});
        }
        ids.push(tenant.post("/Users", body).await.assert(201).id());
        tenant
            .stage
            .clock
            .advance(Duration::microseconds(i64::from(bits) * 7));
    }
    for (place, id) in ids.iter().enumerate().step_by(5) {
        tenant.stage.clock.advance(Duration::microseconds(1_300));
        let operation = json!([{"op": "replace", "path": "nickName", "value": TEXTS[place % 12]}]);
        tenant
            .patch(&format!("/Users/{id}"), operation)
            .await
            .assert(200);
    }
    ids
}

async fn teams(tenant: &Tenant<'_>, people: &[String]) -> Vec<String> {
    let mut ids = Vec::new();
    for (place, name) in ["jane", "É", "straße", "a%", "Janet", "a_"]
        .iter()
        .enumerate()
    {
        let members = people.iter().skip(place).step_by(place + 2);
        let members: Vec<Value> = members.map(|id| json!({ "value": id })).collect();
        let body = json!({"schemas": [GROUP], "displayName": name, "members": members,
            "externalId": format!("jane-{place}")});
        ids.push(tenant.post("/Groups", body).await.assert(201).id());
        tenant.stage.clock.advance(Duration::microseconds(900));
    }
    ids
}

/// The ids that a search finds, and that it finds again from cursor to cursor.
async fn searched(tenant: &Tenant<'_>, endpoint: &str, filter: &str) -> Vec<String> {
    let search = async |mut body: Value| {
        body["schemas"] = json!([SEARCH]);
        body["filter"] = filter.into();
        let answer = tenant.post(&format!("{endpoint}/.search"), body).await;
        assert_eq!(answer.status, 200, "{filter}");
        answer.json()
    };
    let ids = |list: &Value| -> Vec<String> {
        let resources = list["Resources"].as_array().expect("a list").iter();
        resources
            .map(|one| one["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let whole = search(json!({"count": 1000})).await;
    let found = ids(&whole);
    assert_eq!(whole["totalResults"], found.len(), "{filter}");
    let (mut walked, mut cursor) = (Vec::new(), json!(""));
    while cursor.is_string() {
        let page = search(json!({"count": 7, "cursor": cursor})).await;
        walked.extend(ids(&page));
        cursor = page["nextCursor"].clone();
    }
    assert_eq!(walked, found, "{filter}");
    found
}

async fn assert_same(
    tenant: &Tenant<'_>,
    kind: ResourceKind,
    pool: &Pool,
    runner: &mut TestRunner,
) {
    let list = tenant
        .get(&format!("{}?count=1000", kind.endpoint()))
        .await
        .json();
    let all = list["Resources"].as_array().expect("a list").clone();
    let strategy = pool.filter();
    let options = ParseOptions {
        limits: Limits::BODY,
        ..ParseOptions::default()
    };
    let mut matched = 0;
    for _ in 0..FILTERS {
        let filter = strategy.new_tree(runner).expect("a filter").current();
        let oracle = Filter::parse(&filter, kind, options).expect(&filter);
        let expected = all.iter().filter(|one| oracle.matches(one));
        let expected: Vec<&str> = expected.filter_map(|one| one["id"].as_str()).collect();
        matched += usize::from(!expected.is_empty());
        assert_eq!(
            searched(tenant, kind.endpoint(), &filter).await,
            expected,
            "{filter}"
        );
    }
    assert!(
        matched > FILTERS / 5,
        "most filters find nothing: they show nothing"
    );
}

/// The moments of resources as shown, a little before and after, and beyond.
fn moments(lists: &[Value]) -> Vec<String> {
    let mut moments = vec!["2000-01-01".to_owned(), "9999-12-31T23:59:59Z".to_owned()];
    for one in lists
        .iter()
        .flat_map(|list| list["Resources"].as_array().expect("a list"))
    {
        let shown = one["meta"]["lastModified"].as_str().expect("a moment");
        let start = shown.trim_end_matches('Z');
        moments.extend([
            shown.to_owned(),
            format!("{start}0001Z"),
            format!("{start}9"),
        ]);
    }
    moments
}

#[actix_web::test]
async fn p_3_4_2_2_07_the_database_and_the_evaluator_find_the_same() {
    for stage in Stage::on_each_engine().await {
        assert_evaluator_agrees(&stage).await;
    }
}

async fn assert_evaluator_agrees(stage: &Stage) {
    let tenant = stage.organization("acme").await;
    let other = stage.organization("other").await;
    other.push_user("jane").await;
    let mut runner = TestRunner::deterministic();
    let people = people(&tenant, &mut runner).await;
    let teams = teams(&tenant, &people).await;
    let lists = [
        tenant.get("/Users").await.json(),
        tenant.get("/Groups").await.json(),
    ];
    let mut texts: Vec<String> = TEXTS.map(str::to_owned).to_vec();
    for text in TEXTS {
        texts.extend([format!("{text}@x"), format!("{text}3"), format!("{text}-4")]);
    }
    let mut ids = [people, teams].concat();
    ids.push("none".to_owned());
    let mut pool = Pool {
        texts,
        ids,
        moments: moments(&lists),
        text_attributes: &[
            "userName",
            "displayName",
            "title",
            "nickName",
            "emails",
            "emails.value",
            "emails.type",
            "externalId",
            "groups.display",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ],
        id_attributes: &["id", "groups", "groups.value"],
        value_paths: &[
            "emails.primary eq false",
            "emails.primary ne true",
            "emails ne TEXT",
            "emails[value eq TEXT]",
            "emails[type eq \"work\" and value co TEXT]",
            "emails[type eq \"home\"].value eq TEXT",
            "emails[not (value eq TEXT)]",
            "active eq true and title eq TEXT",
            "active eq false",
            "active ne true",
            "emails[primary eq true and value sw TEXT]",
            "title eq null",
            "nickName ne null",
        ],
    };
    assert_same(&tenant, ResourceKind::User, &pool, &mut runner).await;
    pool.text_attributes = &[
        "displayName",
        "externalId",
        "members.display",
        "meta.resourceType",
    ];
    pool.id_attributes = &["id", "members", "members.value"];
    pool.value_paths = &[
        "members[display co TEXT]",
        "members[type eq \"User\" and display sw TEXT]",
        "displayName eq TEXT",
        "externalId eq null",
        "members.type eq \"User\"",
    ];
    assert_same(&tenant, ResourceKind::Group, &pool, &mut runner).await;
}
