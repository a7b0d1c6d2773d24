//! The latest errors of each client, for its developer.

use std::collections::HashSet;

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::{client_failures, clients},
};
use writ_core::Error;

/// Maximum number of failures per client.
pub const KEPT: usize = 50;
/// Maximum number of characters in a stored text.
const MAX_TEXT: usize = 500;
/// Retention of a failure in seconds: thirty days.
pub(super) const MEMORY: i64 = 30 * 86_400;

/// A failure as stored. It contains no secrets.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = client_failures)]
pub struct ClientFailure {
    /// UUIDv7.
    #[serde(skip)]
    pub id: Id,
    /// The client.
    #[serde(skip)]
    pub client_id: String,
    /// When it happened, in seconds since the epoch.
    pub created_at: i64,
    /// The endpoint.
    pub endpoint: String,
    /// The error code in the response.
    pub error: String,
    /// [`Cause::id`](writ_core::Cause::id).
    pub cause: String,
    /// The `error_description` in the response.
    pub error_description: String,
    /// The details.
    pub detail: String,
    /// The expected value.
    pub expected: Option<String>,
    /// The actual value.
    pub actual: Option<String>,
}

impl ClientFailure {
    /// A failure of `client_id` from an error.
    pub fn new(client_id: &str, endpoint: &str, error: &Error, now: i64) -> Self {
        let mismatch = error.mismatch.as_deref();
        Self {
            id: Id::now_v7(),
            client_id: client_id.to_owned(),
            created_at: now,
            endpoint: endpoint.to_owned(),
            error: error.code.to_string(),
            cause: error.cause.id().to_owned(),
            error_description: bounded(&error.description),
            detail: bounded(&error.detail),
            expected: mismatch.map(|mismatch| bounded(&mismatch.expected)),
            actual: mismatch.map(|mismatch| bounded(&mismatch.actual)),
        }
    }

    /// The length of the common prefix of the expected and the actual value, in characters.
    pub fn differs_at(&self) -> Option<usize> {
        let (expected, actual) = (self.expected.as_deref()?, self.actual.as_deref()?);
        Some(expected.chars().zip(actual.chars()).take_while(|(a, b)| a == b).count())
    }
}

/// Truncates untrusted text and replaces control characters. The text is then safe to print to a
/// terminal, and PostgreSQL rejects NUL.
fn bounded(text: &str) -> String {
    text.chars().take(MAX_TEXT).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Inserts the failures of existing clients and deletes all but the last [`KEPT`] of each.
pub fn insert(tx: &mut Tx<'_>, failures: &[ClientFailure]) -> Result<(), Fault> {
    let named: HashSet<&str> = failures.iter().map(|failure| failure.client_id.as_str()).collect();
    let known: HashSet<String> =
        on!(tx, |conn| clients::table.filter(clients::id.eq_any(named)).select(clients::id).load(conn))?
            .into_iter()
            .collect();
    for failure in failures.iter().filter(|failure| known.contains(&failure.client_id)) {
        on!(tx, |conn| diesel::insert_into(client_failures::table).values(failure).execute(conn))?;
    }
    for client_id in &known {
        let oldest_kept: Option<Id> = on!(tx, |conn| client_failures::table
            .filter(client_failures::client_id.eq(client_id))
            .order(client_failures::id.desc())
            .offset(KEPT as i64 - 1)
            .limit(1)
            .select(client_failures::id)
            .first(conn)
            .optional())?;
        if let Some(oldest_kept) = oldest_kept {
            let older = client_failures::client_id.eq(client_id).and(client_failures::id.lt(oldest_kept));
            on!(tx, |conn| diesel::delete(client_failures::table.filter(older)).execute(conn))?;
        }
    }
    Ok(())
}

/// The failures of a client, newest first.
pub fn list_of_client(tx: &mut Tx<'_>, client_id: &str) -> Result<Vec<ClientFailure>, Fault> {
    Ok(on!(tx, |conn| client_failures::table
        .filter(client_failures::client_id.eq(client_id))
        .order(client_failures::id.desc())
        .limit(KEPT as i64)
        .select(ClientFailure::as_select())
        .load(conn))?)
}

/// Deletes at most `batch` failures that are older than thirty days.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = client_failures::created_at.le(tx.now - MEMORY);
    delete_batch!(tx, batch, client_failures::table, client_failures::id, Id, expired)
}
