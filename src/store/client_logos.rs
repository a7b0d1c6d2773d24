//! The logos that an administrator has approved and stored.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use diesel::prelude::*;

use super::{Fault, Tx, on, revision, schema::client_logos};
use writ_core::vocabulary::logo::Logo;

/// Stores a client's logo, replacing an earlier one.
pub fn save(tx: &mut Tx<'_>, client_id: &str, logo: &Logo) -> Result<(), Fault> {
    delete(tx, client_id)?;
    let row = (
        client_logos::client_id.eq(client_id),
        client_logos::hash.eq(BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &logo.image))),
        client_logos::media_type.eq(logo.media_type),
        client_logos::image.eq(&logo.image),
    );
    on!(tx, |conn| diesel::insert_into(client_logos::table).values(row).execute(conn))?;
    revision::bump(tx)
}

/// Removes a client's logo. `false` if it has none.
pub fn delete(tx: &mut Tx<'_>, client_id: &str) -> Result<bool, Fault> {
    let deleted = on!(tx, |conn| diesel::delete(client_logos::table.find(client_id)).execute(conn))?;
    revision::bump(tx)?;
    Ok(deleted == 1)
}

/// The hash of each client's logo, base64url of SHA-256.
pub fn hashes(tx: &mut Tx<'_>) -> Result<HashMap<String, String>, Fault> {
    let rows: Vec<(String, String)> =
        on!(tx, |conn| client_logos::table.select((client_logos::client_id, client_logos::hash)).load(conn))?;
    Ok(rows.into_iter().collect())
}

/// The media type and the content of the logo with this hash.
pub fn find_by_hash(tx: &mut Tx<'_>, hash: &str) -> Result<Option<(String, Vec<u8>)>, Fault> {
    Ok(on!(tx, |conn| client_logos::table
        .filter(client_logos::hash.eq(hash))
        .select((client_logos::media_type, client_logos::image))
        .first(conn)
        .optional())?)
}
