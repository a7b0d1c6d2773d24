//! Narrows many rows in one statement: what each value becomes is computed before it.

use std::{collections::HashSet, marker::PhantomData};

use diesel::{
    AppearsOnTable, Expression, QueryResult,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{HasSqlType, Nullable, SingleValue, Text},
};
use writ_core::ScopeSet;

/// The new value of a text column for each old one. Others stay. `ST` is the type of the column.
pub(super) struct Replaced<ST> {
    column: &'static str,
    values: Vec<(String, Option<String>)>,
    sql_type: PhantomData<ST>,
}

impl<ST> Replaced<ST> {
    /// From pairs of an old and a new value. `None` if no value changes.
    pub(super) fn new(
        column: &'static str,
        values: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Option<Self> {
        let values: Vec<_> = values.into_iter().filter(|(old, new)| new.as_ref() != Some(old)).collect();
        (!values.is_empty()).then_some(Self { column, values, sql_type: PhantomData })
    }

    /// From the values of a column of scopes, which loses those in `removed`.
    pub(super) fn without(
        column: &'static str,
        scopes: impl IntoIterator<Item = String>,
        removed: &ScopeSet,
    ) -> Option<Self> {
        let removed: HashSet<&str> = removed.iter().collect();
        let narrowed = |old: String| {
            let new = ScopeSet::from_stored(&old).filter(|name| !removed.contains(name)).to_string();
            (old, Some(new))
        };
        Self::new(column, scopes.into_iter().map(narrowed))
    }
}

impl<DB, ST> QueryFragment<DB> for Replaced<ST>
where
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
    Option<String>: ToSql<Nullable<Text>, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // The text depends on the number of values.
        pass.unsafe_to_cache_prepared();
        pass.push_sql("CASE ");
        pass.push_identifier(self.column)?;
        for (old, new) in &self.values {
            pass.push_sql(" WHEN ");
            pass.push_bind_param::<Text, _>(old)?;
            pass.push_sql(" THEN ");
            pass.push_bind_param::<Nullable<Text>, _>(new)?;
        }
        pass.push_sql(" ELSE ");
        pass.push_identifier(self.column)?;
        pass.push_sql(" END");
        Ok(())
    }
}

impl<ST: SingleValue> Expression for Replaced<ST> {
    type SqlType = ST;
}

impl<ST: SingleValue, Table> AppearsOnTable<Table> for Replaced<ST> {}

impl<ST, Clause> ValidGrouping<Clause> for Replaced<ST> {
    type IsAggregate = is_aggregate::No;
}

impl<ST> QueryId for Replaced<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
