//! The story itself: what the rules promise, shown and checked one by one.

use rollcall_idp_simulator::http::{ScimClient, Token};
use rollcall_idp_simulator::observe::{Sleep, Step};
use rollcall_idp_simulator::okta::{App, Dialect, Okta, OktaGroupId, OktaId, Profile, PushMode};
use serde_json::{Value, json};

use super::Stage;
use super::narrator::Narrator;
use super::panel::{Panel, items, text};
use crate::output::say;

/// How it ended.
pub(super) struct Ending {
    /// Claims that held.
    held: usize,
    /// Claims that did not.
    broken: Vec<String>,
    /// What Okta was told at last.
    pub(super) tenant_url: String,
    /// What Okta was told at last.
    pub(super) secret_token: String,
}

impl Ending {
    /// Says how it ended; whether every claim held.
    pub(super) fn tell(&self) -> bool {
        say!();
        if self.broken.is_empty() {
            say!("All {} claims of this story held.", self.held);
            return true;
        }
        say!("{} claims held, and these did not:", self.held);
        for claim in &self.broken {
            say!("    {claim}");
        }
        false
    }
}

/// Okta's people and groups.
struct Cast {
    jane: OktaId,
    omar: OktaId,
    li: OktaId,
    max: OktaId,
    engineering: OktaGroupId,
    design: OktaGroupId,
}

impl Cast {
    fn people(&self) -> [&OktaId; 4] {
        [&self.jane, &self.omar, &self.li, &self.max]
    }
}

/// The panel as it is at one moment.
struct Snapshot {
    members: Vec<Value>,
    teams: Vec<Value>,
}

impl Snapshot {
    fn take(panel: &Panel) -> anyhow::Result<Self> {
        let all = |page: &Value| items(page).to_vec();
        Ok(Self {
            members: all(&panel.get("/members?limit=200&sort=created")?),
            teams: all(&panel.get("/teams?limit=200&sort=created")?),
        })
    }

    fn member(&self, email: &str) -> &Value {
        find(&self.members, "/email", email)
    }

    fn team(&self, name: &str) -> &Value {
        find(&self.teams, "/name", name)
    }
}

fn find<'a>(objects: &'a [Value], pointer: &str, wanted: &str) -> &'a Value {
    objects
        .iter()
        .find(|object| text(object, pointer) == wanted)
        .unwrap_or(&Value::Null)
}

fn id(object: &Value) -> &str {
    text(object, "/id")
}

fn is_managed(object: &Value) -> bool {
    text(object, "/managed_by/kind") == "okta"
}

fn bears_badge(object: &Value) -> bool {
    text(object, "/badge/icon") == "okta"
}

fn is_lost(object: &Value) -> bool {
    object.get("lost") == Some(&Value::Bool(true))
}

/// Tells the story.
///
/// # Errors
/// When it cannot go on; what it claims and is false is part of the ending.
pub(super) fn tell(stage: &Stage) -> anyhow::Result<Ending> {
    let panel = Panel::sign_in(stage)?;
    let narrator = Narrator::new(&panel)?;
    before_okta(&narrator, &panel, stage)?;
    let credentials = turn_on(&narrator, &panel)?;
    let mut okta = connect(&narrator, &credentials);
    okta.test_credentials();
    let cast = people_and_groups_arrive(&narrator, &panel, &mut okta)?;
    side_by_side(&narrator, &panel)?;
    life_goes_on(&narrator, &panel, &mut okta, &cast)?;
    let before = Snapshot::take(&panel)?;
    turn_off_and_edit(&narrator, &panel, &mut okta, &cast)?;
    let credentials = turn_on_again(&narrator, &panel)?;
    push_again(&narrator, &panel, &mut okta, &credentials, &cast)?;
    compare(&narrator, &panel, &before)?;
    activity(&narrator, &panel)?;
    for (title, finding) in &okta.report().findings {
        narrator.claim(&format!("{title}: {finding}"), false);
    }
    drop(okta);
    let (held, broken) = narrator.verdict();
    Ok(Ending {
        held,
        broken,
        tenant_url: text(&credentials, "/tenant_url").to_owned(),
        secret_token: text(&credentials, "/secret_token").to_owned(),
    })
}

fn before_okta(narrator: &Narrator<'_>, panel: &Panel, stage: &Stage) -> anyhow::Result<()> {
    narrator.chapter("An organization, made by hand");
    narrator.remark(&format!(
        "Acme, at {}, on a database of its own.",
        stage.url
    ));
    let now = Snapshot::take(panel)?;
    for member in &now.members {
        let (label, email) = (text(member, "/label"), text(member, "/email"));
        let (role, status) = (text(member, "/role"), text(member, "/status"));
        narrator.remark(&format!("member  {label} <{email}>, {role}, {status}"));
    }
    for team in &now.teams {
        let count = &team["member_count"];
        narrator.remark(&format!(
            "team    {}, members: {count}",
            text(team, "/name")
        ));
    }
    let by_hand = |object: &Value| text(object, "/source") == "manual" && !bears_badge(object);
    let all = now.members.iter().chain(&now.teams).all(by_hand);
    narrator.claim("everything is made by hand, and nothing bears a badge", all);
    Ok(())
}

fn turn_on(narrator: &Narrator<'_>, panel: &Panel) -> anyhow::Result<Value> {
    narrator.chapter("Turning on User Provisioning with Okta");
    let credentials = panel.provisioning("enable")?;
    narrator.act("Olivia turns provisioning on, giving her password again");
    narrator.remark(&format!(
        "  Tenant URL    {}",
        text(&credentials, "/tenant_url")
    ));
    narrator.remark("  Secret Token  rcs_… (shown to her once; it never expires)");
    let state = panel.get("/provisioning")?;
    let reminds = state["login_reminder"] == json!(true);
    narrator.claim(
        "the panel reminds her to enable Okta as a login method (R06)",
        reminds,
    );
    let quiet = state["read_only_sources"] == json!([]);
    narrator.claim(
        "nothing is read-only yet, since nothing is provisioned (R07)",
        quiet,
    );
    Ok(credentials)
}

fn connect<'a>(narrator: &'a Narrator<'_>, credentials: &Value) -> Okta<'a> {
    narrator.chapter("Okta connects");
    let observer = |step: &Step| narrator.step(step);
    Okta::new(
        client(credentials),
        App::new(Dialect::Catalogue),
        observer,
        Sleep,
    )
}

fn client(credentials: &Value) -> ScimClient {
    let token = Token::new(text(credentials, "/secret_token"));
    ScimClient::new(text(credentials, "/tenant_url"), token)
}

fn people_and_groups_arrive(
    narrator: &Narrator<'_>,
    panel: &Panel,
    okta: &mut Okta<'_>,
) -> anyhow::Result<Cast> {
    let max_before = id(Snapshot::take(panel)?.member("max@acme.example")).to_owned();
    narrator.chapter("Okta assigns people and pushes groups (R05)");
    let jane = Profile::new("Jane", "Doe", "jane@acme.example").with("title", json!("Engineer"));
    let omar = Profile::new("Omar", "Haddad", "omar@acme.example");
    let li = Profile::new("Li", "Nguyễn", "li@acme.example");
    let max = Profile::new("Max", "Meyer", "Max@Acme.example");
    let [jane, omar, li, max] = [jane, omar, li, max].map(|profile| okta.hire(profile));
    for person in [&jane, &omar, &li, &max] {
        okta.assign(person);
    }
    let now = Snapshot::take(panel)?;
    let max_now = now.member("max@acme.example");
    let same = !max_before.is_empty() && id(max_now) == max_before && bears_badge(max_now);
    narrator.claim(
        "Max, who was there already, is the same member, now with Okta's badge",
        same,
    );
    let engineering = okta.form_group("Engineering", &[jane.clone(), omar.clone()]);
    let design = okta.form_group("Design", &[omar.clone(), li.clone()]);
    okta.push_group(&engineering, PushMode::Create);
    okta.push_group(&design, PushMode::Create);
    let now = Snapshot::take(panel)?;
    let teams = [now.team("Engineering"), now.team("Design")];
    let pushed = teams
        .iter()
        .all(|team| is_managed(team) && team["member_count"] == json!(2));
    narrator.claim(
        "both groups are teams of two, managed by Okta, with its badge",
        pushed,
    );
    let state = panel.get("/provisioning")?;
    let named = text(&state, "/read_only_sources/0/label") == "Okta";
    narrator.claim(
        "the panel says that they can be edited only in Okta (R07)",
        named,
    );
    Ok(Cast {
        jane,
        omar,
        li,
        max,
        engineering,
        design,
    })
}

fn side_by_side(narrator: &Narrator<'_>, panel: &Panel) -> anyhow::Result<()> {
    narrator.chapter("By hand and provisioned, side by side");
    let now = Snapshot::take(panel)?;
    let (engineering, board) = (id(now.team("Engineering")), id(now.team("Board")));
    let (ada, jane) = (
        id(now.member("ada@acme.example")),
        id(now.member("jane@acme.example")),
    );

    let rename = json!({"name": "Builders"});
    let answer = panel.attempt("PATCH", &format!("/teams/{engineering}"), Some(&rename))?;
    narrator.act("Olivia tries to rename the team Engineering in the panel");
    let refused = answer.is_refusal("provisioned_read_only");
    narrator.claim("the panel refuses: it is managed by Okta (R07)", refused);

    let path = format!("/members/{jane}");
    let answer = panel.attempt("PATCH", &path, Some(&json!({"display_name": "J. D."})))?;
    narrator.act("Olivia tries to edit Jane");
    let refused = answer.is_refusal("provisioned_read_only");
    narrator.claim("the panel refuses: she is managed by Okta (R07)", refused);

    let path = format!("/teams/{engineering}/members");
    let answer = panel.attempt("POST", &path, Some(&json!({"member_ids": [ada]})))?;
    narrator.act("Olivia tries to add Ada, a manual member, to Engineering");
    let refused = answer.is_refusal("manual_member_in_provisioned_team");
    narrator.claim(
        "the panel refuses: manual members stay out of provisioned teams (R10)",
        refused,
    );

    let invitable = panel.get("/teams/invitable?limit=200")?;
    let manual = items(&invitable).iter().all(|team| !bears_badge(team));
    let offered = manual && items(&invitable).len() == 2;
    narrator.claim(
        "an invitation offers the two manual teams only (R10)",
        offered,
    );

    let path = format!("/teams/{board}/members");
    panel.change("POST", &path, &json!({"member_ids": [jane]}))?;
    narrator.act("Olivia adds Jane, a provisioned member, to the manual team Board");
    let board = panel.get(&format!("/teams/{board}"))?;
    narrator.claim(
        "that is welcome: Board has two members (R11)",
        board["member_count"] == json!(2),
    );
    Ok(())
}

fn life_goes_on(
    narrator: &Narrator<'_>,
    panel: &Panel,
    okta: &mut Okta<'_>,
    cast: &Cast,
) -> anyhow::Result<()> {
    narrator.chapter("At Okta, life goes on");
    let before = Snapshot::take(panel)?;
    if let Some(mut profile) = okta.profile(&cast.jane).cloned() {
        "Janet".clone_into(&mut profile.given_name);
        profile
            .mapped
            .insert("title".to_owned(), json!("Staff Engineer"));
        okta.update_profile(&cast.jane, profile);
    }
    okta.rename_group(&cast.engineering, "Platform");
    okta.deactivate(&cast.li);
    let now = Snapshot::take(panel)?;
    let li = now.member("li@acme.example");
    narrator.claim(
        "Li cannot sign in any more, and is still there",
        text(li, "/status") == "deactivated",
    );
    okta.reactivate(&cast.li);
    let now = Snapshot::take(panel)?;
    let (li_before, li) = (
        before.member("li@acme.example"),
        now.member("li@acme.example"),
    );
    let same = id(li) == id(li_before) && text(li, "/status") == "active";
    narrator.claim("Li is back, the same member", same);
    let kept = li["team_count"] == li_before["team_count"];
    narrator.claim("and in the same teams as before", kept);
    let (old, new) = (before.team("Engineering"), now.team("Platform"));
    narrator.claim("the renamed group is the same team", id(old) == id(new));
    let jane = text(now.member("jane@acme.example"), "/display_name");
    narrator.claim("Jane is called Janet Doe now", jane == "Janet Doe");
    Ok(())
}

fn turn_off_and_edit(
    narrator: &Narrator<'_>,
    panel: &Panel,
    okta: &mut Okta<'_>,
    cast: &Cast,
) -> anyhow::Result<()> {
    narrator.chapter("Turning it off (R03, R12)");
    panel.provisioning("disable")?;
    narrator.act("Olivia turns provisioning off");
    let probe = rollcall_idp_simulator::http::Request::get("/Users?startIndex=1&count=2");
    let answer = okta.client().send(&probe)?;
    narrator.remark("Okta asks once more, with the token it has:");
    narrator.remark(&format!("  {}", answer.summary()));
    narrator.claim(
        "the old token is refused at once (R03)",
        answer.status == 401,
    );
    let now = Snapshot::take(panel)?;
    let pushed = |object: &&Value| text(object, "/source") == "okta";
    let all: Vec<&Value> = now
        .members
        .iter()
        .chain(&now.teams)
        .filter(pushed)
        .collect();
    let badges = all.len() == 6 && all.iter().all(|object| bears_badge(object));
    narrator.claim("what Okta pushed keeps its badge (R08)", badges);
    let free = all.iter().all(|object| !is_managed(object));
    narrator.claim("and can be edited in the panel (R12)", free);

    let design = id(now.team("Design"));
    panel.change(
        "PATCH",
        &format!("/teams/{design}"),
        &json!({"name": "Brand Design"}),
    )?;
    narrator.act("Olivia renames the team Design to Brand Design");
    let omar = okta.link(&cast.omar).unwrap_or_default();
    let email = json!({"email": "omar.haddad@acme.example"});
    panel.change("PATCH", &format!("/members/{omar}"), &email)?;
    narrator.act("Olivia changes Omar's e-mail");
    Ok(())
}

fn turn_on_again(narrator: &Narrator<'_>, panel: &Panel) -> anyhow::Result<Value> {
    narrator.chapter("Turning it on again (R13)");
    let preview = panel.get("/provisioning/okta/preview")?;
    narrator.remark("Before she does, the panel says what will happen:");
    let listed = |pointer: &str| text(&preview, &format!("{pointer}/first/0/label")).to_owned();
    let (members, teams) = (listed("/members_lost"), listed("/teams_lost"));
    narrator.remark(&format!("  members Okta will no longer find: {members}"));
    narrator.remark(&format!("  teams Okta will no longer find: {teams}"));
    let counts = [
        &preview["members_lost"]["count"],
        &preview["teams_lost"]["count"],
    ];
    let foretold = counts == [&json!(1), &json!(1)] && teams == "Brand Design";
    narrator.claim("it foretells exactly the two that were edited", foretold);
    let old = panel.get("/provisioning")?;
    let credentials = panel.provisioning("enable")?;
    narrator.act("Olivia turns provisioning on");
    let url = text(&old, "/directories/0/tenant_url");
    let same = !url.is_empty() && text(&credentials, "/tenant_url") == url;
    narrator.claim(
        "the Tenant URL is the same, and the Secret Token is new",
        same,
    );
    Ok(credentials)
}

fn push_again(
    narrator: &Narrator<'_>,
    panel: &Panel,
    okta: &mut Okta<'_>,
    credentials: &Value,
    cast: &Cast,
) -> anyhow::Result<()> {
    let now = Snapshot::take(panel)?;
    let lost: Vec<&Value> = now
        .members
        .iter()
        .chain(&now.teams)
        .filter(|o| is_lost(o))
        .collect();
    let two = lost.len() == 2 && lost.iter().all(|object| bears_badge(object));
    narrator.claim(
        "the two edited ones are marked as no longer found, badges kept",
        two,
    );
    narrator.remark("Okta is given the new token and pushes everybody again.");
    okta.connect(client(credentials));
    okta.forget_links();
    okta.test_credentials();
    for person in cast.people() {
        okta.assign(person);
    }
    okta.push_group(&cast.engineering, PushMode::Link);
    okta.push_group(&cast.design, PushMode::Create);
    Ok(())
}

/// R13, checked object by object.
fn compare(narrator: &Narrator<'_>, panel: &Panel, before: &Snapshot) -> anyhow::Result<()> {
    narrator.chapter("What came of it");
    let after = Snapshot::take(panel)?;
    let new = |old: &[Value], now: &[Value]| -> Vec<Value> {
        let known = |object: &Value| old.iter().any(|one| id(one) == id(object));
        now.iter()
            .filter(|object| !known(object))
            .cloned()
            .collect()
    };
    let members = new(&before.members, &after.members);
    let teams = new(&before.teams, &after.teams);
    let one_member =
        members.len() == 1 && find(&members, "/email", "omar@acme.example") != &Value::Null;
    narrator.claim("one member came anew: Omar, as Okta knows him", one_member);
    let one_team = teams.len() == 1 && find(&teams, "/name", "Design") != &Value::Null;
    narrator.claim("one team came anew: Design, as Okta knows it", one_team);
    let gone = new(&after.members, &before.members).len() + new(&after.teams, &before.teams).len();
    narrator.claim("nothing went away", gone == 0);
    let old_omar = after.member("omar.haddad@acme.example");
    let old_design = after.team("Brand Design");
    let beside = [old_omar, old_design]
        .iter()
        .all(|o| is_lost(o) && bears_badge(o) && !is_managed(o));
    narrator.claim(
        "the edited ones stand beside them, with Okta's badge, editable",
        beside,
    );
    let rest = before
        .members
        .iter()
        .chain(&before.teams)
        .filter(|object| is_managed(object));
    let found = |object: &Value| {
        let mut all = after.members.iter().chain(&after.teams);
        all.any(|now| id(now) == id(object) && is_managed(now) && !is_lost(now))
    };
    let found_again = rest.filter(|object| found(object)).count();
    narrator.claim(
        "the other four are the same objects as before, managed again",
        found_again == 4,
    );
    let counts = [
        &after.team("Platform")["member_count"],
        &after.team("Design")["member_count"],
    ];
    narrator.claim(
        "Okta's teams hold exactly Okta's people",
        counts == [&json!(2), &json!(2)],
    );
    Ok(())
}

fn activity(narrator: &Narrator<'_>, panel: &Panel) -> anyhow::Result<()> {
    narrator.chapter("Activity > Actions (R14)");
    let count = |query: &str| -> anyhow::Result<u64> {
        let page = panel.get(&format!("/activity?limit=1&{query}"))?;
        Ok(page["total"].as_u64().unwrap_or_default())
    };
    let (panel_entries, okta_entries) = (count("source=panel")?, count("source=scim")?);
    narrator.remark(&format!(
        "{panel_entries} entries by people in the panel, {okta_entries} by Okta over SCIM"
    ));
    let on = count("action=provisioning.enabled")?;
    let off = count("action=provisioning.disabled")?;
    narrator.claim(
        "turning on (twice) and off (once) is on record",
        (on, off) == (2, 1),
    );
    let created = count("source=scim&action=member.created")?;
    let adopted = count("source=scim&action=member.adopted")?;
    let recorded = (created, adopted) == (4, 1);
    narrator.claim(
        "so is every member that Okta created or took over",
        recorded,
    );
    Ok(())
}
