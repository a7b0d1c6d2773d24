//! `[terms]`: the terms that users accept.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use url::Url;

/// Maximum length of a version, in characters.
const MAX_LENGTH: usize = 64;

/// The terms that users accept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermsSettings {
    /// The version. Users who have not accepted it are asked once. `None` if there is nothing to
    /// accept.
    #[serde(default, deserialize_with = "version")]
    pub version: Option<String>,
    /// The terms.
    pub url: Option<Url>,
    /// What else is accepted with them, such as a privacy policy.
    pub privacy_url: Option<Url>,
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_version =
        (1..=MAX_LENGTH).contains(&text.chars().count()) && text.trim() == text && !text.chars().any(char::is_control);
    if is_version {
        Ok(Some(text))
    } else {
        Err(Error::custom(format_args!(
            "invalid value: {text:?}, expected 1 to {MAX_LENGTH} characters, such as 2027-01"
        )))
    }
}
