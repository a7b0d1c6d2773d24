"""Refusals and their HTTP responses (RFC 6750 §3)."""

# The codes are stable and the same in the verifiers of all languages.
_DESCRIPTIONS = {
    "missing_token": "an access token is required",
    "malformed_request": "the Authorization header must be Bearer and one token",
    "oversized": "the token is longer than 16384 bytes",
    "malformed": "the token is not a well-formed signed JWT",
    "critical_header": "the token requires an extension that is not supported",
    "wrong_type": "the token is not an access token (typ must be at+jwt)",
    "algorithm_not_allowed": "the token's algorithm is not allowed",
    "unknown_key": "the token's key is not published by the issuer",
    "bad_signature": "the token's signature is not valid",
    "invalid_claim": "the claim {} is missing or malformed",
    "wrong_issuer": "the token is from another issuer",
    "wrong_audience": "the token is for another audience",
    "expired": "the token has expired",
    "not_yet_valid": "the token is not valid yet",
    "issued_in_future": "the token was issued in the future",
    "excessive_lifetime": "the token lives longer than the issuer allows",
    "key_retired": "the token was issued after its key was retired",
    "sender_constrained": "the token is bound to a key and is not a bearer token",
    "inactive": "the token is not active",
    "insufficient_scope": "the scope {} is required",
    "insufficient_user_authentication": "a more recent or another authentication is required",
    "unavailable": "the issuer cannot be reached",
}

_STATUSES: dict[str, tuple[int, str | None]] = {
    "missing_token": (401, None),
    "malformed_request": (400, "invalid_request"),
    "insufficient_scope": (403, "insufficient_scope"),
    "insufficient_user_authentication": (401, "insufficient_user_authentication"),
    "unavailable": (503, None),
}


class Refusal(Exception):
    """The cause alone. The verifier turns it into a ``VerifyError`` with its challenge."""

    def __init__(self, reason: str, about: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.about = about


class VerifyError(Exception):
    """A refused request: its cause, HTTP status and ``WWW-Authenticate`` challenge."""

    def __init__(self, reason: str, about: str = "", resource_metadata: str | None = None) -> None:
        super().__init__(_DESCRIPTIONS[reason].format(about))
        #: A stable name for logs and tests, such as ``expired``.
        self.reason = reason
        #: ``status``: 400, 401 or 403 (RFC 6750 §3.1), or 503 when the issuer cannot be reached.
        #: ``error``: the code of RFC 6750 §3.1; None when no token was sent.
        self.status, self.error = _STATUSES.get(reason, (401, "invalid_token"))
        #: The value of ``WWW-Authenticate`` (RFC 6750 §3, RFC 9728 §5.1); None for a 503.
        self.challenge = self._challenge(about, resource_metadata)

    def _challenge(self, about: str, resource_metadata: str | None) -> str | None:
        if self.reason == "unavailable":
            return None
        parameters = []
        if self.error:
            parameters += [f'error="{self.error}"', f'error_description="{self}"']
        if self.reason == "insufficient_scope":
            parameters.append(f'scope="{about}"')
        if self.reason == "insufficient_user_authentication":
            parameters.append(about)
        if resource_metadata:
            parameters.append(f'resource_metadata="{resource_metadata}"')
        return " ".join(filter(None, ["Bearer", ", ".join(parameters)]))

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the response."""
        if self.challenge is None:
            return {"Retry-After": "5"}
        return {"WWW-Authenticate": self.challenge}

    @property
    def body(self) -> dict[str, str]:
        """The JSON body of the response."""
        is_unavailable = self.reason == "unavailable"
        error = self.error or ("temporarily_unavailable" if is_unavailable else "invalid_request")
        return {"error": error, "error_description": str(self)}
