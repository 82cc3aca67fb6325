//! A filter as far as an index serves it; the protocol's evaluator judges the rest.

use rollcall_application::ports::{MemberCondition, TeamCondition};
use rollcall_domain::{ExternalId, FoldedKey};
use rollcall_scim_protocol::filter::{Comparison, Filter, Literal, Term, ValuePath};

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
    By(C),
    Impossible,
    No,
}

/// Lowers a filter on users.
pub(crate) fn lower_users(filter: &Filter) -> Lowered<MemberCondition> {
    lower(filter, user_condition)
}

/// Lowers a filter on groups.
pub(crate) fn lower_groups(filter: &Filter) -> Lowered<TeamCondition> {
    lower(filter, group_condition)
}

fn lower<C>(filter: &Filter, serve: fn(&Comparison) -> Served<C>) -> Lowered<C> {
    let mut conditions = Vec::new();
    let mut residual = Residual::None;
    if filter
        .as_conjunction()
        .is_none_or(|terms| !terms.into_iter().all(is_single))
    {
        residual = Residual::WholeFilter;
    }
    for comparison in filter.required_comparisons() {
        match serve(comparison) {
            Served::By(condition) => conditions.push(condition),
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

fn user_condition(comparison: &Comparison) -> Served<MemberCondition> {
    let path = &comparison.path;
    let Some(literal) = comparison.equals() else {
        return Served::No;
    };
    match literal {
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
    use rollcall_scim_protocol::filter::ParseOptions;
    use rollcall_scim_protocol::schema::ResourceKind;

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
    fn an_id_that_is_none_finds_nothing() {
        assert_eq!(users(r#"id eq "42""#), Lowered::Nothing);
        assert_eq!(groups(r#"members.value eq "x""#), Lowered::Nothing);
        let either = users(r#"id eq "42" or userName eq "a""#);
        assert_eq!(either, rows(Vec::new(), Residual::WholeFilter));
    }
}
