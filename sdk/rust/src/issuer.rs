//! What the issuer publishes: fetched when first needed, kept, refreshed, and held through an outage.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;
use url::Url;

use crate::{
    Reason, Request, Response, Transport, TransportError,
    clock::{Clock, Seconds},
    json::Object,
    jwk::{self, Algorithm, Key},
    metadata::Metadata,
};

/// How long keys are fresh when the JWKS says nothing, and the bounds within which it is believed.
const DEFAULT_MAX_AGE: Seconds = 300;
const MIN_MAX_AGE: Seconds = 60;
const MAX_MAX_AGE: Seconds = 24 * 60 * 60;

/// How long to leave the issuer alone after a fetch that failed or did not bring the wanted key:
/// tokens with made-up `kid`s must not become requests.
const COOLDOWN: Seconds = 10;
/// The same while nothing was ever fetched: an API that starts before its issuer catches up soon.
const COOLDOWN_AT_START: Seconds = 1;

/// One good answer of the issuer.
pub(crate) struct Published {
    keys: HashMap<String, Arc<Key>>,
    /// `None` when the metadata names no algorithms.
    algorithms: Option<Vec<Algorithm>>,
    pub(crate) introspection_endpoint: Option<Url>,
    fetched_at: Seconds,
    max_age: Seconds,
}

impl Published {
    /// The key, if it and the issuer's metadata allow the algorithm.
    fn admit(&self, key: &Arc<Key>, algorithm: Algorithm) -> Result<Arc<Key>, Reason> {
        if self.algorithms.as_ref().is_some_and(|allowed| !allowed.contains(&algorithm)) {
            return Err(Reason::AlgorithmNotAllowed);
        }
        match key.algorithm == algorithm {
            true => Ok(Arc::clone(key)),
            false => Err(Reason::UnknownKey),
        }
    }

    /// Age in lifetimes: 0 is fresh. A clock that was set back makes it old.
    fn lifetimes(&self, now: Seconds) -> Seconds {
        now.checked_sub(self.fetched_at).map_or(Seconds::MAX, |age| age / self.max_age)
    }
}

pub(crate) struct Issuer {
    url: Url,
    /// As configured: `issuer` in the metadata must equal it byte for byte (RFC 8414 §3.3).
    name: Box<str>,
    transport: Arc<dyn Transport>,
    clock: Clock,
    published: ArcSwapOption<Published>,
    /// When a fetch last ended in vain. Whoever holds the lock is the one that fetches.
    last_vain_fetch: Mutex<Option<Seconds>>,
    last_fetch_failed: AtomicBool,
}

impl Issuer {
    pub(crate) fn new(name: &str, url: Url, transport: Arc<dyn Transport>, clock: Clock) -> Self {
        Self {
            url,
            name: name.into(),
            transport,
            clock,
            published: ArcSwapOption::empty(),
            last_vain_fetch: Mutex::new(None),
            last_fetch_failed: AtomicBool::new(false),
        }
    }

    /// What is published now, at most two lifetimes old unless the issuer is down.
    pub(crate) async fn published(self: &Arc<Self>) -> Result<Arc<Published>, Reason> {
        let Some(published) = self.published.load_full() else {
            return self.refreshed(None, None).await.ok_or(Reason::Unavailable);
        };
        match published.lifetimes(self.clock.now()) {
            0 => {}
            1 => self.refresh_in_background(&published),
            // Blocking every request on a dead issuer would spread its outage.
            _ if self.last_fetch_failed.load(Ordering::Relaxed) => {
                self.refresh_in_background(&published);
            }
            _ => {
                return self.refreshed(Some(published), None).await.ok_or(Reason::Unavailable);
            }
        }
        Ok(published)
    }

    /// The key for tokens that name this `kid` and `alg`, looked up again if it is not known.
    pub(crate) async fn key(self: &Arc<Self>, kid: &str, algorithm: Algorithm) -> Result<Arc<Key>, Reason> {
        let published = self.published().await?;
        if let Some(key) = published.keys.get(kid) {
            return published.admit(key, algorithm);
        }
        let published = self.refreshed(Some(published), Some(kid)).await.ok_or(Reason::Unavailable)?;
        match published.keys.get(kid) {
            Some(key) => published.admit(key, algorithm),
            None if self.last_fetch_failed.load(Ordering::Relaxed) => Err(Reason::Unavailable),
            None => Err(Reason::UnknownKey),
        }
    }

    /// Fetches unless somebody just did, and returns the best that is known.
    ///
    /// The fetch is a task of its own: a caller that goes away does not cut it off for the others.
    async fn refreshed(self: &Arc<Self>, seen: Option<Arc<Published>>, wanted: Option<&str>) -> Option<Arc<Published>> {
        let (issuer, wanted) = (Arc::clone(self), wanted.map(str::to_owned));
        let fetch = tokio::spawn(async move { issuer.refresh(seen, wanted.as_deref()).await });
        if let Err(error) = fetch.await {
            tracing::error!(%error, "fetching the issuer's keys ended abnormally");
        }
        self.published.load_full()
    }

    fn refresh_in_background(self: &Arc<Self>, seen: &Arc<Published>) {
        if self.last_vain_fetch.try_lock().is_ok_and(|last| !self.is_cooling_down(*last)) {
            let (issuer, seen) = (Arc::clone(self), Arc::clone(seen));
            tokio::spawn(async move { issuer.refresh(Some(seen), None).await });
        }
    }

    /// Single flight: those who waited for the lock find the work done.
    async fn refresh(&self, seen: Option<Arc<Published>>, wanted: Option<&str>) {
        let mut last_vain_fetch = self.last_vain_fetch.lock().await;
        let current = self.published.load_full();
        let is_done = current.as_ref().map(Arc::as_ptr) != seen.as_ref().map(Arc::as_ptr);
        if is_done || self.is_cooling_down(*last_vain_fetch) {
            return;
        }
        let answer = self.fetch().await;
        self.last_fetch_failed.store(answer.is_err(), Ordering::Relaxed);
        let was_in_vain = match answer {
            Ok(published) => {
                let was_in_vain = wanted.is_some_and(|kid| !published.keys.contains_key(kid));
                self.published.store(Some(Arc::new(published)));
                was_in_vain
            }
            Err(error) => {
                tracing::warn!(issuer = &*self.name, %error, "cannot fetch the issuer's keys");
                true
            }
        };
        if was_in_vain {
            *last_vain_fetch = Some(self.clock.now());
        }
    }

    fn is_cooling_down(&self, last_vain_fetch: Option<Seconds>) -> bool {
        let has_keys = self.published.load().is_some();
        let cooldown = if has_keys { COOLDOWN } else { COOLDOWN_AT_START };
        last_vain_fetch.is_some_and(|last| self.clock.now().abs_diff(last) < cooldown)
    }

    async fn fetch(&self) -> Result<Published, TransportError> {
        let metadata = self.fetch_metadata().await?;
        let response = self.get(metadata.jwks_uri).await?;
        let keys = Object::parse(response.body())
            .and_then(|jwks| jwk::key_set(&jwks))
            .ok_or_else(|| TransportError("the JWKS is malformed".to_owned()))?;
        Ok(Published {
            keys,
            algorithms: metadata.algorithms,
            introspection_endpoint: metadata.introspection_endpoint,
            fetched_at: self.clock.now(),
            max_age: max_age(&response),
        })
    }

    /// Asks at RFC 8414's address, then at OpenID Connect Discovery's; the first error counts.
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
        Metadata::read(response.body(), &self.name, &self.url)
    }

    async fn get(&self, url: Url) -> Result<Response, TransportError> {
        let mut request = Request::new(reqwest::Method::GET, url);
        request.headers_mut().insert("accept", http::HeaderValue::from_static("application/json"));
        self.send(request).await
    }

    /// Sends a request and demands a 200.
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

/// `max-age` less `Age` (RFC 9111 §4.2), within bounds.
fn max_age(response: &Response) -> Seconds {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let max_age = header("cache-control").and_then(|value| {
        let mut directives = value.split(',').map(str::trim);
        directives.find_map(|directive| directive.strip_prefix("max-age=")?.parse().ok())
    });
    let age: Seconds = header("age").and_then(|value| value.parse().ok()).unwrap_or(0);
    let fresh_for = max_age.map_or(DEFAULT_MAX_AGE, |seconds: Seconds| seconds.saturating_sub(age));
    fresh_for.clamp(MIN_MAX_AGE, MAX_MAX_AGE)
}
