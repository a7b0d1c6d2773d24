//! An error response: its code and description for the caller, its detail for the log.

use std::fmt;

use super::Cause;

/// Declares [`ErrorCode`] with each code's value.
macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal;)*) => {
        /// The error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707
        /// §2 and OpenID Connect Core §3.1.2.6.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The code as sent in a response.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

error_codes! {
    /// RFC 6749: a parameter is missing, repeated or malformed, or its value is not supported.
    InvalidRequest = "invalid_request";
    /// RFC 6749 §5.2: client authentication failed.
    InvalidClient = "invalid_client";
    /// RFC 6749 §5.2: the code or refresh token is not valid for this client.
    InvalidGrant = "invalid_grant";
    /// RFC 6749: the client may not use this grant or response type.
    UnauthorizedClient = "unauthorized_client";
    /// RFC 6749 §5.2: the grant type is not supported.
    UnsupportedGrantType = "unsupported_grant_type";
    /// RFC 6749 §4.1.2.1: the response type is not supported.
    UnsupportedResponseType = "unsupported_response_type";
    /// RFC 6749: a scope is unknown, malformed or not allowed for the client.
    InvalidScope = "invalid_scope";
    /// RFC 8707 §2: the resource is unknown or does not match the scopes.
    InvalidTarget = "invalid_target";
    /// RFC 6749 §4.1.2.1: the user or the server denied the request.
    AccessDenied = "access_denied";
    /// RFC 6749 §4.1.2.1: the server failed.
    ServerError = "server_error";
    /// RFC 6749 §4.1.2.1: the server is overloaded or in maintenance.
    TemporarilyUnavailable = "temporarily_unavailable";
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but no user is signed in.
    LoginRequired = "login_required";
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but consent is needed.
    ConsentRequired = "consent_required";
    /// OpenID Connect Core Unmet Authentication Requirements §2: an essential `acr` is not
    /// supported.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements";
    /// RFC 9101 §6, OpenID Connect Core §3.1.2.6: the request object is not valid.
    InvalidRequestObject = "invalid_request_object";
    /// OpenID Connect Core §3.1.2.6, RFC 9126 §4: the reference does not resolve to a request.
    InvalidRequestUri = "invalid_request_uri";
    /// OpenID Connect Core §3.1.2.6: registration within a request is not supported.
    RegistrationNotSupported = "registration_not_supported";
    /// RFC 9396 §5: authorization details are unknown or malformed.
    InvalidAuthorizationDetails = "invalid_authorization_details";
    /// RFC 6750 §3.1: the access token is expired, revoked or was issued elsewhere.
    InvalidToken = "invalid_token";
    /// RFC 6750 §3.1: the access token lacks a scope.
    InsufficientScope = "insufficient_scope";
    /// RFC 8628 §3.5: the user has not decided yet.
    AuthorizationPending = "authorization_pending";
    /// RFC 8628 §3.5: the device polls too often.
    SlowDown = "slow_down";
    /// RFC 8628 §3.5: the device code has expired.
    ExpiredToken = "expired_token";
    /// RFC 7591 §3.2.2: a redirect URI cannot be registered.
    InvalidRedirectUri = "invalid_redirect_uri";
    /// RFC 7591 §3.2.2: another member of the metadata cannot be registered.
    InvalidClientMetadata = "invalid_client_metadata";
    /// RFC 7591 §3.2.2: software statements are not accepted.
    UnapprovedSoftwareStatement = "unapproved_software_statement";
    /// RFC 7009 §2.2.1: this kind of token cannot be revoked.
    UnsupportedTokenType = "unsupported_token_type";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error response. `description` is for the caller, as `error_description`. `detail` and
/// `mismatch` are for the operator's log and the client's developer. None of them contains a
/// secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The registered error code.
    pub code: ErrorCode,
    /// Why the request was refused.
    pub cause: Cause,
    /// One sentence in the characters that RFC 6749 §5.2 allows, for the client's developer.
    pub description: String,
    /// The details, for the operator.
    pub detail: String,
    /// Two values that should be equal.
    pub mismatch: Option<Box<Mismatch>>,
    /// The client that sent the request, if known.
    pub client_id: Option<String>,
}

/// Two values that should be equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The registered or earlier value. If there are several, the most similar one.
    pub expected: String,
    /// The value in the request.
    pub actual: String,
}

impl Error {
    /// Creates an error from a [`Cause`], or from an [`ErrorCode`] that has no narrower cause.
    pub fn new(cause: impl Into<Cause>, description: impl Into<String>) -> Self {
        let cause = cause.into();
        Self {
            code: cause.code(),
            cause,
            description: sanitize(&description.into()),
            detail: String::new(),
            mismatch: None,
            client_id: None,
        }
    }

    /// `invalid_request` with this description.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_grant` with this description.
    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    /// Adds detail for the operator and the client's developer.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds the expected and the actual value. Neither may be a secret.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.mismatch = Some(Box::new(Mismatch { expected: expected.into(), actual: actual.into() }));
        self
    }

    /// Sets the client that sent the request, unless it is already set.
    #[must_use]
    pub fn of(mut self, client_id: &str) -> Self {
        self.client_id.get_or_insert_with(|| client_id.to_owned());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

impl std::error::Error for Error {}

/// Restricts a description to %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2). Quotes become
/// apostrophes, other characters `?`.
fn sanitize(description: &str) -> String {
    description
        .chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_is_limited_to_the_characters_of_rfc_6749() {
        let error = Error::invalid_request("scope \"메시지\\x\" is unknown");
        assert_eq!(error.description, "scope '???/x' is unknown");
    }

    #[test]
    fn display_appends_the_detail_if_there_is_one() {
        let error = Error::invalid_grant("the code has expired");
        assert_eq!(error.to_string(), "invalid_grant: the code has expired");
        let error = error.because("expired 3 s ago");
        assert_eq!(error.to_string(), "invalid_grant: the code has expired (expired 3 s ago)");
    }
}
