//! Statements that are prepared once for each connection and kept.
//!
//! diesel prepares anew whatever it cannot prove to be one of few: every update, and every
//! statement with a literal or a list in it. Where we know the text to be one of few, we say so:
//! parsing and planning cost several times what the smallest statements do.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::connection::Connection;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement whose text is one of few. Load it, also where there is nothing to load: an
/// `execute` looks past this wrapper, and prepares anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<Q>(Q);

/// Says of a statement that its text is one of few: it holds no list of values spelled out, and
/// nothing that somebody sent.
pub(crate) trait Keep: Sized {
    /// Keeps the prepared statement for the next time.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<Q> Keep for Q {}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();

    // The text is what tells one from another.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C: Connection> RunQueryDsl<C> for Kept<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Kept<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// A statement whose text is always the same, known by where it stands instead of by its text, which
/// then need not be put together to be looked for. Load it, as [`Kept`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptHere<Place, Q> {
    query: Q,
    place: PhantomData<Place>,
}

impl<Place, Q> KeptHere<Place, Q> {
    pub(crate) const fn new(query: Q) -> Self {
        Self {
            query,
            place: PhantomData,
        }
    }
}

/// Says of a statement that only values differ between any two times that this line is reached. Not
/// for generic functions: one line is then several.
macro_rules! kept_here {
    ($query:expr) => {{
        enum Here {}
        crate::kept::KeptHere::<Here, _>::new($query)
    }};
}
pub(crate) use kept_here;

impl<Place: 'static, Q> QueryId for KeptHere<Place, Q> {
    type QueryId = Place;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Place, Q: Query> Query for KeptHere<Place, Q> {
    type SqlType = Q::SqlType;
}

impl<Place, Q, C: Connection> RunQueryDsl<C> for KeptHere<Place, Q> {}

impl<Place, DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for KeptHere<Place, Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}
