"""Dates in JSON."""

import math


def numeric_date(value: object) -> int | None:
    """A ``NumericDate`` (RFC 7519 §2): a JSON number, not negative. Fractions are dropped. None if
    it is none."""
    # In Python, True is an int.
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return None
    return math.floor(value)
