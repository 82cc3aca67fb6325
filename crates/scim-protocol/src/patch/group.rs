//! Modification of a group as a set of differences (P-17, P-19).
//!
//! A group may have a million members, and several clients change it at once. So a request is not
//! applied to a list: it is turned into a plan of what to add and what to remove, which a store
//! carries out without reading the list.

use std::collections::HashMap;

use serde_json::Value;

use super::target::{FilteredTarget, Target, TargetError};
use super::{PatchOp, PatchOperation, PatchRequest};
use crate::dialect::{Dialect, MembersReplace, Unknown};
use crate::error::ScimError;
use crate::filter::{Comparison, Test};
use crate::path::AttributePath;
use crate::resource::value::{check_name, normalise_leaf};
use crate::resource::{MAX_TEXT_BYTES, report};
use crate::schema::{Mutability, ResourceKind};

/// One change of the membership; the texts are ids of members, as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberStep {
    /// These become members, if they are not.
    Add(Vec<String>),
    /// These are members no more, if they are.
    Remove(Vec<String>),
    /// Nobody is a member any more.
    RemoveAll,
    /// These are the members, and nobody else.
    ReplaceAll(Vec<String>),
}

/// What a request does to a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupPatchPlan {
    /// The new name, as sent and not empty.
    pub rename: Option<String>,
    /// The new `externalId`; the inner `None` takes it away.
    pub external_id: Option<Option<String>>,
    /// The changes of the membership, in order.
    pub members: Vec<MemberStep>,
    /// Names that no schema has, for a log.
    pub ignored: Vec<String>,
}

/// The sum of all changes of a membership. No id is in both lists, and none is in one twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetMembership {
    /// Whether everybody else is removed. Then `remove` is empty.
    pub replace_all: bool,
    /// Who is a member afterwards, in the order in which they were named.
    pub add: Vec<String>,
    /// Who is not a member afterwards, in the order in which they were named.
    pub remove: Vec<String>,
}

impl NetMembership {
    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.replace_all && self.add.is_empty() && self.remove.is_empty()
    }
}

impl GroupPatchPlan {
    /// Folds the steps: the last word on each id counts.
    #[must_use]
    pub fn normalise(&self) -> NetMembership {
        let mut replace_all = false;
        let mut wanted: HashMap<&str, bool> = HashMap::new();
        for step in &self.members {
            let (ids, is_member) = match step {
                MemberStep::Add(ids) | MemberStep::ReplaceAll(ids) => (ids.as_slice(), true),
                MemberStep::Remove(ids) => (ids.as_slice(), false),
                MemberStep::RemoveAll => (&[][..], false),
            };
            if matches!(step, MemberStep::RemoveAll | MemberStep::ReplaceAll(_)) {
                replace_all = true;
                wanted.clear();
            }
            wanted.extend(ids.iter().map(|id| (id.as_str(), is_member)));
        }
        let mut net = NetMembership {
            replace_all,
            ..NetMembership::default()
        };
        for id in self.members.iter().flat_map(ids_of) {
            match wanted.remove(id.as_str()) {
                Some(true) => net.add.push(id.clone()),
                Some(false) if !replace_all => net.remove.push(id.clone()),
                _ => {}
            }
        }
        net
    }
}

fn ids_of(step: &MemberStep) -> &[String] {
    match step {
        MemberStep::Add(ids) | MemberStep::Remove(ids) | MemberStep::ReplaceAll(ids) => ids,
        MemberStep::RemoveAll => &[],
    }
}

/// Reads what a request does, without knowing the group.
///
/// # Errors
/// As [`super::apply()`], except that selecting members by anything but their ids is refused with
/// `invalidFilter`: the answer would need the list.
pub fn plan(request: PatchRequest, dialect: &Dialect) -> Result<GroupPatchPlan, ScimError> {
    let mut planner = Planner {
        dialect,
        plan: GroupPatchPlan::default(),
    };
    for operation in request.operations {
        planner.operation(operation)?;
    }
    Ok(planner.plan)
}

/// The ids in a value of `members`: objects with `value` or `$ref`, or bare texts (P-3.5.2-13).
///
/// # Errors
/// `invalidValue` for what names nobody.
pub fn member_ids(value: Value) -> Result<Vec<String>, ScimError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(values) => {
            let ids = values
                .into_iter()
                .map(member_id)
                .filter_map(Result::transpose);
            ids.collect()
        }
        one => Ok(member_id(one)?.into_iter().collect()),
    }
}

fn member_id(value: Value) -> Result<Option<String>, ScimError> {
    let wrong = || ScimError::invalid_value("members must be objects with the id as value");
    let id = match value {
        Value::Null => return Ok(None),
        Value::String(id) => id,
        Value::Object(mut parts) => {
            let (mut id, mut reference) = (None, None);
            for (name, part) in &mut parts {
                if name.eq_ignore_ascii_case("value") {
                    id = Some(part.take());
                } else if name.eq_ignore_ascii_case("$ref") {
                    reference = Some(part.take());
                }
            }
            match (id.unwrap_or_default(), reference.unwrap_or_default()) {
                (Value::String(id), _) => id,
                (Value::Null, Value::String(reference)) => id_in(&reference),
                (Value::Null, Value::Null) => return Ok(None),
                _ => return Err(wrong()),
            }
        }
        _ => return Err(wrong()),
    };
    if id.len() > MAX_TEXT_BYTES {
        return Err(ScimError::invalid_value(format!(
            "members.value is longer than {MAX_TEXT_BYTES} bytes"
        )));
    }
    Ok((!id.is_empty()).then_some(id))
}

/// The last segment of an address is the id, with or without a version before it (S-2.4-04).
fn id_in(reference: &str) -> String {
    reference
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

struct Planner<'a> {
    dialect: &'a Dialect,
    plan: GroupPatchPlan,
}

impl Planner<'_> {
    fn operation(&mut self, operation: PatchOperation) -> Result<(), ScimError> {
        let PatchOperation { op, path, value } = operation;
        let Some(path) = path else {
            return self.whole_group(op, value);
        };
        match Target::parse(&path, ResourceKind::Group, self.dialect.literals) {
            Ok(Target::Attribute(path)) if path.attribute.mutability == Mutability::ReadOnly => {
                Err(ScimError::mutability(format!("{path} cannot be changed")))
            }
            Ok(target) => self.target(op, &target, value),
            Err(error) => self.no_target(&path, error),
        }
    }

    fn no_target(&mut self, path: &str, error: TargetError) -> Result<(), ScimError> {
        if matches!(error, TargetError::Unknown) && self.dialect.unknown == Unknown::Ignore {
            report(&mut self.plan.ignored, path);
            return Ok(());
        }
        Err(error.refused(path))
    }

    /// Only the keys that are there are touched: a rename leaves the members alone (P-04), and the
    /// `id` that comes with it says nothing.
    fn whole_group(&mut self, op: PatchOp, value: Option<Value>) -> Result<(), ScimError> {
        let Some(Value::Object(entries)) = value else {
            return Err(ScimError::invalid_value(
                "without a path, value must be an object",
            ));
        };
        for (key, value) in entries {
            match Target::parse(&key, ResourceKind::Group, self.dialect.literals) {
                Ok(Target::Attribute(path))
                    if path.attribute.mutability == Mutability::ReadOnly => {}
                Ok(Target::Resource) => report(&mut self.plan.ignored, &key),
                Ok(target) => self.target(op, &target, Some(value))?,
                Err(error) => self.no_target(&key, error)?,
            }
        }
        Ok(())
    }

    fn target(
        &mut self,
        op: PatchOp,
        target: &Target,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match target {
            Target::Attribute(path) => self.attribute(op, *path, value),
            Target::Filtered(filtered) => self.selected_members(op, filtered, value),
            Target::Resource if op != PatchOp::Remove => self.whole_group(op, value),
            Target::Resource | Target::Extension(_) => {
                Err(ScimError::mutability("a group is removed with DELETE"))
            }
        }
    }

    fn attribute(
        &mut self,
        op: PatchOp,
        path: AttributePath,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match (path.attribute.name, path.sub.map(|sub| sub.name)) {
            ("displayName", _) => self.rename(op, &path, value),
            ("externalId", _) => {
                let value = value.filter(|_| op != PatchOp::Remove);
                self.plan.external_id = Some(self.text(&path, value)?);
                Ok(())
            }
            ("members", None) => self.all_members(op, value),
            ("members", Some(_)) => Err(ScimError::mutability(format!("{path} cannot be changed"))),
            // `schemas` follows the data.
            _ => Ok(()),
        }
    }

    fn rename(
        &mut self,
        op: PatchOp,
        path: &AttributePath,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if op == PatchOp::Remove {
            return Err(ScimError::mutability("displayName is required"));
        }
        let name = self.text(path, value)?.unwrap_or_default();
        check_name("displayName", &name)?;
        self.plan.rename = Some(name);
        Ok(())
    }

    fn text(
        &self,
        path: &AttributePath,
        value: Option<Value>,
    ) -> Result<Option<String>, ScimError> {
        let value = normalise_leaf(path, value.unwrap_or(Value::Null), self.dialect)?;
        Ok(value.and_then(|value| value.as_str().map(str::to_owned)))
    }

    fn all_members(&mut self, op: PatchOp, value: Option<Value>) -> Result<(), ScimError> {
        let is_replaced_by_adding = self.dialect.members_replace == MembersReplace::Add;
        let step = match (op, value) {
            (PatchOp::Remove, None | Some(Value::Null)) => MemberStep::RemoveAll,
            (_, value) => {
                let ids = member_ids(value.unwrap_or(Value::Null))?;
                match op {
                    PatchOp::Remove => MemberStep::Remove(ids),
                    PatchOp::Replace if !is_replaced_by_adding => MemberStep::ReplaceAll(ids),
                    PatchOp::Add | PatchOp::Replace => MemberStep::Add(ids),
                }
            }
        };
        let says_nothing = matches!(&step,
            MemberStep::Add(ids) | MemberStep::Remove(ids) if ids.is_empty());
        if !says_nothing {
            self.plan.members.push(step);
        }
        Ok(())
    }

    /// `members[value eq "id"]`: a removal of these; anything else would write to what cannot be
    /// written, except where it says nothing new.
    fn selected_members(
        &mut self,
        op: PatchOp,
        target: &FilteredTarget,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if let Some(sub) = target.sub {
            let path = target.path.with_sub(sub);
            return Err(ScimError::mutability(format!("{path} cannot be changed")));
        }
        target.check(op, self.dialect)?;
        let selection = select(target)?;
        let said = member_ids(value.unwrap_or(Value::Null))?;
        let step = match (op, selection) {
            (PatchOp::Remove, Selection::Everybody) => MemberStep::RemoveAll,
            (PatchOp::Remove, Selection::These(ids)) => MemberStep::Remove(ids),
            (PatchOp::Add, Selection::These(ids)) if said.is_empty() || said == ids => {
                MemberStep::Add(ids)
            }
            (PatchOp::Replace, Selection::These(ids)) if said == ids => return Ok(()),
            _ => {
                return Err(ScimError::mutability(
                    "members cannot be changed, only replaced",
                ));
            }
        };
        self.plan.members.push(step);
        Ok(())
    }
}

/// Which members a filter selects, as far as can be said without the list.
enum Selection {
    Everybody,
    These(Vec<String>),
}

fn select(target: &FilteredTarget) -> Result<Selection, ScimError> {
    let unsupported = || ScimError::invalid_filter("members can be selected by value only");
    target.filter.fold(
        |term| select_one(term).ok_or_else(unsupported),
        |left, right| Ok(both(left?, right?)),
        |left, right| Ok(either(left?, right?)),
        |_| Err(unsupported()),
    )
}

fn select_one(term: &Comparison) -> Option<Selection> {
    let name = term.path.sub?.name;
    if name == "value" && term.test == Test::Present {
        return Some(Selection::Everybody);
    }
    let text = term.equals()?.as_text()?;
    match name {
        "value" => Some(Selection::These(vec![text.to_owned()])),
        "$ref" => Some(Selection::These(vec![id_in(text)])),
        // Every member is a person.
        "type" if text.eq_ignore_ascii_case("user") => Some(Selection::Everybody),
        "type" => Some(Selection::These(Vec::new())),
        _ => None,
    }
}

fn both(left: Selection, right: Selection) -> Selection {
    match (left, right) {
        (Selection::Everybody, other) | (other, Selection::Everybody) => other,
        (Selection::These(mut left), Selection::These(right)) => {
            left.retain(|id| right.contains(id));
            Selection::These(left)
        }
    }
}

fn either(left: Selection, right: Selection) -> Selection {
    match (left, right) {
        (Selection::These(mut left), Selection::These(right)) => {
            left.extend(right);
            Selection::These(left)
        }
        _ => Selection::Everybody,
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
