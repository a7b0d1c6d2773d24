"""The JWS compact serialization (RFC 7515 §7.1), read strictly."""

from dataclasses import dataclass

from . import _base64url as base64url
from ._error import Refusal
from ._json import parse_object
from ._jwk import ALGORITHMS

# Longer tokens are refused unread: no honest access token comes near, and parsing costs.
_MAX_LENGTH = 16 * 1024


@dataclass(frozen=True)
class Unverified:
    """A token whose header was read and found acceptable; nothing is authenticated yet."""

    algorithm: str
    kid: str
    #: What was signed: header and payload as they came, joined by a dot.
    signing_input: bytes
    payload: bytes
    #: None when it is not base64url.
    signature: bytes | None


def parse(token: str) -> Unverified:
    """Splits the token and checks its header, in the order that every Writ verifier uses."""
    if len(token) > _MAX_LENGTH:
        raise Refusal("oversized")
    parts = token.split(".")
    if len(parts) != 3:
        raise Refusal("malformed")
    head, payload, signature = map(base64url.decode, parts)
    header = parse_object(head) if head is not None else None
    if header is None or payload is None:
        raise Refusal("malformed")
    if "crit" in header:
        raise Refusal("critical_header")
    # RFC 9068 §4; case-insensitive and with an optional prefix by RFC 7515 §4.1.9.
    typ = header.get("typ")
    if not isinstance(typ, str) or typ.lower() not in ("at+jwt", "application/at+jwt"):
        raise Refusal("wrong_type")
    if header.get("alg") not in ALGORITHMS:
        raise Refusal("algorithm_not_allowed")
    if not isinstance(header.get("kid"), str):
        raise Refusal("unknown_key")
    signing_input = token.rpartition(".")[0].encode()
    return Unverified(header["alg"], header["kid"], signing_input, payload, signature)
