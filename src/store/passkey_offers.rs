//! When users were last offered a passkey.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, on,
    schema::{passkey_offers, passkeys, totp_factors},
};

/// Seconds between two offers.
const INTERVAL: i64 = 30 * 24 * 3600;

/// Whether this user has neither a passkey nor a second factor, and was not offered one in the last
/// 30 days. If so, the user counts as offered one from now on.
pub fn claim(tx: &mut Tx<'_>, user_id: Id) -> Result<bool, Fault> {
    let passkeys: i64 = on!(tx, |conn| passkeys::table.filter(passkeys::user_id.eq(user_id)).count().get_result(conn))?;
    let codes: i64 =
        on!(tx, |conn| totp_factors::table.filter(totp_factors::user_id.eq(user_id)).count().get_result(conn))?;
    if passkeys + codes > 0 {
        return Ok(false);
    }
    let due = passkey_offers::user_id.eq(user_id).and(passkey_offers::offered_at.le(tx.now - INTERVAL));
    let now = passkey_offers::offered_at.eq(tx.now);
    let again = on!(tx, |conn| diesel::update(passkey_offers::table.filter(due)).set(now).execute(conn))?;
    let row = (passkey_offers::user_id.eq(user_id), now);
    let first =
        on!(tx, |conn| diesel::insert_into(passkey_offers::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(again + first == 1)
}
