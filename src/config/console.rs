//! `[console]`: administration with a browser.

use serde::{Deserialize, Deserializer, Serialize, de};
use writ_core::groups::is_name;

use super::bounds::within;

/// The administration console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleSettings {
    /// Whether `/admin` is served.
    pub enabled: bool,
    /// The name of the group whose members may enter.
    #[serde(deserialize_with = "group")]
    pub group: String,
    /// Seconds after which the second factor must be proved again.
    #[serde(deserialize_with = "within::<60, 43_200, _, _>")]
    pub max_age: i64,
}

fn group<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if is_name(&name) {
        return Ok(name);
    }
    Err(de::Error::custom("expected the name of a group: 1 to 64 characters without a comma"))
}
