"""A verified access token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._error import VerifyError
from ._leeway import LEEWAY


@dataclass(frozen=True)
class Actor:
    """One actor of the chain (RFC 8693 §4.1). The prior actor is in its claim ``act``."""

    subject: str
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class Token:
    """A verified access token (RFC 9068). Only a ``Verifier`` makes one."""

    #: ``sub``: the user who granted access, or the client itself under the client credentials
    #: grant.
    subject: str
    #: ``client_id``: the client that the token was issued to.
    client_id: str
    #: The granted scopes, in the token's order.
    scopes: tuple[str, ...]
    #: ``exp``: seconds since 1970-01-01T00:00:00Z.
    expires_at: int
    #: When it was verified: seconds since 1970-01-01T00:00:00Z.
    verified_at: int
    #: All claims, as signed or as the introspection response has them.
    claims: Mapping[str, Any] = field(repr=False)
    resource_metadata: str | None = field(repr=False)

    def has_scope(self, scope: str) -> bool:
        """Whether this exact scope was granted. Scopes are case-sensitive (RFC 6749 §3.3)."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Requires a scope.

        Raises ``VerifyError``: a 403 ``insufficient_scope`` whose challenge names the scope
        (RFC 6750 §3.1).
        """
        if not self.has_scope(scope):
            raise VerifyError("insufficient_scope", scope, self.resource_metadata)

    def require_authentication(
        self, acr_values: Sequence[str] = (), max_age: int | None = None
    ) -> None:
        """Requires an authentication of the user (RFC 9470 §3): by one of the methods in
        ``acr_values`` (any if empty), and at most ``max_age`` seconds ago, with 30 s of leeway.

        Raises ``VerifyError``: a 401 ``insufficient_user_authentication`` whose challenge has these
        parameters.
        """
        is_method_accepted = not acr_values or self.claims.get("acr") in acr_values
        auth_time = self.claims.get("auth_time")
        is_recent = max_age is None or (
            isinstance(auth_time, int | float) and auth_time >= self.verified_at - max_age - LEEWAY
        )
        if is_method_accepted and is_recent:
            return
        parameters = []
        if acr_values:
            parameters.append(f'acr_values="{" ".join(acr_values)}"')
        if max_age is not None:
            parameters.append(f'max_age="{max_age}"')
        about = ", ".join(parameters)
        raise VerifyError("insufficient_user_authentication", about, self.resource_metadata)

    @property
    def actor(self) -> list[Actor]:
        """``act``: who acts for the subject, the current actor first, then prior ones."""
        chain = []
        act = self.claims.get("act")
        while act is not None:
            chain.append(Actor(act["sub"], act))
            act = act.get("act")
        return chain
