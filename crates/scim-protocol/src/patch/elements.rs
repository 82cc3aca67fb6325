//! Work on the values of one attribute: the table in RFC 7644 sections 3.5.2.1 to 3.5.2.3.

use serde_json::{Map, Value};

use super::PatchOp;
use super::target::FilteredTarget;
use crate::dialect::{Dialect, FilteredPath, NoMatch};
use crate::error::ScimError;
use crate::filter::eq_terms;
use crate::fold::fold_unless;
use crate::path::AttributePath;
use crate::resource::value::{
    DistinctList, is_primary, is_unbounded, normalise_leaf, normalise_list, normalise_single,
    read_parts, says_something,
};
use crate::resource::{MAX_VALUES, value::is_computed};
use crate::schema::Attribute;

/// A sub-attribute and its new value; `None` takes it away.
type Part = (&'static Attribute, Option<Value>);

/// `add` to a list: values that are not there yet; known ones take over what is new (P-16).
pub(super) fn add(
    path: &AttributePath,
    current: Vec<Value>,
    raw: Value,
    dialect: &Dialect,
) -> Result<Vec<Value>, ScimError> {
    let mut list = DistinctList::new(path.attribute, current);
    let mut new_primary = None;
    for value in normalise_list(path, raw, dialect)? {
        let becomes_primary = is_primary(&value);
        let place = list.absorb(value);
        new_primary = if becomes_primary {
            Some(place)
        } else {
            new_primary
        };
    }
    let mut values = list.into_values();
    keep_one_primary(&mut values, new_primary);
    Ok(values)
}

/// `replace` of a list: what was there is gone. Of several primary values the last one is it.
pub(super) fn replace(
    path: &AttributePath,
    raw: Value,
    dialect: &Dialect,
) -> Result<Vec<Value>, ScimError> {
    let mut values = normalise_list(path, raw, dialect)?;
    let last = values.iter().rposition(is_primary);
    keep_one_primary(&mut values, last);
    Ok(values)
}

/// `remove` with a list of values: those, and no others (P-02).
pub(super) fn remove_listed(
    path: &AttributePath,
    mut current: Vec<Value>,
    raw: Value,
    dialect: &Dialect,
) -> Result<Vec<Value>, ScimError> {
    let listed = normalise_list(path, raw, dialect)?;
    current.retain(|value| {
        !listed
            .iter()
            .any(|listed| covers(path.attribute, listed, value))
    });
    Ok(current)
}

/// Whether everything the client said about a value is true of this one.
fn covers(attribute: &Attribute, listed: &Value, value: &Value) -> bool {
    let (Some(listed), Some(parts)) = (listed.as_object(), value.as_object()) else {
        return listed == value;
    };
    let mut named = listed.iter().filter(|(name, _)| *name != "primary");
    named.all(|(name, wanted)| {
        let case_exact = attribute
            .sub_attribute(name)
            .is_some_and(|sub| sub.case_exact);
        match (wanted.as_str(), parts.get(name).and_then(Value::as_str)) {
            (Some(wanted), Some(found)) => {
                fold_unless(case_exact, wanted) == fold_unless(case_exact, found)
            }
            _ => parts.get(name) == Some(wanted),
        }
    })
}

/// Sets or unsets one part of every value; where there is none yet, one is made.
pub(super) fn set_part(
    path: &AttributePath,
    sub: &'static Attribute,
    mut values: Vec<Value>,
    part: Option<Value>,
) -> Vec<Value> {
    if values.is_empty() && part.is_some() {
        values.push(Value::Object(Map::new()));
    }
    let all: Vec<usize> = (0..values.len()).collect();
    merge_at(path.attribute, &mut values, &all, &[(sub, part)]);
    values
}

/// An operation on the values that a filter selects.
pub(super) struct Edit<'a> {
    pub(super) op: PatchOp,
    pub(super) target: &'a FilteredTarget,
    pub(super) dialect: &'a Dialect,
}

impl Edit<'_> {
    /// Carries it out.
    pub(super) fn run(
        &self,
        mut values: Vec<Value>,
        raw: Option<Value>,
    ) -> Result<Vec<Value>, ScimError> {
        let selected: Vec<usize> = (values.iter().enumerate())
            .filter(|(_, value)| self.selects(value))
            .map(|(place, _)| place)
            .collect();
        if selected.len() > 1 && self.dialect.filtered_path == FilteredPath::OnePart {
            let path = self.target.path;
            return Err(ScimError::invalid_filter(format!(
                "the filter selects more than one value of {path}"
            )));
        }
        if self.op == PatchOp::Remove {
            self.remove(&mut values, &selected);
            return Ok(values);
        }
        let (path, dialect) = (self.target.path, self.dialect);
        let raw = raw.unwrap_or(Value::Null);
        if let Some(sub) = self.target.sub {
            let part = normalise_leaf(&path.with_sub(sub), raw, dialect)?;
            return self.merge_or_create(values, &selected, &[(sub, part)]);
        }
        if self.op == PatchOp::Add || selected.is_empty() {
            let parts = read_parts(&path, raw, dialect)?;
            return self.merge_or_create(values, &selected, &parts);
        }
        match normalise_single(&path, raw, dialect)? {
            Some(new) => replace_at(self.target, &mut values, &selected, &new),
            None => values.retain(|value| !self.selects(value)),
        }
        Ok(values)
    }

    fn selects(&self, value: &Value) -> bool {
        self.target.filter.matches_element(value)
    }

    /// Nothing selected is nothing to remove, and no error: the example of RFC 7644 section 3.5.2.2.
    fn remove(&self, values: &mut Vec<Value>, selected: &[usize]) {
        match self.target.sub {
            Some(sub) => merge_at(self.target.path.attribute, values, selected, &[(sub, None)]),
            None => values.retain(|value| !self.selects(value)),
        }
    }

    fn merge_or_create(
        &self,
        mut values: Vec<Value>,
        selected: &[usize],
        parts: &[Part],
    ) -> Result<Vec<Value>, ScimError> {
        let path = self.target.path;
        if !selected.is_empty() {
            merge_at(path.attribute, &mut values, selected, parts);
            return Ok(values);
        }
        if parts.iter().all(|(_, part)| part.is_none()) {
            return Ok(values);
        }
        let created = self.describe().ok_or_else(|| {
            ScimError::no_target(format!("the filter selects no value of {path}"))
        })?;
        let place = values.len();
        values.push(Value::Object(created));
        let is_pinned_primary = values.last().is_some_and(is_primary);
        keep_one_primary(&mut values, is_pinned_primary.then_some(place));
        merge_at(path.attribute, &mut values, &[place], parts);
        Ok(values)
    }

    /// The value that the filter describes, where one may be made from it: the filter is made of `eq`
    /// terms alone, and the attribute refers to no other resource (P-08).
    fn describe(&self) -> Option<Map<String, Value>> {
        let attribute = self.target.path.attribute;
        let refers = attribute.sub_attribute("$ref").is_some();
        let may_create = self.op == PatchOp::Add || self.dialect.no_match == NoMatch::Create;
        if refers || !may_create || !attribute.multi_valued {
            return None;
        }
        let pinned = eq_terms(&self.target.filter)?;
        Some(
            pinned
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }
}

/// Replaces whole values; what the filter pinned down and the client left out stays.
fn replace_at(target: &FilteredTarget, values: &mut [Value], selected: &[usize], new: &Value) {
    let pinned = eq_terms(&target.filter).unwrap_or_default();
    let mut new = new.clone();
    if let Value::Object(parts) = &mut new {
        for (name, value) in pinned {
            parts.entry(name).or_insert(value);
        }
    }
    for place in selected {
        if let Some(value) = values.get_mut(*place) {
            *value = new.clone();
        }
    }
    let last = selected.last().copied().filter(|_| is_primary(&new));
    keep_one_primary(values, last);
}

fn merge_at(attribute: &Attribute, values: &mut [Value], places: &[usize], parts: &[Part]) {
    for place in places {
        if let Some(Value::Object(value)) = values.get_mut(*place) {
            merge_parts(attribute, value, parts);
        }
    }
    let makes_primary = parts
        .iter()
        .any(|(sub, part)| sub.name == "primary" && *part == Some(Value::Bool(true)));
    keep_one_primary(values, places.last().copied().filter(|_| makes_primary));
}

/// Sets the parts that have a value and unsets the others. Whoever is referred to changes with
/// `value`, and with it what the provider said about the old one.
pub(super) fn merge_parts(attribute: &Attribute, value: &mut Map<String, Value>, parts: &[Part]) {
    let before = value.get("value").cloned();
    for (sub, part) in parts {
        match part {
            Some(part) => value.insert(sub.name.to_owned(), part.clone()),
            None => value.shift_remove(sub.name),
        };
    }
    if attribute.sub_attribute("$ref").is_some() && value.get("value") != before.as_ref() {
        value.retain(|name, _| {
            attribute
                .sub_attribute(name)
                .is_some_and(|sub| !is_computed(attribute, sub))
        });
    }
}

/// Setting one value primary resets the others (P-3.5.2-06).
fn keep_one_primary(values: &mut [Value], chosen: Option<usize>) {
    let Some(chosen) = chosen else { return };
    for (place, value) in values.iter_mut().enumerate() {
        if place != chosen && is_primary(value) {
            value["primary"] = Value::Bool(false);
        }
    }
}

/// Brings a list into its final form: no empty values, none twice, not too many.
pub(super) fn settle(path: &AttributePath, values: Vec<Value>) -> Result<Vec<Value>, ScimError> {
    let mut list = DistinctList::new(path.attribute, Vec::new());
    for value in values {
        let is_empty = value
            .as_object()
            .is_some_and(|parts| !says_something(path.attribute, parts));
        if !is_empty {
            list.absorb(value);
        }
    }
    let values = list.into_values();
    if values.len() > MAX_VALUES && !is_unbounded(path.attribute) {
        return Err(ScimError::invalid_value(format!(
            "{path} has more than {MAX_VALUES} values"
        )));
    }
    Ok(values)
}
