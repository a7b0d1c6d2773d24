//! Statements that are prepared once per connection.

use std::{
    any::TypeId,
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
    marker::PhantomData,
};

use diesel::{
    AppearsOnTable, AsChangeset, QueryResult, QuerySource, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId},
    sql_types::BoolOrNullableBool,
};

thread_local! {
    /// The texts of [`Frequent`] statements, by their backends and names.
    static TEXTS: RefCell<HashMap<(TypeId, TypeId), String>> = RefCell::default();
}

/// A statement whose text `N` identifies. The text is built once per thread: the driver of
/// PostgreSQL builds that of each execution, although it needs only the text that it prepares.
pub(super) struct Frequent<Q, N>(Q, PhantomData<N>);

/// Keeps the text of a statement. A statement whose text depends on its values does not compile.
pub(super) fn frequent<Q: QueryId>(statement: Q) -> Frequent<Q, Q::QueryId> {
    const { assert!(Q::HAS_STATIC_QUERY_ID, "the text depends on the values") };
    Frequent(statement, PhantomData)
}

/// As [`frequent`], for a statement of which diesel does not know that its text is constant: an
/// INSERT of one row with ON CONFLICT. No two statements share `N`.
pub(super) fn constant<N, Q>(statement: Q) -> Frequent<Q, N> {
    Frequent(statement, PhantomData)
}

impl<Q, N: 'static> QueryId for Frequent<Q, N> {
    type QueryId = N;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<DB, Q, N> QueryFragment<DB> for Frequent<Q, N>
where
    DB: Backend<QueryBuilder: Default> + 'static,
    Q: QueryFragment<DB>,
    N: 'static,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn to_sql(&self, out: &mut DB::QueryBuilder, backend: &DB) -> QueryResult<()> {
        TEXTS.with_borrow_mut(|texts| {
            let text = match texts.entry((TypeId::of::<DB>(), TypeId::of::<N>())) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let mut builder = DB::QueryBuilder::default();
                    self.0.to_sql(&mut builder, backend)?;
                    new.insert(builder.finish())
                }
            };
            out.push_sql(text);
            Ok(())
        })
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: Query, N> Query for Frequent<Q, N> {
    type SqlType = Q::SqlType;
}

impl<Q, N, Conn> RunQueryDsl<Conn> for Frequent<Q, N> {}

/// An UPDATE with constant text. Diesel keeps prepared SELECTs, INSERTs and DELETEs, but parses
/// each UPDATE again, because its text may depend on its values. On PostgreSQL this saves a round
/// trip.
pub(super) struct Update<T: QuerySource, P, S: AsChangeset> {
    from: T::FromClause,
    predicate: P,
    changes: S::Changeset,
}

type FrequentUpdate<T, P, S> = Frequent<Update<T, P, S>, <Update<T, P, S> as QueryId>::QueryId>;

/// Updates the rows of `table` that match `predicate`. Every column is always set; none depends on
/// an `Option`.
pub(super) fn update<T, P, S>(table: T, predicate: P, set: S) -> FrequentUpdate<T, P, S>
where
    T: QuerySource,
    P: AppearsOnTable<T>,
    P::SqlType: BoolOrNullableBool,
    S: AsChangeset<Target = T>,
    Update<T, P, S>: QueryId,
{
    frequent(Update { from: table.from_clause(), predicate, changes: set.as_changeset() })
}

impl<DB, T, P, S> QueryFragment<DB> for Update<T, P, S>
where
    DB: Backend,
    T: QuerySource<FromClause: QueryFragment<DB>>,
    P: QueryFragment<DB>,
    S: AsChangeset<Changeset: QueryFragment<DB>>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE ");
        self.from.walk_ast(pass.reborrow())?;
        pass.push_sql(" SET ");
        self.changes.walk_ast(pass.reborrow())?;
        pass.push_sql(" WHERE ");
        self.predicate.walk_ast(pass)
    }
}

/// The name of an UPDATE among the identifiers of statements.
pub(super) struct UpdateText;

/// The types determine the text.
impl<T, P, S> QueryId for Update<T, P, S>
where
    T: QuerySource + QueryId,
    P: QueryId,
    S: AsChangeset + QueryId,
{
    type QueryId = (UpdateText, T::QueryId, P::QueryId, S::QueryId);
    const HAS_STATIC_QUERY_ID: bool = T::HAS_STATIC_QUERY_ID && P::HAS_STATIC_QUERY_ID && S::HAS_STATIC_QUERY_ID;
}

/// A statement without bind values.
pub(super) struct Fixed(pub(super) &'static str);

impl<DB: Backend> QueryFragment<DB> for Fixed {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

impl QueryId for Fixed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Conn> RunQueryDsl<Conn> for Fixed {}
