//! When the secrets of clients were made and used. [`super::clients`] has the secrets themselves.

use diesel::prelude::*;

use super::{Fault, Tx, on, schema::client_secrets};

/// When the valid secrets of a client were made and last used, the latest first.
pub fn times(tx: &mut Tx<'_>, id: &str) -> Result<Vec<(i64, Option<i64>)>, Fault> {
    let times = client_secrets::table.filter(client_secrets::client_id.eq(id)).order(client_secrets::id.desc());
    Ok(on!(tx, |conn| times.select((client_secrets::created_at, client_secrets::last_used_at)).load(conn))?)
}

/// The use of a secret.
#[derive(Debug, Clone)]
pub struct SecretUse {
    /// The client.
    pub client_id: String,
    /// The hash of the secret.
    pub hash: Vec<u8>,
    /// When, in seconds since the epoch.
    pub at: i64,
}

/// Records when secrets were last used. Nodes need not read it, so the revision stays.
pub fn touch(tx: &mut Tx<'_>, used: &[SecretUse]) -> Result<(), Fault> {
    for SecretUse { client_id, hash, at } in used {
        let earlier = client_secrets::last_used_at.is_null().or(client_secrets::last_used_at.lt(*at));
        let secret = client_secrets::client_id.eq(client_id).and(client_secrets::hash.eq(hash));
        on!(tx, |conn| diesel::update(client_secrets::table.filter(secret.and(earlier)))
            .set(client_secrets::last_used_at.eq(*at))
            .execute(conn))?;
    }
    Ok(())
}
