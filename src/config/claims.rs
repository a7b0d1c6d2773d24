//! `[claims]`: claims of the operator's own.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use writ_core::claim_mapping::ClaimMapping;

/// Claims of the operator's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsSettings {
    /// Which attribute of a user, or which constant, becomes which claim.
    #[serde(deserialize_with = "distinct")]
    pub mappings: Vec<ClaimMapping>,
}

/// Reads mappings of which none replaces another one.
fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ClaimMapping>, D::Error> {
    let mappings = Vec::<ClaimMapping>::deserialize(deserializer)?;
    for (index, mapping) in mappings.iter().enumerate() {
        if mappings[..index].iter().any(|earlier| earlier.collides(mapping)) {
            return Err(Error::custom(format_args!("two mappings give the claim {} to one client", mapping.name())));
        }
    }
    Ok(mappings)
}
