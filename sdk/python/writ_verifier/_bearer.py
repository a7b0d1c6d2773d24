"""The ``Authorization`` header (RFC 6750 §2.1)."""

import re
from collections.abc import Sequence

from ._error import Refusal

_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/=]+")


def bearer(values: Sequence[str]) -> str:
    """Reads the token from the values of a request's ``Authorization`` headers."""
    if not values:
        raise Refusal("missing_token")
    if len(values) > 1:
        raise Refusal("malformed_request")
    scheme, _, token = values[0].partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal("missing_token")
    token = token.strip(" ")
    if not _B64TOKEN.fullmatch(token):
        raise Refusal("malformed_request")
    return token
