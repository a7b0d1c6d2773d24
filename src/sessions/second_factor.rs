//! The second factor: a code of an authenticator app, or a recovery code.

use std::sync::Arc;

use writ_core::authentication::Factor;
use zeroize::Zeroizing;

use super::{
    SignedIn,
    confirm::lock_recent,
    factors::{Accepted, lock_proven},
    origin::Origin,
    totp::TotpSecret,
};
use crate::{
    fault::Fault,
    secret::{random_bytes, sha256},
    server::Server,
    store::{
        Id, Tx, accounts, email_verifications,
        notices::Kind as Change,
        recovery_codes, revision,
        security_events::{self, Kind},
        sessions,
        throttle::Limits,
        totp_factors::{self, TotpFactor, sealed_name},
        users,
    },
};

/// The number of recovery codes in a set.
const RECOVERY_CODES: usize = 10;
/// The characters of a recovery code: 32, none of which looks like another.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// The characters in a recovery code. Its 80 bits cannot be guessed from the hash.
const CODE_LENGTH: usize = 16;
/// The digits in a code of an authenticator app.
const DIGITS: usize = 6;

/// A submitted code, for which the user has not said what it is.
#[derive(Clone)]
enum Code {
    Totp(Zeroizing<String>),
    Recovery(Vec<u8>),
    Malformed,
}

impl Code {
    fn parse(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let text = Zeroizing::new(text.to_lowercase());
        if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Totp(text)
        } else if text.len() == CODE_LENGTH {
            Self::Recovery(sha256(&text))
        } else {
            Self::Malformed
        }
    }
}

/// What is known about the user who submits a code.
#[derive(Clone)]
pub struct Claimant {
    /// The user.
    pub user_id: Id,
    /// The session epoch in which the user was authenticated otherwise.
    pub session_epoch: i64,
    /// The session that must still have a recent authentication, if the change needs one.
    pub session_id: Option<Id>,
    /// The limits of attempts.
    pub limits: Limits,
    /// Where the code comes from.
    pub origin: Origin,
}

/// The result of submitting a code.
pub enum Proof<T> {
    /// The code was right and is used up. What was done with it.
    Accepted(T),
    /// The code is wrong or was used, or the account changed while it was verified.
    Wrong,
    /// The user has no second factor, or what the change relies on has ended. No code was used up.
    Absent,
    /// There were too many attempts. Seconds until another one is accepted.
    Throttled(i64),
}

/// Verifies a code. The unit of work that uses it up also runs `then`, so that a code has one
/// effect. `then` returns `None` if what it relies on has ended.
///
/// # Errors
/// [`Fault::Keys`] if another master key sealed the secret, or a fault of the store.
pub async fn prove<T, F>(server: &Server, claimant: Claimant, code: &str, then: F) -> Result<Proof<T>, Fault>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>, Factor) -> Result<Option<T>, Fault> + Clone + Send + 'static,
{
    let Claimant { user_id, session_epoch, session_id, limits, origin: Origin { network, .. } } = claimant;
    let counted = limits.clone();
    let count = move |tx: &mut Tx<'_>| Ok((counted.attempt(tx)?, totp_factors::find(tx, user_id)?));
    let factor = match server.store.write(count).await? {
        (Some(seconds), _) => return Ok(Proof::Throttled(seconds)),
        (None, None) => return Ok(Proof::Absent),
        (None, Some(factor)) => factor,
    };
    let code = Code::parse(code);
    let step = match &code {
        Code::Totp(digits) => {
            TotpSecret::unseal(&server.secrets.master_keys, &factor)?.step_of(digits, server.clock.now())
        }
        Code::Recovery(_) | Code::Malformed => None,
    };
    let recorded = network.clone();
    let unit = move |tx: &mut Tx<'_>| {
        // Before the code is used up.
        if let Some(session_id) = session_id
            && !lock_recent(tx, session_id)?
        {
            return Ok(Proof::Absent);
        }
        if !users::lock_in_epoch(tx, user_id, session_epoch)? {
            return Ok(Proof::Wrong);
        }
        let used = match (&code, step) {
            (Code::Totp(_), Some(step)) if totp_factors::use_step(tx, factor.id, step)? => Factor::Totp,
            (Code::Recovery(hash), _) if recovery_codes::take(tx, user_id, hash)? => Factor::RecoveryCode,
            _ => {
                security_events::record_wrong(tx, user_id, Kind::CodeWrong, &recorded)?;
                return Ok(Proof::Wrong);
            }
        };
        limits.refund(tx)?;
        if used == Factor::RecoveryCode {
            security_events::record(tx, user_id, Kind::RecoveryCodeUsed, None, &recorded)?;
        }
        Ok(then(tx, used)?.map_or(Proof::Wrong, Proof::Accepted))
    };
    let proof = server.store.write(unit).await?;
    match &proof {
        Proof::Wrong => tracing::info!(user = %user_id, network, "second factor refused"),
        Proof::Absent => tracing::info!(user = %user_id, "change refused: the session lacks a proof"),
        Proof::Accepted(_) | Proof::Throttled(_) => {}
    }
    Ok(proof)
}

/// The result of a set-up.
pub enum SetUp {
    /// The factor counts. The recovery codes, which are shown once.
    Done(Vec<String>),
    /// The user has a second factor already.
    Present,
    /// The session has ended or lacks a proof.
    Ended,
}

/// Stores the secret of an authenticator app that has just shown the code of `step`. The session
/// has this factor from now on.
///
/// # Errors
/// A fault of the store.
pub async fn set_up(
    server: &Server,
    signed_in: &SignedIn,
    secret: TotpSecret,
    step: i64,
    origin: Origin,
) -> Result<SetUp, Fault> {
    let (user_id, session_id) = (signed_in.user.id, signed_in.session.id);
    let master_keys = Arc::clone(&server.secrets.master_keys);
    let (codes, hashes) = new_codes();
    let (done, accepted) = (SetUp::Done(codes), Accepted::of(server));
    let unit = move |tx: &mut Tx<'_>| {
        // Everything that seals holds this lock while the master key is rotated.
        revision::lock(tx)?;
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Some(SetUp::Ended)) };
        if totp_factors::find(tx, user_id)?.is_some() {
            return Ok(Some(SetUp::Present));
        }
        let sealed = master_keys.sealing(tx)?.seal(&sealed_name(user_id), secret.expose());
        let factor = TotpFactor { user_id, id: Id::now_v7(), sealed, last_step: step, created_at: tx.now };
        totp_factors::insert(tx, &factor)?;
        // An address that was entered with less must not open the account past the new factor.
        email_verifications::delete_of_user(tx, user_id)?;
        recovery_codes::replace(tx, user_id, &hashes)?;
        origin.record(tx, &user, Change::SecondFactorSetUp)?;
        sessions::prove(tx, session_id, Factor::Totp)?;
        Ok(None)
    };
    let refused = server.store.write(unit).await?;
    Ok(refused.unwrap_or(done))
}

/// Replaces the recovery codes of a user who submits a code. The new ones are shown once.
///
/// # Errors
/// As for [`prove`].
pub async fn replace_codes(
    server: &Server,
    claimant: Claimant,
    code: &str,
) -> Result<Proof<Option<Vec<String>>>, Fault> {
    let (user_id, network) = (claimant.user_id, claimant.origin.network.clone());
    let (codes, hashes) = new_codes();
    prove(server, claimant, code, move |tx, _| {
        recovery_codes::replace(tx, user_id, &hashes)?;
        security_events::record(tx, user_id, Kind::RecoveryCodesReplaced, None, &network)?;
        Ok(Some(Some(codes)))
    })
    .await
}

/// Proves the second factor of the session of a user who submits a code.
///
/// # Errors
/// As for [`prove`].
pub async fn prove_in_session(
    server: &Server,
    claimant: Claimant,
    session_id: Id,
    code: &str,
) -> Result<Proof<Option<Vec<String>>>, Fault> {
    prove(server, claimant, code, move |tx, factor| Ok(sessions::prove(tx, session_id, factor)?.then_some(None))).await
}

/// Removes the second factor of a user who submits a code. There are no recovery codes then.
///
/// # Errors
/// As for [`prove`].
pub async fn remove(server: &Server, claimant: Claimant, code: &str) -> Result<Proof<Option<Vec<String>>>, Fault> {
    let (user_id, origin) = (claimant.user_id, claimant.origin.clone());
    prove(server, claimant, code, move |tx, _| {
        accounts::remove_second_factor(tx, user_id)?;
        if let Some(user) = users::find(tx, user_id)? {
            origin.record(tx, &user, Change::SecondFactorRemoved)?;
        }
        Ok(Some(None))
    })
    .await
}

/// New recovery codes and their hashes.
fn new_codes() -> (Vec<String>, Vec<Vec<u8>>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_code()).collect();
    let hashes = codes.iter().map(|code| sha256(&code.replace('-', ""))).collect();
    (codes, hashes)
}

/// A random code in groups of four.
fn new_code() -> String {
    let bytes: [u8; CODE_LENGTH] = random_bytes();
    let characters: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    characters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_recognized_by_its_form() {
        let code = new_code();
        for text in [code.clone(), code.replace('-', " "), format!(" {} ", code.to_uppercase())] {
            let Code::Recovery(found) = Code::parse(&text) else { panic!("{text}") };
            assert_eq!(found, sha256(&code.replace('-', "")), "{text}");
        }
        assert!(matches!(Code::parse(" 287 082"), Code::Totp(digits) if *digits == "287082"));
        for malformed in ["", "28708", "2870820", "28708a", "２８７０８２", &code[1..]] {
            assert!(matches!(Code::parse(malformed), Code::Malformed), "{malformed}");
        }
    }

    #[test]
    fn recovery_codes_of_a_set_differ() {
        let (codes, hashes) = new_codes();
        let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!((codes.len(), distinct.len()), (RECOVERY_CODES, RECOVERY_CODES));
        assert!(codes.iter().all(|code| code.len() == 19 && code.matches('-').count() == 3), "{codes:?}");
    }
}
