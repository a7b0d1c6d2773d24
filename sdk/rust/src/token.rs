//! A verified access token.

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    Reason, VerifyError,
    clock::{LEEWAY, Seconds},
};

/// A verified access token ([RFC 9068](https://www.rfc-editor.org/rfc/rfc9068)). Only a [`Verifier`](crate::Verifier) makes
/// one. Cloning is cheap.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    verified: Verified,
    claims: Map<String, Value>,
}

#[derive(Clone)]
pub(crate) struct Verified {
    pub(crate) subject: String,
    pub(crate) client_id: String,
    /// Space-delimited, as in the `scope` claim; empty when there was none.
    pub(crate) scope: String,
    pub(crate) expires_at: Seconds,
    pub(crate) verified_at: Seconds,
    /// The `resource_metadata` URL in challenges ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)).
    pub(crate) resource_metadata: Option<Arc<str>>,
}

impl Token {
    pub(crate) fn new(verified: Verified, claims: Map<String, Value>) -> Self {
        Self(Arc::new(Inner { verified, claims }))
    }

    /// The same token with only those scopes that the other one has too.
    pub(crate) fn narrowed_to(self, other: &Self) -> Self {
        let Inner { verified, claims } = &*self.0;
        if verified.scope == other.0.verified.scope {
            return self;
        }
        let scope = self.scopes().filter(|scope| other.has_scope(scope)).collect::<Vec<_>>().join(" ");
        Self::new(Verified { scope, ..verified.clone() }, claims.clone())
    }

    /// `sub`: the user who granted access, or the client itself under the client credentials grant.
    pub fn subject(&self) -> &str {
        &self.0.verified.subject
    }

    /// `client_id`: the client that the token was issued to.
    pub fn client_id(&self) -> &str {
        &self.0.verified.client_id
    }

    /// The granted scopes, in the token's order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.verified.scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether this exact scope was granted. Scopes are case-sensitive
    /// ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|granted| granted == scope)
    }

    /// Requires a scope.
    ///
    /// # Errors
    /// A 403 `insufficient_scope` whose challenge names the scope
    /// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
    pub fn require(&self, scope: &str) -> Result<(), VerifyError> {
        match self.has_scope(scope) {
            true => Ok(()),
            false => Err(VerifyError::new(
                Reason::InsufficientScope(scope.into()),
                self.0.verified.resource_metadata.clone(),
            )),
        }
    }

    /// Requires an authentication of the user ([RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3)): by one of
    /// the methods in `acr_values` (any if empty), and at most `max_age` seconds ago, with 30 s of
    /// leeway.
    ///
    /// # Errors
    /// A 401 `insufficient_user_authentication` whose challenge has these parameters: the client
    /// sends the user to the authorization endpoint with them.
    pub fn require_authentication(&self, acr_values: &[&str], max_age: Option<u64>) -> Result<(), VerifyError> {
        let acr = self.claims().get("acr").and_then(Value::as_str);
        let auth_time = self.claims().get("auth_time").and_then(Value::as_f64);
        let is_method_accepted = acr_values.is_empty() || acr.is_some_and(|acr| acr_values.contains(&acr));
        let is_recent = max_age.is_none_or(|max_age| {
            let earliest = self.0.verified.verified_at as f64 - max_age as f64 - LEEWAY as f64;
            auth_time.is_some_and(|auth_time| auth_time >= earliest)
        });
        match is_method_accepted && is_recent {
            true => Ok(()),
            false => Err(VerifyError::new(
                Reason::InsufficientAuthentication { acr_values: acr_values.join(" ").into(), max_age },
                self.0.verified.resource_metadata.clone(),
            )),
        }
    }

    /// `act`: who acts for the subject, the current actor first, then prior ones
    /// ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)). Empty without delegation.
    pub fn actor(&self) -> impl Iterator<Item = Actor<'_>> {
        let first = self.claims().get("act").and_then(Value::as_object);
        std::iter::successors(first, |act| act.get("act").and_then(Value::as_object)).map(Actor)
    }

    /// `exp`: seconds since 1970-01-01T00:00:00Z.
    pub fn expires_at(&self) -> u64 {
        self.0.verified.expires_at
    }

    /// All claims, as signed or as the introspection response has them.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.0.claims
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("subject", &self.subject())
            .field("client_id", &self.client_id())
            .field("scope", &self.0.verified.scope)
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

/// One member of the actor chain: the claims that identify it.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a>(&'a Map<String, Value>);

impl<'a> Actor<'a> {
    /// The actor's `sub`.
    pub fn subject(&self) -> &'a str {
        self.0.get("sub").and_then(Value::as_str).unwrap_or_default()
    }

    /// All claims about the actor. The prior actor is in `act`.
    pub fn claims(&self) -> &'a Map<String, Value> {
        self.0
    }
}
