//! Conditions spelled as they stand, each a type of its own: partial indexes serve literals and not
//! bound values, and a statement that is known by its type is prepared once without its text being
//! written anew for every use.

/// Declares conditions that always read the same.
macro_rules! literals {
    ($($(#[$doc:meta])* $name:ident = $sql:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, diesel::query_builder::QueryId)]
        pub(crate) struct $name;

        impl diesel::Expression for $name {
            type SqlType = diesel::sql_types::Bool;
        }

        impl<QS: ?Sized> diesel::AppearsOnTable<QS> for $name {}

        impl<QS: ?Sized> diesel::SelectableExpression<QS> for $name {}

        impl<GB> diesel::expression::ValidGrouping<GB> for $name {
            type IsAggregate = diesel::expression::is_aggregate::Never;
        }

        impl<DB: diesel::backend::Backend> diesel::query_builder::QueryFragment<DB> for $name {
            fn walk_ast<'b>(
                &'b self,
                mut pass: diesel::query_builder::AstPass<'_, 'b, DB>,
            ) -> diesel::QueryResult<()> {
                pass.push_sql($sql);
                Ok(())
            }
        }
    )+};
}
pub(crate) use literals;
