//! What broke on our side, and the one error that a request can end with.

use std::fmt;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use writ_core::{Error, ErrorCode};

/// What broke on our side. The caller sees `server_error` or `temporarily_unavailable`, the log
/// sees this.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    /// The database cannot be reached.
    #[error("database connection: {0}")]
    Unavailable(String),
    /// Too many units of work wait already.
    #[error("too many units of work are waiting for the database")]
    Busy,
    /// A unit of work panicked and was rolled back.
    #[error("a unit of work panicked: {0}")]
    Panicked(String),
    /// A stored value cannot be read back.
    #[error("stored value: {0}")]
    Corrupt(String),
    /// A key is missing, cannot be unsealed, or cannot sign.
    #[error("keys: {0}")]
    Keys(String),
    /// A node cannot start as configured; the text names the setting.
    #[error("{0}")]
    Startup(String),
}

impl Fault {
    /// Whether a unique key refused the row.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }

    /// Whether the same request may succeed in a moment: the database is away, locked, full or
    /// overloaded. Violated constraints, damaged values and our own mistakes stay.
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
                    // A locked file, a full disk, a server that stops: no kind of their own.
                    | Kind::Unknown
            ),
            Self::Database(error) => {
                matches!(error, DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. })
            }
            Self::Panicked(_) | Self::Corrupt(_) | Self::Keys(_) | Self::Startup(_) => false,
        }
    }
}

/// Why a request stops short: the caller's mistake, or our fault.
#[derive(Debug)]
pub enum Stop {
    /// A rule refused it. A unit of work that ends so commits: a replayed code is refused *and* its
    /// grant revoked.
    Refused(Error),
    /// Something broke. A unit of work that ends so rolls back.
    Broken(Fault),
}

impl Stop {
    /// Adds whose mistake it is, if it is one.
    #[must_use]
    pub fn of(self, client_id: &str) -> Self {
        match self {
            Self::Refused(error) => Self::Refused(error.of(client_id)),
            broken => broken,
        }
    }

    /// Writes the cause to the log: the one place where an operator finds the reason of every
    /// refusal.
    pub fn log(&self, endpoint: &'static str) {
        match self {
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

    /// The error that the caller sees.
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Broken(Fault::Busy) => {
                Error::new(ErrorCode::TemporarilyUnavailable, "the server is busy: try again in a moment")
            }
            Self::Broken(fault) if fault.is_passing() => Error::new(
                ErrorCode::TemporarilyUnavailable,
                "the server has trouble that passes: try again in a moment",
            ),
            Self::Broken(_) => Error::new(ErrorCode::ServerError, "something went wrong on our side"),
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
