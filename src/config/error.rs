//! Configuration errors.

use std::{fmt, path::PathBuf};

use super::contradictions::Contradiction;

/// Why the configuration is refused. No message repeats a value that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{origin}: not valid TOML: {message}")]
    Syntax {
        /// The file and line.
        origin: Origin,
        /// What the parser expected.
        message: String,
    },
    /// A key or section that does not exist.
    #[error("{origin}: unknown key `{key}`{}", suggestion(.nearest.as_deref()))]
    UnknownKey {
        /// The key, with its section.
        key: String,
        /// Where it was set.
        origin: Origin,
        /// The most similar valid key, if there is one.
        nearest: Option<String>,
    },
    /// A value of the wrong type or out of bounds.
    #[error("{origin}: `{key}`: {reason}")]
    InvalidValue {
        /// The key, with its section.
        key: String,
        /// Where it was set.
        origin: Origin,
        /// The actual and the expected value.
        reason: String,
    },
    /// Two values that contradict each other.
    #[error("{}; `{}` is set by {first}, `{}` by {second}", contradiction.reason, contradiction.first, contradiction.second)]
    Contradiction {
        /// The two keys and the rule they break.
        contradiction: Contradiction,
        /// Where the first key is set.
        first: Origin,
        /// Where the second key is set.
        second: Origin,
    },
}

/// Where a setting was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A built-in default.
    Default,
    /// A line of a file, counted from 1.
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// An environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the built-in default"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; the nearest valid key is `{key}`"))
}
