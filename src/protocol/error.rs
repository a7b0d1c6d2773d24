//! What an RFC lets us say when we refuse: a code, a sentence, and, for our own log, the cause.

use std::fmt;

/// The error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2, RFC 8707 §2 and OpenID Connect Core §3.1.2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// RFC 6749: a parameter is missing, repeated, malformed or unsupported in value.
    InvalidRequest,
    /// RFC 6749 §5.2: client authentication failed.
    InvalidClient,
    /// RFC 6749 §5.2: the code or refresh token is not valid for this client.
    InvalidGrant,
    /// RFC 6749: this client may not use this grant or response type.
    UnauthorizedClient,
    /// RFC 6749 §5.2: the grant type is not built.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1: the response type is not built.
    UnsupportedResponseType,
    /// RFC 6749: a scope is unknown, malformed or not allowed for this client.
    InvalidScope,
    /// RFC 8707 §2: the resource is unknown or does not go with the scopes.
    InvalidTarget,
    /// RFC 6749 §4.1.2.1: the person or the server said no.
    AccessDenied,
    /// RFC 6749 §4.1.2.1: something broke on our side.
    ServerError,
    /// RFC 6749 §4.1.2.1: too much at once; try again.
    TemporarilyUnavailable,
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but nobody is signed in.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6: `prompt=none`, but consent is needed.
    ConsentRequired,
    /// OpenID Connect Core Unmet Authentication Requirements §2: nobody can sign in the way the app insists on.
    UnmetAuthenticationRequirements,
    /// RFC 9101 §6, OpenID Connect Core §3.1.2.6: the request object is not valid.
    InvalidRequestObject,
    /// OpenID Connect Core §3.1.2.6, RFC 9126 §4: the reference leads to no request.
    InvalidRequestUri,
    /// OpenID Connect Core §3.1.2.6: dynamic registration inside a request is not built.
    RegistrationNotSupported,
    /// RFC 6750 §3.1: the access token is expired, revoked or not ours.
    InvalidToken,
    /// RFC 6750 §3.1: the access token lacks a scope.
    InsufficientScope,
    /// RFC 8628 §3.5: nobody has answered the device yet.
    AuthorizationPending,
    /// RFC 8628 §3.5: the device polls too often.
    SlowDown,
    /// RFC 8628 §3.5: the device code has expired.
    ExpiredToken,
    /// RFC 7591 §3.2.2: a redirect URI cannot be registered.
    InvalidRedirectUri,
    /// RFC 7591 §3.2.2: another member of the metadata cannot be registered.
    InvalidClientMetadata,
    /// RFC 7591 §3.2.2: nobody here vouches for a software statement.
    UnapprovedSoftwareStatement,
    /// RFC 7009 §2.2.1: this kind of token cannot be revoked.
    UnsupportedTokenType,
}

impl ErrorCode {
    /// The code as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
            Self::UnsupportedTokenType => "unsupported_token_type",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal in protocol terms. `description` goes to the caller as `error_description`; `cause`, what was
/// expected and what came, goes to the operator's log only. Neither ever holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The registered code.
    pub code: ErrorCode,
    /// One sentence in the characters that RFC 6749 §5.2 allows, for the app's developer.
    pub description: String,
    /// What exactly happened, for the operator.
    pub cause: String,
}

impl Error {
    /// A refusal whose description already names its cause.
    pub fn new(code: ErrorCode, description: impl Into<String>) -> Self {
        Self { code, description: sanitize(&description.into()), cause: String::new() }
    }

    /// `invalid_request` with its description.
    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// `invalid_grant` with its description.
    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    /// Adds what only the operator may read.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)?;
        if self.cause.is_empty() { Ok(()) } else { write!(f, " ({})", self.cause) }
    }
}

impl std::error::Error for Error {}

/// Keeps a description within %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2): quotes become apostrophes, the rest `?`.
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
    fn a_description_keeps_to_the_characters_of_rfc_6749() {
        let error = Error::invalid_request("scope \"메시지\\x\" is unknown");
        assert_eq!(error.description, "scope '???/x' is unknown");
    }

    #[test]
    fn the_cause_is_shown_to_the_operator_only_when_there_is_one() {
        let error = Error::invalid_grant("the code has expired");
        assert_eq!(error.to_string(), "invalid_grant: the code has expired");
        let error = error.because("expired 3 s ago");
        assert_eq!(error.to_string(), "invalid_grant: the code has expired (expired 3 s ago)");
    }
}
