//! What a person decided about an app, remembered until they change it.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::consents};
use crate::protocol::ScopeSet;

/// A remembered decision.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Allowed and not taken back.
    pub granted: ScopeSet,
    /// Shown and left unticked the last time.
    pub declined: ScopeSet,
    /// Until when, if the person set an end.
    pub expires_at: Option<i64>,
}

/// The decision of this person about this app, unless its end has come.
pub fn find(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<Option<Consent>, Fault> {
    let now = tx.now;
    let row: Option<(String, String, Option<i64>)> = on!(tx, |conn| consents::table
        .find((user_id, client_id))
        .filter(consents::expires_at.is_null().or(consents::expires_at.gt(now)))
        .select((consents::granted, consents::declined, consents::expires_at))
        .first(conn)
        .optional())?;
    Ok(row.map(|(granted, declined, expires_at)| Consent {
        granted: ScopeSet::from_stored(&granted),
        declined: ScopeSet::from_stored(&declined),
        expires_at,
    }))
}

/// Remembers a decision in place of the earlier one.
pub fn save(tx: &mut Tx<'_>, user_id: Id, client_id: &str, consent: &Consent) -> Result<(), Fault> {
    let now = tx.now;
    let decision = (
        consents::granted.eq(consent.granted.to_string()),
        consents::declined.eq(consent.declined.to_string()),
        consents::expires_at.eq(consent.expires_at),
    );
    let row = (
        consents::user_id.eq(user_id),
        consents::client_id.eq(client_id),
        decision.clone(),
        consents::created_at.eq(now),
        consents::updated_at.eq(now),
    );
    on!(tx, |conn| diesel::insert_into(consents::table)
        .values(row)
        .on_conflict((consents::user_id, consents::client_id))
        .do_update()
        .set((decision, consents::updated_at.eq(now)))
        .execute(conn))?;
    Ok(())
}

/// What a person allows which apps, the end not having come: the app, the decision, and since when.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<(String, Consent, i64)>, Fault> {
    let now = tx.now;
    let rows: Vec<(String, String, String, Option<i64>, i64)> = on!(tx, |conn| consents::table
        .filter(consents::user_id.eq(user_id))
        .filter(consents::expires_at.is_null().or(consents::expires_at.gt(now)))
        .order(consents::created_at)
        .select((
            consents::client_id,
            consents::granted,
            consents::declined,
            consents::expires_at,
            consents::created_at
        ))
        .load(conn))?;
    Ok(rows
        .into_iter()
        .map(|(client_id, granted, declined, expires_at, since)| {
            let consent = Consent {
                granted: ScopeSet::from_stored(&granted),
                declined: ScopeSet::from_stored(&declined),
                expires_at,
            };
            (client_id, consent, since)
        })
        .collect())
}

/// Forgets the decision of this person about this app.
pub fn delete(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(consents::table.find((user_id, client_id))).execute(conn))? == 1)
}
