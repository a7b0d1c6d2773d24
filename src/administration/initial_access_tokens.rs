//! Changes of initial access tokens.

use std::{fmt, ops::RangeInclusive};

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Actor, Change, audit, version_of};
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

/// What an administrator sees of a token.
#[derive(Serialize, ToSchema)]
pub struct TokenInformation {
    /// The id.
    #[schema(value_type = String)]
    pub id: Id,
    /// The token itself, which is shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_access_token: Option<String>,
    /// The number of clients that can register with it.
    pub uses_left: i32,
    /// When it was created, in seconds since the epoch.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
}

impl TokenInformation {
    /// Describes a token. The `secret` was generated for it just now.
    pub fn new(token: InitialAccessToken, secret: Option<String>) -> Self {
        let InitialAccessToken { id, uses_left, created_at, expires_at, .. } = token;
        Self { id, initial_access_token: secret, uses_left, created_at, expires_at }
    }

    /// A digest of everything that changes.
    pub fn version(&self) -> String {
        version_of(&(self.id, self.uses_left, self.expires_at))
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
