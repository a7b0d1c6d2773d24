use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::signing_key::SigningKey;

/// Builds an access token. It is valid unless changed.
#[must_use = "`sign` returns the token"]
pub struct TokenBuilder {
    key: Arc<SigningKey>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TokenBuilder {
    #[expect(clippy::disallowed_methods, reason = "an issuer is another program, with a clock of its own")]
    pub(super) fn new(key: Arc<SigningKey>, issuer: &str, audience: &str, jti: String) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let header = [("typ", json!("at+jwt")), ("alg", json!(key.algorithm())), ("kid", json!(key.kid))];
        let claims = [
            ("iss", json!(issuer)),
            ("aud", json!(audience)),
            ("sub", json!("alice")),
            ("client_id", json!("shop")),
            ("scope", json!("")),
            ("jti", json!(jti)),
            ("iat", json!(now)),
            ("auth_time", json!(now)),
            ("exp", json!(now + 300)),
        ];
        let object = |members: &[(&str, Value)]| {
            members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        Self { key, header: object(&header), claims: object(&claims) }
    }

    /// Sets `sub`. The default is `alice`.
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets `client_id`. The default is `shop`.
    pub fn client_id(self, client_id: &str) -> Self {
        self.claim("client_id", client_id)
    }

    /// Sets `scope`, space-delimited. The default is empty.
    pub fn scope(self, scope: &str) -> Self {
        self.claim("scope", scope)
    }

    /// Sets the current actor in `act`. An actor that was set earlier becomes the prior actor (RFC
    /// 8693 §4.1).
    pub fn actor(mut self, subject: &str) -> Self {
        let mut act = json!({ "sub": subject });
        if let Some(prior) = self.claims.remove("act") {
            act["act"] = prior;
        }
        self.claim("act", act)
    }

    /// Sets `exp` to an hour ago.
    pub fn expired(self) -> Self {
        let issued_at = self.claims.get("iat").and_then(Value::as_u64).unwrap_or_default();
        self.claim("exp", issued_at.saturating_sub(3600))
    }

    /// Sets any claim to any value.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets any header parameter to any value, such as `typ` to `JWT`.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Signs with the issuer's current key.
    pub fn sign(self) -> String {
        let signing_input = self.signing_input();
        let signature = self.key.sign(signing_input.as_bytes());
        format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Signs with a key that the issuer does not publish, under the current key's `kid`.
    pub fn sign_with_foreign_key(mut self) -> String {
        self.key = Arc::new(SigningKey::generate(super::SigningAlgorithm::Es256));
        self.sign()
    }

    /// Sets `alg` to `none` and leaves the signature empty.
    pub fn unsigned(self) -> String {
        format!("{}.", self.header("alg", "none").signing_input())
    }

    fn signing_input(&self) -> String {
        let encode = |part: &Map<String, Value>| URL_SAFE_NO_PAD.encode(json!(part).to_string());
        format!("{}.{}", encode(&self.header), encode(&self.claims))
    }
}
