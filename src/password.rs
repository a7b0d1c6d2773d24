//! Passwords: Argon2id with OWASP's parameters, on threads of its own that give way to everything else.

mod strength;

use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use strength::Weakness;

/// The longest password heard, in bytes: longer ones would only cost memory.
pub const MAX_LENGTH: usize = 1024;

/// Threads that hash and a bounded queue before them.
#[derive(Clone)]
pub struct Passwords {
    jobs: SyncSender<Job>,
}

/// Verified in place of an unknown person's hash, so that both take the same time. A constant: hashing one at each start would take
/// as much memory as all the rest.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$y9weV2Ybkjx71dkkNWCKvQ$pqApeOLj8lLmQsWdh3aIaRNdpTvTos+uYMcktfVlTP4";

type Job = Box<dyn FnOnce() + Send>;

/// Why no hash was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full: answer 429 with Retry-After.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// A thread is gone or Argon2 refuses.
    #[error("the password could not be hashed")]
    Failed,
}

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("OWASP's parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Result<String, HashError> {
    argon2().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_| HashError::Failed)
}

fn verify(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| argon2().verify_password(password.as_bytes(), &stored).is_ok())
}

impl Passwords {
    /// Starts `threads` threads with room for `queue` passwords before them.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(threads: usize, queue: usize) -> std::io::Result<Self> {
        let (jobs, waiting) = sync_channel::<Job>(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new().name("password-hash".to_owned()).spawn(move || work(&waiting))?;
        }
        Ok(Self { jobs })
    }

    /// Hashes a new password, in PHC form.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, HashError> {
        self.run(move || hash(&password)).await?
    }

    /// Whether `password` is the one stored; without a stored one it is not, and takes as long to find out.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn verify(&self, password: Zeroizing<String>, stored: Option<String>) -> Result<bool, HashError> {
        self.run(move || match stored {
            Some(stored) => verify(&password, &stored),
            None => {
                verify(&password, DECOY);
                false
            }
        })
        .await
    }

    /// Whether a new password is too easy to guess; `own` are names and addresses of its person.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn judge(&self, password: Zeroizing<String>, own: Vec<String>) -> Result<Option<Weakness>, HashError> {
        self.run(move || Weakness::find(&password, &own)).await
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, HashError> {
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Whoever asked may have gone away.
            let _ = sender.send(job());
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::Failed,
        })?;
        answer.await.map_err(|_| HashError::Failed)
    }
}

/// How much less than other threads a hashing thread weighs to the scheduler: about a tenth. At 19, a seventieth, a busy machine
/// was seen to keep one person waiting for seconds.
const NICENESS: i32 = 10;

/// A hashing thread's life. It runs at low priority: a storm of sign-ins must not slow tokens down.
fn work(waiting: &Mutex<Receiver<Job>>) {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "password hashing runs at normal priority");
    }
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoy_costs_what_a_password_costs() {
        assert!(verify("correct horse battery", DECOY), "it is a hash");
        assert!(DECOY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "with the parameters of every other");
    }

    #[tokio::test]
    async fn only_the_right_password_verifies_and_nobody_has_the_decoy() {
        let passwords = Passwords::start(1, 4).expect("a thread");
        let text = |password: &str| Zeroizing::new(password.to_owned());
        let stored = passwords.hash(text("correct horse")).await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_eq!(passwords.verify(text("correct horse"), Some(stored.clone())).await, Ok(true));
        assert_eq!(passwords.verify(text("correct horsf"), Some(stored)).await, Ok(false));
        assert_eq!(passwords.verify(text("correct horse battery"), None).await, Ok(false));
    }
}
