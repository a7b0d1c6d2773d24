//! The passkey with which an account begins instead of a password.

use webauthn_rs::prelude::PasskeyRegistration;
use writ_core::{authentication::Factor, passkeys as rules};

use super::{
    Assertion, Unaccepted,
    ceremony::{Asked, Bound, Challenge},
    judge, parse_stored,
    registration::{Registration, created, start},
    written,
};
use crate::{
    fault::Fault,
    server::Server,
    store::{
        Id, Tx,
        passkeys::{self, Passkey},
        used_challenges,
        users::User,
    },
};

/// Asks for a passkey of a user who has no account yet. The page puts the names of its form into
/// the options. `None` if the server has no passkeys.
///
/// # Errors
/// [`Fault::Corrupt`] if the library cannot write what it asks.
pub fn ask(server: &Server, browser: &str, site: &str) -> Result<Option<Asked>, Fault> {
    let Some(webauthn) = &server.webauthn else { return Ok(None) };
    let user_id = Id::now_v7();
    let (options, state) = start(webauthn, user_id, (site, site), site, &[])?;
    Asked::of(server, &Bound::sign_up(browser), &options, &(user_id, state)).map(Some)
}

/// Verifies a new passkey. It counts once the challenge is used up. `name` is that of a passkey
/// whose provider is unknown.
///
/// # Errors
/// [`Fault::Corrupt`] if it cannot be written.
pub fn verify(
    server: &Server,
    browser: &str,
    response: Registration,
    name: String,
) -> Result<Result<(Passkey, Challenge), Unaccepted>, Fault> {
    let read = Bound::sign_up(browser).read::<(Id, PasskeyRegistration)>(server, &response.ceremony);
    let Some((webauthn, (challenge, (user_id, state)))) = server.webauthn.as_ref().zip(read) else {
        return Ok(Err(Unaccepted::Stale));
    };
    Ok(match created(webauthn, &state, response, user_id, name)? {
        Ok(passkey) => Ok((Passkey { created_at: server.clock.now(), ..passkey }, challenge)),
        Err(cause) => {
            tracing::info!(%cause, "the passkey of a new account was refused");
            Err(Unaccepted::Refused)
        }
    })
}

/// The proof that the reader of a mail has the passkey of the account that it confirms. It has an
/// effect only with [`Proof::redeem`].
#[derive(Clone)]
pub struct Proof {
    /// What the passkey proves.
    pub factor: Factor,
    passkey: Passkey,
    challenge: Challenge,
    credential: String,
    backed_up: bool,
}

/// Verifies the passkey of an account that does not exist yet, in the browser with this id.
///
/// # Errors
/// [`Fault::Corrupt`] for a stored passkey that cannot be read.
pub fn prove(
    server: &Server,
    browser: &str,
    passkey: Passkey,
    assertion: Assertion,
) -> Result<Result<Proof, Unaccepted>, Fault> {
    let Assertion { ceremony, credential: response } = assertion;
    let read = Bound::sign_up_link(browser).read(server, &ceremony);
    let Some((webauthn, (challenge, state))) = server.webauthn.as_ref().zip(read) else {
        return Ok(Err(Unaccepted::Stale));
    };
    let mut known = parse_stored(&passkey)?;
    match judge(webauthn, state, Some(passkey.user_id), &passkey, &known, &response) {
        Ok(result) => {
            known.update_credential(&result);
            let (factor, backed_up) = (rules::factor(passkey.backup_eligible), result.backup_state());
            Ok(Ok(Proof { factor, credential: written(&known)?, backed_up, passkey, challenge }))
        }
        Err(cause) => {
            tracing::info!(%cause, "the passkey of a new account did not confirm its address");
            Ok(Err(Unaccepted::Refused))
        }
    }
}

impl Proof {
    /// Uses up the challenge, creates the account with its passkey, and records the use. `None` if
    /// the challenge was answered by another response, or nothing was created.
    pub fn redeem(
        &self,
        tx: &mut Tx<'_>,
        create: impl FnOnce(&mut Tx<'_>) -> Result<Option<User>, Fault>,
    ) -> Result<Option<User>, Fault> {
        if !used_challenges::consume(tx, self.challenge.id, self.challenge.expires_at)? {
            return Ok(None);
        }
        let Some(user) = create(tx)? else { return Ok(None) };
        passkeys::record_use(tx, &self.passkey, &self.credential, self.backed_up)?;
        Ok(Some(user))
    }
}
