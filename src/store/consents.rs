//! What a user decided about a client, stored until it changes.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::consents, users::count_revocation};
use writ_core::{ScopeSet, consent::Consent};

/// A consent as stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
pub(super) struct ConsentRow {
    granted: String,
    declined: String,
    expires_at: Option<i64>,
    claims: String,
    disclosed: String,
}

impl ConsentRow {
    pub(super) fn parse(self) -> Result<Consent, Fault> {
        Ok(Consent {
            granted: ScopeSet::from_stored(&self.granted),
            declined: ScopeSet::from_stored(&self.declined),
            claims: self.claims.split_whitespace().map(str::to_owned).collect(),
            disclosed: serde_json::from_str(&self.disclosed)
                .map_err(|error| Fault::Corrupt(format!("disclosures of a consent: {error}")))?,
            expires_at: self.expires_at,
        })
    }
}

/// The consent of this user to this client, unless it has expired.
pub fn find(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<Option<Consent>, Fault> {
    Ok(find_dated(tx, user_id, client_id)?.map(|(consent, _)| consent))
}

/// As [`find`], with the time of the last decision.
pub fn find_dated(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<Option<(Consent, i64)>, Fault> {
    let now = tx.now;
    let row: Option<(ConsentRow, i64)> = on!(tx, |conn| consents::table
        .find((user_id, client_id))
        .filter(consents::expires_at.is_null().or(consents::expires_at.gt(now)))
        .select((ConsentRow::as_select(), consents::updated_at))
        .first(conn)
        .optional())?;
    row.map(|(row, at)| Ok((row.parse()?, at))).transpose()
}

/// Saves a consent, replacing an earlier one.
pub fn save(tx: &mut Tx<'_>, user_id: Id, client_id: &str, consent: &Consent) -> Result<(), Fault> {
    count_revocation(tx, user_id)?;
    let now = tx.now;
    let claims: Vec<&str> = consent.claims.iter().map(String::as_str).collect();
    let disclosed = serde_json::to_string(&consent.disclosed).map_err(|error| Fault::Corrupt(error.to_string()))?;
    let decision = (
        consents::granted.eq(consent.granted.to_string()),
        consents::declined.eq(consent.declined.to_string()),
        consents::expires_at.eq(consent.expires_at),
        consents::claims.eq(claims.join(" ")),
        consents::disclosed.eq(disclosed),
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

/// The consents of a user that have not expired: the client, the consent, and the time.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<(String, Consent, i64)>, Fault> {
    let now = tx.now;
    let rows: Vec<(String, ConsentRow, i64)> = on!(tx, |conn| consents::table
        .filter(consents::user_id.eq(user_id))
        .filter(consents::expires_at.is_null().or(consents::expires_at.gt(now)))
        .order(consents::created_at)
        .select((consents::client_id, ConsentRow::as_select(), consents::created_at))
        .load(conn))?;
    rows.into_iter().map(|(client_id, row, since)| Ok((client_id, row.parse()?, since))).collect()
}

/// At most `most` users after `after` with a consent to a client, by id.
pub(super) fn users_of(tx: &mut Tx<'_>, client_id: &str, after: Id, most: i64) -> Result<Vec<Id>, Fault> {
    let of_client = consents::client_id.eq(client_id).and(consents::user_id.gt(after));
    let next = consents::table.filter(of_client).order(consents::user_id).limit(most);
    Ok(on!(tx, |conn| next.select(consents::user_id).load(conn))?)
}

/// Deletes the consent of this user to this client. `false` if there was none.
pub fn delete(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<bool, Fault> {
    count_revocation(tx, user_id)?;
    Ok(on!(tx, |conn| diesel::delete(consents::table.find((user_id, client_id))).execute(conn))? == 1)
}
