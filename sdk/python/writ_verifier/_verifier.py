"""The verifier."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

from . import _jws, _resource_metadata
from ._bearer import bearer
from ._claims import Expected, refuse_id_token
from ._error import Refusal, VerifyError
from ._introspection import Introspection
from ._issuer import Issuer, is_loopback_http, split_url
from ._json import parse_object
from ._token import Token
from ._transport import Https, Transport

_DAY = 24 * 60 * 60


def _in_daemon_thread(task: Callable[[], None]) -> None:
    threading.Thread(target=task, name="writ-verifier-refresh", daemon=True).start()


class Verifier:
    """Verifies access tokens of one issuer for one audience: see :meth:`discover`."""

    def __init__(
        self,
        issuer: Issuer,
        expected: Expected,
        clock: Callable[[], int],
        resource_metadata: dict[str, Any],
        accept_typ_jwt: bool,
        introspection: Introspection | None = None,
    ) -> None:
        self._issuer = issuer
        self._expected = expected
        self._clock = clock
        self._accept_typ_jwt = accept_typ_jwt
        self._introspection = introspection
        #: This resource server's metadata (RFC 9728 §2).
        self.resource_metadata = resource_metadata

    @classmethod
    def discover(
        cls,
        issuer: str,
        audience: str,
        *,
        scopes_supported: Sequence[str] = (),
        accept_typ_jwt: bool = False,
        stale_if_error: int = _DAY,
        max_lifetime: int = _DAY,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
        in_background: Callable[[Callable[[], None]], None] = _in_daemon_thread,
    ) -> Self:
        """A verifier for tokens that ``issuer`` (an https URL, or http on loopback) issues for
        ``audience``: this resource server's identifier (RFC 8707).

        Does no I/O: metadata and keys are fetched when the first token arrives.

        - ``scopes_supported``: the scopes that the resource metadata lists.
        - ``accept_typ_jwt``: also accept tokens whose ``typ`` is ``JWT``, for a resource server
          that is registered with this token type. ID tokens, which have it too, are refused by
          their claims.
        - ``stale_if_error``: how long stale keys are used while the issuer is unavailable, in
          seconds (RFC 5861 §4). After that, requests are refused with a 503 until the keys can be
          fetched again.
        - ``max_lifetime``: the longest accepted time between ``iat`` and ``exp``, in seconds. The
          default is the longest that an issuer can be configured to. Set it to the lifetime that
          this resource server's tokens have, so that a leaked key signs none with a longer one.
        - ``transport``, ``clock`` (seconds since 1970-01-01T00:00:00Z), ``in_background`` (runs a
          refresh of the keys): for tests and unusual deployments.

        Raises ``ValueError`` when the issuer is not an acceptable URL or the audience is empty.
        """
        url = split_url(issuer)
        if url is None or url.query or url.fragment or "@" in url.netloc:
            raise ValueError(
                "the issuer must be an absolute URL without query, fragment or user information"
            )
        if url.scheme != "https" and not is_loopback_http(url):
            raise ValueError("the issuer must be https (plain http only on a loopback address)")
        if not audience:
            raise ValueError("the audience must not be empty")

        def seconds() -> int:
            return int(clock())

        return cls(
            Issuer(issuer, url, transport or Https(), seconds, in_background, stale_if_error),
            Expected(issuer, audience, max_lifetime, _resource_metadata.url(audience)),
            seconds,
            _resource_metadata.document(issuer, audience, scopes_supported),
            accept_typ_jwt,
        )

    def introspecting(self, client_id: str, client_secret: str) -> "Verifier":
        """A verifier with the same keys that also introspects each token (RFC 7662),
        authenticating with ``client_secret_basic``. It accepts opaque tokens too. Scopes that were
        revoked since the token was issued do not count.

        A response is cached for 5 s, but never beyond ``exp``. Callers with the same token share
        one request.
        """
        return Verifier(
            self._issuer,
            self._expected,
            self._clock,
            self.resource_metadata,
            self._accept_typ_jwt,
            Introspection(client_id, client_secret),
        )

    def verify(self, token: str) -> Token:
        """Verifies an access token: the part of the ``Authorization`` header after ``Bearer``.

        Raises ``VerifyError``, which knows its response.
        """
        try:
            return self._check(token)
        except Refusal as refusal:
            raise self.refuse(refusal.reason, refusal.about) from None

    def authenticate(self, authorization: Sequence[str]) -> Token:
        """Verifies the token in the values of a request's ``Authorization`` headers.

        Raises ``VerifyError``, which knows its response.
        """
        try:
            return self._check(bearer(authorization))
        except Refusal as refusal:
            raise self.refuse(refusal.reason, refusal.about) from None

    def refuse(self, reason: str, about: str = "") -> VerifyError:
        """A refusal with this verifier's challenge."""
        return VerifyError(reason, about, self._expected.resource_metadata)

    @property
    def resource_metadata_path(self) -> str:
        """The path of :attr:`resource_metadata` (RFC 9728 §3)."""
        return _resource_metadata.path(self._expected.audience)

    def _check(self, token: str) -> Token:
        if self._introspection is None:
            return self._check_signed(token)
        context = (self._issuer, self._expected, self._clock)
        if token.count(".") != 2:
            return self._introspection.check(token, *context)
        # A token that is refused without the issuer's help costs no request.
        signed = self._check_signed(token)
        active = self._introspection.check(token, *context)
        return replace(signed, scopes=tuple(filter(active.has_scope, signed.scopes)))

    def _check_signed(self, token: str) -> Token:
        unverified = _jws.parse(token, self._accept_typ_jwt)
        key = self._issuer.key(unverified.kid, unverified.algorithm)
        signature = unverified.signature
        if signature is None or not key.verify(unverified.signing_input, signature):
            raise Refusal("bad_signature")
        claims = parse_object(unverified.payload)
        if claims is None:
            raise Refusal("malformed")
        if unverified.has_jwt_type:
            refuse_id_token(claims)
        return self._expected.check(claims, key, self._clock())
