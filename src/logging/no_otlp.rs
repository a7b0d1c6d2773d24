//! Telemetry in a build without it.

use tracing::Subscriber;
use tracing_subscriber::{Layer, layer::Identity};

use crate::config::TelemetrySettings;

/// A collector cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "telemetry.endpoint: this build of writ sends no telemetry: build it with `cargo build --release --features otlp`"
)]
pub struct TelemetryError;

/// The connection to a collector, of which this build has none.
#[derive(Debug)]
pub enum Telemetry {}

impl Telemetry {
    /// Nothing without a collector.
    ///
    /// # Errors
    /// [`TelemetryError`] if a collector is configured.
    pub fn start(settings: &TelemetrySettings) -> Result<Option<Self>, TelemetryError> {
        if settings.endpoint.is_some() { Err(TelemetryError) } else { Ok(None) }
    }

    /// Whether there is a collector.
    ///
    /// # Errors
    /// [`TelemetryError`] if one is configured.
    pub fn check(settings: &TelemetrySettings) -> Result<bool, TelemetryError> {
        Self::start(settings).map(|telemetry| telemetry.is_some())
    }

    pub(super) fn layer<S: Subscriber>(&self) -> Option<impl Layer<S> + use<S>> {
        None::<Identity>
    }

    /// Sends what is left.
    pub async fn stop(&self) {
        match *self {}
    }
}
