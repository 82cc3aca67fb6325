//! Filters (RFC 7644 sections 3.4.2 to 3.4.2.2): every operator on every type, over HTTP.

use rollcall_domain::Profile;
use serde_json::Value;

use super::{World, asked, encoded, resources};
use crate::stage::Stage;

/// An id, a filter, and who is found: `a`lice, `b`ob, `c`arol.
type Row = (&'static str, &'static str, &'static str);

const USERS: &[Row] = &[
    // Texts that have no case.
    ("P-3.4.2.2-03", r#"USERNAME EQ "alice@EX.com""#, "a"),
    ("P-3.4.2.2", r#"userName ne "alice@EX.com""#, "bc"),
    ("P-3.4.2.2", r#"userName co "LICE""#, "a"),
    ("P-3.4.2.2", r#"userName sw "AL""#, "a"),
    ("P-3.4.2.2", r#"userName ew ".COM""#, "a"),
    ("P-3.4.2.2-08", r#"userName gt "bob""#, "c"),
    ("P-3.4.2.2-08", r#"userName ge "BOB""#, "bc"),
    ("P-3.4.2.2-08", r#"userName lt "bob""#, "a"),
    ("P-3.4.2.2-08", r#"userName le "bob""#, "ab"),
    ("P-3.4.2.2-09", "userName pr", "abc"),
    (
        "P-3.4.2.2-07",
        r#"userName eq "CAROL" and active eq true"#,
        "c",
    ),
    ("P-3.4.2.2-09", "title pr", "a"),
    ("S-2.5-01", "title eq null", "bc"),
    ("S-2.5-01", "title ne null", "a"),
    ("S-2.5-01", r#"title ne "boss""#, "bc"),
    ("P-3.4.2.2", r#"name.familyName eq "ÅNGSTRÖM""#, "a"),
    (
        "P-5-01",
        r#"name.familyName eq "A\u030angstro\u0308m""#,
        "a",
    ),
    ("P-3.4.2.2", r#"timezone co "zur" and locale ew "us""#, "a"),
    // Texts that have.
    ("S-3.1-02", r#"externalId eq "Ext-A""#, "a"),
    ("S-3.1-02", r#"externalId eq "ext-a""#, ""),
    ("S-3.1-02", r#"externalId co "XT-""#, ""),
    (
        "S-3.1-02",
        r#"externalId sw "Ext" and externalId ew "-A""#,
        "a",
    ),
    ("S-3.1-02", r#"externalId ne "Ext-A""#, "bc"),
    ("S-3.1-02", "externalId eq null", "bc"),
    ("P-3.4.1-01", r#"id eq "{alice}""#, "a"),
    ("P-3.4.1-01", r#"id eq "{ALICE}""#, ""),
    ("P-3.4.1-01", r#"id ne "{alice}""#, "bc"),
    ("P-3.4.1-01", r#"id ew "{alice}" or id eq "nope""#, "a"),
    // References.
    ("S-2.3.7-01", r#"profileUrl eq "https://Ex.com/A""#, "a"),
    ("S-2.3.7-01", r#"profileUrl eq "https://ex.com/a""#, ""),
    (
        "S-2.3.7-01",
        r#"profileUrl co "Ex.com" and profileUrl gt "https""#,
        "a",
    ),
    ("S-2.3.7-01", r#"meta.location ew "/Users/{alice}""#, "a"),
    ("S-2.4-04", r#"meta.location eq "Users/{alice}""#, "a"),
    // What a database might take for a pattern.
    ("SEC-30", r#"displayName co "100%_x\\y""#, "a"),
    ("SEC-30", r#"displayName co "%""#, "a"),
    ("SEC-30", r#"displayName co "_""#, "a"),
    ("SEC-30", r#"displayName sw "%""#, ""),
    ("SEC-30", r#"displayName co "b_b""#, ""),
    ("SEC-30", r#"userName eq "%""#, ""),
    ("SEC-30", r#"userName eq "a\" or \"1\"=\"1""#, ""),
    ("P-3.4.2.2", r#"displayName sw "äLICE""#, "a"),
    // Booleans.
    ("P-3.4.2.2-03", "active eq TRUE", "ac"),
    ("P-3.4.2.2", "active ne true", "b"),
    ("P-01", r#"active eq "False""#, "b"),
    ("P-3.4.2.2-09", "active pr", "abc"),
    ("S-2.4-01", "emails.primary eq false", "ab"),
    ("S-2.4-01", "emails[primary eq true]", "a"),
    // Moments.
    (
        "P-3.4.2.2-08",
        r#"meta.created gt "2001-01-01T00:00:00""#,
        "abc",
    ),
    (
        "P-3.4.2.2-08",
        r#"meta.created lt "2001-01-01T00:00:00-08:00""#,
        "",
    ),
    (
        "P-3.4.2-05",
        r#"(ActiVe eq true) and meta.lastmodified ge "2015-10-10T14:38:21.8617979-07:00""#,
        "ac",
    ),
    (
        "P-11",
        "meta.Created gt 2015-10-10T14:38:21.8617979-07:00",
        "abc",
    ),
    ("P-3.4.2.2-09", "meta.created pr and meta.version pr", "abc"),
    ("P-3.4.2.1-02", r#"meta.resourceType eq "User""#, "abc"),
    ("P-3.4.2.1-02", r#"meta.resourceType eq "Group""#, ""),
    // Complex and multi-valued attributes.
    ("P-3.4.2.2-09", "name pr", "a"),
    ("P-3.4.2.2-06", "name eq null", "bc"),
    (
        "P-3.4.2.2",
        r#"name[givenName eq "alice" and familyName sw "Å"]"#,
        "a",
    ),
    ("P-3.4.2.2-06", r#"emails co "ex.com""#, "ab"),
    (
        "P-3.4.2.2-05",
        r#"emails.type eq "work" and emails.value co "@ex.com""#,
        "ab",
    ),
    (
        "P-3.4.2.2-05",
        r#"emails[type eq "work" and value co "@ex.com"]"#,
        "a",
    ),
    ("P-3.4.2-05", r#"emails eq "ALICE@ex.com""#, "a"),
    ("P-3.4.2-05", r#"emails.value eq "alice@ex.com""#, "a"),
    ("P-3.4.2-05", r#"emails[value eq "alice@ex.com"]"#, "a"),
    (
        "P-3.4.2-05",
        r#"emails[type eq "work" and value eq "alice@ex.com"]"#,
        "a",
    ),
    (
        "P-3.4.2-05",
        r#"emails[value eq "alice@ex.com" and type eq "work"]"#,
        "a",
    ),
    (
        "P-3.4.2-05",
        r#"emails[type eq "work"].value eq "alice@ex.com""#,
        "a",
    ),
    (
        "P-3.4.2-05",
        r#"EMAILS[ TYPE EQ "WORK" AND ( VALUE SW "al" OR VALUE EW "zz" ) ]"#,
        "a",
    ),
    (
        "P-3.4.2.2-05",
        r#"emails[not (type eq "home") and value co "alice"]"#,
        "a",
    ),
    ("P-3.4.2.2-09", "not (emails pr)", "c"),
    ("P-3.4.2.2-09", "emails.display pr", ""),
    ("P-3.4.2.2-05", r#"emails.type ne "work""#, "abc"),
    ("P-3.4.2.2-05", r#"not (emails eq "alice@ex.com")"#, "bc"),
    (
        "P-3.4.2.2",
        r#"phoneNumbers[type eq "work"].value sw "+1""#,
        "a",
    ),
    (
        "P-3.4.2.2",
        r#"photos eq "https://p/A.png" and not (photos eq "https://p/a.png")"#,
        "a",
    ),
    (
        "P-3.4.2.2",
        r#"addresses[type eq "work" and locality eq "nyc"].country eq "us""#,
        "a",
    ),
    (
        "P-3.4.2.2",
        r#"roles[primary eq true].value eq "R1" and entitlements eq "e1""#,
        "a",
    ),
    ("P-3.4.2.2", r#"ims.type eq "xmpp""#, "a"),
    (
        "S-2.3.6-01",
        r#"x509Certificates eq "MAA" and x509Certificates.value eq "MAA=""#,
        "a",
    ),
    ("S-2.3.6-01", r#"x509Certificates eq "maa=""#, ""),
    // Groups of a user.
    ("S-4.1.2-03", r#"groups eq "{ops}""#, "ab"),
    ("S-4.1.2-03", r#"groups.value eq "{OPS}""#, ""),
    (
        "S-4.1.2-03",
        r#"groups[value eq "{ops}" and display eq "OPS"]"#,
        "ab",
    ),
    (
        "S-4.1.2-03",
        r#"groups.display co "p" and groups.type eq "direct""#,
        "ab",
    ),
    ("S-2.4-04", r#"groups.$ref eq "/v2/Groups/{ops}""#, "ab"),
    ("S-4.1.2-03", r#"groups.value ne "{ops}""#, "c"),
    // Schemas, in full and in any case.
    ("P-3.4.2.2-11", r#"{user}:userName eq "bob""#, "b"),
    ("P-3.4.2.2-11", r#"{USER}:NAME.GIVENNAME eq "alice""#, "a"),
    (
        "P-3.4.2.2-11",
        r#"{user}:emails[type eq "work" and value sw "al"]"#,
        "a",
    ),
    ("P-3.4.2.2-11", r#"{enterprise}:department eq "SALES""#, "a"),
    (
        "P-3.4.2.2-11",
        r#"{ENTERPRISE}:MANAGER.VALUE eq "{alice}""#,
        "b",
    ),
    ("P-3.4.2.2-11", r#"{enterprise}:manager eq "{alice}""#, "b"),
    (
        "P-3.4.2.2-11",
        r#"{enterprise}:manager[value eq "{alice}"]"#,
        "b",
    ),
    (
        "S-4.3-01",
        r#"{enterprise}:manager.displayName sw "äl""#,
        "b",
    ),
    (
        "S-2.4-04",
        r#"{enterprise}:manager.$ref eq "Users/{alice}""#,
        "b",
    ),
    ("S-4.3-01", r#"manager.value eq "{ALICE}""#, ""),
    (
        "P-3.4.2.2-11",
        r#"department eq "sales" and {enterprise}:costCenter eq "cc""#,
        "a",
    ),
    (
        "P-3.4.2.2-11",
        r#"{enterprise}:organization eq "org" and {enterprise}:division eq "DIV""#,
        "a",
    ),
    ("P-3.4.2.2-11", r#"schemas eq "{user}""#, "abc"),
    ("P-3.4.2.2-11", r#"schemas eq "{ENTERPRISE}""#, "ab"),
    ("P-3.4.2.2-11", r#"not (schemas eq "{enterprise}")"#, "c"),
    // Logic.
    (
        "P-3.4.2.2-04",
        r#"userName eq "bob" or userName eq "carol" and active eq false"#,
        "b",
    ),
    (
        "P-3.4.2.2-04",
        r#"(userName eq "bob" or userName eq "carol") and active eq true"#,
        "c",
    ),
    (
        "P-3.4.2.2-04",
        r#"not (userName eq "bob" or userName eq "carol")"#,
        "a",
    ),
    ("P-3.4.2.2-04", r#"not(not (userName eq "bob"))"#, "b"),
    (
        "P-3.4.2.2-04",
        "id pr and not (active eq true) or title pr",
        "ab",
    ),
    (
        "P-3.4.2.2-01",
        r#"userName eq "bob" and userName eq "carol""#,
        "",
    ),
    // What the grammar has not and clients write: no space, more of them, bare words, single quotes.
    ("P-3.4.2.2-02", r#"userName eq"\u0062ob""#, "b"),
    ("P-3.4.2.2-02", "userName\teq  \"bob\" ", "b"),
    ("P-11", "userName eq bob", "b"),
    ("P-11", "displayName sw 'B'", "b"),
    ("P-11", "emails[type eq work].value sw alice", "a"),
];

const GROUPS: &[(&str, &str, &[&str])] = &[
    ("P-3.4.2-05", r#"displayName eq "OPS""#, &["Ops"]),
    ("P-3.4.2.2-08", r#"displayName gt "e""#, &["Ops", "Empty"]),
    ("P-3.4.2.2-09", "members pr", &["Ops"]),
    ("P-3.4.2.2-09", "not (members pr)", &["Empty"]),
    ("S-2.5-01", "members eq null", &["Empty"]),
    ("P-3.4.2-05", r#"members eq "{alice}""#, &["Ops"]),
    ("P-3.4.2-05", r#"members.value eq "{alice}""#, &["Ops"]),
    ("P-3.4.2-05", r#"members[value eq "{alice}"]"#, &["Ops"]),
    (
        "P-3.4.2-05",
        r#"id eq "{ops}" and members eq "{alice}""#,
        &["Ops"],
    ),
    (
        "P-3.4.2-05",
        r#"members eq "{alice}" and id eq "{ops}""#,
        &["Ops"],
    ),
    ("S-3.1-01", r#"members eq "{ALICE}""#, &[]),
    (
        "S-4.2-01",
        r#"members[value eq "{bob}" and display eq "BOB"]"#,
        &["Ops"],
    ),
    (
        "P-3.4.2.2-05",
        r#"members[value eq "{alice}" and display eq "bob"]"#,
        &[],
    ),
    (
        "S-4.2-01",
        r#"members[type eq "user"].value eq "{bob}""#,
        &["Ops"],
    ),
    ("S-2.1-02", "members.$ref pr", &["Ops"]),
    ("S-2.4-04", r#"members.$ref eq "Users/{alice}""#, &["Ops"]),
    (
        "S-2.4-04",
        r#"members[$ref eq "/v1/Users/{alice}"]"#,
        &["Ops"],
    ),
    (
        "P-3.4.2.2-05",
        r#"members.value ne "{alice}""#,
        &["Ops", "Empty"],
    ),
    ("S-3.1-02", r#"externalId eq "GX""#, &[]),
    (
        "P-3.4.2.2-11",
        r#"{group}:displayName eq "ops" and schemas eq "{group}""#,
        &["Ops"],
    ),
    (
        "P-3.4.2.2-04",
        r#"members.value eq "{alice}" or displayName eq "empty""#,
        &["Ops", "Empty"],
    ),
    ("SEC-30", r#"displayName co "%""#, &[]),
];

const REFUSED: &[(&str, &str)] = &[
    ("P-3.4.2.2-06", r#"name eq "x""#),
    ("P-3.4.2.2-06", r#"addresses co "US""#),
    ("P-3.4.2.2-06", r#"meta eq "x""#),
    ("P-3.4.2.2-08", "active gt true"),
    ("P-3.4.2.2-08", r#"active co "t""#),
    ("P-3.4.2.2-08", r#"x509Certificates lt "MAA=""#),
    ("P-3.4.2.2-08", r#"x509Certificates sw "MAA=""#),
    ("P-3.4.2.2-08", r#"meta.created co "2015""#),
    ("P-3.4.2.2-08", r#"meta.created gt "2015-02-30T00:00:00Z""#),
    ("P-3.4.2.2-08", "meta.created gt 5"),
    ("P-3.4.2.2-08", "userName eq 5"),
    ("P-3.4.2.2-08", "userName eq true"),
    ("P-3.4.2.2-08", "active eq 1"),
    ("P-3.4.2.2-08", r#"active eq "x""#),
    ("P-3.4.2.2-08", r#"x509Certificates eq "!!""#),
    ("P-3.4.2.2-08", "title gt null"),
    ("SEC-30", r#"userName eq "a\u0000""#),
    ("P-3.4.2.2-12", r#"foo eq "x""#),
    ("P-3.4.2.2-12", r#"name.foo eq "x""#),
    ("P-3.4.2.2-12", r#"emails[foo eq "x"]"#),
    ("P-3.4.2.2-12", r#"members eq "x""#),
    ("P-3.4.2.2-12", r#"urn:foo:bar eq "x""#),
    ("P-3.4.2.2-12", r#"{user}:department eq "x""#),
    ("P-3.4.2.2-11", r#"{enterprise}.department eq "x""#),
    ("P-3.4.2.2-13", r#"password eq "x""#),
    ("P-3.4.2.2-13", "{user}:password pr"),
    ("P-3.4.2.2-02", r#"userName regex "x""#),
    ("P-3.4.2.2-02", r#"userName = "x""#),
    ("P-3.4.2.2-02", "userName"),
    ("P-3.4.2.2-02", "userName eq"),
    ("P-3.4.2.2-02", r#"userName eq "x"#),
    ("P-3.4.2.2-02", r#"userName eq "x" and"#),
    ("P-3.4.2.2-02", r#"userName eq "x" userName eq "y""#),
    ("P-3.4.2.2-02", r#"userName eq "x" xor userName pr"#),
    ("P-3.4.2.2-02", r#"(userName eq "x""#),
    ("P-3.4.2.2-02", r#"userName eq "x")"#),
    ("P-3.4.2.2-02", r#"not userName eq "x""#),
    ("P-3.4.2.2-02", "()"),
    ("P-3.4.2.2-02", "emails[]"),
    ("P-3.4.2.2-02", r#"emails[emails[type eq "x"]]"#),
    ("P-3.4.2.2-02", r#"emails[type eq "x"]]"#),
    ("P-3.4.2.2-02", r#"emails.type[value eq "x"]"#),
    ("P-3.4.2.2-02", r#"emails[type eq "x"] eq "y""#),
    ("P-3.4.2.2-02", r#"userName eq "\ud800""#),
    ("P-3.4.2.2-02", r#"userName. eq "x""#),
    ("P-3.4.2.2-02", "true"),
];

fn initials(list: &Value) -> String {
    let mut initials: Vec<char> = resources(list)
        .iter()
        .filter_map(|one| one["userName"].as_str()?.to_lowercase().chars().next())
        .collect();
    initials.sort_unstable();
    initials.into_iter().collect()
}

#[actix_web::test]
async fn every_filter_on_users_finds_whom_it_describes() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        let world = World::of(&tenant).await;
        for (id, filter, expected) in USERS {
            let filter = world.fill(filter);
            let list = asked(&tenant, "/Users", &filter).await.assert(200).json();
            assert_eq!(initials(&list), *expected, "{id} {filter}");
            assert_eq!(list["totalResults"], expected.len(), "P-3.4.2-04 {filter}");
        }
    }
}

#[actix_web::test]
async fn every_filter_on_groups_finds_what_it_describes() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        let world = World::of(&tenant).await;
        for (id, filter, expected) in GROUPS {
            let filter = world.fill(filter);
            let list = asked(&tenant, "/Groups", &filter).await.assert(200).json();
            let found: Vec<&str> = resources(&list)
                .iter()
                .filter_map(|one| one["displayName"].as_str())
                .collect();
            assert_eq!(found, *expected, "{id} {filter}");
        }
    }
}

/// Each is 400 with the place in the filter, and never finds everybody.
#[actix_web::test]
async fn what_is_no_filter_is_refused_with_its_place() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let world = World::of(&tenant).await;
    let deep = format!("{}userName pr{}", "(".repeat(200), ")".repeat(200));
    let many = vec![r#"userName eq "x""#; 101].join(" or ");
    let limits = [
        ("P-3.4.2.2-14", deep.as_str()),
        ("P-3.4.2.2-14", many.as_str()),
    ];
    for (id, filter) in REFUSED.iter().chain(&limits) {
        let filter = world.fill(filter);
        let refused = asked(&tenant, "/Users", &filter).await;
        let error = refused.assert_error(400, Some("invalidFilter"));
        let detail = error["detail"].as_str().unwrap_or_default();
        assert!(
            detail.starts_with("filter, byte "),
            "{id} {filter}: {detail}"
        );
    }
}

#[actix_web::test]
async fn moments_are_told_apart_by_instant_and_not_by_zone() {
    for stage in Stage::on_each_engine().await {
        let tenant = stage.organization("acme").await;
        World::of(&tenant).await;
        // The clock of the stage stands at 2027-01-15T08:00:00Z.
        for (id, filter, total) in [
            (
                "P-3.4.2.2-08",
                r#"meta.created eq "2027-01-15T13:30:00+05:30""#,
                3,
            ),
            (
                "P-3.4.2.2-08",
                r#"meta.created eq "2027-01-15T08:00:00.000Z""#,
                3,
            ),
            (
                "P-3.4.2.2-08",
                r#"meta.created gt "2027-01-15T00:00:00-08:00""#,
                0,
            ),
            (
                "P-3.4.2.2-08",
                r#"meta.created ge "2027-01-15T00:00:00-08:00""#,
                3,
            ),
            (
                "P-3.4.2.2-08",
                r#"meta.lastModified le "2027-01-15T08:00:00""#,
                3,
            ),
            (
                "P-3.4.2.2-08",
                r#"not (meta.created lt "2027-01-15T08:00:00Z")"#,
                3,
            ),
            (
                "P-3.4.2.2-08",
                r#"meta.created ne "2027-01-15T09:00:00+01:00""#,
                0,
            ),
        ] {
            let list = asked(&tenant, "/Users", filter).await.assert(200).json();
            assert_eq!(list["totalResults"], total, "{id} {filter}");
        }
    }
}

/// P-3.4.2-06, P-3.4.2.1-01: a filter means something where a list is asked for, and nowhere else.
#[actix_web::test]
async fn a_filter_on_one_resource_or_on_a_write_means_nothing() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let world = World::of(&tenant).await;
    let nobody = encoded(r#"userName eq "zz""#);
    for filter in [nobody.as_str(), "((("] {
        let tail = world.fill(&format!("/Users/{{alice}}?filter={filter}"));
        tenant.get(&tail).await.assert(200);
        let title = serde_json::json!([{"op": "replace", "path": "title", "value": filter}]);
        tenant.patch(&tail, title).await.assert(200);
    }
    let everybody = format!("/Users?filter={}", encoded("userName pr"));
    tenant.delete(&everybody).await.assert_error(405, None);
    let title = serde_json::json!([{"op": "remove", "path": "title"}]);
    tenant
        .patch(&everybody, title)
        .await
        .assert_error(405, None);
}

/// P-3.4.2.2-02, section 3.4.2.2: the strict profile reads the grammar and nothing beside it.
#[actix_web::test]
async fn the_strict_profile_takes_quoted_texts_alone() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    World::of(&tenant).await;
    let filters = [
        "userName eq bob",
        "userName eq 'bob'",
        r#"active eq "False""#,
        "emails[type eq home and value sw bob]",
        "meta.created gt 2001-01-01T00:00:00Z and userName eq bob",
    ];
    for filter in filters {
        let list = asked(&tenant, "/Users", filter).await.assert(200).json();
        assert_eq!(initials(&list), "b", "{filter}");
    }
    tenant.reads_as(Profile::Strict).await;
    for filter in filters {
        let refused = asked(&tenant, "/Users", filter).await;
        refused.assert_error(400, Some("invalidFilter"));
    }
    let grammar = r#"userName eq "bob" and active eq false"#;
    let list = asked(&tenant, "/Users", grammar).await.assert(200).json();
    assert_eq!(initials(&list), "b");
}

/// P-3.4.2.2-10: what was not sent compares as what was answered.
#[actix_web::test]
async fn a_default_compares_as_the_value_that_was_shown() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let body = serde_json::json!({"schemas": [crate::stage::USER], "userName": "plain"});
    let shown = tenant.post("/Users", body).await.assert(201).json();
    assert_eq!(shown["active"], true);
    let list = asked(
        &tenant,
        "/Users",
        r#"userName eq "plain" and active eq true"#,
    )
    .await;
    assert_eq!(list.json()["totalResults"], 1);
}

/// P-3.4.2-03, P-3.4.2-02: nobody is an empty list and no error, with all four of its keys.
#[actix_web::test]
async fn nobody_is_an_empty_list() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for endpoint in ["/Users", "/Groups", "/"] {
        let list = asked(&tenant, endpoint, r#"displayName eq "none""#).await;
        let expected = serde_json::json!({
            "schemas": [super::LIST], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0,
            "Resources": []
        });
        assert_eq!(list.assert(200).json(), expected, "{endpoint}");
    }
}
