//! Statements that are prepared once per connection.

use diesel::{
    AppearsOnTable, AsChangeset, QueryResult, QuerySource, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::BoolOrNullableBool,
};

/// An UPDATE with constant text. Diesel keeps prepared SELECTs, INSERTs and DELETEs, but parses
/// each UPDATE again, because its text may depend on its values. On PostgreSQL this saves a round
/// trip.
pub(super) struct Update<T: QuerySource, P, S: AsChangeset> {
    from: T::FromClause,
    predicate: P,
    changes: S::Changeset,
}

/// Updates the rows of `table` that match `predicate`. Every column is always set; none depends on
/// an `Option`.
pub(super) fn update<T, P, S>(table: T, predicate: P, set: S) -> Update<T, P, S>
where
    T: QuerySource,
    P: AppearsOnTable<T>,
    P::SqlType: BoolOrNullableBool,
    S: AsChangeset<Target = T>,
{
    Update { from: table.from_clause(), predicate, changes: set.as_changeset() }
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

impl<T: QuerySource, P, S: AsChangeset, Conn> RunQueryDsl<Conn> for Update<T, P, S> {}

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
