//! Who is let in, and what is said to who is not: authentication, routes, methods, sizes, types,
//! discovery.

use crate::stage::{Answer, SCIM, Stage, Tenant, okta_user};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use rollcall_http::{HttpSettings, Rate};
use serde_json::{Value, json};

fn challenge(answer: &Answer) -> &str {
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with("Bearer realm="), "{challenge}");
    challenge
}

fn bare(tenant: &Tenant<'_>, tail: &str) -> TestRequest {
    TestRequest::with_uri(&format!("{}{tail}", tenant.base))
}

#[actix_web::test]
async fn r04_test_api_credentials_succeeds_with_nothing_provisioned_yet() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let empty = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []
    });
    for tail in [
        "/Users?startIndex=1&count=2",
        "/Groups?startIndex=1&count=100",
        "/Users?filter=userName+eq+%22nobody%40atko.com%22&startIndex=1&count=100",
    ] {
        let answer = tenant.get(tail).await.assert(200);
        assert_eq!(answer.json(), empty, "{tail}");
        assert_eq!(answer.header("content-type"), Some(SCIM));
    }
}

/// P-2-01, P-2-03.
#[actix_web::test]
async fn sec_2_every_wrong_credential_is_401_with_a_challenge_and_a_scim_body() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let token = tenant.token.clone();
    let mut truncated = token.clone();
    truncated.pop();
    let shown = [
        format!("Bearer {truncated}"),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {token}x"),
        format!("Bearer {token} {token}"),
        "Bearer nonsense".to_owned(),
    ];
    for value in shown {
        let request = bare(&tenant, "/Users").insert_header(("authorization", value.as_str()));
        let answer = stage.send(request).await;
        answer.assert_error(401, None);
        assert!(
            challenge(&answer).contains("error=\"invalid_token\""),
            "{value}"
        );
    }
    let not_shown = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {token}"),
        format!("Token {token}"),
        token.clone(),
    ];
    for value in not_shown {
        let request = bare(&tenant, "/Users").insert_header(("authorization", value.as_str()));
        let answer = stage.send(request).await;
        answer.assert_error(401, None);
        assert!(!challenge(&answer).contains("error="), "{value}");
    }
    let doubled = bare(&tenant, "/Users")
        .append_header(("authorization", format!("Bearer {token}")))
        .append_header(("authorization", format!("Bearer {token}")));
    stage.send(doubled).await.assert_error(401, None);
    let in_query = bare(&tenant, &format!("/Users?access_token={token}"));
    stage.send(in_query).await.assert_error(401, None);
    let in_cookie = bare(&tenant, "/Users").insert_header(("cookie", format!("token={token}")));
    stage.send(in_cookie).await.assert_error(401, None);
    stage
        .send(bare(&tenant, "/Users"))
        .await
        .assert_error(401, None);
}

/// P-37.
#[actix_web::test]
async fn a_token_without_scheme_is_told_to_put_bearer_before_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let request = bare(&tenant, "/Users").insert_header(("authorization", tenant.token.as_str()));
    let body = stage.send(request).await.assert_error(401, None);
    assert!(body["detail"].as_str().unwrap().contains("`Bearer `"));
}

#[actix_web::test]
async fn the_scheme_is_read_in_any_case() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let value = format!("{scheme} {}", tenant.token);
        let request = bare(&tenant, "/Users").insert_header(("authorization", value));
        stage.send(request).await.assert(200);
    }
}

#[actix_web::test]
async fn sec_3_a_secret_token_opens_scim_alone_and_its_own_connection_alone() {
    let stage = Stage::new().await;
    let acme = stage.organization("acme").await;
    let other = stage.organization("other").await;
    let value = format!("Bearer {}", acme.token);
    let foreign = bare(&other, "/Users").insert_header(("authorization", value.as_str()));
    let foreign = stage.send(foreign).await;
    foreign.assert_error(401, None);
    let nowhere = TestRequest::with_uri("/scim/not-a-connection/v2/Users")
        .insert_header(("authorization", value.as_str()));
    let nowhere = stage.send(nowhere).await;
    assert_eq!(nowhere.body, foreign.body);
    nowhere.assert_error(401, None);
}

/// The guard stands before the body: a body that would be refused for its size is not looked at.
#[actix_web::test]
async fn without_a_token_nothing_of_a_body_is_judged() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let request = bare(&tenant, "/Users")
        .method(Method::POST)
        .insert_header(("content-type", "text/plain"))
        .set_payload(vec![b'x'; 2 * 1024 * 1024]);
    stage.send(request).await.assert_error(401, None);
}

#[actix_web::test]
async fn p_35_slashes_do_not_count_and_the_base_is_a_list_of_everything() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for tail in ["/Users/", "//Users//", "/Users/?count=1"] {
        tenant.get(tail).await.assert(200);
    }
    let config = tenant.get("/ServiceProviderConfig/").await.assert(200);
    assert_eq!(config.json()["patch"]["supported"], true);
    for tail in ["", "/"] {
        let list = tenant.get(tail).await.assert(200).json();
        assert_eq!(list["totalResults"], 0, "{tail}");
    }
}

#[actix_web::test]
async fn p_3_13_01_another_version_is_invalid_after_the_token_was_checked() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let other = tenant.base.replace("/v2", "/v9");
    let anonymous = TestRequest::with_uri(&format!("{other}/Users"));
    stage.send(anonymous).await.assert_error(401, None);
    let known = TestRequest::with_uri(&format!("{other}/Users"))
        .insert_header(("authorization", format!("Bearer {}", tenant.token)));
    stage
        .send(known)
        .await
        .assert_error(400, Some("invalidVers"));
}

#[actix_web::test]
async fn what_is_not_supported_is_501_and_a_wrong_method_405_with_allow() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    tenant.get("/Me").await.assert_error(501, None);
    let cases = [
        (Method::DELETE, "/Users", "GET, HEAD, POST"),
        (Method::PUT, "/Groups", "GET, HEAD, POST"),
        (Method::POST, "/Users/x", "GET, HEAD, PUT, PATCH, DELETE"),
        (Method::POST, "/Schemas", "GET, HEAD"),
        (Method::GET, "/Users/.search", "POST"),
        (Method::GET, "/Bulk", "POST"),
        (Method::POST, "", "GET, HEAD"),
        (Method::OPTIONS, "/Users", "GET, HEAD, POST"),
    ];
    for (method, tail, allow) in cases {
        let answer = tenant.call(method, tail, None).await;
        answer.assert_error(405, None);
        assert_eq!(answer.header("allow"), Some(allow), "{tail}");
    }
    tenant.get("/Nothing").await.assert_error(404, None);
}

#[actix_web::test]
async fn p_3_4_02_head_is_served_wherever_get_is() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let id = tenant.push_user("jane@acme.example").await;
    for tail in [
        "/Users".to_owned(),
        format!("/Users/{id}"),
        "/Schemas".to_owned(),
    ] {
        tenant.call(Method::HEAD, &tail, None).await.assert(200);
    }
    let gone = tenant.call(Method::HEAD, "/Users/42", None).await;
    assert_eq!(gone.status, 404);
}

#[actix_web::test]
async fn sizes_are_bounded_and_a_write_to_a_group_may_be_larger() {
    let settings = HttpSettings {
        body_limit: 2_000,
        group_body_limit: 10_000,
        ..HttpSettings::default()
    };
    let stage = Stage::with(settings).await;
    let tenant = stage.organization("acme").await;
    let filler = "x".repeat(1_000);
    let mut user = okta_user("jane@acme.example");
    user["title"] = json!(filler);
    user["nickName"] = json!(filler);
    tenant.post("/Users", user).await.assert_error(413, None);
    let group = |extra: usize| json!({"displayName": "G", "x": vec![filler.as_str(); extra]});
    tenant.post("/Groups", group(3)).await.assert(201);
    tenant
        .post("/Groups", group(11))
        .await
        .assert_error(413, None);
}

#[actix_web::test]
async fn p_28_content_types_are_told_apart_and_parameters_do_not_matter() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let types = [
        Some("application/scim+json"),
        Some("application/json"),
        Some("Application/JSON; charset=UTF-8"),
        None,
    ];
    for (number, content_type) in types.into_iter().enumerate() {
        let body = okta_user(&format!("p{number}@acme.example")).to_string();
        let mut request = tenant.knock(Method::POST, "/Users").set_payload(body);
        if let Some(content_type) = content_type {
            request = request.insert_header(("content-type", content_type));
        }
        stage.send(request).await.assert(201);
    }
    let plain = tenant
        .knock(Method::POST, "/Users")
        .insert_header(("content-type", "text/plain"))
        .set_payload("{}");
    stage.send(plain).await.assert_error(415, None);
    let packed = tenant
        .knock(Method::POST, "/Users")
        .insert_header(("content-encoding", "gzip"))
        .set_payload("{}");
    stage.send(packed).await.assert_error(415, None);
}

#[actix_web::test]
async fn p_3_8_01_the_answer_is_plain_json_only_for_who_accepts_nothing_else() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let ask = |accept: &'static str| {
        let request = tenant
            .knock(Method::GET, "/Users")
            .insert_header(("accept", accept));
        stage.send(request)
    };
    let json = ask("application/json").await.assert(200);
    assert_eq!(json.header("content-type"), Some("application/json"));
    let both = ask("application/json, application/scim+json").await;
    assert_eq!(both.header("content-type"), Some(SCIM));
    let any = ask("*/*").await;
    assert_eq!(any.header("content-type"), Some(SCIM));
}

#[actix_web::test]
async fn p_4_discovery_is_complete_and_true_and_takes_no_filter() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let config = tenant
        .get("/ServiceProviderConfig")
        .await
        .assert(200)
        .json();
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(
        config["bulk"],
        json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 2_097_152})
    );
    assert_eq!(
        config["filter"],
        json!({"supported": true, "maxResults": 1000})
    );
    assert_eq!(config["sort"]["supported"], true);
    assert_eq!(config["etag"]["supported"], true);
    assert_eq!(config["changePassword"]["supported"], false);
    assert_eq!(
        config["authenticationSchemes"][0]["type"],
        "oauthbearertoken"
    );
    let types = tenant
        .get("/ResourceTypes?count=1")
        .await
        .assert(200)
        .json();
    assert_eq!(types["totalResults"], 2);
    let user = tenant.get("/ResourceTypes/User").await.assert(200).json();
    assert_eq!(user["endpoint"], "/Users");
    let location = user["meta"]["location"].as_str().unwrap();
    assert!(
        location.starts_with("https://rollcall.example/scim/"),
        "SEC-33: {location}"
    );
    let schemas = tenant.get("/Schemas").await.assert(200).json();
    for resource in schemas["Resources"].as_array().unwrap() {
        let id = resource["id"].as_str().unwrap();
        let one = tenant.get(&format!("/Schemas/{id}")).await.assert(200);
        assert_eq!(one.json(), *resource);
        assert!(
            !resource.to_string().contains("\"password\""),
            "SEC-21: {id}"
        );
    }
    tenant
        .get("/Schemas?filter=id%20pr")
        .await
        .assert_error(403, None);
    tenant
        .get("/Schemas/urn:none")
        .await
        .assert_error(404, None);
    tenant
        .get("/ResourceTypes/Printer")
        .await
        .assert_error(404, None);
}

/// P-7-X1, C-5.3-01: `Retry-After` is an integer, and another organization is not slowed down.
#[actix_web::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let settings = HttpSettings {
        scim_rate: Some(Rate {
            per_second: 1,
            burst: 2,
        }),
        ..HttpSettings::default()
    };
    let stage = Stage::with(settings).await;
    let (acme, other) = (
        stage.organization("acme").await,
        stage.organization("other").await,
    );
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(acme.get("/Users?count=0").await);
    }
    let throttled = answers.iter().find(|answer| answer.status == 429);
    let throttled = throttled.expect("twenty requests in a moment are too many");
    throttled.assert_error(429, None);
    assert_eq!(throttled.header("retry-after"), Some("1"));
    other.get("/Users").await.assert(200);
}

/// REL-12: who waits too long for an answer is told so, in the language of the door.
#[actix_web::test]
async fn a_request_that_takes_too_long_is_503_with_retry_after() {
    let settings = HttpSettings {
        handler_timeout: std::time::Duration::from_millis(10),
        ..HttpSettings::default()
    };
    let stage = Stage::with(settings).await;
    let tenant = stage.organization("acme").await;
    stage.before_next_write(std::future::pending());
    let answer = tenant.post("/Users", okta_user("jane@acme.example")).await;
    answer.assert_error(503, None);
    assert!(answer.header("retry-after").is_some());
}

/// REL-11: doubt is 503, never 401 or 404, which would make a directory disable or delete.
#[actix_web::test]
async fn rel_11_an_unreachable_store_is_503_with_retry_after() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    stage.fail_from_now_on();
    let answer = tenant.get("/Users").await;
    answer.assert_error(503, None);
    let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds >= 1);
    let ready = stage.send(TestRequest::with_uri("/health/ready")).await;
    assert_eq!(ready.status, 503);
    let live = stage.send(TestRequest::with_uri("/health/live")).await;
    assert_eq!(live.status, 200);
}

#[actix_web::test]
async fn every_answer_bears_a_request_id_and_security_headers() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    for answer in [
        tenant.get("/Users").await,
        stage.send(bare(&tenant, "/Users")).await,
        stage.send(TestRequest::with_uri("/nowhere")).await,
        stage.send(TestRequest::with_uri("/scim")).await,
    ] {
        let id = answer.header("x-request-id").expect("a request id");
        assert_eq!(id.len(), 36, "{id}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[actix_web::test]
async fn an_unknown_address_answers_in_the_language_of_its_door() {
    let stage = Stage::new().await;
    let api = stage.send(TestRequest::with_uri("/api/nothing")).await;
    assert_eq!(api.status, 404);
    assert_eq!(api.header("content-type"), Some("application/problem+json"));
    let long = format!("/scim/{}", "x".repeat(9_000));
    stage
        .send(TestRequest::with_uri(&long))
        .await
        .assert_error(414, None);
    let heavy = TestRequest::with_uri("/scim/x").insert_header(("x-heavy", "x".repeat(17_000)));
    stage.send(heavy).await.assert_error(431, None);
}

/// P-7-X2: the activity entry names the request, the address and the client (part B, Activity).
#[actix_web::test]
async fn an_entry_names_the_request_that_left_it() {
    let stage = Stage::new().await;
    let tenant = stage.organization("acme").await;
    let answer = tenant.post("/Users", okta_user("jane@acme.example")).await;
    let id = answer.header("x-request-id").expect("a request id");
    let entries = tenant.activity().await;
    assert_eq!(entries[0].request.to_string(), id);
    assert_eq!(
        entries[0].user_agent.as_deref(),
        Some("Okta SCIM Client 1.0.0")
    );
    assert_eq!(entries[0].actor_kind, "directory");
    let nothing: Value = tenant.get("/Users").await.json();
    assert_eq!(nothing["totalResults"], 1);
}
