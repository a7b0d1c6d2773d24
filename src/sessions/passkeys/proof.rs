//! A passkey as the proof of a user who is signed in.

use super::{Assertion, Unaccepted, ceremony::Bound, verify};
use crate::{
    fault::Fault,
    server::Server,
    sessions::SignedIn,
    store::{Tx, sessions},
};

/// Verifies a passkey of the signed-in user. The session now counts as just signed in with it.
///
/// # Errors
/// As for [`verify`].
pub async fn prove(
    server: &Server,
    signed_in: &SignedIn,
    assertion: Assertion,
) -> Result<Result<(), Unaccepted>, Fault> {
    let (user_id, session_id) = (signed_in.user.id, signed_in.session.id);
    let session = session_id.to_string();
    let verified = match verify(server, &Bound::proof(&session), Some(user_id), assertion).await? {
        Ok(verified) => verified,
        Err(unaccepted) => return Ok(Err(unaccepted)),
    };
    let unit = move |tx: &mut Tx<'_>| Ok(verified.redeem(tx)? && sessions::prove(tx, session_id, verified.factor)?);
    Ok(if server.store.write(unit).await? { Ok(()) } else { Err(Unaccepted::Stale) })
}
