//! Whether this build can send what a collector is configured for.

use super::{Finding, Section};
use crate::{config::Settings, logging::Telemetry};

/// Nothing without a collector.
pub(super) fn check_settings(settings: &Settings) -> Option<Finding> {
    let id = "telemetry";
    match Telemetry::check(&settings.telemetry) {
        Ok(false) => None,
        Ok(true) => Some(Finding::ok(id, Section::Telemetry, "A collector is configured for telemetry.")),
        Err(error) => {
            let remedy = "Correct the setting or the variable.";
            Some(Finding::error(id, Section::Telemetry, error.to_string(), remedy))
        }
    }
}
