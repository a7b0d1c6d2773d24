//! What is in use: the live grants that end or lose something when an administrator changes a
//! client, a scope or a user.

use diesel::{
    dsl::{count, count_star},
    prelude::*,
};
use writ_core::ScopeSet;

use super::{Fault, Id, Tx, on, schema::grants};

/// What a change ends or narrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The number of live grants.
    pub grants: i64,
    /// The number of their users.
    pub users: i64,
}

/// The live grants of a client.
pub fn of_client(tx: &mut Tx<'_>, client_id: &str) -> Result<Usage, Fault> {
    let live = grants::client_id.eq(client_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let found = grants::table.filter(live).select((count_star(), count(grants::user_id).aggregate_distinct()));
    let (grants, users) = on!(tx, |conn| found.first(conn))?;
    Ok(Usage { grants, users })
}

/// The live grants of a client, counted up to `most` and one more. Only the users of those are
/// counted.
pub fn of_client_within(tx: &mut Tx<'_>, client_id: &str, most: i64) -> Result<Usage, Fault> {
    let live = grants::client_id.eq(client_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let found = grants::table.filter(live).limit(most + 1).select(grants::user_id);
    let mut users: Vec<Id> = on!(tx, |conn| found.load(conn))?;
    let grants = count_of(&users);
    users.sort_unstable_by_key(|id| id.0);
    users.dedup();
    Ok(Usage { grants, users: count_of(&users) })
}

/// The live grants of all clients, counted up to `most` and one more.
pub fn count_within(tx: &mut Tx<'_>, most: i64) -> Result<i64, Fault> {
    let live = grants::revoked_at.is_null().and(grants::expires_at.gt(tx.now));
    let found: Vec<Id> = on!(tx, |conn| grants::table.filter(live).limit(most + 1).select(grants::id).load(conn))?;
    Ok(count_of(&found))
}

fn count_of(ids: &[Id]) -> i64 {
    i64::try_from(ids.len()).unwrap_or(i64::MAX)
}

/// The live grants of a user.
pub fn of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Usage, Fault> {
    let live = grants::user_id.eq(user_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let grants: i64 = on!(tx, |conn| grants::table.filter(live).select(count_star()).first(conn))?;
    Ok(Usage { grants, users: grants.min(1) })
}

/// The live grants with any of these scopes. Reads all live grants, as the deletion of a scope is
/// rare. A user is counted once for each combination of scopes.
pub fn of_scopes(tx: &mut Tx<'_>, scopes: &ScopeSet) -> Result<Usage, Fault> {
    let live = grants::revoked_at.is_null().and(grants::expires_at.gt(tx.now));
    let combinations = grants::table.filter(live).group_by(grants::scope).select((
        grants::scope,
        count_star(),
        count(grants::user_id).aggregate_distinct(),
    ));
    let combinations: Vec<(String, i64, i64)> = on!(tx, |conn| combinations.load(conn))?;
    let holds = |scope: &str| ScopeSet::from_stored(scope).iter().any(|name| scopes.contains(name));
    let held = combinations.into_iter().filter(|(scope, ..)| holds(scope));
    Ok(held.fold(Usage { grants: 0, users: 0 }, |sum, (_, grants, users)| Usage {
        grants: sum.grants + grants,
        users: sum.users + users,
    }))
}
