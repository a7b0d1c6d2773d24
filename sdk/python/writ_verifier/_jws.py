"""The JWS compact serialization (RFC 7515 §7.1), read strictly."""

from dataclasses import dataclass

from . import _base64url as base64url
from ._error import Refusal
from ._json import parse_object
from ._jwk import ALGORITHMS

# Longer tokens are refused before they are parsed. Honest access tokens are much shorter.
_MAX_LENGTH = 16 * 1024


@dataclass(frozen=True)
class Unverified:
    """A token whose header is acceptable. Its signature is not verified yet."""

    algorithm: str
    kid: str
    #: What the signature covers: header and payload as they came, joined by a dot.
    signing_input: bytes
    payload: bytes
    #: None when it is not base64url.
    signature: bytes | None
    #: Whether ``typ`` is ``JWT``, which ID tokens have too.
    has_jwt_type: bool


def parse(token: str, accept_typ_jwt: bool) -> Unverified:
    """Splits the token and checks its header, in the order that all Writ verifiers use."""
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
    # RFC 9068 §4. Case-insensitive, with an optional prefix (RFC 7515 §4.1.9).
    typ = str(header.get("typ")).lower().removeprefix("application/")
    has_jwt_type = accept_typ_jwt and typ == "jwt"
    if typ != "at+jwt" and not has_jwt_type:
        raise Refusal("wrong_type")
    if header.get("alg") not in ALGORITHMS:
        raise Refusal("algorithm_not_allowed")
    if not isinstance(header.get("kid"), str):
        raise Refusal("unknown_key")
    signing_input = token.rpartition(".")[0].encode()
    return Unverified(header["alg"], header["kid"], signing_input, payload, signature, has_jwt_type)
