"""The rules for claims (RFC 9068 §4, RFC 7519 §4.1), in the order that every Writ verifier uses."""

import math
from dataclasses import dataclass
from typing import Any

from ._error import Refusal
from ._token import LEEWAY, Token


@dataclass(frozen=True)
class Expected:
    """What a token is measured against."""

    issuer: str
    audience: str
    #: Where the challenges of the resulting tokens point to (RFC 9728 §5.1).
    resource_metadata: str | None

    def judge(self, claims: dict[str, Any], now: int) -> Token:
        """Judges the claims of a JWT access token whose signature is good."""
        if _text(claims, "iss") != self.issuer:
            raise Refusal("wrong_issuer")
        self._judge_audience(claims)
        _text(claims, "jti")
        if _seconds(claims, "iat") is None:
            raise Refusal("invalid_claim", "iat")
        return self._judge_times_and_take(claims, now)

    def judge_introspected(self, claims: dict[str, Any], now: int) -> Token:
        """Judges an active introspection answer (RFC 7662 §2.2): iss, iat and jti are optional."""
        if "iss" in claims and _text(claims, "iss") != self.issuer:
            raise Refusal("wrong_issuer")
        self._judge_audience(claims)
        return self._judge_times_and_take(claims, now)

    def _judge_audience(self, claims: dict[str, Any]) -> None:
        aud = claims.get("aud")
        audiences = aud if isinstance(aud, list) else [aud]
        if not all(isinstance(one, str) for one in audiences):
            raise Refusal("invalid_claim", "aud")
        if self.audience not in audiences:
            raise Refusal("wrong_audience")

    def _judge_times_and_take(self, claims: dict[str, Any], now: int) -> Token:
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


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise Refusal("invalid_claim", name)
    return value


def _seconds(claims: dict[str, Any], name: str) -> int | None:
    """A NumericDate (RFC 7519 §2): a JSON number, not negative; fractions are dropped."""
    if name not in claims:
        return None
    value = claims[name]
    # To Python, True is a number.
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Refusal("invalid_claim", name)
    return math.floor(value)


def _is_actor_chain(act: object) -> bool:
    """RFC 8693 §4.1: an object with a ``sub``, and within it perhaps the actor before."""
    if not isinstance(act, dict) or not isinstance(act.get("sub"), str):
        return False
    return "act" not in act or _is_actor_chain(act["act"])
