//! Faults of the server, and the error with which a request can end.

use std::fmt;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use writ_core::{Cause, Error, ErrorCode};

use crate::metrics::METRICS;

/// A fault of the server. The caller sees `server_error` or `temporarily_unavailable`, the log has
/// the details.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// The database cannot be reached.
    #[error("database connection: {0}")]
    Unavailable(String),
    /// Too many units of work are waiting.
    #[error("too many units of work are waiting for the database")]
    Busy,
    /// A unit of work panicked and was rolled back.
    #[error("a unit of work panicked: {0}")]
    Panicked(String),
    /// A stored value cannot be parsed.
    #[error("stored value: {0}")]
    Corrupt(String),
    /// A key is missing, cannot be unsealed, or cannot sign.
    #[error("keys: {0}")]
    Keys(String),
    /// A unit of work of several changes was refused as a whole and rolled back. The text says why.
    #[error("{0}")]
    Undone(String),
    /// A node cannot start with this configuration. The text names the setting.
    #[error("{0}")]
    Startup(String),
}

/// The text of an error with its causes, each once.
#[must_use]
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let mut texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}

impl Fault {
    /// Whether a unique key was violated.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// Whether the row refers to one that does not exist, because it was deleted concurrently.
    pub fn is_foreign_key_violation(&self) -> bool {
        matches!(self, Self::Database(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)))
    }

    /// Whether a retry may succeed soon: the database is unreachable, locked, full or overloaded.
    /// Violated constraints, corrupt values and programming errors are permanent.
    pub fn is_passing(&self) -> bool {
        use DatabaseErrorKind as Kind;
        match self {
            Self::Busy | Self::Unavailable(_) => true,
            Self::Database(DieselError::DatabaseError(kind, _)) => matches!(
                kind,
                Kind::SerializationFailure
                    | Kind::ReadOnlyTransaction
                    | Kind::ClosedConnection
                    | Kind::UnableToSendCommand
                    // A locked file, a full disk or a stopping server have no kind of their own.
                    | Kind::Unknown
            ),
            Self::Database(error) => {
                matches!(error, DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. })
            }
            Self::Panicked(_) | Self::Corrupt(_) | Self::Keys(_) | Self::Undone(_) | Self::Startup(_) => false,
        }
    }
}

/// Why a request ends early: a refusal or a fault.
#[derive(Debug)]
pub enum Stop {
    /// A rule refused it. The unit of work commits: a replayed code is refused *and* its grant
    /// revoked.
    Refused(Error),
    /// Something broke. The unit of work rolls back.
    Broken(Fault),
}

impl Stop {
    /// Sets the client that sent the request, if it is a refusal.
    #[must_use]
    pub fn of(self, client_id: &str) -> Self {
        match self {
            Self::Refused(error) => Self::Refused(error.of(client_id)),
            broken => broken,
        }
    }

    /// A refusal with `cause` if the client or the user was deleted during the request, so that the
    /// database refused a row that refers to it.
    #[must_use]
    pub fn refuse_deleted(self, cause: Cause) -> Self {
        match self {
            Self::Broken(fault) if fault.is_foreign_key_violation() => {
                let description = "the client or the user was deleted a moment ago";
                Self::Refused(Error::new(cause, description).because(fault.to_string()))
            }
            stop => stop,
        }
    }

    /// Logs the cause. This is the only place where operators find the reason of every refusal.
    pub fn log(&self, endpoint: &'static str) {
        self.count();
        match self {
            // A device polls until its user decides.
            Self::Refused(error) if error.code == ErrorCode::AuthorizationPending => {
                tracing::debug!(endpoint, description = error.description, "pending");
            }
            Self::Refused(error) => {
                tracing::info!(
                    endpoint,
                    code = error.code.as_str(),
                    description = error.description,
                    detail = error.detail,
                    expected = error.mismatch.as_ref().map(|mismatch| &*mismatch.expected),
                    actual = error.mismatch.as_ref().map(|mismatch| &*mismatch.actual),
                    cause = error.cause.id(),
                    "refused"
                );
            }
            Self::Broken(Fault::Busy) => tracing::warn!(endpoint, "too busy"),
            Self::Broken(fault) => tracing::error!(endpoint, %fault, "failed"),
        }
    }

    fn count(&self) {
        match self {
            Self::Refused(error) => METRICS.refusals.add([error.cause.id()]),
            Self::Broken(Fault::Busy) => METRICS.faults.add(["busy"]),
            Self::Broken(fault) if fault.is_passing() => METRICS.faults.add(["passing"]),
            Self::Broken(_) => METRICS.faults.add(["permanent"]),
        }
    }

    /// The error for the caller.
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Broken(Fault::Busy) => {
                Error::new(ErrorCode::TemporarilyUnavailable, "the server is busy: try again in a moment")
            }
            Self::Broken(fault) if fault.is_passing() => Error::new(
                ErrorCode::TemporarilyUnavailable,
                "the server is temporarily unavailable: try again in a moment",
            ),
            Self::Broken(_) => Error::new(ErrorCode::ServerError, "something went wrong on the server"),
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Broken(fault) => fault.fmt(f),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<DieselError> for Stop {
    fn from(error: DieselError) -> Self {
        Self::Broken(error.into())
    }
}
