//! `[log]`: the format and level of the log.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use tracing_subscriber::EnvFilter;

/// The format and level of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogSettings {
    /// The format.
    pub format: LogFormat,
    /// Directives of `tracing_subscriber::EnvFilter`, such as `info` or `writ=debug,warn`.
    #[serde(deserialize_with = "filter")]
    pub filter: String,
}

/// The format of a log event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A readable line.
    Text,
    /// A JSON object per line.
    Json,
}

fn filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let directives = String::deserialize(deserializer)?;
    if EnvFilter::builder().parse(&directives).is_err() {
        return Err(D::Error::custom("expected log directives such as `info` or `writ=debug,warn`"));
    }
    Ok(directives)
}
