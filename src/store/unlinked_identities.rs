//! Users of other providers who have signed in there and are not linked to a user yet.

use diesel::prelude::*;
use writ_core::{
    authentication::Evidence,
    upstream::{Identity, Profile},
};

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::unlinked_identities::{self, table},
};

/// Seconds in which the user must create an account, or sign in to one.
pub const LIFETIME: i64 = 900;

/// A user of another provider, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = unlinked_identities)]
pub struct UnlinkedIdentity {
    /// The first half of the cookie.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// SHA-256 of the cookie that identifies the browser.
    pub browser: Vec<u8>,
    /// The id of the provider in the configuration.
    pub provider: String,
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// The `sub` of the user there.
    pub subject: String,
    /// The session there.
    pub sid: Option<String>,
    /// What the sign-in there counts as: [`Evidence`] as stored.
    pub evidence: String,
    /// The name of the user, as disclosed there.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// Whether the provider has verified the address.
    pub email_verified: bool,
    /// The handle of the authorization request that waits. Empty without one.
    pub request: String,
    /// The account page that follows without a request.
    pub return_to: String,
    /// When the user signed in there.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
}

impl UnlinkedIdentity {
    /// What the provider disclosed.
    pub fn identity(&self) -> Identity {
        Identity {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            sid: self.sid.clone(),
            auth_time: None,
            profile: Profile {
                name: self.name.clone(),
                email: self.email.clone(),
                email_verified: self.email_verified,
            },
        }
    }

    /// Whether this version knows what the sign-in there counts as. A newer node may have written
    /// it.
    pub fn is_known(&self) -> bool {
        let is_known = Evidence::from_stored(&self.evidence).is_some();
        if !is_known {
            tracing::warn!(evidence = self.evidence, "sign-in at a provider refused: this version does not know it");
        }
        is_known
    }

    /// What the sign-in there counts as.
    pub fn evidence(&self) -> Result<Evidence, Fault> {
        Evidence::from_stored(&self.evidence).ok_or_else(|| Fault::Corrupt(format!("evidence {:?}", self.evidence)))
    }
}

/// Stores an identity.
pub fn insert(tx: &mut Tx<'_>, identity: &UnlinkedIdentity) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(table).values(identity).execute(conn))?;
    Ok(())
}

/// The identity with this id, if it has not expired.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<UnlinkedIdentity>, Fault> {
    let valid = unlinked_identities::id.eq(id).and(unlinked_identities::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| table.filter(valid).select(UnlinkedIdentity::as_select()).first(conn).optional())?)
}

/// Deletes an identity, because it was linked. `false` if it was, or has expired.
pub fn take(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let valid = unlinked_identities::id.eq(id).and(unlinked_identities::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| diesel::delete(table.filter(valid)).execute(conn))? == 1)
}

/// Deletes at most `batch` identities that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = unlinked_identities::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, unlinked_identities::id, Id, expired)
}
