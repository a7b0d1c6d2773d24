//! What the issuer publishes: fetched when first needed, kept, refreshed, and held through an outage.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::{Host, Url};

use crate::{
    Reason, Request, Response, Transport, TransportError,
    clock::{Clock, Seconds},
    json,
    jwk::{self, Algorithm, Key},
};

/// How long keys are fresh when the JWKS says nothing, and the bounds within which it is believed.
const DEFAULT_MAX_AGE: Seconds = 300;
const MIN_MAX_AGE: Seconds = 60;
const MAX_MAX_AGE: Seconds = 24 * 60 * 60;

/// The least time between two fetches, whatever tokens arrive.
const COOLDOWN: Seconds = 10;
/// The same while nothing was ever fetched: an API that starts before its issuer catches up soon.
const COOLDOWN_AT_START: Seconds = 1;

/// One good answer of the issuer.
pub(crate) struct Published {
    keys: HashMap<String, Key>,
    /// `None` when the metadata names no algorithms.
    algorithms: Option<Vec<Algorithm>>,
    pub(crate) introspection_endpoint: Option<Url>,
    fetched_at: Seconds,
    max_age: Seconds,
}

impl Published {
    pub(crate) fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.as_ref().is_none_or(|allowed| allowed.contains(&algorithm))
    }

    pub(crate) fn key(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
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
    /// When the last fetch ended. Whoever holds the lock is the one that fetches.
    last_fetch: Mutex<Option<Seconds>>,
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
            last_fetch: Mutex::new(None),
            last_fetch_failed: AtomicBool::new(false),
        }
    }

    /// What is published now, at most two lifetimes old unless the issuer is down.
    pub(crate) async fn published(self: &Arc<Self>) -> Result<Arc<Published>, Reason> {
        let Some(published) = self.published.load_full() else {
            return self.refreshed(None).await.ok_or(Reason::Unavailable);
        };
        match published.lifetimes(self.clock.now()) {
            0 => {}
            1 => self.refresh_in_background(&published),
            // Blocking every request on a dead issuer would spread its outage.
            _ if self.last_fetch_failed.load(Ordering::Relaxed) => {
                self.refresh_in_background(&published);
            }
            _ => {
                return self.refreshed(Some(published)).await.ok_or(Reason::Unavailable);
            }
        }
        Ok(published)
    }

    /// The same, fetched again (at most once per cooldown) if `kid` is not in it.
    pub(crate) async fn published_with(self: &Arc<Self>, kid: &str) -> Result<Arc<Published>, Reason> {
        let published = self.published().await?;
        if published.key(kid).is_some() {
            return Ok(published);
        }
        let published = self.refreshed(Some(published)).await.ok_or(Reason::Unavailable)?;
        let undecided = published.key(kid).is_none() && self.last_fetch_failed.load(Ordering::Relaxed);
        match undecided {
            true => Err(Reason::Unavailable),
            false => Ok(published),
        }
    }

    /// Fetches unless somebody just did, and returns the best that is known.
    ///
    /// The fetch is a task of its own: a caller that goes away does not cut it off for the others.
    async fn refreshed(self: &Arc<Self>, seen: Option<Arc<Published>>) -> Option<Arc<Published>> {
        let issuer = Arc::clone(self);
        let fetch = tokio::spawn(async move { issuer.refresh(seen).await });
        if let Err(error) = fetch.await {
            tracing::error!(%error, "fetching the issuer's keys ended abnormally");
        }
        self.published.load_full()
    }

    fn refresh_in_background(self: &Arc<Self>, seen: &Arc<Published>) {
        let is_due = |last: Option<Seconds>| last.is_none_or(|last| self.clock.now().abs_diff(last) >= COOLDOWN);
        if self.last_fetch.try_lock().is_ok_and(|last| is_due(*last)) {
            let (issuer, seen) = (Arc::clone(self), Arc::clone(seen));
            tokio::spawn(async move { issuer.refresh(Some(seen)).await });
        }
    }

    /// Single flight: those who waited for the lock find the work done.
    async fn refresh(&self, seen: Option<Arc<Published>>) {
        let mut last_fetch = self.last_fetch.lock().await;
        let current = self.published.load_full();
        let is_newer = match (&current, &seen) {
            (Some(current), Some(seen)) => !Arc::ptr_eq(current, seen),
            (current, seen) => current.is_some() != seen.is_some(),
        };
        let cooldown = if current.is_some() { COOLDOWN } else { COOLDOWN_AT_START };
        let is_early = last_fetch.is_some_and(|last| self.clock.now().abs_diff(last) < cooldown);
        if is_newer || is_early {
            return;
        }
        let answer = self.fetch().await;
        self.last_fetch_failed.store(answer.is_err(), Ordering::Relaxed);
        match answer {
            Ok(published) => self.published.store(Some(Arc::new(published))),
            Err(error) => {
                tracing::warn!(issuer = &*self.name, %error, "cannot fetch the issuer's keys");
            }
        }
        *last_fetch = Some(self.clock.now());
    }

    async fn fetch(&self) -> Result<Published, TransportError> {
        let metadata = self.fetch_metadata().await?;
        let jwks_uri = self
            .endpoint(&metadata, "jwks_uri")
            .ok_or_else(|| TransportError("the metadata has no acceptable jwks_uri".to_owned()))?;
        let response = self.get(jwks_uri).await?;
        let keys = json::object(response.body())
            .and_then(|jwks| jwk::key_set(&jwks))
            .ok_or_else(|| TransportError("the JWKS is malformed".to_owned()))?;
        Ok(Published {
            keys,
            algorithms: algorithms(&metadata),
            introspection_endpoint: self.endpoint(&metadata, "introspection_endpoint"),
            fetched_at: self.clock.now(),
            max_age: max_age(&response),
        })
    }

    /// Asks at RFC 8414's address, then at OpenID Connect Discovery's.
    async fn fetch_metadata(&self) -> Result<Map<String, Value>, TransportError> {
        let path = self.url.path().trim_end_matches('/');
        let mut last_error = None;
        for location in [
            format!("/.well-known/oauth-authorization-server{path}"),
            format!("{path}/.well-known/openid-configuration"),
        ] {
            let mut url = self.url.clone();
            url.set_path(&location);
            match self.get(url).await.and_then(|response| self.read_metadata(&response)) {
                Ok(metadata) => return Ok(metadata),
                Err(error) => last_error = last_error.or(Some(error)),
            }
        }
        Err(last_error.unwrap_or_else(|| TransportError("no metadata".to_owned())))
    }

    fn read_metadata(&self, response: &Response) -> Result<Map<String, Value>, TransportError> {
        let metadata =
            json::object(response.body()).ok_or_else(|| TransportError("the metadata is malformed".to_owned()))?;
        match metadata.get("issuer").is_some_and(|issuer| *issuer == *self.name) {
            true => Ok(metadata),
            false => Err(TransportError("the metadata names another issuer".to_owned())),
        }
    }

    /// An address from the metadata, if it is as safe as the issuer's own.
    fn endpoint(&self, metadata: &Map<String, Value>, name: &str) -> Option<Url> {
        let url = Url::parse(metadata.get(name)?.as_str()?).ok()?;
        let is_safe = url.scheme() == "https" || (is_loopback(&self.url) && is_loopback(&url));
        is_safe.then_some(url)
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

/// Whether the address never leaves the machine, so that plain http is acceptable.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The issuer's own list; access tokens have none, so that of ID tokens speaks (OpenID Connect Discovery §3).
fn algorithms(metadata: &Map<String, Value>) -> Option<Vec<Algorithm>> {
    let names = metadata.get("id_token_signing_alg_values_supported")?.as_array()?;
    Some(names.iter().filter_map(Value::as_str).filter_map(Algorithm::from_name).collect())
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
