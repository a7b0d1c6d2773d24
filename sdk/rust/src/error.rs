//! Refusals and their HTTP responses ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)).

use std::{fmt, sync::Arc};

/// Why a request was refused. [`Reason::code`] is stable and the same in the verifiers of all
/// languages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No access token was sent.
    MissingToken,
    /// The `Authorization` header is repeated, or is not `Bearer` and one token (RFC 6750 §2.1).
    MalformedRequest,
    /// More than 16 KiB.
    Oversized,
    /// Not a signed JWT in compact form with strict base64url and strict JSON.
    Malformed,
    /// `crit` is present, and no extension is supported (RFC 7515 §4.1.11).
    CriticalHeader,
    /// `typ` is not `at+jwt`: an ID token, or another kind of JWT (RFC 9068 §4).
    WrongType,
    /// `alg` is not allowed by both the issuer and this verifier.
    AlgorithmNotAllowed,
    /// No published key has this `kid` and `alg`.
    UnknownKey,
    /// The signature does not verify.
    BadSignature,
    /// A required claim is missing, or a claim has the wrong type.
    InvalidClaim(&'static str),
    /// `iss` is another issuer.
    WrongIssuer,
    /// `aud` does not name this resource server.
    WrongAudience,
    /// `exp` has passed.
    Expired,
    /// `nbf` is in the future.
    NotYetValid,
    /// `iat` is in the future.
    IssuedInFuture,
    /// The time from `iat` to `exp` is longer than the issuer allows.
    ExcessiveLifetime,
    /// `iat` is after the retirement of the key that signed the token.
    KeyRetired,
    /// The token is bound to a key (`cnf`) and must not be used as a bearer token.
    SenderConstrained,
    /// Introspection says that the token is not active.
    Inactive,
    /// The required scope was not granted.
    InsufficientScope(Box<str>),
    /// The user authenticated by another method, or too long ago (RFC 9470 §3).
    InsufficientAuthentication {
        /// The accepted methods, space-delimited. Empty: any.
        acr_values: Box<str>,
        /// Seconds since the authentication, at most.
        max_age: Option<u64>,
    },
    /// The issuer cannot be reached, so the token can be neither accepted nor refused.
    Unavailable,
}

impl Reason {
    /// A stable name for logs and tests, such as `expired`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingToken => "missing_token",
            Self::MalformedRequest => "malformed_request",
            Self::Oversized => "oversized",
            Self::Malformed => "malformed",
            Self::CriticalHeader => "critical_header",
            Self::WrongType => "wrong_type",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::InvalidClaim(_) => "invalid_claim",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::ExcessiveLifetime => "excessive_lifetime",
            Self::KeyRetired => "key_retired",
            Self::SenderConstrained => "sender_constrained",
            Self::Inactive => "inactive",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::InsufficientAuthentication { .. } => "insufficient_user_authentication",
            Self::Unavailable => "unavailable",
        }
    }

    /// The error code of RFC 6750 §3.1. `None` when no token was sent or the client is not at
    /// fault.
    fn error(&self) -> Option<&'static str> {
        match self {
            Self::MissingToken | Self::Unavailable => None,
            Self::MalformedRequest => Some("invalid_request"),
            Self::InsufficientScope(_) => Some("insufficient_scope"),
            Self::InsufficientAuthentication { .. } => Some("insufficient_user_authentication"),
            _ => Some("invalid_token"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingToken => "an access token is required",
            Self::MalformedRequest => "the Authorization header must be Bearer and one token",
            Self::Oversized => "the token is longer than 16384 bytes",
            Self::Malformed => "the token is not a well-formed signed JWT",
            Self::CriticalHeader => "the token requires an extension that is not supported",
            Self::WrongType => "the token is not an access token (typ must be at+jwt)",
            Self::AlgorithmNotAllowed => "the token's algorithm is not allowed",
            Self::UnknownKey => "the token's key is not published by the issuer",
            Self::BadSignature => "the token's signature is not valid",
            Self::InvalidClaim(name) => {
                return write!(f, "the claim {name} is missing or malformed");
            }
            Self::WrongIssuer => "the token is from another issuer",
            Self::WrongAudience => "the token is for another audience",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::IssuedInFuture => "the token was issued in the future",
            Self::ExcessiveLifetime => "the token lives longer than the issuer allows",
            Self::KeyRetired => "the token was issued after its key was retired",
            Self::SenderConstrained => "the token is bound to a key and is not a bearer token",
            Self::Inactive => "the token is not active",
            Self::InsufficientScope(scope) => return write!(f, "the scope {scope} is required"),
            Self::InsufficientAuthentication { .. } => "a more recent or another authentication is required",
            Self::Unavailable => "the issuer cannot be reached",
        })
    }
}

/// A refused request: its cause, HTTP status and `WWW-Authenticate` challenge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct VerifyError {
    reason: Reason,
    resource_metadata: Option<Arc<str>>,
}

impl VerifyError {
    pub(crate) fn new(reason: Reason, resource_metadata: Option<Arc<str>>) -> Self {
        Self { reason, resource_metadata }
    }

    /// Why the request was refused.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The HTTP status (RFC 6750 §3.1): 400, 401, 403, or 503 when the issuer cannot be reached.
    pub fn status(&self) -> u16 {
        match self.reason {
            Reason::MalformedRequest => 400,
            Reason::InsufficientScope(_) => 403,
            Reason::Unavailable => 503,
            _ => 401,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3, RFC 9728 §5.1). `None` for a 503.
    pub fn challenge(&self) -> Option<String> {
        if self.reason == Reason::Unavailable {
            return None;
        }
        let mut parameters = Vec::new();
        if let Some(error) = self.reason.error() {
            parameters.push(format!("error=\"{error}\""));
            parameters.push(format!("error_description=\"{}\"", self.reason));
        }
        if let Reason::InsufficientScope(scope) = &self.reason {
            parameters.push(format!("scope=\"{scope}\""));
        }
        if let Reason::InsufficientAuthentication { acr_values, max_age } = &self.reason {
            if !acr_values.is_empty() {
                parameters.push(format!("acr_values=\"{acr_values}\""));
            }
            parameters.extend(max_age.map(|seconds| format!("max_age=\"{seconds}\"")));
        }
        if let Some(url) = &self.resource_metadata {
            parameters.push(format!("resource_metadata=\"{url}\""));
        }
        Some(match parameters.is_empty() {
            true => "Bearer".to_owned(),
            false => format!("Bearer {}", parameters.join(", ")),
        })
    }

    /// The value of `Retry-After` in seconds, for a 503.
    pub fn retry_after(&self) -> Option<u64> {
        (self.reason == Reason::Unavailable).then_some(5)
    }

    /// The response's JSON body: `error` and `error_description`.
    #[cfg(any(feature = "actix", feature = "axum"))]
    pub(crate) fn body(&self) -> serde_json::Value {
        let error = match self.reason {
            Reason::Unavailable => "temporarily_unavailable",
            _ => self.reason.error().unwrap_or("invalid_request"),
        };
        serde_json::json!({ "error": error, "error_description": self.reason.to_string() })
    }
}
