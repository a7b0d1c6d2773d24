//! `[passwords]`: the password policy and the limits on hashing.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use url::{Host, Url};

use super::bounds::within;

/// The password policy and the limits on hashing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasswordsSettings {
    /// Minimum length of a new password in characters.
    #[serde(deserialize_with = "within::<8, 64, _, _>")]
    pub min_length: usize,
    /// Passwords hashed at once while cores are idle. 0 means one per core.
    #[serde(deserialize_with = "within::<0, 1024, _, _>")]
    pub hash_threads: usize,
    /// Maximum number of sign-ins that wait for a hash. Further ones get status 429.
    #[serde(deserialize_with = "within::<1, 65_536, _, _>")]
    pub hash_queue: usize,
    /// The list of passwords that appear in leaks.
    pub breached_file: Option<PathBuf>,
    /// The service that is asked for ranges of such passwords, ending with `/`.
    #[serde(default, deserialize_with = "range_url")]
    pub breached_range_url: Option<String>,
}

/// Reads an https URL to which the start of a hash is appended. On loopback, http is accepted as
/// for other outgoing requests.
fn range_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_loopback = |url: &Url| match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let is_range_url = Url::parse(&text).is_ok_and(|url| {
        let is_plain = url.username().is_empty() && url.query().is_none() && url.fragment().is_none();
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        is_plain && is_safe && url.path().ends_with('/')
    });
    if is_range_url {
        Ok(Some(text))
    } else {
        Err(Error::custom(format_args!(
            "invalid value: {text:?}, expected an https URL that ends with /, such as https://api.pwnedpasswords.com/range/"
        )))
    }
}
