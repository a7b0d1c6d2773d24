"""Strict base64url: no padding, no other characters, no spare bits (RFC 4648 §3.5, §5)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes | None:
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # Python's decoder ignores characters outside its alphabet.
    return data if encode(data) == text else None
