//! The log on standard error, as text or as a JSON object per line.

#[cfg(not(feature = "otlp"))]
mod no_otlp;
#[cfg(feature = "otlp")]
mod otlp;

use std::io::IsTerminal;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, LevelFilter, filter_fn},
    fmt,
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

#[cfg(not(feature = "otlp"))]
pub use self::no_otlp::{Telemetry, TelemetryError};
#[cfg(feature = "otlp")]
pub use self::otlp::{Telemetry, TelemetryError};
use crate::{
    config::{LogFormat, LogSettings},
    telemetry::TARGET,
};

/// Starts logging the events and spans of this program and of libraries that use the `log` crate,
/// and recording spans for a collector, if there is one.
///
/// # Errors
/// [`TryInitError`] if the program already has a log.
pub fn start(settings: &LogSettings, telemetry: Option<&Telemetry>) -> Result<(), TryInitError> {
    let log = subscriber(settings, std::io::stderr, std::io::stderr().is_terminal());
    log.with(telemetry.and_then(Telemetry::layer)).try_init()
}

/// `coloured` is for terminals only; a file must not contain color codes.
fn subscriber<W>(
    settings: &LogSettings,
    writer: W,
    coloured: bool,
) -> impl Subscriber + for<'span> LookupSpan<'span> + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer).with_ansi(coloured);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match settings.format {
        LogFormat::Text => filtered(lines, settings),
        LogFormat::Json => filtered(lines.json().flatten_event(true).with_span_list(false), settings),
    };
    tracing_subscriber::registry().with(lines)
}

fn filtered<S, L>(layer: L, settings: &LogSettings) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    L: Layer<S> + Send + Sync,
{
    let asked = EnvFilter::builder().parse_lossy(&settings.filter);
    // Records below this level cost nothing. A function alone would hide the filter's level.
    let most = asked.max_level_hint().unwrap_or(LevelFilter::TRACE);
    layer.with_filter(asked.and(filter_fn(shows_no_secret).with_max_level_hint(most))).boxed()
}

/// Writ's own events contain no secrets at any level. Libraries are logged from `info` up: below,
/// they repeat header fields, forms and statement parameters. The library for passkeys is not
/// logged: it reports what strangers send as errors of the server, and our event has the cause.
/// Spans for a collector would only repeat those of the log.
fn shows_no_secret(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next();
    let ours = library == Some(env!("CARGO_CRATE_NAME")) && metadata.target() != TARGET;
    let is_hidden = metadata.target() == TARGET || library == Some("webauthn_rs_core");
    ours || (!is_hidden && *metadata.level() <= Level::INFO)
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("not poisoned").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What `events` writes to the log.
    fn logged(format: LogFormat, filter: &str, events: impl FnOnce()) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let settings = LogSettings { format, filter: filter.to_owned() };
        tracing::subscriber::with_default(subscriber(&settings, move || writer.clone(), false), events);
        let bytes = captured.0.lock().expect("not poisoned").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn library_details_are_never_logged() {
        let text = logged(LogFormat::Text, "trace", || {
            tracing::trace!("our detail");
            tracing::debug!(target: "tokio_postgres::query", "parameters: hunter2");
            tracing::info!(target: "tokio_postgres::connection", "connected");
        });
        assert!(text.contains("our detail") && text.contains("connected"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }

    #[test]
    fn untrusted_text_is_logged_on_one_line_without_escape_codes() {
        let text = logged(LogFormat::Text, "info", || {
            tracing::info!(detail = "it is a\nINFO refused \u{1b}[2J", "refused");
        });
        assert_eq!(text.lines().count(), 1, "{text:?}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn filter_decides_what_is_logged() {
        let text = logged(LogFormat::Text, "warn", || {
            tracing::info!("not this");
            tracing::warn!("but this");
        });
        assert!(!text.contains("not this") && text.contains("but this"), "{text}");
    }

    #[test]
    fn level_of_the_filter_is_known_to_libraries() {
        let settings = LogSettings { format: LogFormat::Text, filter: "info,writ=debug".to_owned() };
        let subscriber = subscriber(&settings, std::io::sink, false);
        assert_eq!(subscriber.max_level_hint(), Some(LevelFilter::DEBUG));
    }

    #[test]
    fn json_log_is_an_object_per_line_with_its_request() {
        let text = logged(LogFormat::Json, "info", || {
            let _request = tracing::info_span!("request", request_id = "r1").entered();
            tracing::info!(cause = "expired", "refused");
        });
        let event: serde_json::Value = serde_json::from_str(&text).expect("one object");
        assert_eq!(event["message"], "refused");
        assert_eq!(event["cause"], "expired");
        assert_eq!(event["span"]["request_id"], "r1");
    }
}
