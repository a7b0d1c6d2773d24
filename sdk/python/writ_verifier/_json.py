"""JSON objects without duplicate members and with bounded depth.

RFC 8259 §4 leaves duplicate members open, and Python keeps the last. Two programs that read one
token must never disagree about a claim.
"""

import json
from typing import Any

_MAX_DEPTH = 16


def parse_object(data: bytes) -> dict[str, Any] | None:
    """Parses one JSON object. None for anything else."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_members,
            parse_constant=_not_json,
            parse_float=_finite,
            parse_int=_whole,
        )
        _require_strict(value, _MAX_DEPTH)
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


def _require_strict(value: Any, depth: int) -> None:
    """Refuses depth and lone surrogates, which cannot be encoded."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("nested too deeply")
        for item in value:
            _require_strict(item, depth - 1)
        for item in value.values() if isinstance(value, dict) else ():
            _require_strict(item, depth - 1)
