"""The Authorization header (RFC 6750 §2.1) and the scope that a route requires (RFC 6750 §3.1)."""

from .mint import LEFT_OUT, token
from .situation import accept, refuse, situation, step


def header(name: str, why: str, values: list[str], expect: dict) -> dict:
    return situation(name, why, step(expect, authorization=values))


def authorization():
    good = token()
    for scheme in ["Bearer", "bearer", "BEARER"]:
        yield header(
            f"authorization-{scheme}", "RFC 9110 §11.1: case-insensitive", [f"{scheme} {good}"], accept()
        )
    yield header("authorization-two-spaces", "RFC 6750 §2.1: 1*SP", [f"Bearer  {good}"], accept())
    yield header("authorization-none", "no error code when nothing was sent", [], refuse("missing_token"))
    for name, value in {"basic": "Basic YTpi", "dpop": f"DPoP {good}", "bare": good, "empty": ""}.items():
        yield header(f"authorization-{name}", "another scheme", [value], refuse("missing_token"))
    bad = {
        "twice": [f"Bearer {good}", f"Bearer {good}"],
        "twice-mixed": ["Basic YTpi", f"Bearer {good}"],
        "no-token": ["Bearer"],
        "no-token-space": ["Bearer "],
        "two-tokens": [f"Bearer {good} {good}"],
        "comma": [f"Bearer {good}, Basic YTpi"],
        "quoted": [f'Bearer "{good}"'],
        "tab": [f"Bearer \t{good}"],
    }
    for name, values in bad.items():
        yield header(f"authorization-{name}", "RFC 6750 §2.1", values, refuse("malformed_request"))
    yield header("authorization-opaque", "not a JWT", ["Bearer mF_9.B5f-4.1JqM~"], refuse("malformed"))


def scopes():
    for name, scope in {"null": None, "number": 1, "array": ["message:read"]}.items():
        made = token(scope=scope)
        yield situation(
            f"scope-{name}", "RFC 8693 §4.2: a string", step(refuse("invalid_claim", "scope"), made)
        )
    lists = {"missing": LEFT_OUT, "empty": "", "spaces": "  "}
    for name, scope in lists.items():
        yield situation(f"scope-{name}", "nothing was granted", step(accept(scopes=[]), token(scope=scope)))
    wide = accept(scopes=["message:read", "message:send"])
    yield situation(
        "scope-double-space",
        "extra spaces are ignored",
        step(wide, token(scope=" message:read  message:send ")),
    )
    requirements = {
        "granted": ("message:read message:send", "message:send", True),
        "missing": ("message:read", "message:send", False),
        "prefix": ("message:send", "message", False),
        "longer": ("message:send", "message:send:all", False),
        "case": ("Message:Send", "message:send", False),
        "none": ("", "message:send", False),
        "wildcard": ("message:*", "message:send", False),
    }
    for name, (granted, wanted, is_good) in requirements.items():
        expect = accept(scopes=granted.split()) if is_good else refuse("insufficient_scope", wanted)
        made = step(expect, token(scope=granted), require=wanted)
        yield situation(f"require-{name}", "RFC 6750 §3.1", made)


def situations():
    yield from authorization()
    yield from scopes()
