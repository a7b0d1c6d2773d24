//! Changes of initial access tokens.

use std::{fmt, ops::RangeInclusive};

use serde_json::json;

use super::{Actor, Change, audit};
use crate::{
    fault::Fault,
    store::{
        Id, Tx,
        initial_access_tokens::{self, InitialAccessToken},
    },
};

/// What a token may allow.
#[derive(Debug)]
pub struct Limits {
    /// The number of clients that can register with it.
    pub uses: RangeInclusive<i32>,
    /// The number of days for which it is valid.
    pub days: RangeInclusive<i64>,
}

/// The limits of every token.
pub const LIMITS: Limits = Limits { uses: 1..=10_000, days: 1..=366 };

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (uses, days) = (&self.uses, &self.days);
        write!(f, "uses must be {} to {}, and days {} to {}", uses.start(), uses.end(), days.start(), days.end())
    }
}

/// Adds a token.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, token: &InitialAccessToken) -> Result<(), Fault> {
    initial_access_tokens::insert(tx, token)?;
    let after = json!({ "uses_left": token.uses_left, "expires_at": token.expires_at });
    audit::record(tx, actor, "initial-access-token.create", token.id, Change::creation(after))
}

/// Deletes a token. `false` if there is no such token.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<bool, Fault> {
    if !initial_access_tokens::delete(tx, id)? {
        return Ok(false);
    }
    audit::record(tx, actor, "initial-access-token.delete", id, Change::default())?;
    Ok(true)
}
