//! What a person decided about an app, remembered until they change it.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::consents};
use writ_core::ScopeSet;

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

/// A decision as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
pub(super) struct ConsentRow {
    granted: String,
    declined: String,
    expires_at: Option<i64>,
}

impl From<ConsentRow> for Consent {
    fn from(row: ConsentRow) -> Self {
        Self {
            granted: ScopeSet::from_stored(&row.granted),
            declined: ScopeSet::from_stored(&row.declined),
            expires_at: row.expires_at,
        }
    }
}

/// The decision of this person about this app, unless its end has come.
pub fn find(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<Option<Consent>, Fault> {
    let now = tx.now;
    let row: Option<ConsentRow> = on!(tx, |conn| consents::table
        .find((user_id, client_id))
        .filter(consents::expires_at.is_null().or(consents::expires_at.gt(now)))
        .select(ConsentRow::as_select())
        .first(conn)
        .optional())?;
    Ok(row.map(Consent::from))
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
    let rows: Vec<(String, ConsentRow, i64)> = on!(tx, |conn| consents::table
        .filter(consents::user_id.eq(user_id))
        .filter(consents::expires_at.is_null().or(consents::expires_at.gt(now)))
        .order(consents::created_at)
        .select((consents::client_id, ConsentRow::as_select(), consents::created_at))
        .load(conn))?;
    Ok(rows.into_iter().map(|(client_id, row, since)| (client_id, Consent::from(row), since)).collect())
}

/// Forgets the decision of this person about this app.
pub fn delete(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(consents::table.find((user_id, client_id))).execute(conn))? == 1)
}
