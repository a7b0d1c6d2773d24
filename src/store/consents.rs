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
}

/// The decision of this person about this app.
pub fn find(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<Option<Consent>, Fault> {
    let row: Option<(String, String)> = on!(tx, |conn| consents::table
        .find((user_id, client_id))
        .select((consents::granted, consents::declined))
        .first(conn)
        .optional())?;
    Ok(row.map(|(granted, declined)| Consent {
        granted: ScopeSet::from_stored(&granted),
        declined: ScopeSet::from_stored(&declined),
    }))
}

/// Remembers a decision in place of the earlier one.
pub fn save(tx: &mut Tx<'_>, user_id: Id, client_id: &str, consent: &Consent) -> Result<(), Fault> {
    let now = tx.now;
    let decision =
        (consents::granted.eq(consent.granted.to_string()), consents::declined.eq(consent.declined.to_string()));
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
