"""Asking the issuer about a token (RFC 7662), for opaque tokens and for routes where a revoked
token must stop at once."""

import hashlib
import threading
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, urlencode

from cachetools import LRUCache

from ._claims import Expected
from ._error import Refusal
from ._issuer import Issuer
from ._json import parse_object
from ._token import Token
from ._transport import TransportError

# How long an active answer is believed, in seconds; never beyond the token's `exp`.
_MAX_AGE = 5
_MAX_ANSWERS = 10_000


class Introspection:
    def __init__(self, client_id: str, client_secret: str) -> None:
        # client_secret_basic, each part form-encoded first (RFC 6749 §2.3.1).
        pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        self._authorization = f"Basic {b64encode(pair.encode()).decode()}"
        # Active answers by the token's SHA-256, with the time until which they are believed.
        self._active: LRUCache[bytes, tuple[int, Token]] = LRUCache(_MAX_ANSWERS)
        self._lock = threading.Lock()

    def check(
        self, token: str, issuer: Issuer, expected: Expected, clock: Callable[[], int]
    ) -> Token:
        """Asks whether the token is active, unless the answer is still believed."""
        key = hashlib.sha256(token.encode(errors="replace")).digest()
        with self._lock:
            known = self._active.get(key)
        if known and clock() < known[0]:
            return known[1]
        answer = self._ask(token, issuer)
        if answer.get("active") is not True:
            with self._lock:
                self._active.pop(key, None)
            raise Refusal("inactive")
        now = clock()
        active = expected.judge_introspected(answer, now)
        with self._lock:
            self._active[key] = (min(active.expires_at, now + _MAX_AGE), active)
        return active

    def _ask(self, token: str, issuer: Issuer) -> dict[str, Any]:
        endpoint = issuer.published().introspection_endpoint
        if endpoint is None:
            raise Refusal("unavailable")
        form = urlencode({"token": token, "token_type_hint": "access_token"}, errors="replace")
        headers = {
            "Authorization": self._authorization,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            response = issuer.send("POST", endpoint, headers, form.encode())
        except TransportError as error:
            raise Refusal("unavailable") from error
        document = parse_object(response.body)
        if document is None:
            raise Refusal("unavailable")
        return document
