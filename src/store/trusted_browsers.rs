//! Browsers in which a user signs in without the second factor.

use diesel::prelude::*;
use serde::Serialize;

use super::{Fault, Id, Tx, delete_batch, on, schema::trusted_browsers};

/// A trusted browser.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = trusted_browsers)]
pub struct TrustedBrowser {
    /// The first half of the cookie.
    #[serde(skip)]
    pub id: Id,
    /// SHA-256 of the second half.
    #[serde(skip)]
    pub secret_hash: Vec<u8>,
    /// The user.
    #[serde(skip)]
    pub user_id: Id,
    /// The `User-Agent` of the browser, truncated to 200 characters.
    pub user_agent: String,
    /// The network of the sign-in: an IPv4 address or IPv6 /64.
    pub network: String,
    /// When the user trusted it.
    pub created_at: i64,
    /// When the trust ends.
    pub expires_at: i64,
}

/// Adds a trusted browser.
pub fn insert(tx: &mut Tx<'_>, browser: &TrustedBrowser) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(trusted_browsers::table).values(browser).execute(conn))?;
    Ok(())
}

/// The browser with this id, if this user still trusts it.
pub fn find_live(tx: &mut Tx<'_>, user_id: Id, id: Id) -> Result<Option<TrustedBrowser>, Fault> {
    let live = trusted_browsers::id
        .eq(id)
        .and(trusted_browsers::user_id.eq(user_id))
        .and(trusted_browsers::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| trusted_browsers::table.filter(live).select(TrustedBrowser::as_select()).first(conn).optional())?)
}

/// The trusted browsers of a user, oldest first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<TrustedBrowser>, Fault> {
    let live = trusted_browsers::user_id.eq(user_id).and(trusted_browsers::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| trusted_browsers::table
        .filter(live)
        .order(trusted_browsers::created_at)
        .select(TrustedBrowser::as_select())
        .load(conn))?)
}

/// Ends the trust in every browser of a user.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    let all = trusted_browsers::user_id.eq(user_id);
    on!(tx, |conn| diesel::delete(trusted_browsers::table.filter(all)).execute(conn))?;
    Ok(())
}

/// Deletes at most `batch` browsers that are no longer trusted.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = trusted_browsers::expires_at.le(tx.now);
    delete_batch!(tx, batch, trusted_browsers::table, trusted_browsers::id, Id, expired)
}
