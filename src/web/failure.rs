//! Why a request was not answered as asked.

use std::fmt;

use crate::{protocol, store::Fault};

/// A refusal, which is the caller's to mend, or a fault, which is ours.
#[derive(Debug)]
pub enum Failure {
    /// What the protocol lets us say.
    Refusal(protocol::Error),
    /// What broke.
    Fault(Fault),
}

impl Failure {
    /// Adds whose mistake it is, if it is one.
    #[must_use]
    pub fn of(self, client_id: &str) -> Self {
        match self {
            Self::Refusal(error) => Self::Refusal(error.of(client_id)),
            fault => fault,
        }
    }

    /// Writes the cause to the log: the one place where an operator finds the reason of every refusal.
    pub fn log(&self, endpoint: &'static str) {
        match self {
            Self::Refusal(error) => {
                tracing::info!(
                    endpoint,
                    code = error.code.as_str(),
                    description = error.description,
                    detail = error.detail,
                    expected = error.mismatch.as_ref().map(|mismatch| &*mismatch.expected),
                    came = error.mismatch.as_ref().map(|mismatch| &*mismatch.came),
                    cause = error.cause.id(),
                    "refused"
                );
            }
            Self::Fault(Fault::Busy) => tracing::warn!(endpoint, "too busy"),
            Self::Fault(fault) => tracing::error!(endpoint, %fault, "failed"),
        }
    }

    /// What the caller is told.
    pub fn into_error(self) -> protocol::Error {
        match self {
            Self::Refusal(error) => error,
            Self::Fault(Fault::Busy) => protocol::Error::new(
                protocol::ErrorCode::TemporarilyUnavailable,
                "the server is busy: try again in a moment",
            ),
            Self::Fault(_) => {
                protocol::Error::new(protocol::ErrorCode::ServerError, "something went wrong on our side")
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl From<protocol::Error> for Failure {
    fn from(error: protocol::Error) -> Self {
        Self::Refusal(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
