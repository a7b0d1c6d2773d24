//! A verified access token.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use serde_json::{Map, Value};

use crate::{Reason, VerifyError, claims::LEEWAY, clock::Seconds};

/// A verified access token (RFC 9068). Only a [`Verifier`](crate::Verifier) makes one; cloning is cheap.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    verified: Verified,
    /// The claims in JSON, already found well-formed; most requests never look at them again.
    payload: Vec<u8>,
    claims: OnceLock<Map<String, Value>>,
}

#[derive(Clone)]
pub(crate) struct Verified {
    pub(crate) subject: String,
    pub(crate) client_id: String,
    /// Space-delimited, as in the `scope` claim; empty when there was none.
    pub(crate) scope: String,
    pub(crate) expires_at: Seconds,
    pub(crate) verified_at: Seconds,
    /// Where challenges point to (RFC 9728 §5.1).
    pub(crate) resource_metadata: Option<Arc<str>>,
}

impl Token {
    pub(crate) fn new(verified: Verified, payload: Vec<u8>) -> Self {
        Self(Arc::new(Inner { verified, payload, claims: OnceLock::new() }))
    }

    /// The same token with only those scopes that the other one has too.
    pub(crate) fn narrowed_to(self, other: &Self) -> Self {
        let Inner { verified, payload, .. } = &*self.0;
        if verified.scope == other.0.verified.scope {
            return self;
        }
        let scope = self.scopes().filter(|scope| other.has_scope(scope)).collect::<Vec<_>>().join(" ");
        Self::new(Verified { scope, ..verified.clone() }, payload.clone())
    }

    /// `sub`: the person who granted access, or the client itself under client credentials.
    pub fn subject(&self) -> &str {
        &self.0.verified.subject
    }

    /// `client_id`: the app that presents the token.
    pub fn client_id(&self) -> &str {
        &self.0.verified.client_id
    }

    /// The granted scopes, in the token's order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.verified.scope.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether this exact scope was granted (scopes are case-sensitive, RFC 6749 §3.3).
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|granted| granted == scope)
    }

    /// Demands a scope.
    ///
    /// # Errors
    /// A 403 `insufficient_scope` whose challenge names the scope (RFC 6750 §3.1).
    pub fn require(&self, scope: &str) -> Result<(), VerifyError> {
        match self.has_scope(scope) {
            true => Ok(()),
            false => Err(VerifyError::new(
                Reason::InsufficientScope(scope.into()),
                self.0.verified.resource_metadata.clone(),
            )),
        }
    }

    /// Demands that the person signed in in one of these ways (`acr`; none named: in any), and, with `max_age`, that they did
    /// not more than so many seconds ago, with 30 s of leeway (RFC 9470 §3).
    ///
    /// # Errors
    /// A 401 `insufficient_user_authentication` whose challenge says what is demanded: the app sends the person to sign in again with it.
    pub fn require_authentication(&self, acr_values: &[&str], max_age: Option<u64>) -> Result<(), VerifyError> {
        // The claims are parsed only if something is demanded of them.
        let acr = || self.claims().get("acr").and_then(Value::as_str);
        let auth_time = || self.claims().get("auth_time").and_then(Value::as_f64);
        let right_way = acr_values.is_empty() || acr().is_some_and(|acr| acr_values.contains(&acr));
        let recent = max_age.is_none_or(|max_age| {
            let latest = self.0.verified.verified_at as f64 - max_age as f64 - LEEWAY as f64;
            auth_time().is_some_and(|auth_time| auth_time >= latest)
        });
        match right_way && recent {
            true => Ok(()),
            false => Err(VerifyError::new(
                Reason::InsufficientAuthentication { acr_values: acr_values.join(" ").into(), max_age },
                self.0.verified.resource_metadata.clone(),
            )),
        }
    }

    /// `act`: who acts for the subject, the current actor first, then those before (RFC 8693 §4.1).
    /// Empty when the subject's app acts for itself.
    pub fn actor(&self) -> impl Iterator<Item = Actor<'_>> {
        let first = self.claims().get("act").and_then(Value::as_object);
        std::iter::successors(first, |act| act.get("act").and_then(Value::as_object)).map(Actor)
    }

    /// `exp`: seconds since 1970-01-01T00:00:00Z.
    pub fn expires_at(&self) -> u64 {
        self.0.verified.expires_at
    }

    /// All claims, as signed (or as introspection answered).
    pub fn claims(&self) -> &Map<String, Value> {
        let parse = || serde_json::from_slice(&self.0.payload).unwrap_or_default();
        self.0.claims.get_or_init(parse)
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

    /// All that is said of the actor, among it the actor before it, under `act`.
    pub fn claims(&self) -> &'a Map<String, Value> {
        self.0
    }
}
