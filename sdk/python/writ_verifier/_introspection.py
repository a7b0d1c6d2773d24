"""Token introspection (RFC 7662), for opaque tokens and for routes where revocation must take
effect at once."""

import hashlib
import threading
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from urllib.parse import quote_plus, urlencode

from cachetools import LRUCache

from ._claims import Expected
from ._error import Refusal
from ._issuer import Issuer
from ._json import parse_object
from ._token import Token
from ._transport import TransportError

# How long a response is cached, in seconds, but never beyond the token's `exp`.
_LIFETIME = 5
_MAX_CACHED = 10_000


class Introspection:
    def __init__(self, client_id: str, client_secret: str) -> None:
        # client_secret_basic, each part form-encoded first (RFC 6749 §2.3.1).
        pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        self._authorization = f"Basic {b64encode(pair.encode()).decode()}"
        # By the SHA-256 of the introspected token, with the seconds in which a response is cached.
        # Made-up tokens must not displace active ones: they have their own cache.
        self._active: LRUCache[bytes, tuple[range, Token]] = LRUCache(_MAX_CACHED)
        self._refused: LRUCache[bytes, tuple[range, Refusal]] = LRUCache(_MAX_CACHED)
        self._flights: dict[bytes, Future[Token]] = {}
        self._lock = threading.Lock()

    def check(
        self, token: str, issuer: Issuer, expected: Expected, clock: Callable[[], int]
    ) -> Token:
        """Introspects the token, unless a response is cached. Callers with the same token share one
        request."""
        key = hashlib.sha256(token.encode(errors="replace")).digest()
        with self._lock:
            refused, active = self._refused.get(key), self._active.get(key)
            if refused and clock() in refused[0]:
                raise Refusal(refused[1].reason, refused[1].about)
            if active and clock() in active[0]:
                return active[1]
            flight = self._flights.get(key)
            is_first = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if is_first:
            try:
                flight.set_result(self._introspect(key, token, issuer, expected, clock))
            except BaseException as error:
                flight.set_exception(error)
            finally:
                with self._lock:
                    del self._flights[key]
        return flight.result()

    def _introspect(
        self, key: bytes, token: str, issuer: Issuer, expected: Expected, clock: Callable[[], int]
    ) -> Token:
        response = self._request(token, issuer)
        now = clock()
        try:
            active = expected.check_introspection(response, now)
        except Refusal as refusal:
            with self._lock:
                self._active.pop(key, None)
                self._refused[key] = (range(now, now + _LIFETIME), refusal)
            raise
        with self._lock:
            self._active[key] = (range(now, min(active.expires_at, now + _LIFETIME)), active)
        return active

    def _request(self, token: str, issuer: Issuer) -> dict[str, Any]:
        endpoint = issuer.snapshot().introspection_endpoint
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
