//! A cache of fetched documents. It honours their freshness within bounds, and concurrent callers
//! share a fetch.

use std::sync::Arc;

use moka::future::Cache;
use reqwest::header::{AGE, CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use writ_jose::freshness;

use super::{FetchError, Fetcher};

/// Maximum size of the cache in bytes.
const CAPACITY: u64 = 16 * 1024 * 1024;
/// Size of an entry in bytes, without its document.
const OVERHEAD: usize = 512;
/// Minimum time in seconds between two fetches of a URL. It bounds how often callers can make the
/// server fetch it.
const SHORTEST: i64 = 10;
/// Lifetime in seconds of a document without freshness information.
const USUAL: i64 = 300;
/// Maximum lifetime in seconds. It bounds how long a key is trusted after its removal from a key
/// set.
const LONGEST: i64 = 3600;

/// A fetched document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The body.
    pub body: Vec<u8>,
    /// The media type in lower case, without parameters.
    pub media_type: String,
    /// Seconds for which it stays fresh, if the response says so (RFC 9111 §5.2.2).
    pub max_age: Option<i64>,
}

/// The cached documents by URL.
pub(super) struct Documents(Cache<String, Arc<Kept>>);

struct Kept {
    answer: Result<Arc<Document>, FetchError>,
    fetched_at: i64,
    until: i64,
}

impl Default for Documents {
    fn default() -> Self {
        let weight = |url: &String, kept: &Arc<Kept>| {
            let body = kept.answer.as_ref().map_or(0, |document| document.body.len());
            u32::try_from(url.len() + body + OVERHEAD).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(CAPACITY).weigher(weight).build())
    }
}

impl Fetcher {
    /// The document at a URL, from the cache or fetched now. Failures are cached as well, for a few
    /// seconds.
    ///
    /// # Errors
    /// [`FetchError`] with the reason.
    pub async fn document(&self, url: &str, now: i64) -> Result<Arc<Document>, FetchError> {
        self.document_unless(url, now, |kept| now >= kept.until).await
    }

    /// Whether [`Fetcher::document`] would return a cached result.
    pub async fn is_fresh(&self, url: &str, now: i64) -> bool {
        self.documents.0.get(url).await.is_some_and(|kept| now < kept.until)
    }

    /// Fetches a document again because the cached one was insufficient, unless it was fetched a
    /// moment ago.
    ///
    /// # Errors
    /// [`FetchError`] with the reason.
    pub async fn newer_document(&self, url: &str, now: i64) -> Result<Arc<Document>, FetchError> {
        self.document_unless(url, now, |kept| now >= kept.fetched_at + SHORTEST).await
    }

    /// Shortens the lifetime of an unusable document to that of a failure, because its owner may
    /// fix it.
    pub async fn expire(&self, url: &str) {
        if let Some(kept) = self.documents.0.get(url).await {
            let until = kept.until.min(kept.fetched_at + SHORTEST);
            let (answer, fetched_at) = (kept.answer.clone(), kept.fetched_at);
            self.documents.0.insert(url.to_owned(), Arc::new(Kept { answer, fetched_at, until })).await;
        }
    }

    /// Fetches a document without the cache. Only failures are cached, so a failing URL is fetched
    /// at most once in a few seconds.
    ///
    /// # Errors
    /// As for [`Fetcher::get`].
    pub async fn get_unless_failing(&self, url: &str, now: i64) -> Result<Document, FetchError> {
        self.unless_failing(url, now, |_| true, self.get(url)).await
    }

    /// Runs a fetch of `url`, unless one failed in the last seconds. A failure is cached if it
    /// `counts`.
    pub(super) async fn unless_failing<T>(
        &self,
        url: &str,
        now: i64,
        counts: fn(&FetchError) -> bool,
        fetch: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let cache = &self.documents.0;
        if let Some(Kept { answer: Err(error), .. }) = cache.get(url).await.filter(|kept| now < kept.until).as_deref() {
            return Err(error.clone());
        }
        let fetched = fetch.await;
        if let Err(error) = &fetched
            && counts(error)
        {
            let kept = Kept { answer: Err(error.clone()), fetched_at: now, until: now + SHORTEST };
            cache.insert(url.to_owned(), Arc::new(kept)).await;
        }
        fetched
    }

    async fn document_unless(
        &self,
        url: &str,
        now: i64,
        too_old: impl Fn(&Kept) -> bool + Send + Sync,
    ) -> Result<Arc<Document>, FetchError> {
        let cache = &self.documents.0;
        let fetch = async {
            let earlier = cache.get(url).await.filter(|kept| kept.answer.is_ok() && now < kept.until);
            Arc::new(match (self.get(url).await, earlier) {
                // A document that is still fresh is better than a failure.
                (Err(_), Some(earlier)) => {
                    Kept { answer: earlier.answer.clone(), fetched_at: now, until: earlier.until }
                }
                (answer, _) => {
                    let age = answer.as_ref().map_or(SHORTEST, |document| document.max_age.unwrap_or(USUAL));
                    let until = now + age.clamp(SHORTEST, LONGEST);
                    Kept { answer: answer.map(Arc::new), fetched_at: now, until }
                }
            })
        };
        let entry = cache.entry_by_ref(url).or_insert_with_if(fetch, |kept| too_old(kept)).await;
        entry.into_value().answer.clone()
    }
}

/// The `Content-Type` without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Seconds for which the response may be reused (RFC 9111 §4.2).
pub(super) fn max_age(headers: &HeaderMap) -> Option<i64> {
    let cache_control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let age = headers.get(AGE).and_then(|value| value.to_str().ok());
    freshness::lifetime(cache_control, age).map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_reduced_by_the_age_of_the_response() {
        let headers = [(CACHE_CONTROL, "public"), (CACHE_CONTROL, "Max-Age=600"), (AGE, "60")];
        let headers = headers.map(|(name, value)| (name, value.parse().expect("a header")));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        assert_eq!(max_age(&map), Some(540));
    }
}
