//! When client secrets were last used. Requests only note it in memory; a task stores it.

use std::sync::{Mutex, PoisonError};

use moka::sync::Cache;

use crate::store::client_secrets::SecretUse;

/// Precision in seconds.
const PRECISION: i64 = 3600;
/// Maximum number of secrets whose last use a node knows.
const MAX_KNOWN: u64 = 10_000;
/// Maximum length of the queue. Between two writes, further uses are not noted.
const MAX_WAITING: usize = 1000;

/// The secrets that a node has seen.
pub struct UsedSecrets {
    known: Cache<Vec<u8>, i64>,
    waiting: Mutex<Vec<SecretUse>>,
}

impl UsedSecrets {
    pub(super) fn new() -> Self {
        Self { known: Cache::new(MAX_KNOWN), waiting: Mutex::default() }
    }

    /// Notes that a client proved the secret with this hash.
    pub(super) fn note(&self, client_id: &str, hash: &[u8], now: i64) {
        if self.known.get(hash).is_some_and(|at| (0..PRECISION).contains(&(now - at))) {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MAX_WAITING {
            self.known.insert(hash.to_vec(), now);
            waiting.push(SecretUse { client_id: client_id.to_owned(), hash: hash.to_vec(), at: now });
        }
    }

    /// Empties the queue and returns its content, ordered by hash: two nodes then lock the rows in
    /// the same order.
    pub fn take(&self) -> Vec<SecretUse> {
        let mut used = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        used.sort_unstable_by(|one, other| one.hash.cmp(&other.hash));
        used
    }
}
