//! Changes of initial access tokens.

use serde_json::json;

use super::{Actor, Change, audit};
use crate::{
    fault::Fault,
    store::{
        Id, Tx,
        initial_access_tokens::{self, InitialAccessToken},
    },
};

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
