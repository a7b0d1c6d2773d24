//! What signs a user in besides the password, and what a session must prove before that changes.
//! The rules are in [`writ_core::account`].

use writ_core::account::{self, Missing, WaysIn};

use super::SignedIn;
use crate::{
    fault::Fault,
    server::Server,
    store::{
        Id, Tx, linked_subjects,
        passkeys::{self, Passkey},
        sessions::{self, Session},
        totp_factors,
        users::User,
    },
};

/// What this server accepts besides passwords and codes. What is switched off or not configured
/// counts neither as a factor nor as a way in, even if accounts still have it.
#[derive(Debug, Clone)]
pub struct Accepted {
    passkeys: bool,
    /// The issuers of the other providers.
    issuers: Vec<String>,
}

impl Accepted {
    /// What the configuration of the server says.
    pub fn of(server: &Server) -> Self {
        let issuers = server.providers.iter().map(|provider| provider.settings.issuer.as_str().to_owned()).collect();
        Self { passkeys: server.webauthn.is_some(), issuers }
    }
}

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
        let accepted = Accepted::of(server);
        server.store.read(move |tx| Self::read(tx, &accepted, user_id)).await
    }

    /// As [`Factors::of`], in a unit of work.
    pub fn read(tx: &mut Tx<'_>, accepted: &Accepted, user_id: Id) -> Result<Self, Fault> {
        let has_code = totp_factors::find(tx, user_id)?.is_some();
        let passkeys = if accepted.passkeys { passkeys::list_usable(tx, user_id)? } else { Vec::new() };
        Ok(Self { has_code, passkeys })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        !self.has_code && self.passkeys.is_empty()
    }

    /// As facts for the rules.
    fn facts(&self) -> account::Factors {
        account::Factors { code: self.has_code, passkey: !self.passkeys.is_empty() }
    }
}

/// Everything that signs this user in.
pub fn ways_in(tx: &mut Tx<'_>, accepted: &Accepted, user: &User) -> Result<WaysIn, Fault> {
    let links = linked_subjects::list_of_user(tx, user.id)?.into_iter();
    Ok(WaysIn {
        password: user.password_hash.is_some(),
        passkeys: Factors::read(tx, accepted, user.id)?.passkeys.iter().map(|passkey| passkey.id.0).collect(),
        links: links
            .filter(|link| accepted.issuers.contains(&link.issuer))
            .map(|link| (link.issuer, link.subject))
            .collect(),
    })
}

/// What the session lacks before the account is deleted, or something changes that opens it.
///
/// # Errors
/// A fault of the store.
pub async fn missing_proof(server: &Server, signed_in: &SignedIn) -> Result<Option<Missing>, Fault> {
    let factors = Factors::of(server, signed_in.user.id).await?;
    Ok(account::missing(&signed_in.session.evidence(), factors.facts(), server.clock.now()))
}

/// Locks the user and the session, and reads both again. `None` if the session has ended, or lacks
/// a proof by now: the user may have added a factor in another one.
pub fn lock_proven(tx: &mut Tx<'_>, accepted: &Accepted, session_id: Id) -> Result<Option<(Session, User)>, Fault> {
    if !sessions::lock(tx, session_id)? {
        return Ok(None);
    }
    let Some((session, user)) = sessions::find_live(tx, session_id)? else { return Ok(None) };
    let factors = Factors::read(tx, accepted, user.id)?.facts();
    let missing = account::missing(&session.evidence(), factors, tx.now);
    if let Some(missing) = missing {
        tracing::info!(user = %user.id, ?missing, "change refused: the session lacks a proof");
    }
    Ok(missing.is_none().then_some((session, user)))
}
