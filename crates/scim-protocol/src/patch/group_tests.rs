use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::ScimType;
use crate::urn;

fn request(operations: Value) -> PatchRequest {
    let mut body = json!({"schemas": [urn::PATCH_OP]});
    body["Operations"] = operations;
    PatchRequest::parse(body, &Dialect::OKTA).expect("valid")
}

fn planned(operations: Value) -> GroupPatchPlan {
    plan(request(operations), &Dialect::OKTA).expect("accepted")
}

fn refused(operations: Value) -> Option<ScimType> {
    plan(request(operations), &Dialect::OKTA)
        .expect_err("refused")
        .scim_type
}

fn ids(list: &[&str]) -> Vec<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

fn net(operations: Value) -> (bool, Vec<String>, Vec<String>) {
    let NetMembership {
        replace_all,
        add,
        remove,
    } = planned(operations).normalise();
    (replace_all, add, remove)
}

#[test]
fn p_04_oktas_rename_takes_the_id_along_and_leaves_the_members_alone() {
    let plan = planned(json!([{"op": "replace", "value": {"id": "g1", "displayName": "Ops"}}]));
    assert_eq!(plan.rename.as_deref(), Some("Ops"));
    assert!(plan.members.is_empty() && plan.normalise().is_empty());
    assert_eq!(plan.external_id, None);
}

#[test]
fn okta_adds_and_removes_in_one_request() {
    let plan = planned(json!([
        {"op": "remove", "path": "members[value eq \"a\"]"},
        {"op": "remove", "path": "members[value eq \"b\"]"},
        {"op": "add", "path": "members", "value": [{"value": "c", "display": "c@x"}, {"value": "d"}]}
    ]));
    let expected = vec![
        MemberStep::Remove(ids(&["a"])),
        MemberStep::Remove(ids(&["b"])),
        MemberStep::Add(ids(&["c", "d"])),
    ];
    assert_eq!(plan.members, expected);
    let net = plan.normalise();
    assert_eq!((net.add, net.remove), (ids(&["c", "d"]), ids(&["a", "b"])));
}

#[test]
fn p_21_every_way_of_pushing_an_empty_or_a_whole_group_replaces_it() {
    for operations in [
        json!([{"op": "replace", "path": "members", "value": []}]),
        json!([{"op": "replace", "path": "members", "value": null}]),
        json!([{"op": "replace", "value": {"id": "g", "displayName": "G", "members": []}}]),
        json!([{"op": "remove", "path": "members"}]),
        json!([{"op": "remove", "path": "members[value pr]"}]),
    ] {
        assert_eq!(net(operations), (true, vec![], vec![]));
    }
    let whole = json!([{"op": "replace", "value": {"members": [{"value": "a"}]}}]);
    assert_eq!(net(whole), (true, ids(&["a"]), vec![]));
}

#[test]
fn p_02_entra_removes_listed_members_and_no_others() {
    let operations =
        json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}]);
    assert_eq!(net(operations), (false, vec![], ids(&["a"])));
    let nobody = json!([{"op": "Remove", "path": "members", "value": []}]);
    assert!(planned(nobody).members.is_empty());
}

#[test]
fn members_are_named_in_many_ways() {
    let operations = json!([{"op": "Add", "path": "members", "value": [
        "a", {"VALUE": "b"}, {"$ref": "https://h/scim/c/v2/Users/c"}, {"$ref": "Users/d", "value": null},
        {"value": "e", "type": "User", "display": null, "displayName": "x"}, {"value": ""}, null,
        {"display": "nobody"}
    ]}]);
    assert_eq!(net(operations).1, ids(&["a", "b", "c", "d", "e"]));
    let single = json!([{"op": "add", "path": "members", "value": {"value": "a"}}]);
    assert_eq!(net(single).1, ids(&["a"]));
    for wrong in [
        json!([5]),
        json!([{"value": 5}]),
        json!([["a"]]),
        json!(true),
    ] {
        let operations = json!([{"op": "add", "path": "members", "value": wrong}]);
        assert_eq!(refused(operations), Some(ScimType::InvalidValue));
    }
}

#[test]
fn a_filter_selects_members_by_id() {
    let removed =
        |filter: &str| net(json!([{"op": "remove", "path": format!("members[{filter}]")}])).2;
    assert_eq!(
        removed("value eq \"a\" or value eq \"b\" or (value eq \"c\")"),
        ids(&["a", "b", "c"])
    );
    assert_eq!(removed("value eq \"a\" and type eq \"User\""), ids(&["a"]));
    assert_eq!(removed("value eq \"a\" and value eq \"b\""), ids(&[]));
    assert_eq!(removed("$ref eq \"https://h/v2/Users/a\""), ids(&["a"]));
    for filter in ["display eq \"x\"", "not (value eq \"a\")", "value co \"a\""] {
        let operations = json!([{"op": "remove", "path": format!("members[{filter}]")}]);
        assert_eq!(
            refused(operations),
            Some(ScimType::InvalidFilter),
            "{filter}"
        );
    }
}

#[test]
fn s_4_2_01_a_member_is_replaced_but_never_rewritten() {
    let write = |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
    for path in [
        "members[value eq \"a\"].value",
        "members.value",
        "members.$ref",
        "members[value eq \"a\"].display",
        "members.type",
    ] {
        assert_eq!(
            refused(write(path, json!("x"))),
            Some(ScimType::Mutability),
            "{path}"
        );
    }
    let other = write("members[value eq \"a\"]", json!({"value": "b"}));
    assert_eq!(refused(other), Some(ScimType::Mutability));
    let same = write("members[value eq \"a\"]", json!({"value": "a"}));
    assert!(planned(same).members.is_empty());
    let joins =
        |value: Value| json!([{"op": "add", "path": "members[value eq \"a\"]", "value": value}]);
    assert_eq!(net(joins(json!({"value": "a"}))).1, ids(&["a"]));
    let other = joins(json!({"value": "b"}));
    assert_eq!(refused(other), Some(ScimType::Mutability));
}

/// I-6.5: behind a filter the interoperability profile knows parts of values alone; who leaves is
/// still named by a filter.
#[test]
fn i_6_5_a_strict_client_selects_members_only_to_remove_them() {
    let operations = |op: &str| {
        let operations =
            json!([{"op": op, "path": "members[value eq \"a\"]", "value": {"value": "a"}}]);
        plan(request(operations), &Dialect::STRICT)
    };
    for op in ["add", "replace"] {
        let error = operations(op).expect_err("refused");
        assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{op}");
    }
    assert_eq!(operations("remove").expect("a plan").members.len(), 1);
}

/// P-3.3-05: what is too long is told by attribute and rule.
#[test]
fn p_3_3_05_an_id_that_is_too_long_is_named() {
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": long}]}]);
    let error = plan(request(operations), &Dialect::GENERIC).expect_err("refused");
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
    assert_eq!(error.detail, "members.value is longer than 1024 bytes");
}

#[test]
fn the_id_is_refused_as_a_path() {
    for path in ["id", "meta.created"] {
        let operations = json!([{"op": "replace", "path": path, "value": "x"}]);
        assert_eq!(refused(operations), Some(ScimType::Mutability));
    }
}

#[test]
fn a_name_is_required_and_external_ids_come_and_go() {
    let rename = |value: Value| json!([{"op": "Replace", "path": "displayName", "value": value}]);
    assert_eq!(planned(rename(json!("Ops"))).rename.as_deref(), Some("Ops"));
    for empty in [json!(""), json!(null), json!(" "), json!(5)] {
        assert_eq!(refused(rename(empty)), Some(ScimType::InvalidValue));
    }
    assert_eq!(
        refused(json!([{"op": "remove", "path": "displayName"}])),
        Some(ScimType::Mutability)
    );
    let external = planned(json!([{"op": "replace", "value": {"externalId": "e"}}])).external_id;
    assert_eq!(external, Some(Some("e".to_owned())));
    assert_eq!(
        planned(json!([{"op": "remove", "path": "externalId"}])).external_id,
        Some(None)
    );
}

#[test]
fn unknown_names_are_reported_or_refused_when_strict() {
    let operations = json!([{"op": "replace", "path": "colour", "value": "x"}]);
    assert_eq!(planned(operations.clone()).ignored, ["colour"]);
    let error = plan(request(operations), &Dialect::STRICT).expect_err("refused");
    assert_eq!(error.scim_type, Some(ScimType::InvalidPath));
}

#[test]
fn p_05_replacing_may_mean_adding_where_a_connection_says_so() {
    let dialect = Dialect {
        members_replace: MembersReplace::Add,
        ..Dialect::ENTRA
    };
    let operations = json!([{"op": "replace", "path": "members", "value": [{"value": "a"}]}]);
    let plan = plan(request(operations), &dialect).expect("accepted");
    assert_eq!(plan.members, [MemberStep::Add(ids(&["a"]))]);
}

#[test]
fn p_3_5_2_14_a_hundred_thousand_members_are_planned_once_each() {
    let values: Vec<_> = (0..100_000)
        .map(|n| json!({"value": format!("u{}", n % 50_000)}))
        .collect();
    let net = planned(json!([{"op": "add", "path": "members", "value": values}])).normalise();
    assert_eq!(net.add.len(), 50_000);
    assert_eq!(net.add[1], "u1");
}

fn step() -> impl Strategy<Value = MemberStep> {
    let some = || prop::collection::vec("[a-e]", 0..4);
    prop_oneof![
        3 => some().prop_map(MemberStep::Add),
        3 => some().prop_map(MemberStep::Remove),
        1 => Just(MemberStep::RemoveAll),
        1 => some().prop_map(MemberStep::ReplaceAll),
    ]
}

proptest! {
    #[test]
    fn the_net_change_is_the_same_as_all_steps_in_order(
        before in prop::collection::btree_set("[a-g]", 0..6),
        members in prop::collection::vec(step(), 0..8),
    ) {
        let mut stepwise = before.clone();
        for step in &members {
            match step {
                MemberStep::Add(ids) => stepwise.extend(ids.iter().cloned()),
                MemberStep::Remove(ids) => stepwise.retain(|id| !ids.contains(id)),
                MemberStep::RemoveAll => stepwise.clear(),
                MemberStep::ReplaceAll(ids) => stepwise = ids.iter().cloned().collect(),
            }
        }
        let net = GroupPatchPlan { members, ..GroupPatchPlan::default() }.normalise();
        prop_assert!(net.add.iter().all(|id| !net.remove.contains(id)));
        let mut at_once = if net.replace_all { BTreeSet::new() } else { before };
        at_once.retain(|id| !net.remove.contains(id));
        at_once.extend(net.add);
        prop_assert_eq!(at_once, stepwise);
    }
}
