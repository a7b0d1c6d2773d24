"""A verified access token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._error import VerifyError

# How far clocks may disagree, in seconds.
LEEWAY = 30


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
    #: When it was verified: seconds since 1970-01-01T00:00:00Z.
    verified_at: int
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

    def require_authentication(
        self, acr_values: Sequence[str] = (), max_age: int | None = None
    ) -> None:
        """Demands that the person signed in in one of the ways of ``acr_values`` (none named: in
        any), and not more than ``max_age`` seconds ago, with 30 s of leeway (RFC 9470 §3).

        Raises ``VerifyError``: a 401 ``insufficient_user_authentication`` whose challenge says what
        is demanded.
        """
        right_way = not acr_values or self.claims.get("acr") in acr_values
        auth_time = self.claims.get("auth_time")
        recent = max_age is None or (
            isinstance(auth_time, int | float) and auth_time >= self.verified_at - max_age - LEEWAY
        )
        if right_way and recent:
            return
        demanded = []
        if acr_values:
            demanded.append(f'acr_values="{" ".join(acr_values)}"')
        if max_age is not None:
            demanded.append(f'max_age="{max_age}"')
        about = ", ".join(demanded)
        raise VerifyError("insufficient_user_authentication", about, self.resource_metadata)

    @property
    def actor(self) -> list[Actor]:
        """``act``: who acts for the subject, the current actor first, then those before."""
        chain = []
        act = self.claims.get("act")
        while act is not None:
            chain.append(Actor(act["sub"], act))
            act = act.get("act")
        return chain
