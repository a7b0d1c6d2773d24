//! Logs every refusal, finds its documentation, and queues it for the client's developer.

use std::sync::{Mutex, PoisonError};

use crate::fault::Stop;
use writ_core::Cause;

use crate::{
    clock::Clock,
    config::Issuer,
    store::client_failures::{self, ClientFailure},
};

/// Maximum length of the queue. Between two writes, further refusals are only logged.
const MAX_WAITING: usize = 512;

/// The refusals of a node.
pub struct RefusalLog {
    documentation: String,
    clock: Clock,
    waiting: Mutex<Vec<ClientFailure>>,
}

impl RefusalLog {
    /// An empty log.
    pub fn new(issuer: &Issuer, clock: Clock) -> Self {
        Self { documentation: issuer.join("/docs/errors"), clock, waiting: Mutex::default() }
    }

    /// Logs a failure. If the client can fix it, it is also queued for its developer.
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

    /// Empties the queue and returns its content.
    pub fn take(&self) -> Vec<ClientFailure> {
        std::mem::take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The URL of the documentation of a cause (RFC 6749 §5.2 `error_uri`).
    pub fn error_uri(&self, cause: Cause) -> String {
        format!("{}/{}", self.documentation, cause.shown().id())
    }
}
