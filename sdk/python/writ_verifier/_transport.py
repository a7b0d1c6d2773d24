"""How the issuer is reached: one seam, so that tests and unusual networks can replace it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import urllib3

_TIMEOUT = urllib3.Timeout(total=5)
_MAX_BODY = 256 * 1024


class TransportError(Exception):
    """The issuer gave no usable answer."""


@dataclass(frozen=True)
class Response:
    """What the issuer answered; header names in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """Sends one request, without following redirects, and reads the answer to its end.

    Raises ``TransportError`` when there is no answer.
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
            answer = self._pool.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False
            )
            try:
                content = answer.read(_MAX_BODY + 1, decode_content=True)
            finally:
                # A connection whose answer was read to its end is back in the pool already.
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise TransportError(f"{url}: {error}") from error
        if len(content) > _MAX_BODY:
            raise TransportError(f"{url}: the answer is longer than 256 KiB")
        lower = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, content, lower)
