"""The issuer's keys (RFC 7517), parsed once per fetch."""

from dataclasses import dataclass
from typing import Any

import jwt

from . import _base64url as base64url
from ._numeric_date import numeric_date

#: The signature algorithms that are accepted (RFC 7518 §3.1, RFC 8037 §3.1).
ALGORITHMS = ("ES256", "RS256", "EdDSA")

#: The JWK member with the latest ``iat`` that a token of a retired key can have.
_LATEST_IAT = "writ_latest_iat"


@dataclass(frozen=True)
class Key:
    algorithm: str
    jwk: jwt.PyJWK
    #: The latest ``iat`` that its tokens can have, once it is retired.
    latest_iat: int | None

    def verify(self, message: bytes, signature: bytes) -> bool:
        return bool(self.jwk.Algorithm.verify(message, self.jwk.key, signature))


def key_set(jwks: dict[str, Any]) -> dict[str, Key] | None:
    """The usable keys of a JWK Set (RFC 7517 §5) by ``kid``. None if it is not a JWK Set.

    Other keys are ignored. When a ``kid`` is repeated, the first usable key has it.
    """
    if not isinstance(jwks.get("keys"), list):
        return None
    keys: dict[str, Key] = {}
    for jwk in jwks["keys"]:
        if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str):
            continue
        key = _import(jwk)
        if key and jwk["kid"] not in keys:
            keys[jwk["kid"]] = key
    return keys


def _import(jwk: dict[str, Any]) -> Key | None:
    """The key, if it is for signatures by an accepted algorithm.

    The algorithm follows from ``kty`` and ``crv``, and ``alg`` must not contradict it. A token can
    then never choose how a key is used.
    """
    operations = jwk.get("key_ops", ["verify"])
    is_for_verifying = isinstance(operations, list) and "verify" in operations
    known = _public_part(jwk)
    if jwk.get("use", "sig") != "sig" or not is_for_verifying or not known:
        return None
    algorithm, public = known
    if jwk.get("alg", algorithm) != algorithm:
        return None
    latest_iat = numeric_date(jwk.get(_LATEST_IAT))
    if latest_iat is None and _LATEST_IAT in jwk:
        return None
    try:
        return Key(algorithm, jwt.PyJWK(public, algorithm), latest_iat)
    except (jwt.PyJWTError, ValueError):
        return None


def _public_part(jwk: dict[str, Any]) -> tuple[str, dict[str, str]] | None:
    kinds = {
        ("EC", "P-256"): ("ES256", ["kty", "crv", "x", "y"]),
        ("OKP", "Ed25519"): ("EdDSA", ["kty", "crv", "x"]),
    }
    kind = (jwk.get("kty"), jwk.get("crv"))
    if kind[0] == "RSA":
        algorithm, names = "RS256", ["kty", "n", "e"]
        is_sound = 2048 <= _bit_length(_bytes(jwk, "n")) <= 8192 and _is_exponent(_bytes(jwk, "e"))
    elif isinstance(kind[0], str) and isinstance(kind[1], str) and kind in kinds:
        algorithm, names = kinds[kind]
        is_sound = all(len(_bytes(jwk, name) or b"") == 32 for name in names[2:])
    else:
        return None
    return (algorithm, {name: jwk[name] for name in names}) if is_sound else None


def _bytes(jwk: dict[str, Any], name: str) -> bytes | None:
    value = jwk.get(name)
    return base64url.decode(value) if isinstance(value, str) else None


def _bit_length(big_endian: bytes | None) -> int:
    """Zero with leading zeros, which RFC 7518 §6.3.1.1 forbids."""
    if not big_endian or big_endian[0] == 0:
        return 0
    return int.from_bytes(big_endian, "big").bit_length()


def _is_exponent(big_endian: bytes | None) -> bool:
    """Odd and at least 3 (RFC 8017 §3.1). With 1 every message is its own signature."""
    if not big_endian or big_endian[0] == 0:
        return False
    exponent = int.from_bytes(big_endian, "big")
    return exponent % 2 == 1 and exponent >= 3
