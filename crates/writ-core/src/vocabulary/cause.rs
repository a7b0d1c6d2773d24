//! Why something was refused: a stable id for each reason, by which logs are searched and documentation is found.

use super::ErrorCode;

/// Declares [`Cause`]: for each reason its id, the error code it is answered with, and, where the answer must not tell it from
/// others, the one that stands for all of them.
macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $code:ident $(, as $shown:ident)?;)*) => {
        /// A reason, which decides the [`ErrorCode`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Cause {
            /// No more is known, or to be told, than the code.
            Code(ErrorCode),
            $($(#[$doc])* $variant,)*
        }

        impl Cause {
            const NAMED: &[Self] = &[$(Self::$variant),*];

            /// The id, which never changes.
            pub fn id(self) -> &'static str {
                match self {
                    Self::Code(code) => code.as_str(),
                    $(Self::$variant => $id,)*
                }
            }

            /// The code that goes over the wire.
            pub fn code(self) -> ErrorCode {
                match self {
                    Self::Code(code) => code,
                    $(Self::$variant => ErrorCode::$code,)*
                }
            }

            /// What the caller may be told: an answer must not tell a wrong secret from an unknown client.
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
    // What every endpoint checks first.
    /// A parameter has to be there, and is not.
    ParameterMissing = "parameter_missing", InvalidRequest;
    /// RFC 6749 §3.1, §3.2: a parameter came more than once.
    ParameterRepeated = "parameter_repeated", InvalidRequest;
    /// RFC 6749 Appendix B: percent-encoding, UTF-8 or control characters; or there is too much of it.
    ParametersMalformed = "parameters_malformed", InvalidRequest;
    /// The body is no form, or is too long.
    BodyNotAForm = "body_not_a_form", InvalidRequest;
    /// An app may have us carry only so much.
    ValueTooLong = "value_too_long", InvalidRequest;

    // Authorization requests.
    /// No client has this `client_id`.
    ClientUnknown = "client_unknown", InvalidRequest;
    /// RFC 6749 §3.1.2.3: compared as a string.
    RedirectUriUnregistered = "redirect_uri_unregistered", InvalidRequest;
    /// The mode is not built.
    ResponseModeUnsupported = "response_mode_unsupported", InvalidRequest;
    /// The client did not register the grant type.
    GrantTypeUnregistered = "grant_type_unregistered", UnauthorizedClient;
    /// RFC 7636 §4.4.1: PKCE is required.
    CodeChallengeMissing = "code_challenge_missing", InvalidRequest;
    /// RFC 7636 §4.3: only S256.
    CodeChallengeInvalid = "code_challenge_invalid", InvalidRequest;
    /// Without PKCE, a nonce has to bind the answer.
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
    /// RFC 9396 §5: nobody here can grant it.
    AuthorizationDetailsUnsupported = "authorization_details_unsupported", InvalidAuthorizationDetails;
    /// OpenID Connect Core §3.1.2.1: not ours, or tampered with.
    IdTokenHintInvalid = "id_token_hint_invalid", InvalidRequest;
    /// It was issued to another client.
    IdTokenHintForeign = "id_token_hint_foreign", InvalidRequest;
    /// RFC 9126 §6: this client has to push.
    PushRequired = "push_required", InvalidRequest;
    /// RFC 9126 §2.1: a reference cannot be pushed.
    RequestUriPushed = "request_uri_pushed", InvalidRequest;

    /// OpenID Connect Core §6.2: nobody registered it.
    RequestUriUnregistered = "request_uri_unregistered", InvalidRequestUri;
    /// RFC 9101 §5.2.3: nothing of use is there.
    RequestUriUnreachable = "request_uri_unreachable", InvalidRequestUri;
    /// The draft on client ID metadata documents: what is at the address describes no client.
    MetadataDocumentUnusable = "metadata_document_unusable", InvalidClient;

    // Scopes and resources.
    /// No scope was asked for, and none is registered as required.
    ScopeMissing = "scope_missing", InvalidScope;
    /// RFC 6749 §3.3: not a list of scope tokens.
    ScopeMalformed = "scope_malformed", InvalidScope;
    /// Nobody owns it.
    ScopeUnknown = "scope_unknown", InvalidScope;
    /// The client did not register it.
    ScopeUnregistered = "scope_unregistered", InvalidScope;
    /// It is about a person, and there is none.
    ScopeOfAPerson = "scope_of_a_person", InvalidScope;
    /// RFC 6749 §6, RFC 8693 §2.2.2: more than there is to give from.
    ScopeWidened = "scope_widened", InvalidScope;
    /// RFC 8707 §2: no resource server has this audience.
    ResourceUnknown = "resource_unknown", InvalidTarget;
    /// RFC 8707 §2: the scopes are another one's, or several ones'.
    ResourceAmbiguous = "resource_ambiguous", InvalidTarget;
    /// RFC 8707 §2.2: not the one that was granted.
    ResourceNotGranted = "resource_not_granted", InvalidTarget;

    // Client authentication.
    /// RFC 6749 §5.2: what stands for every way in which authentication fails.
    ClientAuthenticationFailed = "client_authentication_failed", InvalidClient;
    /// No client has this `client_id`.
    ClientNotFound = "client_not_found", InvalidClient, as ClientAuthenticationFailed;
    /// The client came with another method than the registered one.
    ClientAuthMethodWrong = "client_auth_method_wrong", InvalidClient, as ClientAuthenticationFailed;
    /// The secret is wrong.
    ClientSecretWrong = "client_secret_wrong", InvalidClient, as ClientAuthenticationFailed;
    /// RFC 7662 §2.1: anybody could be a public client.
    PublicClientRefused = "public_client_refused", InvalidClient, as ClientAuthenticationFailed;
    /// RFC 7523 §3: the signature is not the client's.
    ClientAssertionUntrusted = "client_assertion_untrusted", InvalidClient, as ClientAuthenticationFailed;
    /// RFC 7523 §3: its claims break a rule.
    ClientAssertionInvalid = "client_assertion_invalid", InvalidClient;
    /// OpenID Connect Core §10.1: the client's `jwks_uri` does not lead to its keys.
    ClientKeysUnreachable = "client_keys_unreachable", InvalidClient;
    /// RFC 6749 §2.3: the request does not say who asks.
    ClientUnnamed = "client_unnamed", InvalidClient;
    /// RFC 6749 §2.3.1: the header cannot be read.
    AuthorizationHeaderMalformed = "authorization_header_malformed", InvalidClient;
    /// RFC 6749 §2.3: more than one method.
    SeveralAuthMethods = "several_auth_methods", InvalidRequest;
    /// `client_id` says one, the credentials say another.
    ClientIdContradicted = "client_id_contradicted", InvalidRequest;

    // Codes.
    /// What stands for every code that is none of this client's.
    CodeInvalid = "code_invalid", InvalidGrant;
    /// It was issued to another client.
    CodeForeign = "code_foreign", InvalidGrant, as CodeInvalid;
    /// Its grant was taken back, or its account is disabled.
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
    /// What stands for every refresh token that is none of this client's, or no longer.
    RefreshTokenInvalid = "refresh_token_invalid", InvalidGrant;
    /// It was issued to another client.
    RefreshTokenForeign = "refresh_token_foreign", InvalidGrant, as RefreshTokenInvalid;
    /// The grant is over, was revoked, or its account is disabled.
    GrantOver = "grant_over", InvalidGrant, as RefreshTokenInvalid;
    /// RFC 9700 §4.14: two hold it.
    RefreshTokenReplayed = "refresh_token_replayed", InvalidGrant;
    /// RFC 7009 §2.1: it was issued to another client.
    TokenForeign = "token_foreign", InvalidGrant;
    /// What stands for every device code that is none of this client's, or no longer.
    DeviceCodeInvalid = "device_code_invalid", InvalidGrant;
    /// RFC 8693 §2.2.2.
    SubjectTokenInvalid = "subject_token_invalid", InvalidRequest;
    /// RFC 8693 §2.1: of another type than we exchange.
    TokenTypeUnsupported = "token_type_unsupported", InvalidRequest;
    /// RFC 8693 §4.4: the holder did not name the actor, or too many act already.
    DelegationNotAllowed = "delegation_not_allowed", InvalidRequest;

    // Access tokens.
    /// RFC 6750 §3.1.
    AccessTokenExpired = "access_token_expired", InvalidToken;
    /// RFC 6750 §3.1: it, its grant, or its client is gone.
    AccessTokenRevoked = "access_token_revoked", InvalidToken;

    // Logout.
    /// RP-Initiated Logout §3: compared as a string.
    PostLogoutRedirectUriUnregistered = "post_logout_redirect_uri_unregistered", InvalidRequest;
}

impl Cause {
    /// Every cause.
    pub fn all() -> impl Iterator<Item = Self> {
        ErrorCode::ALL.iter().map(|code| Self::Code(*code)).chain(Self::NAMED.iter().copied())
    }

    /// The cause with this id.
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|cause| cause.id() == id)
    }

    /// Whether apps meet it while all is well: a device that polls, a look whether somebody is signed in, a person who says no.
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
    fn an_id_is_one_causes_own_and_a_name() {
        let mut ids = HashSet::new();
        for cause in Cause::all() {
            assert!(ids.insert(cause.id()), "{} stands twice", cause.id());
            assert!(cause.id().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", cause.id());
            assert_eq!(Cause::find(cause.id()), Some(cause));
        }
        assert_eq!(Cause::find("no_such_cause"), None);
    }

    #[test]
    fn what_is_shown_instead_has_the_same_code_and_stands_for_itself() {
        for cause in Cause::all() {
            assert_eq!(cause.shown().code(), cause.code(), "{cause:?}");
            assert_eq!(cause.shown().shown(), cause.shown(), "{cause:?}");
        }
    }
}
