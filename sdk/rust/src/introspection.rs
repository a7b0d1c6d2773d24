//! Token introspection ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)), for opaque tokens and for routes where
//! revocation must take effect at once.

use std::{ops::Range, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use moka::future::Cache;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::{
    Reason, Request, Token,
    claims::Expected,
    clock::{Clock, Seconds},
    issuer::Issuer,
};

/// How long a response is cached, but never beyond the token's `exp`.
const LIFETIME: Seconds = 5;
const MAX_CACHED: u64 = 10_000;

pub(crate) struct Introspection {
    authorization: http::HeaderValue,
    /// Keyed by the SHA-256 of the token. The cache admits entries by frequency, so random tokens
    /// do not displace others.
    cache: Cache<[u8; 32], Cached>,
}

/// The cached result for a token, with the time in which it may be used. The time is empty if the
/// issuer was unavailable.
#[derive(Clone)]
struct Cached {
    outcome: Result<Token, Reason>,
    fresh: Range<Seconds>,
}

impl Introspection {
    /// Authenticates with `client_secret_basic`, each part form-encoded first
    /// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
    pub(crate) fn new(client_id: &str, client_secret: &str) -> Self {
        let encode = |part: &str| byte_serialize(part.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(client_id), encode(client_secret));
        // Base64 is always a valid header value.
        let mut authorization = http::HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
            .unwrap_or(http::HeaderValue::from_static("Basic"));
        authorization.set_sensitive(true);
        Self { authorization, cache: Cache::new(MAX_CACHED) }
    }

    /// Introspects the token, unless a response is cached. Callers with the same token share one
    /// request.
    pub(crate) async fn check(
        &self,
        token: &str,
        issuer: &Arc<Issuer>,
        expected: &Expected,
        clock: &Clock,
    ) -> Result<Token, Reason> {
        let entry = self.cache.entry(sha256(token));
        let introspect = async {
            let response = self.request(token, issuer).await;
            let now = clock.now();
            let outcome = response.and_then(|response| expected.check_introspection(&response, now));
            let until = match &outcome {
                Ok(active) => active.expires_at().min(now + LIFETIME),
                Err(Reason::Unavailable) => now,
                Err(_) => now + LIFETIME,
            };
            Cached { outcome, fresh: now..until }
        };
        entry.or_insert_with_if(introspect, |cached| !cached.fresh.contains(&clock.now())).await.into_value().outcome
    }

    async fn request(&self, token: &str, issuer: &Arc<Issuer>) -> Result<Vec<u8>, Reason> {
        let snapshot = issuer.snapshot().await?;
        let Some(endpoint) = snapshot.introspection_endpoint.clone() else {
            tracing::warn!("the issuer publishes no acceptable introspection_endpoint");
            return Err(Reason::Unavailable);
        };
        let mut request = Request::new(reqwest::Method::POST, endpoint);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/x-www-form-urlencoded"));
        let form = Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("token_type_hint", "access_token")
            .finish();
        *request.body_mut() = Some(form.into());
        let response = issuer.send(request).await.map_err(|error| {
            tracing::warn!(%error, "introspection failed");
            Reason::Unavailable
        })?;
        Ok(response.into_body())
    }
}

fn sha256(token: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    key
}
