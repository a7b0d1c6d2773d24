"""Protected resource metadata (RFC 9728)."""

from collections.abc import Sequence
from typing import Any

from ._issuer import split_url

_WELL_KNOWN = "/.well-known/oauth-protected-resource"


def document(issuer: str, audience: str, scopes_supported: Sequence[str]) -> dict[str, Any]:
    """The document of RFC 9728 §2."""
    return {
        "resource": audience,
        "authorization_servers": [issuer],
        **({"scopes_supported": list(scopes_supported)} if scopes_supported else {}),
        "bearer_methods_supported": ["header"],
    }


def path(audience: str) -> str:
    """The path of the document (RFC 9728 §3): the well-known prefix, then the audience's path."""
    url = split_url(audience)
    own = url.path if url and url.scheme in ("http", "https") else ""
    return _WELL_KNOWN + own.rstrip("/")


def url(audience: str) -> str | None:
    """The URL in challenges. None when the audience is not an http(s) URL."""
    url = split_url(audience)
    if url is None or url.scheme not in ("http", "https"):
        return None
    return f"{url.scheme}://{url.netloc}{path(audience)}"
