use std::{
    collections::HashSet,
    convert::Infallible,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use writ_jose::{CompactJws, json};

use super::{SigningAlgorithm, TokenBuilder, signing_key::SigningKey};
use crate::Verifier;

/// An issuer on a free loopback port with metadata, JWKS and introspection. It stops when dropped.
pub struct Issuer {
    state: Arc<State>,
    server: JoinHandle<()>,
}

struct State {
    url: String,
    keys: Mutex<Vec<Arc<SigningKey>>>,
    revoked: Mutex<HashSet<String>>,
    is_down: AtomicBool,
    minted: AtomicUsize,
    jwks_requests: AtomicUsize,
    introspections: AtomicUsize,
}

impl Issuer {
    /// Starts with one ES256 key.
    ///
    /// # Panics
    /// If there is no tokio runtime with I/O, or no free loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free loopback port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let state = Arc::new(State {
            url: format!("http://{address}"),
            keys: Mutex::new(vec![Arc::new(SigningKey::generate(SigningAlgorithm::Es256))]),
            revoked: Mutex::default(),
            is_down: AtomicBool::new(false),
            minted: AtomicUsize::new(0),
            jwks_requests: AtomicUsize::new(0),
            introspections: AtomicUsize::new(0),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&state)));
        Self { state, server }
    }

    /// The issuer identifier.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// A verifier of this issuer's tokens.
    ///
    /// # Panics
    /// If the audience is empty.
    pub fn verifier(&self, audience: &str) -> Verifier {
        Verifier::discover(self.url(), audience).expect("a loopback issuer and an audience")
    }

    /// A valid token for `audience` with a lifetime of five minutes, to be changed and signed.
    pub fn token(&self, audience: &str) -> TokenBuilder {
        let keys = lock(&self.state.keys);
        let current = keys.last().expect("an issuer always has a key");
        let jti = format!("token-{}", self.state.minted.fetch_add(1, Ordering::Relaxed));
        TokenBuilder::new(Arc::clone(current), self.url(), audience, jti)
    }

    /// Adds a key and signs with it from now on. Old keys stay published.
    pub fn rotate(&self, algorithm: SigningAlgorithm) {
        lock(&self.state.keys).push(Arc::new(SigningKey::generate(algorithm)));
    }

    /// Stops publishing all keys but the current one.
    pub fn withdraw_old_keys(&self) {
        let mut keys = lock(&self.state.keys);
        let old = keys.len().saturating_sub(1);
        keys.drain(..old);
    }

    /// The current key's public JWK (RFC 7517 §4).
    ///
    /// # Panics
    /// Never: an issuer always has a key.
    pub fn jwk(&self) -> Value {
        lock(&self.state.keys).last().expect("an issuer always has a key").jwk()
    }

    /// Revokes a token: introspection reports it as inactive.
    pub fn revoke(&self, token: &str) {
        lock(&self.state.revoked).insert(token.to_owned());
    }

    /// Responds to every request with 503 until called with `false`.
    pub fn set_down(&self, is_down: bool) {
        self.state.is_down.store(is_down, Ordering::Relaxed);
    }

    /// How many times the JWKS was requested.
    pub fn jwks_requests(&self) -> usize {
        self.state.jwks_requests.load(Ordering::Relaxed)
    }

    /// How many times a token was introspected.
    pub fn introspections(&self) -> usize {
        self.state.introspections.load(Ordering::Relaxed)
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| respond(Arc::clone(&state), request));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let document = match (request.method(), request.uri().path()) {
        _ if state.is_down.load(Ordering::Relaxed) => Err(StatusCode::SERVICE_UNAVAILABLE),
        (&Method::GET, "/.well-known/oauth-authorization-server")
        | (&Method::GET, "/.well-known/openid-configuration") => Ok(state.metadata()),
        (&Method::GET, "/jwks") => Ok(state.jwks()),
        (&Method::POST, "/introspect") => state.introspect(request).await,
        _ => Err(StatusCode::NOT_FOUND),
    };
    let mut response = Response::new(Full::default());
    match document {
        Ok(json) => *response.body_mut() = Full::from(json.to_string()),
        Err(status) => *response.status_mut() = status,
    }
    Ok(response)
}

impl State {
    fn metadata(&self) -> Value {
        let url = &self.url;
        json!({
            "issuer": url,
            "jwks_uri": format!("{url}/jwks"),
            "introspection_endpoint": format!("{url}/introspect"),
        })
    }

    fn jwks(&self) -> Value {
        self.jwks_requests.fetch_add(1, Ordering::Relaxed);
        let keys = lock(&self.keys).iter().map(|key| key.jwk()).collect::<Vec<_>>();
        json!({ "keys": keys })
    }

    /// Returns the token's own claims, unless it was revoked.
    async fn introspect(&self, request: Request<Incoming>) -> Result<Value, StatusCode> {
        self.introspections.fetch_add(1, Ordering::Relaxed);
        let is_authenticated =
            request.headers().get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"Basic "));
        if !is_authenticated {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let body = request.into_body().collect().await.map_err(|_| StatusCode::BAD_REQUEST)?;
        let body = body.to_bytes();
        let token = url::form_urlencoded::parse(&body)
            .find_map(|(name, value)| (name == "token").then(|| value.into_owned()))
            .ok_or(StatusCode::BAD_REQUEST)?;
        let claims = CompactJws::split(&token)
            .and_then(|jws| json::parse_object(&jws.payload()?))
            .filter(|_| !lock(&self.revoked).contains(&token));
        Ok(match claims {
            Some(mut claims) => {
                claims.insert("active".to_owned(), json!(true));
                Value::Object(claims)
            }
            None => json!({ "active": false }),
        })
    }
}
