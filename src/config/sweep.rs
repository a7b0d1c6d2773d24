//! `[sweep]`: the deletion of expired rows.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// How often and in which batches expired rows are deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepSettings {
    /// Seconds between two sweeps.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub interval: i64,
    /// Maximum number of rows of a table that one transaction deletes.
    #[serde(deserialize_with = "within::<1, 100_000, _, _>")]
    pub batch: i64,
}
