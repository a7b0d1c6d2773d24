//! `[sweep]`: the removal of what has expired.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// How often and how much at once expired rows are removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepSettings {
    /// Seconds between two sweeps.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub interval: i64,
    /// Rows of one table removed in one transaction.
    #[serde(deserialize_with = "within::<1, 100_000, _, _>")]
    pub batch: i64,
}
