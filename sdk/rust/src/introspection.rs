//! Asking the issuer about a token (RFC 7662), for opaque tokens and for routes where a revoked
//! token must stop at once.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use moka::sync::Cache;
use url::form_urlencoded::{Serializer, byte_serialize};

use crate::{
    Reason, Request, Token,
    claims::Expected,
    clock::{Clock, Seconds},
    issuer::Issuer,
};

/// How long an active answer is believed; never beyond the token's `exp`.
const MAX_AGE: Seconds = 5;
const MAX_ANSWERS: u64 = 10_000;

pub(crate) struct Introspection {
    authorization: http::HeaderValue,
    /// Active answers by the token's SHA-256, with the time until which they are believed.
    active: Cache<[u8; 32], (Seconds, Token)>,
}

impl Introspection {
    /// Authenticates with `client_secret_basic`, each part form-encoded first (RFC 6749 §2.3.1).
    pub(crate) fn new(client_id: &str, client_secret: &str) -> Self {
        let encode = |part: &str| byte_serialize(part.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(client_id), encode(client_secret));
        // Base64 is always a valid header value.
        let mut authorization = http::HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
            .unwrap_or(http::HeaderValue::from_static("Basic"));
        authorization.set_sensitive(true);
        Self { authorization, active: Cache::new(MAX_ANSWERS) }
    }

    /// Asks whether the token is active, unless the answer is still believed.
    pub(crate) async fn check(
        &self,
        token: &str,
        issuer: &Arc<Issuer>,
        expected: &Expected,
        clock: &Clock,
    ) -> Result<Token, Reason> {
        let key = sha256(token);
        if let Some((until, answer)) = self.active.get(&key)
            && clock.now() < until
        {
            return Ok(answer);
        }
        let answer = self.ask(token, issuer).await?;
        let now = clock.now();
        let answer = expected.judge_introspected(answer, now)?;
        self.active.insert(key, (answer.expires_at().min(now + MAX_AGE), answer.clone()));
        Ok(answer)
    }

    async fn ask(&self, token: &str, issuer: &Arc<Issuer>) -> Result<Vec<u8>, Reason> {
        let published = issuer.published().await?;
        let Some(endpoint) = published.introspection_endpoint.clone() else {
            tracing::warn!("the issuer publishes no acceptable introspection_endpoint");
            return Err(Reason::Unavailable);
        };
        let mut request = Request::new(reqwest::Method::POST, endpoint);
        let headers = request.headers_mut();
        headers.insert("authorization", self.authorization.clone());
        headers.insert("accept", http::HeaderValue::from_static("application/json"));
        headers.insert("content-type", http::HeaderValue::from_static("application/x-www-form-urlencoded"));
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
