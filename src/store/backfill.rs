//! Columns that SQL cannot compute, filled for rows that are older than the column. It runs after
//! the migrations, in transactions of a bounded number of rows, so that running nodes wait for
//! none.

use std::collections::BTreeMap;

use diesel::{dsl::exists, dsl::not, prelude::*};
use uuid::Uuid;
use writ_core::{ScopeSet, scopes::ScopeIds, vocabulary::login_name};

use super::{
    Fault, Id, Tx, on,
    schema::{grants, scopes, users},
};

/// Rows per transaction.
const BATCH: i64 = 500;

/// Fills a batch of rows whose id is after that one. Returns the id of the last, or `None` if it
/// was the last batch.
type Fill = fn(&mut Tx<'_>, Id) -> Result<Option<Id>, Fault>;

/// Fills every old row. `transaction` runs a batch in a transaction of its own.
///
/// # Errors
/// A fault of a transaction. What the others filled is kept.
pub(super) fn run(
    mut transaction: impl FnMut(&dyn Fn(&mut Tx<'_>) -> Result<Option<Id>, Fault>) -> Result<Option<Id>, Fault>,
) -> Result<(), Fault> {
    let tables: [Fill; 2] = [fill_skeletons, fill_scope_ids];
    for fill in tables {
        let mut after = Some(Id(Uuid::nil()));
        while let Some(id) = after {
            after = match transaction(&|tx| fill(tx, id)) {
                // Another node created a user that looks like one of the batch.
                Err(fault) if fault.is_unique_violation() => after,
                filled => filled?,
            };
        }
    }
    Ok(())
}

/// The looks of usernames. Of two old users that look alike, the older one has it, and no new user
/// can take it.
fn fill_skeletons(tx: &mut Tx<'_>, after: Id) -> Result<Option<Id>, Fault> {
    let rows: Vec<(Id, String)> = on!(tx, |conn| users::table
        .filter(users::skeleton.is_null().and(users::id.gt(after)))
        .order(users::id)
        .limit(BATCH)
        .select((users::id, users::username))
        .load(conn))?;
    for (id, username) in &rows {
        let skeleton = login_name::look_of(username);
        let others = diesel::alias!(users as others);
        let taken = exists(others.filter(others.field(users::skeleton).eq(skeleton.clone())));
        let free = users::table.filter(users::id.eq(id).and(not(taken)));
        on!(tx, |conn| diesel::update(free).set(users::skeleton.eq(&skeleton)).execute(conn))?;
    }
    Ok(rows.last().map(|(id, _)| *id))
}

/// The ids of granted scopes: each name means the scope that has it now.
fn fill_scope_ids(tx: &mut Tx<'_>, after: Id) -> Result<Option<Id>, Fault> {
    let rows: Vec<(Id, String)> = on!(tx, |conn| grants::table
        .filter(grants::scope_ids.is_null().and(grants::id.gt(after)))
        .order(grants::id)
        .limit(BATCH)
        .select((grants::id, grants::scope))
        .load(conn))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let ids: Vec<(String, Option<Id>)> = on!(tx, |conn| scopes::table.select((scopes::name, scopes::id)).load(conn))?;
    let ids: BTreeMap<String, Uuid> =
        ids.into_iter().map(|(name, id)| (name, id.map_or(Uuid::nil(), |id| id.0))).collect();
    for (id, scope) in &rows {
        let scope = ScopeSet::from_stored(scope);
        let stored = scope.iter().filter_map(|name| ids.get(name).copied()).collect::<ScopeIds>().to_stored();
        on!(tx, |conn| diesel::update(grants::table.find(id)).set(grants::scope_ids.eq(&stored)).execute(conn))?;
    }
    Ok(rows.last().map(|(id, _)| *id))
}
