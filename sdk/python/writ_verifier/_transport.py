"""How the issuer is reached. Tests and unusual networks replace it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import urllib3

_TIMEOUT = urllib3.Timeout(total=5)
_MAX_BODY = 256 * 1024


class TransportError(Exception):
    """The issuer gave no usable response."""


@dataclass(frozen=True)
class Response:
    """The issuer's response. Header names are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """Sends one request without following redirects, and reads the whole response.

    Raises ``TransportError`` when there is no response.
    """

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Response: ...


class Https:
    """The default: urllib3, no redirects, 5 s to connect and to read, at most 256 KiB."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(retries=False, timeout=_TIMEOUT)

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Response:
        try:
            received = self._pool.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False
            )
            try:
                content = received.read(_MAX_BODY + 1, decode_content=True)
            finally:
                # A connection whose response was read completely is back in the pool already.
                received.close()
        except urllib3.exceptions.HTTPError as error:
            raise TransportError(f"{url}: {error}") from error
        if len(content) > _MAX_BODY:
            raise TransportError(f"{url}: the response is longer than 256 KiB")
        # Looked up by name, repeated headers are joined by commas.
        lower = {name.lower(): received.headers[name] for name in received.headers}
        return Response(received.status, content, lower)
