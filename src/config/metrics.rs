//! `[metrics]`: counters for Prometheus, on a listener of their own.

use serde::{Deserialize, Serialize};

use super::ListenAddress;

/// The listener of the metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricsSettings {
    /// Where `/metrics` is served, without TLS and authentication. `None` if it is not.
    pub listen: Option<ListenAddress>,
}
