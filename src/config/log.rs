//! `[log]`: how the log is written.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use tracing_subscriber::EnvFilter;

/// The form of the log and what is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogSettings {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`, such as `info` or `writ=debug,warn`.
    #[serde(deserialize_with = "filter")]
    pub filter: String,
}

/// How a log event is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line to read.
    Text,
    /// A JSON object a line.
    Json,
}

fn filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let directives = String::deserialize(deserializer)?;
    if EnvFilter::builder().parse(&directives).is_err() {
        return Err(D::Error::custom("expected log directives such as `info` or `writ=debug,warn`"));
    }
    Ok(directives)
}
