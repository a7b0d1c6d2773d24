//! Why a request was refused: a stable id for each cause, to search logs and documentation.

use super::ErrorCode;

/// Declares [`Cause`]. Each has an id and an error code and, if the response must not distinguish
/// it from other causes, the cause that is shown instead.
macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $code:ident $(, as $shown:ident)?;)*) => {
        /// Why a request was refused. Each cause has one [`ErrorCode`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Cause {
            /// Only the error code is known.
            Code(ErrorCode),
            $($(#[$doc])* $variant,)*
        }

        impl Cause {
            const NAMED: &[Self] = &[$(Self::$variant),*];

            /// The stable id.
            pub fn id(self) -> &'static str {
                match self {
                    Self::Code(code) => code.as_str(),
                    $(Self::$variant => $id,)*
                }
            }

            /// The error code in the response.
            pub fn code(self) -> ErrorCode {
                match self {
                    Self::Code(code) => code,
                    $(Self::$variant => ErrorCode::$code,)*
                }
            }

            /// The cause that the caller sees. A response must not distinguish, for example, a
            /// wrong secret from an unknown client.
            pub fn shown(self) -> Self {
                match self {
                    $($(Self::$variant => Self::$shown,)?)*
                    open => open,
                }
            }
        }
    };
}

causes! {
    // Every endpoint checks these first.
    /// A required parameter is missing.
    ParameterMissing = "parameter_missing", InvalidRequest;
    /// RFC 6749 §3.1, §3.2: a parameter was sent more than once.
    ParameterRepeated = "parameter_repeated", InvalidRequest;
    /// RFC 6749 Appendix B: percent-encoding, UTF-8, control characters, or length.
    ParametersMalformed = "parameters_malformed", InvalidRequest;
    /// The body is not a form, or is too long.
    BodyNotAForm = "body_not_a_form", InvalidRequest;
    /// A value that the server would have to keep is too long.
    ValueTooLong = "value_too_long", InvalidRequest;
    /// A network, or all unauthenticated callers together, exceeded the limit.
    TooManyRequests = "too_many_requests", TemporarilyUnavailable;

    // Authorization requests.
    /// No client has this `client_id`.
    ClientUnknown = "client_unknown", InvalidRequest;
    /// RFC 6749 §4.1.2.1, §5.2: an administrator has disabled the client.
    ClientDisabled = "client_disabled", UnauthorizedClient;
    /// RFC 6749 §3.1.2.3: compared as a string.
    RedirectUriUnregistered = "redirect_uri_unregistered", InvalidRequest;
    /// The response mode is not supported.
    ResponseModeUnsupported = "response_mode_unsupported", InvalidRequest;
    /// The client did not register the grant type.
    GrantTypeUnregistered = "grant_type_unregistered", UnauthorizedClient;
    /// RFC 7636 §4.4.1: PKCE is required.
    CodeChallengeMissing = "code_challenge_missing", InvalidRequest;
    /// RFC 7636 §4.3: only S256.
    CodeChallengeInvalid = "code_challenge_invalid", InvalidRequest;
    /// RFC 9700 §2.1.1: without PKCE, a nonce must bind the response.
    NonceMissing = "nonce_missing", InvalidRequest;
    /// OpenID Connect Core §3.1.2.1.
    PromptInvalid = "prompt_invalid", InvalidRequest;
    /// OpenID Connect Core §3.1.2.1.
    MaxAgeInvalid = "max_age_invalid", InvalidRequest;
    /// OpenID Connect Core §3.1.2.1.
    DisplayInvalid = "display_invalid", InvalidRequest;
    /// OpenID Connect Core §5.5.
    ClaimsInvalid = "claims_invalid", InvalidRequest;
    /// RFC 9396 §2: not a JSON array of objects with a type.
    AuthorizationDetailsInvalid = "authorization_details_invalid", InvalidAuthorizationDetails;
    /// RFC 9396 §5: the type is not supported.
    AuthorizationDetailsUnsupported = "authorization_details_unsupported", InvalidAuthorizationDetails;
    /// OpenID Connect Core §3.1.2.1: not an ID token of this server.
    IdTokenHintInvalid = "id_token_hint_invalid", InvalidRequest;
    /// It was issued to another client.
    IdTokenHintForeign = "id_token_hint_foreign", InvalidRequest;
    /// RFC 9126 §6: this client must push its requests.
    PushRequired = "push_required", InvalidRequest;
    /// RFC 9126 §2.1: a reference cannot be pushed.
    RequestUriPushed = "request_uri_pushed", InvalidRequest;

    /// OpenID Connect Core §6.2: the client did not register it.
    RequestUriUnregistered = "request_uri_unregistered", InvalidRequestUri;
    /// RFC 9101 §5.2.3: it could not be fetched.
    RequestUriUnreachable = "request_uri_unreachable", InvalidRequestUri;
    /// Client ID Metadata Document draft: the document could not be fetched or is invalid.
    MetadataDocumentUnusable = "metadata_document_unusable", InvalidClient;

    // Scopes and resources.
    /// No scope was requested, and the client has no default.
    ScopeMissing = "scope_missing", InvalidScope;
    /// RFC 6749 §3.3: not a list of scope tokens.
    ScopeMalformed = "scope_malformed", InvalidScope;
    /// No resource server has this scope.
    ScopeUnknown = "scope_unknown", InvalidScope;
    /// The client did not register it.
    ScopeUnregistered = "scope_unregistered", InvalidScope;
    /// The scope concerns a user, and the grant type has none.
    ScopeOfUser = "scope_of_user", InvalidScope;
    /// RFC 6749 §6, RFC 8693 §2.2.2: wider than what was granted.
    ScopeWidened = "scope_widened", InvalidScope;
    /// RFC 8707 §2: no resource server has this audience.
    ResourceUnknown = "resource_unknown", InvalidTarget;
    /// RFC 8707 §2: the scopes belong to another or to several resource servers.
    ResourceAmbiguous = "resource_ambiguous", InvalidTarget;
    /// RFC 8707 §2.2: not a resource that was granted.
    ResourceNotGranted = "resource_not_granted", InvalidTarget;
    /// RFC 8707 §2.2: several were granted, and the token request names none.
    ResourceMissing = "resource_missing", InvalidTarget;

    // Groups.
    /// RFC 6749 §4.1.2.1: open to some groups only, and the user is in none of them.
    GroupRequired = "group_required", AccessDenied;
    /// RFC 6749 §5.2: the client is not open to the user any more.
    GroupLeft = "group_left", InvalidGrant;
    /// RFC 6749 §5.2: the client, or a group of the user, demands a stronger authentication.
    AcrDemanded = "acr_demanded", InvalidGrant;

    // Client authentication.
    /// RFC 6749 §5.2: shown for every way in which authentication fails.
    ClientAuthenticationFailed = "client_authentication_failed", InvalidClient;
    /// No client has this `client_id`.
    ClientNotFound = "client_not_found", InvalidClient, as ClientAuthenticationFailed;
    /// The client used another method than the registered one.
    ClientAuthMethodWrong = "client_auth_method_wrong", InvalidClient, as ClientAuthenticationFailed;
    /// The secret is wrong.
    ClientSecretWrong = "client_secret_wrong", InvalidClient, as ClientAuthenticationFailed;
    /// RFC 7662 §2.1: a public client cannot authenticate.
    PublicClientRefused = "public_client_refused", InvalidClient, as ClientAuthenticationFailed;
    /// RFC 7523 §3: the signature is not the client's.
    ClientAssertionUntrusted = "client_assertion_untrusted", InvalidClient, as ClientAuthenticationFailed;
    /// RFC 7523 §3: a claim is missing or wrong.
    ClientAssertionInvalid = "client_assertion_invalid", InvalidClient;
    /// OpenID Connect Core §10.1: the client's `jwks_uri` did not return its keys.
    ClientKeysUnreachable = "client_keys_unreachable", InvalidClient;
    /// RFC 6749 §2.3: the request names no client.
    ClientUnnamed = "client_unnamed", InvalidClient;
    /// RFC 6749 §2.3.1: the header is malformed.
    AuthorizationHeaderMalformed = "authorization_header_malformed", InvalidClient;
    /// RFC 6749 §2.3: more than one method.
    SeveralAuthMethods = "several_auth_methods", InvalidRequest;
    /// `client_id` differs from the credentials.
    ClientIdContradicted = "client_id_contradicted", InvalidRequest;

    // Codes.
    /// Shown for every code that this client cannot redeem.
    CodeInvalid = "code_invalid", InvalidGrant;
    /// It was issued to another client.
    CodeForeign = "code_foreign", InvalidGrant, as CodeInvalid;
    /// Its grant was revoked, or its user is disabled.
    CodeRevoked = "code_revoked", InvalidGrant, as CodeInvalid;
    /// RFC 6749 §4.1.2.
    CodeExpired = "code_expired", InvalidGrant;
    /// RFC 6749 §4.1.2: everything issued from it is revoked.
    CodeReplayed = "code_replayed", InvalidGrant;
    /// RFC 6749 §4.1.3: not the one of the authorization request.
    CodeRedirectUriMismatch = "code_redirect_uri_mismatch", InvalidGrant;
    /// RFC 7636 §4.6.
    CodeVerifierMismatch = "code_verifier_mismatch", InvalidGrant;
    /// RFC 7636 §4.5: missing, malformed, or unexpected.
    CodeVerifierInvalid = "code_verifier_invalid", InvalidGrant;

    // Refresh tokens, device codes and token exchange.
    /// Shown for every refresh token that this client cannot use.
    RefreshTokenInvalid = "refresh_token_invalid", InvalidGrant;
    /// It was issued to another client.
    RefreshTokenForeign = "refresh_token_foreign", InvalidGrant, as RefreshTokenInvalid;
    /// The grant expired or was revoked, or its user is disabled.
    GrantEnded = "grant_ended", InvalidGrant, as RefreshTokenInvalid;
    /// The session that the grant is bound to has ended.
    SessionEnded = "session_ended", InvalidGrant;
    /// RFC 9700 §4.14: two parties hold it.
    RefreshTokenReplayed = "refresh_token_replayed", InvalidGrant;
    /// RFC 7009 §2.1: it was issued to another client.
    TokenForeign = "token_foreign", InvalidGrant;
    /// Shown for every device code that this client cannot redeem.
    DeviceCodeInvalid = "device_code_invalid", InvalidGrant;
    /// RFC 8693 §2.2.2.
    SubjectTokenInvalid = "subject_token_invalid", InvalidRequest;
    /// RFC 8693 §2.1: not an access token.
    TokenTypeUnsupported = "token_type_unsupported", InvalidRequest;
    /// RFC 8693 §4.4: the holder did not permit the actor, or the chain of actors is too long.
    DelegationNotAllowed = "delegation_not_allowed", InvalidRequest;

    // Identity assertions.
    /// ID-JAG §4.4.1: not signed by a trusted identity provider, or not of this type.
    AssertionUntrusted = "assertion_untrusted", InvalidGrant;
    /// ID-JAG §4.4.1: a claim is missing or wrong, or the assertion was used before.
    AssertionInvalid = "assertion_invalid", InvalidGrant;
    /// No user of this server, or a disabled one, is the subject.
    AssertionSubjectUnknown = "assertion_subject_unknown", InvalidGrant;
    /// ID-JAG §4.3.3: the policy of the operator does not allow it.
    AssertionNotAllowed = "assertion_not_allowed", UnauthorizedClient;

    // Access tokens.
    /// RFC 6750 §3.1.
    AccessTokenExpired = "access_token_expired", InvalidToken;
    /// RFC 6750 §3.1: the token, its grant or its client was revoked.
    AccessTokenRevoked = "access_token_revoked", InvalidToken;

    // The administration API.
    /// Only an operator gives a client the scopes of administration, and no grant passes them on.
    ScopeAdministrative = "scope_administrative", InvalidScope;
    /// Nothing has this id.
    ObjectUnknown = "object_unknown", InvalidRequest;
    /// RFC 9110 §15.5.6: no operation on this path has this method.
    MethodNotAllowed = "method_not_allowed", InvalidRequest;
    /// Something has this id already.
    ObjectExists = "object_exists", InvalidRequest;
    /// Users would lose something that is in use.
    ObjectInUse = "object_in_use", InvalidRequest;
    /// Verifiers may not have fetched the next signing key yet.
    KeyTooRecent = "key_too_recent", InvalidRequest;
    /// RFC 6585 §3: a change needs `If-Match`.
    PreconditionMissing = "precondition_missing", InvalidRequest;
    /// RFC 9110 §13.1.1: it was changed since the caller read it.
    PreconditionFailed = "precondition_failed", InvalidRequest;
    /// The header is not one string.
    IdempotencyKeyInvalid = "idempotency_key_invalid", InvalidRequest;
    /// Another request has the key.
    IdempotencyKeyReused = "idempotency_key_reused", InvalidRequest;
    /// The same request was made at the same time.
    IdempotencyKeyBusy = "idempotency_key_busy", InvalidRequest;
    /// The body is not a JSON object with known members.
    BodyInvalid = "body_invalid", InvalidRequest;
    /// A parameter of the query is unknown or malformed.
    QueryInvalid = "query_invalid", InvalidRequest;

    // Logout.
    /// RP-Initiated Logout §3: compared as a string.
    PostLogoutRedirectUriUnregistered = "post_logout_redirect_uri_unregistered", InvalidRequest;
}

impl Cause {
    /// Every cause.
    pub fn all() -> impl Iterator<Item = Self> {
        ErrorCode::ALL.iter().map(|code| Self::Code(*code)).chain(Self::named())
    }

    /// All causes that are narrower than an error code.
    pub fn named() -> impl Iterator<Item = Self> {
        Self::NAMED.iter().copied()
    }

    /// The cause with this id.
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|cause| cause.id() == id)
    }

    /// Whether the cause is part of normal operation: a polling device, a silent sign-in check, or
    /// a user who denies.
    pub fn is_routine(self) -> bool {
        use ErrorCode::{AccessDenied, AuthorizationPending, ConsentRequired, LoginRequired, SlowDown};
        matches!(self.code(), AccessDenied | AuthorizationPending | ConsentRequired | LoginRequired | SlowDown)
    }
}

impl From<ErrorCode> for Cause {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut ids = HashSet::new();
        for cause in Cause::all() {
            assert!(ids.insert(cause.id()), "{} stands twice", cause.id());
            assert!(cause.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", cause.id());
            assert_eq!(Cause::find(cause.id()), Some(cause));
        }
        assert_eq!(Cause::find("no_such_cause"), None);
    }

    #[test]
    fn shown_cause_has_the_same_error_code() {
        for cause in Cause::all() {
            assert_eq!(cause.shown().code(), cause.code(), "{cause:?}");
            assert_eq!(cause.shown().shown(), cause.shown(), "{cause:?}");
        }
    }
}
