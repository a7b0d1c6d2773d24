"""What the issuer publishes: fetched when first needed, kept, refreshed, held through an outage."""

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ._error import Refusal
from ._json import parse_object
from ._jwk import ALGORITHMS, Key, key_set
from ._transport import Response, Transport, TransportError

_log = logging.getLogger("writ_verifier")

# How long keys are fresh when the JWKS says nothing, and the bounds within which it is believed.
_DEFAULT_MAX_AGE = 300
_MIN_MAX_AGE = 60
_MAX_MAX_AGE = 24 * 60 * 60

# How long to leave the issuer alone after a fetch that failed or did not bring the wanted key:
# tokens with made-up `kid`s must not become requests.
_COOLDOWN = 10
# The same while nothing was ever fetched: an API that starts before its issuer catches up soon.
_COOLDOWN_AT_START = 1


@dataclass(frozen=True, eq=False)
class Published:
    """One good answer of the issuer."""

    keys: dict[str, Key]
    #: None when the metadata names no algorithms.
    algorithms: list[str] | None
    introspection_endpoint: str | None
    fetched_at: int
    max_age: int

    def lifetimes(self, now: int) -> float:
        """Age in whole lifetimes. A clock that was set back makes it old."""
        age = now - self.fetched_at
        return age // self.max_age if age >= 0 else float("inf")


class Issuer:
    def __init__(
        self,
        name: str,
        url: SplitResult,
        transport: Transport,
        clock: Callable[[], int],
        in_background: Callable[[Callable[[], None]], None],
    ) -> None:
        # As configured: `issuer` in the metadata must equal it exactly (RFC 8414 §3.3).
        self._name = name
        self._url = url
        self._transport = transport
        self._clock = clock
        self._in_background = in_background
        self._published: Published | None = None
        # Whoever holds it is the one that fetches.
        self._fetching = threading.Lock()
        self._last_vain_fetch: int | None = None
        self._last_fetch_failed = False

    def published(self) -> Published:
        """What is published now, at most two lifetimes old unless the issuer is down."""
        published = self._published
        if published is None:
            return self._refreshed(None)
        lifetimes = published.lifetimes(self._clock())
        if lifetimes < 1:
            return published
        # Blocking every request on a dead issuer would spread its outage.
        if lifetimes < 2 or self._last_fetch_failed:
            if not self._fetching.locked() and not self._is_cooling_down():
                self._in_background(lambda: self._refresh(published))
            return published
        return self._refreshed(published)

    def key(self, kid: str, algorithm: str) -> Key:
        """The key for tokens that name this ``kid`` and ``alg``, looked up again if not known."""
        published = self.published()
        if kid not in published.keys:
            published = self._refreshed(published, kid)
        key = published.keys.get(kid)
        if key is None:
            raise Refusal("unavailable" if self._last_fetch_failed else "unknown_key")
        if published.algorithms is not None and algorithm not in published.algorithms:
            raise Refusal("algorithm_not_allowed")
        if key.algorithm != algorithm:
            raise Refusal("unknown_key")
        return key

    def _refreshed(self, seen: Published | None, wanted: str | None = None) -> Published:
        self._refresh(seen, wanted)
        if self._published is None:
            raise Refusal("unavailable")
        return self._published

    def _refresh(self, seen: Published | None, wanted: str | None = None) -> None:
        """Single flight: those who waited for the lock find the work done."""
        with self._fetching:
            if self._published is not seen or self._is_cooling_down():
                return
            was_in_vain = True
            try:
                published = self._fetch()
                was_in_vain = wanted is not None and wanted not in published.keys
                self._published = published
                self._last_fetch_failed = False
            except TransportError as error:
                self._last_fetch_failed = True
                _log.warning("cannot fetch the keys of %s: %s", self._name, error)
            if was_in_vain:
                self._last_vain_fetch = self._clock()

    def _is_cooling_down(self) -> bool:
        cooldown = _COOLDOWN if self._published else _COOLDOWN_AT_START
        last = self._last_vain_fetch
        return last is not None and abs(self._clock() - last) < cooldown

    def _fetch(self) -> Published:
        metadata = self._fetch_metadata()
        jwks_uri = self._endpoint(metadata, "jwks_uri")
        if jwks_uri is None:
            raise TransportError("the metadata has no acceptable jwks_uri")
        response = self.send("GET", jwks_uri)
        jwks = parse_object(response.body)
        keys = key_set(jwks) if jwks is not None else None
        if keys is None:
            raise TransportError("the JWKS is malformed")
        return Published(
            keys=keys,
            algorithms=_algorithms(metadata),
            introspection_endpoint=self._endpoint(metadata, "introspection_endpoint"),
            fetched_at=self._clock(),
            max_age=_max_age(response.headers),
        )

    def _fetch_metadata(self) -> dict[str, Any]:
        """Asks at RFC 8414's address, then at OpenID Connect Discovery's."""
        origin = f"{self._url.scheme}://{self._url.netloc}"
        path = self._url.path.rstrip("/")
        try:
            return self._read_metadata(f"{origin}/.well-known/oauth-authorization-server{path}")
        except TransportError as error:
            try:
                return self._read_metadata(f"{origin}{path}/.well-known/openid-configuration")
            except TransportError:
                raise error from None

    def _read_metadata(self, url: str) -> dict[str, Any]:
        metadata = parse_object(self.send("GET", url).body)
        if metadata is None:
            raise TransportError("the metadata is malformed")
        if metadata.get("issuer") != self._name:
            raise TransportError("the metadata names another issuer")
        return metadata

    def _endpoint(self, metadata: dict[str, Any], name: str) -> str | None:
        """An address from the metadata, if it is as safe as the issuer's own."""
        value = metadata.get(name)
        url = split_url(value) if isinstance(value, str) else None
        if url is None:
            return None
        is_safe = url.scheme == "https" or (is_loopback_http(self._url) and is_loopback_http(url))
        return value if is_safe else None

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Response:
        """Sends a request and demands a 200."""
        headers = {"Accept": "application/json", **(headers or {})}
        response = self._transport(method, url, headers, body)
        if response.status != 200:
            raise TransportError(f"{url}: status {response.status}")
        return response


def split_url(value: str) -> SplitResult | None:
    """An absolute URL with a host, or None."""
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        return None
    return url if url.scheme and url.hostname else None


def is_loopback_http(url: SplitResult) -> bool:
    """Whether the address never leaves the machine, so that plain http is acceptable."""
    if url.scheme != "http" or not url.hostname:
        return False
    if url.hostname == "localhost":
        return True
    try:
        return ip_address(url.hostname).is_loopback
    except ValueError:
        return False


def _algorithms(metadata: dict[str, Any]) -> list[str] | None:
    """The issuer's own list; access tokens have none, so that of ID tokens speaks
    (OpenID Connect Discovery §3)."""
    names = metadata.get("id_token_signing_alg_values_supported")
    return [name for name in names if name in ALGORITHMS] if isinstance(names, list) else None


def _max_age(headers: Mapping[str, str]) -> int:
    """``max-age`` less ``Age`` (RFC 9111 §4.2), within bounds."""
    directives = headers.get("cache-control", "")
    max_age = re.search(r"(?:^|,)\s*max-age=(\d{1,12})\s*(?:,|$)", directives, re.ASCII)
    age = re.fullmatch(r"\d{1,12}", headers.get("age", "0"), re.ASCII)
    fresh_for = _DEFAULT_MAX_AGE
    if max_age:
        fresh_for = int(max_age[1]) - (int(age[0]) if age else 0)
    return min(max(fresh_for, _MIN_MAX_AGE), _MAX_MAX_AGE)
