"""How long a response stays fresh in a private cache (RFC 9111 §4.2)."""

import re
from collections.abc import Mapping


def freshness_lifetime(headers: Mapping[str, str]) -> int | None:
    """Seconds for which a response stays fresh. None if it does not say.

    Zero if it must not be reused (``no-store``, ``no-cache``), is stale already, or says something
    that is not a number of seconds.
    """
    max_age = None
    for directive in headers.get("cache-control", "").split(","):
        name, _, value = directive.partition("=")
        match name.strip().lower():
            case "no-store" | "no-cache":
                return 0
            # The first one counts (RFC 9111 §4.2.1).
            case "max-age" if max_age is None:
                max_age = _seconds(value.strip().strip('"')) or 0
    if max_age is None:
        return None
    return max(max_age - (_seconds(headers.get("age", "")) or 0), 0)


def _seconds(text: str) -> int | None:
    """``delta-seconds`` (RFC 9111 §1.2.2)."""
    return int(text[:18]) if re.fullmatch(r"\d+", text, re.ASCII) else None
