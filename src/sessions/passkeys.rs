//! Passkeys: their registration, and their use as a proof of who the user is. `webauthn-rs`
//! verifies what an authenticator states. What follows from it is in [`writ_core::passkeys`].
//!
//! An attempt is not throttled: a signature cannot be guessed, and a wrong one costs one look-up
//! and less time than a page.

pub mod ceremony;
pub mod proof;
pub mod registration;
pub mod sign_in;
pub mod sign_up;

use webauthn_rs::{
    Webauthn,
    prelude::{
        AuthenticationResult, DiscoverableAuthentication, Passkey as Credential, PublicKeyCredential, WebauthnError,
    },
};
use webauthn_rs_proto::AllowCredentials;
use writ_core::{Error, Params, authentication::Factor, passkeys as rules};

use self::ceremony::{Asked, Bound, Challenge};
use crate::{
    fault::Fault,
    server::Server,
    store::{
        Id, Tx,
        passkeys::{self, Passkey},
        security_events::{self, Kind},
        used_challenges,
        users::{self, User},
    },
};

/// Asks for a passkey: for one of `allowed`, or, if there is none, for any one that the
/// authenticator has. `None` if the server has no passkeys.
///
/// # Errors
/// [`Fault::Corrupt`] if the library cannot write what it asks.
pub fn ask(server: &Server, bound: &Bound<'_>, allowed: &[Passkey]) -> Result<Option<Asked>, Fault> {
    let Some(webauthn) = &server.webauthn else { return Ok(None) };
    let (mut request, state) = webauthn.start_discoverable_authentication().map_err(unwritten)?;
    request.public_key.allow_credentials = allowed.iter().map(allow).collect();
    Asked::of(server, bound, &request.public_key, &state).map(Some)
}

fn allow(passkey: &Passkey) -> AllowCredentials {
    AllowCredentials { type_: "public-key".to_owned(), id: passkey.credential_id.clone(), transports: None }
}

fn unwritten(error: WebauthnError) -> Fault {
    Fault::Corrupt(format!("the request for a passkey: {error}"))
}

/// The response of a passkey, as a page posts it.
pub struct Assertion {
    ceremony: String,
    credential: PublicKeyCredential,
}

impl Assertion {
    /// The response in a form. `None` if the user did not use a passkey.
    ///
    /// # Errors
    /// `invalid_request` if a part is missing or malformed.
    pub fn of_form(params: &Params) -> Result<Option<Self>, Error> {
        let Some(credential) = params.get("credential")? else { return Ok(None) };
        let credential = parse(credential)?;
        Ok(Some(Self { ceremony: params.require("ceremony")?.to_owned(), credential }))
    }
}

/// The credential in a form, as JSON.
fn parse<T: serde::de::DeserializeOwned>(credential: &str) -> Result<T, Error> {
    serde_json::from_str(credential).map_err(|error| Error::invalid_request(format!("credential: {error}")))
}

/// Why a passkey was not accepted, as far as the user is informed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unaccepted {
    /// The challenge is not of this browser, has expired, or was answered.
    Stale,
    /// Everything else. The log has the reason.
    Refused,
}

/// A passkey whose response was verified. It has an effect only with [`Verified::redeem`].
#[derive(Clone)]
pub struct Verified {
    /// The user, as read before the verification.
    pub user: User,
    /// What the passkey proves.
    pub factor: Factor,
    passkey: Passkey,
    challenge: Challenge,
    /// The credential with the counter of this use.
    credential: String,
    backed_up: bool,
}

/// Verifies the response of a passkey. `identified` is the user who must own it, if one is known.
///
/// # Errors
/// [`Fault::Corrupt`] for a stored passkey that cannot be read, or a fault of the store.
pub async fn verify(
    server: &Server,
    bound: &Bound<'_>,
    identified: Option<Id>,
    assertion: Assertion,
) -> Result<Result<Verified, Unaccepted>, Fault> {
    let Assertion { ceremony, credential } = assertion;
    let Some((webauthn, (challenge, state))) = server.webauthn.as_ref().zip(bound.read(server, &ceremony)) else {
        tracing::info!("passkey refused: the challenge was not issued to this browser, or has expired");
        return Ok(Err(Unaccepted::Stale));
    };
    let credential_id = credential.raw_id.clone();
    let read = move |tx: &mut Tx<'_>| {
        Ok((used_challenges::is_used(tx, challenge.id)?, passkeys::find_with_user(tx, &credential_id)?))
    };
    let (is_used, found) = server.store.read(read).await?;
    // A repeated response is no sign of a copy, although its counter did not increase.
    if is_used {
        tracing::info!("passkey refused: the challenge was answered before");
        return Ok(Err(Unaccepted::Stale));
    }
    let may_sign_in = |(passkey, user): &(Passkey, User)| !passkey.suspended && user.disabled_at.is_none();
    let Some((passkey, user)) = found.filter(may_sign_in) else {
        tracing::info!("passkey refused: it is unknown or suspended, or the account is disabled");
        return Ok(Err(Unaccepted::Refused));
    };
    let mut known = parse_stored(&passkey)?;
    match judge(webauthn, state, identified, &passkey, &known, &credential) {
        Ok(result) => {
            known.update_credential(&result);
            let (factor, backed_up) = (rules::factor(result.backup_eligible()), result.backup_state());
            let credential = written(&known)?;
            Ok(Ok(Verified { user, factor, passkey, challenge, credential, backed_up }))
        }
        Err(refusal) => {
            tracing::warn!(user = %user.id, passkey = %passkey.id, cause = %refusal, "passkey refused");
            if matches!(refusal, Refusal::Cloned) {
                let user_id = user.id;
                let record = move |tx: &mut Tx<'_>| match used_challenges::is_used(tx, challenge.id)? {
                    true => Ok(()),
                    false => security_events::record_wrong(tx, user_id, Kind::PasskeyCloned, ""),
                };
                server.store.write(record).await?;
            }
            Ok(Err(Unaccepted::Refused))
        }
    }
}

/// Why a response is refused, for the log.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the passkey belongs to another user")]
    User,
    #[error("the page was in a frame of another site")]
    Framed,
    #[error("there is no credential ID")]
    CredentialId,
    #[error("the signature counter did not increase, so the passkey may be cloned")]
    Cloned,
    #[error(transparent)]
    Library(WebauthnError),
}

/// Applies the rules to a stored passkey. The library compares the challenge, the origin, the RP
/// ID, the flags and the counter, and verifies the signature.
fn judge(
    webauthn: &Webauthn,
    state: DiscoverableAuthentication,
    identified: Option<Id>,
    passkey: &Passkey,
    known: &Credential,
    response: &PublicKeyCredential,
) -> Result<AuthenticationResult, Refusal> {
    let identified = identified.as_ref().map(user_handle);
    if !rules::is_of_user(user_handle(&passkey.user_id), identified, response.get_user_unique_id()) {
        return Err(Refusal::User);
    }
    if !rules::is_without_foreign_frame(&response.response.client_data_json) {
        return Err(Refusal::Framed);
    }
    webauthn.finish_discoverable_authentication_v2(response, state, known).map_err(|error| match error {
        WebauthnError::CredentialPossibleCompromise => Refusal::Cloned,
        error => Refusal::Library(error),
    })
}

fn parse_stored(passkey: &Passkey) -> Result<Credential, Fault> {
    serde_json::from_str(&passkey.credential)
        .map_err(|error| Fault::Corrupt(format!("passkey {}: {error}", passkey.id)))
}

fn written(credential: &Credential) -> Result<String, Fault> {
    serde_json::to_string(credential).map_err(|error| Fault::Corrupt(error.to_string()))
}

impl Verified {
    /// Uses up the challenge and records the use, and locks the user. `false` if the account or the
    /// passkey changed since it was verified, or the challenge was answered by another response.
    pub fn redeem(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        Ok(users::lock_in_epoch(tx, self.user.id, self.user.session_epoch)?
            && used_challenges::consume(tx, self.challenge.id, self.challenge.expires_at)?
            && passkeys::record_use(tx, &self.passkey, &self.credential, self.backed_up)?)
    }
}

/// The name of a user for authenticators. It says nothing about the user
/// ([§14.6.1](https://www.w3.org/TR/webauthn-3/#sctn-user-handle-privacy)).
pub fn user_handle(user_id: &Id) -> &[u8] {
    user_id.0.as_bytes()
}
