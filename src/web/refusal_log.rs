//! Where every refusal passes: it is logged, its documentation is found, and it waits to be written down for the client's owner.

use std::sync::{Mutex, PoisonError};

use crate::fault::Stop;
use writ_core::Cause;

use crate::{
    clock::Clock,
    config::Issuer,
    store::client_failures::{self, ClientFailure},
};

/// How many wait at most: what strangers provoke beyond that between two beats is in the log alone.
const MAX_WAITING: usize = 512;

/// What a node refuses.
pub struct RefusalLog {
    documentation: String,
    clock: Clock,
    waiting: Mutex<Vec<ClientFailure>>,
}

impl RefusalLog {
    /// Nothing was refused yet.
    pub fn new(issuer: &Issuer, clock: Clock) -> Self {
        Self { documentation: issuer.join("/docs/errors"), clock, waiting: Mutex::default() }
    }

    /// Logs a failure. If it is a client's to mend, its owner will find it.
    pub fn record(&self, endpoint: &'static str, failure: &Stop) {
        failure.log(endpoint);
        let Stop::Refused(error) = failure else { return };
        let Some(client_id) = error.client_id.as_deref().filter(|_| !error.cause.is_routine()) else { return };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_client = waiting.iter().filter(|earlier| earlier.client_id == client_id).count();
        if waiting.len() < MAX_WAITING && of_client < client_failures::KEPT {
            waiting.push(ClientFailure::new(client_id, endpoint, error, self.clock.now()));
        }
    }

    /// What waits to be written down, which it then no longer does.
    pub fn take(&self) -> Vec<ClientFailure> {
        std::mem::take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The page about what the caller may know of a cause (RFC 6749 §5.2 `error_uri`).
    pub fn error_uri(&self, cause: Cause) -> String {
        format!("{}/{}", self.documentation, cause.shown().id())
    }
}
