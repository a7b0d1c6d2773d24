"""A verified access token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._error import VerifyError


@dataclass(frozen=True)
class Actor:
    """One member of the actor chain (RFC 8693 §4.1): its ``sub`` and all that is said of it."""

    subject: str
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class Token:
    """A verified access token (RFC 9068). Only a ``Verifier`` makes one."""

    #: ``sub``: the person who granted access, or the client itself under client credentials.
    subject: str
    #: ``client_id``: the app that presents the token.
    client_id: str
    #: The granted scopes, in the token's order.
    scopes: tuple[str, ...]
    #: ``exp``: seconds since 1970-01-01T00:00:00Z.
    expires_at: int
    #: All claims, as signed (or as introspection answered).
    claims: Mapping[str, Any] = field(repr=False)
    resource_metadata: str | None = field(repr=False)

    def has_scope(self, scope: str) -> bool:
        """Whether this exact scope was granted (scopes are case-sensitive, RFC 6749 §3.3)."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Demands a scope.

        Raises ``VerifyError``: a 403 ``insufficient_scope`` whose challenge names the scope
        (RFC 6750 §3.1).
        """
        if not self.has_scope(scope):
            raise VerifyError("insufficient_scope", scope, self.resource_metadata)

    @property
    def actor(self) -> list[Actor]:
        """``act``: who acts for the subject, the current actor first, then those before."""
        chain = []
        act = self.claims.get("act")
        while act is not None:
            chain.append(Actor(act["sub"], act))
            act = act.get("act")
        return chain
