"""The rules for claims (RFC 9068 §4, RFC 7519 §4.1), in the order that all Writ verifiers use."""

from dataclasses import dataclass
from typing import Any

from ._error import Refusal
from ._jwk import Key
from ._leeway import LEEWAY
from ._numeric_date import numeric_date
from ._token import Token

_ID_TOKEN_CLAIMS = {"nonce", "at_hash", "c_hash", "s_hash"}


@dataclass(frozen=True)
class Expected:
    """What the claims of a token must match."""

    issuer: str
    audience: str
    #: The longest accepted time between ``iat`` and ``exp``, in seconds.
    max_lifetime: int
    #: The ``resource_metadata`` URL in the challenges of the resulting tokens (RFC 9728 §5.1).
    resource_metadata: str | None

    def check(self, claims: dict[str, Any], key: Key, now: int) -> Token:
        """Checks the claims of an access token that was signed with ``key``."""
        if _text(claims, "iss") != self.issuer:
            raise Refusal("wrong_issuer")
        self._check_audience(claims)
        _text(claims, "jti")
        issued_at = _seconds(claims, "iat")
        if issued_at is None:
            raise Refusal("invalid_claim", "iat")
        token = self._check_times_and_collect(claims, now)
        if token.expires_at - issued_at > self.max_lifetime:
            raise Refusal("excessive_lifetime")
        if key.latest_iat is not None and issued_at > key.latest_iat:
            raise Refusal("key_retired")
        return token

    def check_introspection(self, claims: dict[str, Any], now: int) -> Token:
        """Checks an introspection response (RFC 7662 §2.2), where ``iss``, ``iat`` and ``jti`` are
        optional."""
        if claims.get("active") is not True:
            raise Refusal("inactive")
        if "iss" in claims and _text(claims, "iss") != self.issuer:
            raise Refusal("wrong_issuer")
        self._check_audience(claims)
        return self._check_times_and_collect(claims, now)

    def _check_audience(self, claims: dict[str, Any]) -> None:
        aud = claims.get("aud")
        audiences = aud if isinstance(aud, list) else [aud]
        if not all(isinstance(one, str) for one in audiences):
            raise Refusal("invalid_claim", "aud")
        if self.audience not in audiences:
            raise Refusal("wrong_audience")

    def _check_times_and_collect(self, claims: dict[str, Any], now: int) -> Token:
        expires_at = _seconds(claims, "exp")
        if expires_at is None:
            raise Refusal("invalid_claim", "exp")
        if now >= expires_at + LEEWAY:
            raise Refusal("expired")
        if (_seconds(claims, "nbf") or 0) > now + LEEWAY:
            raise Refusal("not_yet_valid")
        if (_seconds(claims, "iat") or 0) > now + LEEWAY:
            raise Refusal("issued_in_future")
        if "cnf" in claims:
            raise Refusal("sender_constrained")
        if "act" in claims and not _is_actor_chain(claims["act"]):
            raise Refusal("invalid_claim", "act")
        scope = _text(claims, "scope") if "scope" in claims else ""
        return Token(
            subject=_text(claims, "sub"),
            client_id=_text(claims, "client_id"),
            scopes=tuple(filter(None, scope.split(" "))),
            expires_at=expires_at,
            verified_at=now,
            claims=claims,
            resource_metadata=self.resource_metadata,
        )


def refuse_id_token(claims: dict[str, Any]) -> None:
    """Refuses ID tokens, where ``typ`` does not tell them apart.

    An access token names its client in ``client_id`` (RFC 9068 §2.2), an ID token in ``aud``.
    ``nonce`` and the hashes are claims of ID tokens only (OpenID Connect Core §2, §3.3.2.11).
    """
    if _ID_TOKEN_CLAIMS & claims.keys() or "client_id" not in claims:
        raise Refusal("wrong_type")


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise Refusal("invalid_claim", name)
    return value


def _seconds(claims: dict[str, Any], name: str) -> int | None:
    if name not in claims:
        return None
    value = numeric_date(claims[name])
    if value is None:
        raise Refusal("invalid_claim", name)
    return value


def _is_actor_chain(act: object) -> bool:
    """RFC 8693 §4.1: an object with a ``sub``, and perhaps the prior actor within it."""
    if not isinstance(act, dict) or not isinstance(act.get("sub"), str):
        return False
    return "act" not in act or _is_actor_chain(act["act"])
