//! `[telemetry]`: traces and metrics for a collector of OpenTelemetry.

use std::{fmt, path::PathBuf};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Visitor},
};
use url::Url;

use super::bounds::within;

/// What is sent to a collector by OTLP over http.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TelemetrySettings {
    /// The collector. Paths such as `/v1/traces` are appended. `None` if there is none.
    #[serde(default, deserialize_with = "endpoint")]
    pub endpoint: Option<Url>,
    /// A file with further headers for the collector, such as one that authenticates: `NAME: VALUE`
    /// on each line.
    pub headers_file: Option<PathBuf>,
    /// The name of this service in traces and metrics. If `None`, that of `OTEL_SERVICE_NAME`, or
    /// `writ`.
    pub service_name: Option<String>,
    /// The share of requests that are traced, unless a trusted proxy has decided.
    #[serde(deserialize_with = "ratio")]
    pub sampling_ratio: f64,
    /// Whether the `traceparent` of a trusted proxy is believed.
    pub trust_traceparent: bool,
    /// Seconds between two reports of the metrics.
    #[serde(deserialize_with = "within::<1, 3600, _, _>")]
    pub metrics_interval: u64,
}

/// Whether a URL can be that of a collector, without a secret that a log would show.
#[must_use]
pub fn is_collector(url: &Url) -> bool {
    let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    matches!(url.scheme(), "http" | "https") && url.has_host() && is_bare
}

fn endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let url = Url::deserialize(deserializer)?;
    if is_collector(&url) {
        Ok(Some(url))
    } else {
        Err(Error::custom(
            "expected an http or https URL without user name and query; secrets are in telemetry.headers_file",
        ))
    }
}

/// Reads a number from 0 to 1, also as text, as environment variables have it.
fn ratio<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    deserializer.deserialize_any(Ratio)
}

struct Ratio;

impl Visitor<'_> for Ratio {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 1")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        if (0.0..=1.0).contains(&value) {
            Ok(value)
        } else {
            Err(E::custom(format_args!("invalid value: `{value}`, expected a number from 0 to 1")))
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        self.visit_f64(value as f64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        let value = text
            .parse()
            .map_err(|_| E::custom(format_args!("invalid value: {text:?}, expected a number from 0 to 1")))?;
        self.visit_f64(value)
    }
}
