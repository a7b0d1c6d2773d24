//! Passwords: Argon2id with OWASP's parameters, on low-priority threads.

mod foreign;
mod shares;
mod strength;
mod threads;

use std::{borrow::Cow, sync::Arc};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        PasswordHasher as _,
        phc::{Output, PasswordHash},
    },
};
use precis_profiles::{OpaqueString, precis_core::profile::Profile};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use foreign::{InvalidHash, check as check_imported};
pub use strength::Weakness;

use self::{
    foreign::Foreign,
    shares::{Place, Shares},
    threads::{Memory, Threads},
};
use crate::fault::Fault;

/// Maximum length of a password in bytes. Longer ones would only cost memory.
pub const MAX_LENGTH: usize = 1024;

/// Hashes passwords, each thread one at a time.
#[derive(Clone)]
pub struct Passwords {
    threads: Threads,
    shares: Shares,
    /// Only one password strength is estimated at a time, off the threads for sign-ins.
    judging: Arc<Semaphore>,
}

/// A place in the queue, which is freed on drop.
#[must_use]
pub struct Reservation {
    _place: Option<Place>,
}

/// How a hash with our parameters begins.
const CURRENT: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// Verified instead of the hash of an unknown user, so that both take the same time. It is a
/// constant, because hashing one at start would use as much memory as everything else.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$y9weV2Ybkjx71dkkNWCKvQ$pqApeOLj8lLmQsWdh3aIaRNdpTvTos+uYMcktfVlTP4";

/// Why a password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full. The response is 429 with Retry-After.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// A thread has stopped, or Argon2 failed.
    #[error("the password could not be hashed")]
    Failed,
}

impl From<HashError> for Fault {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::Failed => Self::Panicked(error.to_string()),
        }
    }
}

/// Normalizes a password: NFC, with ASCII spaces
/// ([RFC 8265 §4.2](https://www.rfc-editor.org/rfc/rfc8265#section-4.2)). A password that the
/// profile refuses, such as one with a control character, is used unchanged.
fn prepare(password: &str) -> Zeroizing<String> {
    // Composes Unicode characters. The profile refuses the letters of a decomposed Hangul syllable.
    let composed = Zeroizing::new(password.nfc().collect::<String>());
    let enforced = OpaqueString::new().enforce(composed.as_str());
    Zeroizing::new(enforced.map_or_else(|_| composed.to_string(), Cow::into_owned))
}

/// The memory of our own hashes in KiB.
const OWN_KIB: u32 = 19 * 1024;

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
fn argon2() -> Argon2<'static> {
    let params = Params::new(OWN_KIB, 2, 1, None).expect("OWASP's parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Result<String, HashError> {
    argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_| HashError::Failed)
}

/// Whether a stored hash has other parameters than ours, or was imported.
pub fn is_outdated(stored: &str) -> bool {
    !stored.starts_with(CURRENT)
}

fn verify(password: &str, stored: &str, memory: &mut Memory) -> bool {
    if let Ok(foreign) = Foreign::parse(stored) {
        return foreign.matches(password);
    }
    let password = prepare(password);
    PasswordHash::new(stored).is_ok_and(|stored| {
        let again = hash_again(&password, &stored, memory);
        // The comparison takes constant time.
        again.is_some() && again == stored.hash
    })
}

/// Hashes `password` with the parameters of `stored`. `None` if that is not an Argon2 hash.
fn hash_again(password: &str, stored: &PasswordHash, memory: &mut Memory) -> Option<Output> {
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = Version::try_from(stored.version?).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(stored).ok()?);
    // An imported hash may need more, which is not kept.
    let mut own = Vec::new();
    let memory = if argon2.params().block_count() > OWN_KIB as usize { &mut own } else { memory };
    memory.resize(argon2.params().block_count(), Block::new());
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes.get_mut(..stored.hash?.len())?;
    argon2.hash_password_into_with_memory(password.as_bytes(), &stored.salt?, bytes, memory).ok()?;
    Output::new(bytes).ok()
}

impl Passwords {
    /// Starts `threads` threads, and one for passwords that wait too long, with a queue of `queue`
    /// passwords.
    ///
    /// # Errors
    /// An error if a thread cannot be started.
    pub fn start(threads: usize, queue: usize) -> std::io::Result<Self> {
        Ok(Self {
            threads: Threads::start(threads, queue)?,
            shares: Shares::new(queue),
            judging: Arc::new(Semaphore::new(1)),
        })
    }

    /// The number of passwords that wait for a thread.
    pub fn waiting(&self) -> usize {
        self.threads.waiting()
    }

    /// Takes a place in the queue, before other work on a new password. `lane` is the share that is
    /// used, `None` for a known user.
    ///
    /// # Errors
    /// [`HashError::Busy`] if the queue or the share is full.
    pub fn reserve(&self, lane: Option<&str>) -> Result<Reservation, HashError> {
        if self.threads.are_full() {
            return Err(HashError::Busy);
        }
        Ok(Reservation { _place: self.place(lane)? })
    }

    /// As [`Passwords::hash`], with a place that was taken earlier.
    ///
    /// # Errors
    /// [`HashError::Busy`] if the queue is full nevertheless: it is shared with known users.
    pub async fn hash_reserved(
        &self,
        password: Zeroizing<String>,
        _reservation: Reservation,
    ) -> Result<String, HashError> {
        let password = prepare(&password);
        self.threads.run(move |_| hash(&password)).await?
    }

    /// Hashes a new password, in PHC format. `lane` is the share of the queue that is used, `None`
    /// for a known user.
    ///
    /// # Errors
    /// [`HashError::Busy`] if the queue or the share is full.
    pub async fn hash(&self, password: Zeroizing<String>, lane: Option<&str>) -> Result<String, HashError> {
        let reservation = Reservation { _place: self.place(lane)? };
        self.hash_reserved(password, reservation).await
    }

    /// Whether `password` matches the stored hash. Without a stored hash the result is `false`
    /// after the same time. `lane` is the share of the queue that is used, `None` if the user has
    /// signed in at this browser before.
    ///
    /// # Errors
    /// [`HashError::Busy`] if the queue or the share is full.
    pub async fn verify(
        &self,
        password: Zeroizing<String>,
        stored: Option<String>,
        lane: Option<&str>,
    ) -> Result<bool, HashError> {
        let _place = self.place(lane)?;
        self.threads
            .run(move |memory| {
                let matches = verify(&password, stored.as_deref().unwrap_or(DECOY), memory);
                matches && stored.is_some()
            })
            .await
    }

    fn place(&self, lane: Option<&str>) -> Result<Option<Place>, HashError> {
        lane.map(|lane| self.shares.take(lane).ok_or(HashError::Busy)).transpose()
    }

    /// Whether a new password is too easy to guess. `own` are names and addresses of its user.
    ///
    /// # Errors
    /// [`HashError`] with the reason.
    pub async fn judge(&self, password: Zeroizing<String>, own: Vec<String>) -> Result<Option<Weakness>, HashError> {
        let turn = Arc::clone(&self.judging).acquire_owned().await.map_err(|_| HashError::Failed)?;
        let judged = tokio::task::spawn_blocking(move || {
            // Until the thread is free again, also if the request has ended meanwhile.
            let _turn = turn;
            Weakness::find(&prepare(&password), &own)
        });
        judged.await.map_err(|_| HashError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoy_has_the_parameters_of_a_password() {
        assert!(verify("correct horse battery", DECOY, &mut Memory::new()), "it is a hash");
        assert!(!is_outdated(DECOY), "with the parameters of every other");
    }

    #[test]
    fn reused_memory_changes_no_hash_and_an_invalid_hash_matches_nothing() {
        let mut memory = vec![Block::new(); 8];
        for _ in 0..2 {
            assert!(!verify("correct horse", DECOY, &mut memory));
            assert!(verify("correct horse battery", DECOY, &mut memory));
        }
        let without_hash = &DECOY[..DECOY.rfind('$').expect("five of them")];
        for stored in ["", "$", "correct horse battery", without_hash, &DECOY.replace("argon2id", "scrypt")] {
            assert!(!verify("correct horse battery", stored, &mut memory), "{stored}");
        }
    }

    #[tokio::test]
    async fn composed_and_decomposed_passwords_are_equal() {
        let passwords = Passwords::start(1, 4).expect("a thread");
        let text = |password: &str| Zeroizing::new(password.to_owned());
        for (one, other) in [
            ("gr\u{f6}\u{df}er als alles 77", "gro\u{308}\u{df}er als alles 77"),
            ("\u{d55c}\u{ae00}", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("two\u{a0}words", "two words"),
            ("bell\u{7}", "bell\u{7}"),
        ] {
            let stored = passwords.hash(text(one), None).await.expect("hashed");
            assert_eq!(passwords.verify(text(other), Some(stored), None).await, Ok(true), "{one:?}");
        }
    }

    #[tokio::test]
    async fn password_verifies_only_when_right_and_the_decoy_never() {
        let passwords = Passwords::start(1, 4).expect("a thread");
        let text = |password: &str| Zeroizing::new(password.to_owned());
        let stored = passwords.hash(text("correct horse"), None).await.expect("hashed");
        assert!(!is_outdated(&stored), "{stored}");
        assert_eq!(passwords.verify(text("correct horse"), Some(stored.clone()), None).await, Ok(true));
        assert_eq!(passwords.verify(text("correct horsf"), Some(stored), None).await, Ok(false));
        assert_eq!(passwords.verify(text("correct horse battery"), None, Some("192.0.2.1")).await, Ok(false));
    }
}
