"""The verifier: five lines for whoever uses it."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

from . import _jws, _resource_metadata
from ._bearer import bearer
from ._claims import Expected
from ._error import Refusal, VerifyError
from ._introspection import Introspection
from ._issuer import Issuer, is_loopback_http, split_url
from ._json import parse_object
from ._token import Token
from ._transport import Https, Transport


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
        introspection: Introspection | None = None,
    ) -> None:
        self._issuer = issuer
        self._expected = expected
        self._clock = clock
        self._introspection = introspection
        #: What this resource server publishes about itself (RFC 9728 §2).
        self.resource_metadata = resource_metadata

    @classmethod
    def discover(
        cls,
        issuer: str,
        audience: str,
        *,
        scopes_supported: Sequence[str] = (),
        transport: Transport | None = None,
        clock: Callable[[], float] = time.time,
        in_background: Callable[[Callable[[], None]], None] = _in_daemon_thread,
    ) -> Self:
        """A verifier for tokens that ``issuer`` (an https URL; http on loopback) made for
        ``audience`` (this resource server's identifier, RFC 8707).

        Does no I/O: metadata and keys are fetched when the first token arrives.
        ``scopes_supported`` is listed in the RFC 9728 document. The others are for tests and
        unusual set-ups: how to reach the issuer, the time in seconds since 1970, and how to run
        the refresh of the keys beside a request.

        Raises ``ValueError`` when the issuer is no acceptable URL or the audience is empty.
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
            Issuer(issuer, url, transport or Https(), seconds, in_background),
            Expected(issuer, audience, _resource_metadata.url(audience)),
            seconds,
            _resource_metadata.document(issuer, audience, scopes_supported),
        )

    def introspecting(self, client_id: str, client_secret: str) -> "Verifier":
        """A verifier over the same keys that also asks the issuer whether each token is still
        active (RFC 7662), authenticating with ``client_secret_basic``. It accepts opaque tokens
        too. Scopes that were taken back since the token was made do not count.

        An active answer is believed for 5 s, never beyond ``exp``.
        """
        introspection = Introspection(client_id, client_secret)
        return Verifier(
            self._issuer, self._expected, self._clock, self.resource_metadata, introspection
        )

    def verify(self, token: str) -> Token:
        """Verifies an access token: the part of the ``Authorization`` header after ``Bearer``.

        Raises ``VerifyError``, ready to be answered with.
        """
        try:
            return self._check(token)
        except Refusal as refusal:
            raise self.refuse(refusal.reason, refusal.about) from None

    def authenticate(self, authorization: Sequence[str]) -> Token:
        """Verifies the token in the values of a request's ``Authorization`` headers.

        Raises ``VerifyError``, ready to be answered with.
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
        """Where to publish :attr:`resource_metadata` (RFC 9728 §3)."""
        return _resource_metadata.path(self._expected.audience)

    def _check(self, token: str) -> Token:
        if self._introspection is None:
            return self._check_signed(token)
        context = (self._issuer, self._expected, self._clock)
        if token.count(".") != 2:
            return self._introspection.check(token, *context)
        # What is no good by itself is not worth a question.
        signed = self._check_signed(token)
        active = self._introspection.check(token, *context)
        return replace(signed, scopes=tuple(filter(active.has_scope, signed.scopes)))

    def _check_signed(self, token: str) -> Token:
        unverified = _jws.parse(token)
        key = self._issuer.key(unverified.kid, unverified.algorithm)
        signature = unverified.signature
        if signature is None or not key.verify(unverified.signing_input, signature):
            raise Refusal("bad_signature")
        claims = parse_object(unverified.payload)
        if claims is None:
            raise Refusal("malformed")
        return self._expected.judge(claims, self._clock())
