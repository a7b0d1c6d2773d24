//! Whether this build can send what a collector is configured for.

use super::{Finding, Section};
use crate::config::Settings;

/// Nothing without a collector.
pub(super) fn check_settings(settings: &Settings) -> Option<Finding> {
    settings.telemetry.endpoint.as_ref()?;
    let id = "telemetry";
    if cfg!(feature = "otlp") {
        return Some(Finding::ok(id, Section::Telemetry, "Traces and metrics are sent to a collector."));
    }
    let cause = "telemetry.endpoint is set, but this build of writ sends no telemetry.";
    Some(Finding::error(id, Section::Telemetry, cause, "Build writ with `--features otlp`, or unset it."))
}
