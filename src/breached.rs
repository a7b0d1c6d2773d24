//! Passwords that appear in leaks: a local list, and a service that is asked for ranges.
//!
//! Neither is looked up in a unit of work or on the hashing threads. A look-up that fails refuses
//! no password, and is in the log.

mod import;
mod list;

use std::{io, sync::Arc};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use self::import::{ImportError, Imported, Source, import};
use self::list::List;
use crate::{
    config::PasswordsSettings,
    fetch::{FetchError, Fetcher},
};

/// The length of a SHA-1 hash in bytes.
const HASH: usize = 20;
/// The hexadecimal digits of a hash that the service gets to know.
const RANGE: usize = 5;
/// Maximum number of look-ups in the list at once.
const AT_ONCE: usize = 4;
/// Maximum number of requests to the service at once.
const FETCHES: usize = 16;

/// Why what is configured cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The list cannot be read, or is no list.
    #[error("passwords.breached_file: {0}")]
    List(io::Error),
    /// The address of the service is not one that the server connects to.
    #[error(
        "passwords.breached_range_url: {0} is not allowed: the server connects to public addresses, and with outgoing.allow_loopback to this machine"
    )]
    Service(String),
}

/// Why a service is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Useless {
    /// It returns no range.
    #[error(transparent)]
    NotFetched(#[from] FetchError),
    /// Its response has no hash.
    #[error("the response has no hashes")]
    NoHashes,
}

/// Finds passwords that appear in leaks.
#[derive(Clone)]
pub struct Breached {
    list: Option<Arc<List>>,
    range_url: Option<String>,
    fetcher: Arc<Fetcher>,
    turns: Arc<Semaphore>,
    fetches: Arc<Semaphore>,
}

impl Breached {
    /// Opens the configured list.
    ///
    /// # Errors
    /// [`Unusable`] with the setting and its value.
    pub fn open(settings: &PasswordsSettings, fetcher: Arc<Fetcher>) -> Result<Self, Unusable> {
        let list = settings.breached_file.as_deref().map(List::open).transpose().map_err(Unusable::List)?;
        if let Some(url) = settings.breached_range_url.as_ref().filter(|url| !fetcher.allows(url)) {
            return Err(Unusable::Service(url.clone()));
        }
        Ok(Self {
            list: list.map(Arc::new),
            range_url: settings.breached_range_url.clone(),
            fetcher,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            fetches: Arc::new(Semaphore::new(FETCHES)),
        })
    }

    /// Whether a password appears in leaks, in the list or as the service says. `now` is in seconds
    /// since the epoch.
    pub async fn contains(&self, password: &str, now: i64) -> bool {
        if self.list.is_none() && self.range_url.is_none() {
            return false;
        }
        // Leaks have passwords as they were typed, which is mostly composed.
        let typed = Zeroizing::new(password.nfc().collect::<String>());
        let mut hash = [0; HASH];
        hash.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, typed.as_bytes()).as_ref());
        self.is_listed(hash).await || self.is_in_range(&hash, now).await
    }

    /// Fetches one range. `None` if no service is configured. `now` is in seconds since the epoch.
    pub async fn try_service(&self, now: i64) -> Option<Result<(), Useless>> {
        let url = self.range_url.as_ref()?;
        Some(match self.fetcher.password_range(url, "00000", now).await {
            Ok(lines) if lines.split(|byte| *byte == b'\n').any(is_rest_with_count) => Ok(()),
            Ok(_) => Err(Useless::NoHashes),
            Err(error) => Err(error.into()),
        })
    }

    async fn is_listed(&self, hash: [u8; HASH]) -> bool {
        let Some(list) = self.list.clone() else { return false };
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else { return false };
        let look_up = move || {
            // Until the thread is free again, also if the request has ended meanwhile.
            let _turn = turn;
            list.contains(&hash)
        };
        match tokio::task::spawn_blocking(look_up).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                tracing::warn!(%error, "passwords.breached_file: the list was not read, so the password is accepted");
                false
            }
            Err(error) => {
                tracing::warn!(%error, "passwords.breached_file: the look-up stopped, so the password is accepted");
                false
            }
        }
    }

    async fn is_in_range(&self, hash: &[u8; HASH], now: i64) -> bool {
        let (Some(url), Ok(_turn)) = (&self.range_url, self.fetches.acquire().await) else { return false };
        let hash = Zeroizing::new(upper_hex(hash));
        let (range, rest) = hash.split_at(RANGE);
        match self.fetcher.password_range(url, range, now).await {
            Ok(lines) => is_in(&lines, rest),
            Err(error) => {
                tracing::warn!(%error, "passwords.breached_range_url: no answer, so the password is accepted");
                false
            }
        }
    }
}

/// Whether a line has the rest of a hash, and a count.
fn is_rest_with_count(line: &[u8]) -> bool {
    let (hash, count) = line.trim_ascii().split_at_checked(2 * HASH - RANGE).unwrap_or_default();
    let is_count = |count: &[u8]| !count.is_empty() && count.iter().all(u8::is_ascii_digit);
    hash.len() == 2 * HASH - RANGE
        && hash.iter().all(u8::is_ascii_hexdigit)
        && count.strip_prefix(b":").is_some_and(is_count)
}

/// Whether a response of the service has the rest of a hash. Padding has a count of 0.
fn is_in(lines: &[u8], rest: &str) -> bool {
    lines.split(|byte| *byte == b'\n').any(|line| {
        let (hash, count) = line.trim_ascii().split_at_checked(rest.len()).unwrap_or_default();
        hash.eq_ignore_ascii_case(rest.as_bytes())
            && count.strip_prefix(b":").is_some_and(|count| count.iter().any(|digit| *digit != b'0'))
    })
}

fn upper_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const REST: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

    #[rstest]
    #[case::found("0000000000000000000000000000000000A:2\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:3\r\n", true)]
    #[case::last_without_a_line_break("1E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179", true)]
    #[case::in_lower_case("1e4c9b93f3f0682250b6cf8331b7ee68fd8:1", true)]
    #[case::padding("1E4C9B93F3F0682250B6CF8331B7EE68FD8:0", false)]
    #[case::another("1E4C9B93F3F0682250B6CF8331B7EE68FD9:3", false)]
    #[case::longer("1E4C9B93F3F0682250B6CF8331B7EE68FD81:3", false)]
    #[case::without_a_count("1E4C9B93F3F0682250B6CF8331B7EE68FD8", false)]
    #[case::empty("", false)]
    #[case::no_text("\u{0}\u{feff}::\n:\n", false)]
    fn rest_of_a_hash_is_found_with_a_count(#[case] lines: &str, #[case] found: bool) {
        assert_eq!(is_in(lines.as_bytes(), REST), found);
    }

    #[rstest]
    #[case::hash("1E4C9B93F3F0682250B6CF8331B7EE68FD8:3\r", true)]
    #[case::padding("1e4c9b93f3f0682250b6cf8331b7ee68fd8:0", true)]
    #[case::page("<!doctype html><title>Sign in: 12345</title>", false)]
    #[case::without_a_count("1E4C9B93F3F0682250B6CF8331B7EE68FD8:", false)]
    #[case::empty("", false)]
    fn line_of_a_range_is_recognized(#[case] line: &str, #[case] expected: bool) {
        assert_eq!(is_rest_with_count(line.as_bytes()), expected);
    }

    #[test]
    fn hash_is_written_as_in_the_lists() {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, b"password");
        assert_eq!(upper_hex(hash.as_ref()), format!("5BAA6{REST}"));
    }
}
