//! *Activity > Actions* and its export.

use serde_json::{Value, json};

use crate::harness::{PASSWORD, Panel};

#[actix_web::test]
async fn r14_the_panel_and_scim_leave_their_entries_side_by_side() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    let okta = owner.enable().await;
    let pushed = okta.push_user("pat@acme.example").await;
    okta.push_group("Everyone", &[&pushed]).await;
    okta.set_active(&pushed, false).await;
    let body = json!({"current_password": PASSWORD});
    let path = "/api/v1/provisioning/okta/credentials";
    owner.post(path, body).await.expect(200);
    owner.disable().await;
    assert_eq!(
        owner.actions().await,
        [
            "organization.created",
            "member.created",
            "session.started",
            "provisioning.enabled",
            "member.created",
            "team.created",
            "team.member_added",
            "member.deactivated",
            "provisioning.credentials_issued",
            "provisioning.disabled",
        ]
    );
    let by_scim = owner
        .get("/api/v1/activity?source=scim")
        .await
        .expect(200)
        .json();
    assert_eq!(by_scim["total"], 4);
    assert_eq!(by_scim["items"][0]["actor"]["label"], "Okta");
    let by_panel = owner
        .get("/api/v1/activity?source=panel")
        .await
        .expect(200)
        .json();
    assert_eq!(by_panel["total"], 4);
    let entry = &by_panel["items"][0];
    assert_eq!(entry["action"], "provisioning.disabled");
    assert_eq!(entry["actor"]["label"], "owner@acme.example");
    assert!(entry["request_id"].is_string());
}

#[actix_web::test]
async fn entries_are_filtered_and_paged() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    for n in 0..5 {
        owner.create_team(&format!("Team {n}"), &[]).await;
    }
    panel.clock.advance(chrono::Duration::minutes(1));
    let team = owner.create_team("Late", &[]).await;
    let total = async |query: &str| {
        let page = owner
            .get(&format!("/api/v1/activity?{query}"))
            .await
            .expect(200)
            .json();
        page["total"].as_u64().unwrap()
    };
    assert_eq!(total("action=team.created").await, 6);
    assert_eq!(total("action=team.created,session.started").await, 7);
    assert_eq!(total(&format!("target={team}")).await, 1);
    assert_eq!(
        total("action=team.created&from=2026-01-05T09:00:30Z").await,
        1
    );
    assert_eq!(
        total("action=team.created&until=2026-01-05T09:00:30Z").await,
        5
    );
    assert_eq!(total("source=system").await, 2);

    let first = owner
        .get("/api/v1/activity?action=team.created&limit=4")
        .await
        .json();
    assert_eq!(first["items"][0]["target"]["label"], "Late");
    let next = first["next"].as_str().unwrap();
    let path = format!("/api/v1/activity?action=team.created&limit=4&cursor={next}");
    let second = owner.get(&path).await.expect(200).json();
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert!(second["next"].is_null());
    for bad in [
        "action=team.exploded",
        "kind=loud",
        "source=fax",
        "from=yesterday",
    ] {
        let reply = owner.get(&format!("/api/v1/activity?{bad}")).await;
        reply.refused(400, "validation");
    }
}

#[actix_web::test]
async fn sec_26_an_export_is_whole_and_free_of_formulas() {
    let panel = Panel::open().await;
    let owner = panel.owner().await;
    owner
        .create_team("=HYPERLINK(\"https://evil.example\")", &[])
        .await;
    for n in 0..600 {
        owner.create_team(&format!("Team {n}"), &[]).await;
    }
    let csv = owner
        .get("/api/v1/activity/export?action=team.created")
        .await
        .expect(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    let name = csv.header("content-disposition");
    assert_eq!(name, "attachment; filename=\"activity-2026-01-05.csv\"");
    let lines: Vec<&str> = csv.body.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 602);
    assert!(lines[0].starts_with("id,at,action,kind"));
    let formula = lines.last().unwrap();
    assert!(
        formula.contains("\"'=HYPERLINK(\"\"https://evil.example\"\")\""),
        "{formula}"
    );

    let path = "/api/v1/activity/export?action=team.created&format=jsonl";
    let jsonl = owner.get(path).await.expect(200);
    let entries: Vec<Value> = jsonl
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), 601);
    let mut ids: Vec<&str> = entries.iter().map(|e| e["id"].as_str().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 601);
    let bad = owner.get("/api/v1/activity/export?format=xls").await;
    bad.refused(400, "validation");
}
