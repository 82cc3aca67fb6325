//! A filter as far as an index serves it; the protocol's evaluator judges the rest.

use chrono::{DateTime, Utc};
use rollcall_application::ports::{MemberCondition, Span, TeamCondition};
use rollcall_domain::{ExternalId, FoldedKey};
use rollcall_scim_protocol::filter::{
    Comparison, Filter, Literal, Operator, Term, Test, ValuePath,
};
use rollcall_scim_protocol::schema::ResourceKind;

/// What becomes of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lowered<C> {
    /// Nothing can match, such as an id that is none.
    Nothing,
    /// What an index serves, and whether the whole filter must still be asked of what it finds.
    Rows {
        conditions: Vec<C>,
        residual: Residual,
    },
}

/// Whether a filter says more than the conditions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Residual {
    None,
    WholeFilter,
}

/// What becomes of one comparison.
enum Served<C> {
    /// A condition says the same.
    By(C),
    /// A condition says less: what it finds must still be judged.
    Narrowed(C),
    /// It holds for every row.
    Always,
    /// It holds for none.
    Impossible,
    /// Every row must be judged.
    No,
}

/// Lowers a filter on users.
pub(crate) fn lower_users(filter: &Filter) -> Lowered<MemberCondition> {
    lower(filter, ResourceKind::User, user_condition)
}

/// Lowers a filter on groups.
pub(crate) fn lower_groups(filter: &Filter) -> Lowered<TeamCondition> {
    lower(filter, ResourceKind::Group, group_condition)
}

fn lower<C>(
    filter: &Filter,
    kind: ResourceKind,
    serve: fn(&Comparison) -> Served<C>,
) -> Lowered<C> {
    let mut conditions = Vec::new();
    let mut residual = Residual::None;
    if filter
        .as_conjunction()
        .is_none_or(|terms| !terms.into_iter().all(is_single))
    {
        residual = Residual::WholeFilter;
    }
    for comparison in filter.required_comparisons() {
        match of_the_kind(comparison, kind).unwrap_or_else(|| serve(comparison)) {
            Served::By(condition) => conditions.push(condition),
            Served::Narrowed(condition) => {
                conditions.push(condition);
                residual = Residual::WholeFilter;
            }
            Served::Always => {}
            Served::Impossible => return Lowered::Nothing,
            Served::No => residual = Residual::WholeFilter,
        }
    }
    Lowered::Rows {
        conditions,
        residual,
    }
}

/// Whether a term asks one question: then its comparison is all of it.
fn is_single(term: &Term) -> bool {
    match term {
        Term::Comparison(_) => true,
        Term::ValuePath(ValuePath { filter, tail, .. }) => {
            tail.is_none() && filter.nodes().len() == 1
        }
    }
}

/// What the kind of resource alone decides: an attribute that it has not has no value, and its name
/// is what `meta.resourceType` says (RFC 7644 section 3.4.2.1).
fn of_the_kind<C>(comparison: &Comparison, kind: ResourceKind) -> Option<Served<C>> {
    if comparison.path.is("meta.resourceType") {
        let named = comparison.equals()?.as_text()?;
        return Some(if named == kind.name() {
            Served::Always
        } else {
            Served::Impossible
        });
    }
    if comparison.path.belongs_to(kind) {
        return None;
    }
    Some(match &comparison.test {
        Test::Compare(Operator::NotEqual, literal) if *literal != Literal::Null => Served::No,
        Test::Compare(Operator::Equal, Literal::Null) => Served::No,
        _ => Served::Impossible,
    })
}

/// When something came to be or changed, as half a span of time. Moments are shown in milliseconds
/// and kept more exactly: what is shown is what is asked about.
fn span(comparison: &Comparison) -> Option<Span> {
    let Test::Compare(operator, Literal::Instant(moment)) = &comparison.test else {
        return None;
    };
    let shown = moment.timestamp_millis();
    let is_whole = DateTime::from_timestamp_millis(shown) == Some(*moment);
    let next = if is_whole { shown } else { shown + 1 };
    let at = |millis: i64| DateTime::<Utc>::from_timestamp_millis(millis);
    let (from, until) = match operator {
        Operator::Equal if is_whole => (Some(at(shown)?), Some(at(shown + 1)?)),
        Operator::Greater => (Some(at(shown + 1)?), None),
        Operator::GreaterOrEqual => (Some(at(next)?), None),
        Operator::Less => (None, Some(at(next)?)),
        Operator::LessOrEqual => (None, Some(at(shown + 1)?)),
        _ => return None,
    };
    Some(Span { from, until })
}

fn user_condition(comparison: &Comparison) -> Served<MemberCondition> {
    let path = &comparison.path;
    if path.is("meta.created") || path.is("meta.lastModified") {
        let is_created = path.is("meta.created");
        return match span(comparison) {
            Some(span) if is_created => Served::By(MemberCondition::Created(span)),
            Some(span) => Served::By(MemberCondition::Changed(span)),
            None => Served::No,
        };
    }
    let Some(literal) = comparison.equals() else {
        return Served::No;
    };
    match literal {
        Literal::Text(text) if path.is("emails") || path.is("emails.value") => {
            Served::Narrowed(MemberCondition::Email(FoldedKey::of(text.trim())))
        }
        Literal::Text(text) if path.is("displayName") && !text.is_empty() => {
            Served::Narrowed(MemberCondition::Label(FoldedKey::of(text)))
        }
        Literal::Text(text) if path.is("userName") => {
            Served::By(MemberCondition::UserName(FoldedKey::of(text)))
        }
        Literal::Text(text) if path.is("id") => some(text.parse().ok().map(MemberCondition::Id)),
        Literal::Text(text) if path.is("externalId") => some(
            ExternalId::parse(text)
                .ok()
                .map(MemberCondition::ExternalId),
        ),
        Literal::Text(text) if path.is("groups") || path.is("groups.value") => {
            some(text.parse().ok().map(MemberCondition::InTeam))
        }
        Literal::Boolean(active) if path.is("active") => {
            Served::By(MemberCondition::Active(*active))
        }
        _ => Served::No,
    }
}

fn group_condition(comparison: &Comparison) -> Served<TeamCondition> {
    let path = &comparison.path;
    if path.is("meta.created") || path.is("meta.lastModified") {
        let is_created = path.is("meta.created");
        return match span(comparison) {
            Some(span) if is_created => Served::By(TeamCondition::Created(span)),
            Some(span) => Served::By(TeamCondition::Changed(span)),
            None => Served::No,
        };
    }
    let Some(text) = comparison.equals().and_then(Literal::as_text) else {
        return Served::No;
    };
    if path.is("displayName") {
        return Served::By(TeamCondition::Name(FoldedKey::of(text.trim())));
    }
    if path.is("id") {
        return some(text.parse().ok().map(TeamCondition::Id));
    }
    if path.is("externalId") {
        return some(ExternalId::parse(text).ok().map(TeamCondition::ExternalId));
    }
    if path.is("members") || path.is("members.value") {
        return some(text.parse().ok().map(TeamCondition::HasMember));
    }
    Served::No
}

fn some<C>(condition: Option<C>) -> Served<C> {
    condition.map_or(Served::Impossible, Served::By)
}

/// Whether any part of a filter looks at this attribute.
pub(crate) fn looks_at(filter: &Filter, attribute: &str) -> bool {
    filter.terms().any(|term| {
        let path = match term {
            Term::Comparison(comparison) => &comparison.path,
            Term::ValuePath(value_path) => &value_path.attribute,
        };
        path.attribute.name == attribute
    })
}

#[cfg(test)]
mod tests {
    use rollcall_domain::MemberId;
    use rollcall_scim_protocol::filter::{ParseOptions, Scope};

    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    fn users(text: &str) -> Lowered<MemberCondition> {
        let filter = Filter::parse(text, ResourceKind::User, ParseOptions::default());
        lower_users(&filter.expect(text))
    }

    fn groups(text: &str) -> Lowered<TeamCondition> {
        let filter = Filter::parse(text, ResourceKind::Group, ParseOptions::default());
        lower_groups(&filter.expect(text))
    }

    fn rows<C>(conditions: Vec<C>, residual: Residual) -> Lowered<C> {
        Lowered::Rows {
            conditions,
            residual,
        }
    }

    #[test]
    fn what_identity_providers_ask_is_served_by_an_index() {
        let jane = MemberCondition::UserName(FoldedKey::of("jane@x"));
        assert_eq!(
            users(r#"USERNAME Eq "Jane@X" and active eq true"#),
            rows(vec![jane, MemberCondition::Active(true)], Residual::None)
        );
        assert_eq!(
            groups(&format!(r#"members[value eq "{ID}"] and id eq "{ID}""#)),
            rows(
                vec![
                    TeamCondition::HasMember(MemberId::from_u128(1)),
                    TeamCondition::Id(rollcall_domain::TeamId::from_u128(1)),
                ],
                Residual::None
            )
        );
        assert_eq!(
            groups(r#"displayName eq " Ops ""#),
            rows(
                vec![TeamCondition::Name(FoldedKey::of("ops"))],
                Residual::None
            )
        );
    }

    #[test]
    fn the_rest_is_judged_over_what_the_index_finds() {
        let active = vec![MemberCondition::Active(true)];
        assert_eq!(
            users(r#"active eq true and title co "x""#),
            rows(active, Residual::WholeFilter)
        );
        let none = rows(Vec::new(), Residual::WholeFilter);
        assert_eq!(users(r#"userName eq "a" or userName eq "b""#), none);
        assert_eq!(users(r#"not (userName eq "a")"#), none);
        assert_eq!(users(r#"userName ne "a""#), none);
        let member = vec![TeamCondition::HasMember(MemberId::from_u128(1))];
        assert_eq!(
            groups(&format!(r#"members[value eq "{ID}" and display eq "a"]"#)),
            rows(member, Residual::WholeFilter)
        );
    }

    #[test]
    fn times_are_asked_in_the_milliseconds_that_are_shown() {
        let at = |micros: i64| DateTime::from_timestamp_micros(micros);
        let second = 1_700_000_000_000_000;
        let changed = |operator: &str, moment: &str| {
            users(&format!(
                r#"meta.lastModified {operator} "2023-11-14T22:13:20{moment}Z""#
            ))
        };
        let spans = |from, until| {
            rows(
                vec![MemberCondition::Changed(Span { from, until })],
                Residual::None,
            )
        };
        assert_eq!(changed("gt", ""), spans(at(second + 1_000), None));
        assert_eq!(changed("ge", ""), spans(at(second), None));
        assert_eq!(changed("lt", ""), spans(None, at(second)));
        assert_eq!(changed("le", ""), spans(None, at(second + 1_000)));
        assert_eq!(changed("eq", ""), spans(at(second), at(second + 1_000)));
        assert_eq!(changed("ge", ".0000001"), spans(at(second + 1_000), None));
        assert_eq!(changed("lt", ".0009"), spans(None, at(second + 1_000)));
        assert_eq!(changed("gt", ".0009"), spans(at(second + 1_000), None));
        let judged = rows(Vec::new(), Residual::WholeFilter);
        assert_eq!(changed("eq", ".0009"), judged);
        assert_eq!(changed("ne", ""), judged);
    }

    #[test]
    fn p_3_4_2_1_02_what_the_kind_has_not_finds_nothing_and_its_name_everything() {
        let everywhere = |text: &str, kind| {
            let options = ParseOptions {
                scope: Scope::EveryKind,
                ..ParseOptions::default()
            };
            Filter::parse(text, kind, options).expect(text)
        };
        let group = |text| lower_groups(&everywhere(text, ResourceKind::Group));
        assert_eq!(group(r#"userName eq "a""#), Lowered::Nothing);
        assert_eq!(group("userName pr"), Lowered::Nothing);
        assert_eq!(group(r#"meta.resourceType eq "User""#), Lowered::Nothing);
        let all = rows(Vec::new(), Residual::None);
        assert_eq!(group(r#"meta.resourceType eq "Group""#), all);
        let judged = rows(Vec::new(), Residual::WholeFilter);
        assert_eq!(group(r#"userName ne "a""#), judged);
        assert_eq!(group("userName eq null"), judged);
    }

    #[test]
    fn an_id_that_is_none_finds_nothing() {
        assert_eq!(users(r#"id eq "42""#), Lowered::Nothing);
        assert_eq!(groups(r#"members.value eq "x""#), Lowered::Nothing);
        let either = users(r#"id eq "42" or userName eq "a""#);
        assert_eq!(either, rows(Vec::new(), Residual::WholeFilter));
    }
}
