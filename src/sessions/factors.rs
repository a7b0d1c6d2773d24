//! The factors of a user besides the password, and what a session must prove before they change.

use writ_core::vocabulary::acr::Acr;

use super::{SignedIn, confirm::RECENT};
use crate::{
    fault::Fault,
    server::Server,
    store::{
        Id,
        passkeys::{self, Passkey},
        totp_factors,
    },
};

/// The factors of a user besides the password.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    /// Whether the user has a second factor.
    pub has_code: bool,
    /// The passkeys, oldest first. Empty if the server has none.
    pub passkeys: Vec<Passkey>,
}

impl Factors {
    /// The factors of this user.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn of(server: &Server, user_id: Id) -> Result<Self, Fault> {
        let has_passkeys = server.webauthn.is_some();
        server
            .store
            .read(move |tx| {
                let has_code = totp_factors::find(tx, user_id)?.is_some();
                let passkeys = if has_passkeys { passkeys::list_usable(tx, user_id)? } else { Vec::new() };
                Ok(Self { has_code, passkeys })
            })
            .await
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.has_code && self.passkeys.is_empty()
    }
}

/// A factor of the account that the session lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingProof {
    /// A code of the second factor.
    Code,
    /// A passkey.
    Passkey,
}

/// The proof that a session lacks before factors change. `None` if it has proven two factors
/// recently, or the user has only a password. Otherwise a password would be enough to add a factor
/// of another kind, and so to reach a class that needs two.
///
/// # Errors
/// A fault of the store.
pub async fn missing_proof(server: &Server, signed_in: &SignedIn) -> Result<Option<MissingProof>, Fault> {
    let evidence = signed_in.session.evidence()?;
    let is_fresh = evidence.known_auth_time().is_some_and(|at| server.clock.now() - at < RECENT);
    if evidence.acr() >= Acr::Mfa && is_fresh {
        return Ok(None);
    }
    let factors = Factors::of(server, signed_in.user.id).await?;
    Ok(if factors.has_code {
        Some(MissingProof::Code)
    } else {
        (!factors.passkeys.is_empty()).then_some(MissingProof::Passkey)
    })
}
