//! How long each table keeps what has ended, for those who watch the sweep.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable},
};

use super::{Fault, Tx, client_failures, device_requests, logout_deliveries, mails, on, requests, security_events};

/// A table whose rows are swept.
pub struct Swept {
    /// The table.
    pub table: &'static str,
    /// The column with the time that counts.
    column: &'static str,
    /// Seconds after that time for which a row is kept.
    kept_for: i64,
}

const fn swept(table: &'static str, column: &'static str, kept_for: i64) -> Swept {
    Swept { table, column, kept_for }
}

/// Every table that the sweep deletes from. Each has an index on its column.
pub const SWEPT: [Swept; 26] = [
    swept("acme_challenges", "expires_at", 0),
    swept("authorization_requests", "expires_at", requests::MEMORY),
    swept("pushed_requests", "expires_at", 0),
    swept("client_assertions", "expires_at", 0),
    swept("client_failures", "created_at", client_failures::MEMORY),
    swept("device_requests", "expires_at", device_requests::EXPIRED_MEMORY),
    swept("email_verifications", "expires_at", 0),
    swept("grants", "expires_at", 0),
    swept("idempotency_keys", "expires_at", 0),
    swept("initial_access_tokens", "expires_at", 0),
    swept("invitations", "expires_at", 0),
    swept("sessions", "expires_at", 0),
    swept("sign_ups", "expires_at", 0),
    swept("logout_deliveries", "created_at", logout_deliveries::MEMORY),
    swept("mails", "created_at", mails::MEMORY),
    swept("notices", "expires_at", 0),
    swept("recoveries", "expires_at", 0),
    swept("revoked_access_tokens", "expires_at", 0),
    swept("security_events", "created_at", security_events::MEMORY),
    swept("throttle", "empty_at", 0),
    swept("trusted_browsers", "expires_at", 0),
    swept("used_challenges", "expires_at", 0),
    swept("administrator_links", "expires_at", 0),
    swept("unlinked_identities", "expires_at", 0),
    swept("upstream_attempts", "expires_at", 0),
    swept("upstream_logouts", "expires_at", 0),
];

/// The oldest row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oldest {
    /// The table.
    pub table: &'static str,
    /// When the row became due for deletion, in seconds since the epoch, maybe in the future.
    /// `None` if the table is empty.
    pub expired_at: Option<i64>,
}

/// The oldest row of each swept table, by an index.
///
/// # Errors
/// A fault of the store.
pub fn oldest(tx: &mut Tx<'_>) -> Result<Vec<Oldest>, Fault> {
    let mut found = Vec::new();
    for Swept { table, column, kept_for } in SWEPT {
        let query = diesel::dsl::sql::<Nullable<BigInt>>(&format!("SELECT MIN({column}) FROM {table}"));
        let time: Option<i64> = on!(tx, |conn| query.get_result(conn))?;
        found.push(Oldest { table, expired_at: time.map(|time| time.saturating_add(kept_for)) });
    }
    Ok(found)
}
