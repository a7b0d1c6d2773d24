//! What is in use: the live grants that end or lose something when an administrator changes a
//! client, a scope or a user.

use std::fmt;

use diesel::{dsl::count_star, prelude::*};
use writ_core::ScopeSet;

use super::{Fault, Id, Tx, on, schema::grants};

/// The number up to which grants are counted, so that no count reads millions of them.
pub const COUNTED: i64 = 10_000;

/// What a change ends or narrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The number of live grants. More than [`COUNTED`] if there are more.
    pub grants: i64,
    /// The number of their users. Not all of them, if there are more grants than are counted.
    pub users: i64,
}

impl Usage {
    /// That of the grants with these users.
    fn of(mut users: Vec<Id>) -> Self {
        let grants = count_of(&users);
        users.sort_unstable_by_key(|id| id.0);
        users.dedup();
        Self { grants, users: count_of(&users) }
    }

    /// Whether there are more grants than are counted.
    pub const fn is_beyond_count(self) -> bool {
        self.grants > COUNTED
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grants, users } = self;
        if self.is_beyond_count() {
            return write!(f, "more than {COUNTED} live grants");
        }
        let plural = |number: i64| if number == 1 { "" } else { "s" };
        write!(f, "{grants} live grant{} of {users} user{}", plural(*grants), plural(*users))
    }
}

/// The live grants of a client.
pub fn of_client(tx: &mut Tx<'_>, client_id: &str) -> Result<Usage, Fault> {
    let live = grants::client_id.eq(client_id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let found = grants::table.filter(live).limit(COUNTED + 1).select(grants::user_id);
    Ok(Usage::of(on!(tx, |conn| found.load(conn))?))
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
    let found = grants::table.filter(live).limit(COUNTED + 1).select(grants::user_id);
    Ok(Usage::of(on!(tx, |conn| found.load(conn))?))
}

/// The live grants with any of these scopes. Reads all live grants, as the deletion of a scope is
/// rare.
pub fn of_scopes(tx: &mut Tx<'_>, scopes: &ScopeSet) -> Result<Usage, Fault> {
    let live = grants::revoked_at.is_null().and(grants::expires_at.gt(tx.now));
    let combinations = grants::table.filter(live).group_by(grants::scope).select((grants::scope, count_star()));
    let mut held: Vec<(String, i64)> = on!(tx, |conn| combinations.load(conn))?;
    held.retain(|(scope, _)| ScopeSet::from_stored(scope).iter().any(|name| scopes.contains(name)));
    let grants: i64 = held.iter().map(|(_, grants)| grants).sum();
    if grants == 0 || grants > COUNTED {
        return Ok(Usage { grants, users: grants });
    }
    let held: Vec<String> = held.into_iter().map(|(scope, _)| scope).collect();
    let found = grants::table.filter(live.and(grants::scope.eq_any(held))).limit(COUNTED + 1).select(grants::user_id);
    Ok(Usage::of(on!(tx, |conn| found.load(conn))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_counts_each_user_once_and_says_when_it_is_beyond_the_count() {
        let (alice, bob) = (Id::now_v7(), Id::now_v7());
        for (users, text) in [
            (vec![alice], "1 live grant of 1 user"),
            (vec![alice, bob, alice], "3 live grants of 2 users"),
            (vec![alice; 10_000], "10000 live grants of 1 user"),
            (vec![alice; 10_001], "more than 10000 live grants"),
        ] {
            assert_eq!(Usage::of(users).to_string(), text);
        }
    }
}
