"""JSON as a security boundary reads it: an object, no duplicate members, bounded depth.

RFC 8259 leaves duplicate members open and Python keeps the last; a verifier and the code behind it
must never disagree about a claim.
"""

import json
from typing import Any

_MAX_DEPTH = 16


def parse_object(data: bytes) -> dict[str, Any] | None:
    """Parses one JSON object; None for anything else."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_members,
            parse_constant=_not_json,
            parse_float=_finite,
            parse_int=_whole,
        )
        _demand_strict(value, _MAX_DEPTH)
    except (ValueError, OverflowError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members


def _not_json(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("beyond a double")
    return number


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def _demand_strict(value: Any, depth: int) -> None:
    """Refuses depth and lone surrogates (which do not encode)."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("nested too deeply")
        for item in value:
            _demand_strict(item, depth - 1)
        for item in value.values() if isinstance(value, dict) else ():
            _demand_strict(item, depth - 1)
