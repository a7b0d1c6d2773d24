//! `[backup]`: where backups are kept, and for which recipients they are encrypted.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use url::Url;

use super::bounds::zero_or_within;

/// Where backups are kept, and for which recipients they are encrypted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackupSettings {
    /// A folder, or `s3://BUCKET/PREFIX`. It has a folder for each backup.
    #[serde(default)]
    pub place: Option<String>,
    /// The recipients of every backup, as `age` writes them.
    pub recipients: Vec<String>,
    /// The age of the newest backup from which `writ doctor` warns, in seconds. 0 disables this.
    #[serde(deserialize_with = "zero_or_within::<3600, 31_536_000, _>")]
    pub max_age: i64,
    /// The URL of a storage that is not Amazon's.
    #[serde(default, deserialize_with = "endpoint")]
    pub endpoint: Option<Url>,
    /// The region of the bucket.
    #[serde(default)]
    pub region: Option<String>,
}

fn endpoint<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    url.map(Some).ok_or_else(|| {
        Error::custom(format_args!("invalid value: {text:?}, expected a URL, such as https://s3.example.com"))
    })
}
