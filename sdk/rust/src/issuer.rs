//! The issuer's metadata and keys: fetched on first use, cached, refreshed in the background, and
//! kept during a bounded outage.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use http::header::{ACCEPT, AGE, CACHE_CONTROL};
use tokio::sync::Mutex;
use url::Url;
use writ_jose::{Algorithm, freshness, json};

use crate::{
    Reason, Request, Response, Transport, TransportError,
    clock::{Clock, Seconds},
    jwk::{self, Key},
    metadata::Metadata,
};

/// How long keys stay fresh when the JWKS response does not say, and the bounds when it does.
const DEFAULT_LIFETIME: Seconds = 300;
const MIN_LIFETIME: Seconds = 60;
const MAX_LIFETIME: Seconds = 24 * 60 * 60;

/// Minimum time between fetches after one that failed or did not contain the wanted key. Tokens
/// with random `kid`s must not cause requests.
const COOLDOWN: Seconds = 10;
/// The same before the first successful fetch, for an API that starts before its issuer.
const COOLDOWN_AT_START: Seconds = 1;

/// The metadata and keys of one successful fetch.
pub(crate) struct Snapshot {
    keys: HashMap<String, Arc<Key>>,
    /// `None` when the metadata lists no algorithms.
    algorithms: Option<Vec<Algorithm>>,
    pub(crate) introspection_endpoint: Option<Url>,
    fetched_at: Seconds,
    lifetime: Seconds,
}

impl Snapshot {
    /// The key, if it and the issuer's metadata allow the algorithm.
    fn allow(&self, key: &Arc<Key>, algorithm: Algorithm) -> Result<Arc<Key>, Reason> {
        if self.algorithms.as_ref().is_some_and(|allowed| !allowed.contains(&algorithm)) {
            return Err(Reason::AlgorithmNotAllowed);
        }
        match key.public.algorithm() == algorithm {
            true => Ok(Arc::clone(key)),
            false => Err(Reason::UnknownKey),
        }
    }

    /// Age in whole lifetimes: 0 is fresh. If the clock was set back, the age is unknown and counts
    /// as old.
    fn lifetimes(&self, now: Seconds) -> Seconds {
        now.checked_sub(self.fetched_at).map_or(Seconds::MAX, |age| age / self.lifetime)
    }
}

pub(crate) struct Issuer {
    url: Url,
    /// As configured. The `issuer` of the metadata must equal it byte for byte.
    name: Box<str>,
    transport: Arc<dyn Transport>,
    clock: Clock,
    /// How long stale keys are used while the issuer is unavailable.
    stale_if_error: Seconds,
    snapshot: ArcSwapOption<Snapshot>,
    /// When the last fetch failed or did not contain the wanted key. The holder of the lock
    /// fetches.
    last_miss: Mutex<Option<Seconds>>,
    last_fetch_failed: AtomicBool,
}

impl Issuer {
    pub(crate) fn new(
        name: &str,
        url: Url,
        transport: Arc<dyn Transport>,
        clock: Clock,
        stale_if_error: Seconds,
    ) -> Self {
        Self {
            url,
            name: name.into(),
            transport,
            clock,
            stale_if_error,
            snapshot: ArcSwapOption::empty(),
            last_miss: Mutex::new(None),
            last_fetch_failed: AtomicBool::new(false),
        }
    }

    /// The current snapshot: at most two lifetimes old unless the issuer is unavailable.
    pub(crate) async fn snapshot(self: &Arc<Self>) -> Result<Arc<Snapshot>, Reason> {
        let Some(snapshot) = self.snapshot.load_full() else {
            return self.refreshed(None, None).await.ok_or(Reason::Unavailable);
        };
        let lifetimes = snapshot.lifetimes(self.clock.now());
        if lifetimes == 0 {
            return Ok(snapshot);
        }
        // Requests must not wait for an unavailable issuer.
        let may_be_stale = match self.last_fetch_failed.load(Ordering::Relaxed) {
            true => self.is_usable(&snapshot),
            false => lifetimes == 1,
        };
        if may_be_stale {
            self.refresh_in_background(&snapshot);
            return Ok(snapshot);
        }
        let newest = self.refreshed(Some(snapshot), None).await;
        newest.filter(|newest| self.is_usable(newest)).ok_or(Reason::Unavailable)
    }

    /// Whether the keys may be used although they cannot be refreshed
    /// ([RFC 5861 §4](https://www.rfc-editor.org/rfc/rfc5861#section-4)).
    fn is_usable(&self, snapshot: &Snapshot) -> bool {
        self.clock.now().abs_diff(snapshot.fetched_at) < snapshot.lifetime.saturating_add(self.stale_if_error)
    }

    /// The key for tokens with this `kid` and `alg`. An unknown `kid` is looked up again.
    pub(crate) async fn key(self: &Arc<Self>, kid: &str, algorithm: Algorithm) -> Result<Arc<Key>, Reason> {
        let snapshot = self.snapshot().await?;
        if let Some(key) = snapshot.keys.get(kid) {
            return snapshot.allow(key, algorithm);
        }
        let snapshot = self.refreshed(Some(snapshot), Some(kid)).await.ok_or(Reason::Unavailable)?;
        match snapshot.keys.get(kid) {
            Some(key) => snapshot.allow(key, algorithm),
            None if self.last_fetch_failed.load(Ordering::Relaxed) => Err(Reason::Unavailable),
            None => Err(Reason::UnknownKey),
        }
    }

    /// Fetches, unless another caller just did, and returns the newest snapshot.
    ///
    /// The fetch is a separate task, so that the cancellation of one caller does not affect the
    /// others.
    async fn refreshed(self: &Arc<Self>, seen: Option<Arc<Snapshot>>, kid: Option<&str>) -> Option<Arc<Snapshot>> {
        let (issuer, kid) = (Arc::clone(self), kid.map(str::to_owned));
        let fetch = tokio::spawn(async move { issuer.refresh(seen, kid.as_deref()).await });
        if let Err(error) = fetch.await {
            tracing::error!(%error, "fetching the issuer's keys failed unexpectedly");
        }
        self.snapshot.load_full()
    }

    fn refresh_in_background(self: &Arc<Self>, seen: &Arc<Snapshot>) {
        if self.last_miss.try_lock().is_ok_and(|last_miss| !self.is_cooling_down(*last_miss)) {
            let (issuer, seen) = (Arc::clone(self), Arc::clone(seen));
            tokio::spawn(async move { issuer.refresh(Some(seen), None).await });
        }
    }

    /// Single flight: a caller that waited for the lock finds a newer snapshot than it has `seen`.
    async fn refresh(&self, seen: Option<Arc<Snapshot>>, kid: Option<&str>) {
        let mut last_miss = self.last_miss.lock().await;
        let current = self.snapshot.load_full();
        let is_done = current.as_ref().map(Arc::as_ptr) != seen.as_ref().map(Arc::as_ptr);
        if is_done || self.is_cooling_down(*last_miss) {
            return;
        }
        let fetched = self.fetch().await;
        self.last_fetch_failed.store(fetched.is_err(), Ordering::Relaxed);
        let is_miss = match fetched {
            Ok(snapshot) => {
                let is_miss = kid.is_some_and(|kid| !snapshot.keys.contains_key(kid));
                self.snapshot.store(Some(Arc::new(snapshot)));
                is_miss
            }
            Err(error) => {
                tracing::warn!(issuer = &*self.name, %error, "cannot fetch the issuer's keys");
                true
            }
        };
        if is_miss {
            *last_miss = Some(self.clock.now());
        }
    }

    fn is_cooling_down(&self, last_miss: Option<Seconds>) -> bool {
        let cooldown = if self.snapshot.load().is_some() { COOLDOWN } else { COOLDOWN_AT_START };
        last_miss.is_some_and(|last_miss| self.clock.now().abs_diff(last_miss) < cooldown)
    }

    async fn fetch(&self) -> Result<Snapshot, TransportError> {
        let metadata = self.fetch_metadata().await?;
        let response = self.get(metadata.jwks_uri).await?;
        let keys = json::parse_object(response.body())
            .and_then(|jwks| jwk::key_set(&jwks))
            .ok_or_else(|| TransportError("the JWKS is malformed".to_owned()))?;
        Ok(Snapshot {
            keys,
            algorithms: metadata.algorithms,
            introspection_endpoint: metadata.introspection_endpoint,
            fetched_at: self.clock.now(),
            lifetime: lifetime(&response),
        })
    }

    /// Fetches from the well-known URI of [RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3), then from that of
    /// OpenID Connect Discovery. If both fail, the first error counts.
    async fn fetch_metadata(&self) -> Result<Metadata, TransportError> {
        let path = self.url.path().trim_end_matches('/');
        let rfc8414 = format!("/.well-known/oauth-authorization-server{path}");
        let openid = format!("{path}/.well-known/openid-configuration");
        match self.fetch_metadata_at(&rfc8414).await {
            Ok(metadata) => Ok(metadata),
            Err(error) => self.fetch_metadata_at(&openid).await.map_err(|_| error),
        }
    }

    async fn fetch_metadata_at(&self, path: &str) -> Result<Metadata, TransportError> {
        let mut url = self.url.clone();
        url.set_path(path);
        let response = self.get(url).await?;
        Metadata::parse(response.body(), &self.name, &self.url)
    }

    async fn get(&self, url: Url) -> Result<Response, TransportError> {
        let mut request = Request::new(reqwest::Method::GET, url);
        request.headers_mut().insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        self.send(request).await
    }

    /// Sends a request and requires a 200.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let url = request.url().clone();
        let response = self.transport.send(request).await;
        let response = response.map_err(|error| TransportError(format!("{url}: {error}")))?;
        match response.status().as_u16() {
            200 => Ok(response),
            status => Err(TransportError(format!("{url}: status {status}"))),
        }
    }
}

/// How long the response stays fresh, within bounds.
fn lifetime(response: &Response) -> Seconds {
    let headers = response.headers();
    let cache_control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let age = headers.get(AGE).and_then(|value| value.to_str().ok());
    freshness::lifetime(cache_control, age).unwrap_or(DEFAULT_LIFETIME).clamp(MIN_LIFETIME, MAX_LIFETIME)
}
