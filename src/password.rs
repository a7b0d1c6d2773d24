//! Passwords: Argon2id with OWASP's parameters, on threads of its own that give way to everything else.

mod strength;

use std::{thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        PasswordHasher as _,
        phc::{Output, PasswordHash},
    },
};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use strength::Weakness;

/// The longest password heard, in bytes: longer ones would only cost memory.
pub const MAX_LENGTH: usize = 1024;

/// Threads that hash and a bounded queue before them.
#[derive(Clone)]
pub struct Passwords {
    jobs: Sender<Job>,
}

/// Verified in place of an unknown person's hash, so that both take the same time. A constant: hashing one at each start would take
/// as much memory as all the rest.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$y9weV2Ybkjx71dkkNWCKvQ$pqApeOLj8lLmQsWdh3aIaRNdpTvTos+uYMcktfVlTP4";

/// What Argon2 fills, handed from one password to the next: to be given 19 MiB anew, and have them cleared, costs a twentieth of a
/// hash.
type Memory = Vec<Block>;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

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

fn verify(password: &str, stored: &str, memory: &mut Memory) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        let again = hash_again(password, &stored, memory);
        // Compared in constant time.
        again.is_some() && again == stored.hash
    })
}

/// Hashes `password` as `stored` was; `None` if that is not an Argon2 hash.
fn hash_again(password: &str, stored: &PasswordHash, memory: &mut Memory) -> Option<Output> {
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = Version::try_from(stored.version?).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(stored).ok()?);
    memory.resize(argon2.params().block_count(), Block::new());
    let mut bytes = [0; Output::MAX_LENGTH];
    let bytes = bytes.get_mut(..stored.hash?.len())?;
    argon2.hash_password_into_with_memory(password.as_bytes(), &stored.salt?, bytes, memory).ok()?;
    Output::new(bytes).ok()
}

impl Passwords {
    /// Starts `threads` threads with room for `queue` passwords before them.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start(threads: usize, queue: usize) -> std::io::Result<Self> {
        let (jobs, waiting) = bounded::<Job>(queue);
        for _ in 0..threads {
            let waiting = waiting.clone();
            thread::Builder::new().name("password-hash".to_owned()).spawn(move || work(&waiting))?;
        }
        Ok(Self { jobs })
    }

    /// Hashes a new password, in PHC form.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String, HashError> {
        self.run(move |_| hash(&password)).await?
    }

    /// Whether `password` is the one stored; without a stored one it is not, and takes as long to find out.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn verify(&self, password: Zeroizing<String>, stored: Option<String>) -> Result<bool, HashError> {
        self.run(move |memory| match stored {
            Some(stored) => verify(&password, &stored, memory),
            None => {
                verify(&password, DECOY, memory);
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
        self.run(move |_| Weakness::find(&password, &own)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move |memory| {
            // Whoever asked may have gone away.
            let _ = sender.send(job(memory));
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

/// How long a hashing thread keeps its memory for another password.
const LULL: Duration = Duration::from_secs(1);

/// A hashing thread's life. It runs at low priority: a storm of sign-ins must not slow tokens down.
fn work(waiting: &Receiver<Job>) {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "password hashing runs at normal priority");
    }
    while let Ok(first) = waiting.recv() {
        let mut memory = Memory::new();
        first(&mut memory);
        while let Ok(next) = waiting.recv_timeout(LULL) {
            next(&mut memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoy_costs_what_a_password_costs() {
        assert!(verify("correct horse battery", DECOY, &mut Memory::new()), "it is a hash");
        assert!(DECOY.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "with the parameters of every other");
    }

    #[test]
    fn what_the_memory_held_before_changes_nothing_and_what_is_no_hash_is_nobody_s() {
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
