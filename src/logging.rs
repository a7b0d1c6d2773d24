//! The log: text for people, or a JSON object a line for machines, on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

use crate::config::{LogFormat, LogSettings};

/// Sends every event and span of this program, and of libraries that use the `log` crate, to the log.
///
/// # Errors
/// When the program already has a log.
pub fn start(settings: &LogSettings) -> Result<(), TryInitError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::builder().parse_lossy(&settings.filter))
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => log.finish().try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).finish().try_init(),
    }
}
