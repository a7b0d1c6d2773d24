"""What the issuer publishes: fetched on first use, cached, refreshed in the background, and kept
through a bounded outage."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ._error import Refusal
from ._freshness import freshness_lifetime
from ._json import parse_object
from ._jwk import ALGORITHMS, Key, key_set
from ._transport import Response, Transport, TransportError

_log = logging.getLogger("writ_verifier")

# How long keys stay fresh when the JWKS response does not say, in seconds, and the bounds when it
# does.
_DEFAULT_LIFETIME = 300
_MIN_LIFETIME = 60
_MAX_LIFETIME = 24 * 60 * 60

# How long the issuer is left alone after a fetch that failed or did not bring the wanted key, in
# seconds: tokens with made-up `kid`s must not become requests.
_COOLDOWN = 10
# The same before the first successful fetch: an API that starts before its issuer should not wait
# long.
_COOLDOWN_AT_START = 1


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The metadata and keys of one successful fetch."""

    keys: dict[str, Key]
    #: None when the metadata lists no algorithms.
    algorithms: list[str] | None
    introspection_endpoint: str | None
    fetched_at: int
    lifetime: int

    def lifetimes(self, now: int) -> float:
        """Age in whole lifetimes. After the clock was set back it is unknown and counts as old."""
        age = now - self.fetched_at
        return age // self.lifetime if age >= 0 else float("inf")


class Issuer:
    def __init__(
        self,
        name: str,
        url: SplitResult,
        transport: Transport,
        clock: Callable[[], int],
        in_background: Callable[[Callable[[], None]], None],
        stale_if_error: int,
    ) -> None:
        # As configured. The `issuer` of the metadata must equal it exactly (RFC 8414 §3.3).
        self._name = name
        self._url = url
        self._transport = transport
        self._clock = clock
        self._in_background = in_background
        # How long stale keys are used while the issuer is unavailable, in seconds.
        self._stale_if_error = stale_if_error
        self._snapshot: Snapshot | None = None
        # The holder of the lock is the one that fetches.
        self._fetching = threading.Lock()
        # When the last fetch failed or did not bring the wanted key.
        self._last_miss: int | None = None
        self._last_fetch_failed = False

    def snapshot(self) -> Snapshot:
        """The current snapshot: at most two lifetimes old, unless the issuer is unavailable."""
        snapshot = self._snapshot
        if snapshot is None:
            return self._refreshed(None)
        lifetimes = snapshot.lifetimes(self._clock())
        if lifetimes < 1:
            return snapshot
        # Requests must not wait for an issuer that is down.
        if self._is_usable(snapshot) if self._last_fetch_failed else lifetimes < 2:
            if not self._fetching.locked() and not self._is_cooling_down():
                self._in_background(lambda: self._refresh(snapshot))
            return snapshot
        newest = self._refreshed(snapshot)
        if not self._is_usable(newest):
            raise Refusal("unavailable")
        return newest

    def key(self, kid: str, algorithm: str) -> Key:
        """The key for tokens with this ``kid`` and ``alg``. Looks up an unknown ``kid`` again."""
        snapshot = self.snapshot()
        if kid not in snapshot.keys:
            snapshot = self._refreshed(snapshot, kid)
        key = snapshot.keys.get(kid)
        if key is None:
            raise Refusal("unavailable" if self._last_fetch_failed else "unknown_key")
        if snapshot.algorithms is not None and algorithm not in snapshot.algorithms:
            raise Refusal("algorithm_not_allowed")
        if key.algorithm != algorithm:
            raise Refusal("unknown_key")
        return key

    def _is_usable(self, snapshot: Snapshot) -> bool:
        """Whether the keys may be used although they cannot be refreshed (RFC 5861 §4)."""
        age = abs(self._clock() - snapshot.fetched_at)
        return age < snapshot.lifetime + self._stale_if_error

    def _refreshed(self, seen: Snapshot | None, kid: str | None = None) -> Snapshot:
        self._refresh(seen, kid)
        if self._snapshot is None:
            raise Refusal("unavailable")
        return self._snapshot

    def _refresh(self, seen: Snapshot | None, kid: str | None = None) -> None:
        """Single flight: a caller that waited for the lock finds a newer snapshot than ``seen``."""
        with self._fetching:
            if self._snapshot is not seen or self._is_cooling_down():
                return
            is_miss = True
            try:
                snapshot = self._fetch()
                is_miss = kid is not None and kid not in snapshot.keys
                self._snapshot = snapshot
                self._last_fetch_failed = False
            except TransportError as error:
                self._last_fetch_failed = True
                _log.warning("cannot fetch the keys of %s: %s", self._name, error)
            if is_miss:
                self._last_miss = self._clock()

    def _is_cooling_down(self) -> bool:
        cooldown = _COOLDOWN if self._snapshot else _COOLDOWN_AT_START
        last_miss = self._last_miss
        return last_miss is not None and abs(self._clock() - last_miss) < cooldown

    def _fetch(self) -> Snapshot:
        metadata = self._fetch_metadata()
        jwks_uri = self._endpoint(metadata, "jwks_uri")
        if jwks_uri is None:
            raise TransportError("the metadata has no acceptable jwks_uri")
        response = self.send("GET", jwks_uri)
        jwks = parse_object(response.body)
        keys = key_set(jwks) if jwks is not None else None
        if keys is None:
            raise TransportError("the JWKS is malformed")
        return Snapshot(
            keys=keys,
            algorithms=_algorithms(metadata),
            introspection_endpoint=self._endpoint(metadata, "introspection_endpoint"),
            fetched_at=self._clock(),
            lifetime=_lifetime(response.headers),
        )

    def _fetch_metadata(self) -> dict[str, Any]:
        """Fetches from the well-known URI of RFC 8414 §3, then from that of OpenID Connect
        Discovery. If both fail, the first error counts."""
        origin = f"{self._url.scheme}://{self._url.netloc}"
        path = self._url.path.rstrip("/")
        try:
            return self._fetch_metadata_at(f"{origin}/.well-known/oauth-authorization-server{path}")
        except TransportError as error:
            try:
                return self._fetch_metadata_at(f"{origin}{path}/.well-known/openid-configuration")
            except TransportError:
                raise error from None

    def _fetch_metadata_at(self, url: str) -> dict[str, Any]:
        metadata = parse_object(self.send("GET", url).body)
        if metadata is None:
            raise TransportError("the metadata is malformed")
        if metadata.get("issuer") != self._name:
            raise TransportError("the metadata names another issuer")
        return metadata

    def _endpoint(self, metadata: dict[str, Any], name: str) -> str | None:
        """A URI of the metadata, if it is as safe as the issuer's own."""
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
        """Sends a request and requires a 200."""
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
    """Whether requests to the URI stay on the machine, so that plain http is acceptable."""
    if url.scheme != "http" or not url.hostname:
        return False
    if url.hostname == "localhost":
        return True
    try:
        return ip_address(url.hostname).is_loopback
    except ValueError:
        return False


def _algorithms(metadata: dict[str, Any]) -> list[str] | None:
    """The algorithms of ID tokens, which are those of access tokens too: no metadata lists the
    latter (OpenID Connect Discovery §3)."""
    names = metadata.get("id_token_signing_alg_values_supported")
    return [name for name in names if name in ALGORITHMS] if isinstance(names, list) else None


def _lifetime(headers: Mapping[str, str]) -> int:
    """How long the response stays fresh, within bounds."""
    lifetime = freshness_lifetime(headers)
    if lifetime is None:
        return _DEFAULT_LIFETIME
    return min(max(lifetime, _MIN_LIFETIME), _MAX_LIFETIME)
