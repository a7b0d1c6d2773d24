"""Builds situations. The README beside the corpus describes the format for runners."""

from .mint import ED, ES, ISSUER, NOW, RS

METADATA_URL = f"{ISSUER}/.well-known/oauth-authorization-server"
OIDC_URL = f"{ISSUER}/.well-known/openid-configuration"
JWKS_URL = f"{ISSUER}/jwks"
INTROSPECTION_URL = f"{ISSUER}/introspect"
RESOURCE_METADATA = 'resource_metadata="https://talk.example/.well-known/oauth-protected-resource"'

DESCRIPTIONS = {
    "missing_token": "an access token is required",
    "malformed_request": "the Authorization header must be Bearer and one token",
    "oversized": "the token is longer than 16384 bytes",
    "malformed": "the token is not a well-formed signed JWT",
    "critical_header": "the token requires an extension that is not supported",
    "wrong_type": "the token is not an access token (typ must be at+jwt)",
    "algorithm_not_allowed": "the token's algorithm is not allowed",
    "unknown_key": "the token's key is not published by the issuer",
    "bad_signature": "the token's signature is not valid",
    "wrong_issuer": "the token is from another issuer",
    "wrong_audience": "the token is for another audience",
    "expired": "the token has expired",
    "not_yet_valid": "the token is not valid yet",
    "issued_in_future": "the token was issued in the future",
    "excessive_lifetime": "the token lives longer than the issuer allows",
    "key_retired": "the token was issued after its key was retired",
    "sender_constrained": "the token is bound to a key and is not a bearer token",
    "inactive": "the token is not active",
}


def accept(**changes) -> dict:
    """The token is accepted, with these properties."""
    good = {
        "subject": "mina",
        "client_id": "shop",
        "scopes": ["profile:read", "message:read"],
        "actors": [],
        "expires_at": NOW + 240,
    }
    return {"accept": {**good, **changes}}


def refuse(reason: str, about: str | None = None) -> dict:
    """The refusal with its exact challenge. `about` names a claim or a scope."""
    status, error, scope = 401, "invalid_token", ""
    if reason == "unavailable":
        return {"refuse": {"reason": reason, "status": 503, "challenge": None}}
    if reason == "missing_token":
        return {"refuse": {"reason": reason, "status": 401, "challenge": f"Bearer {RESOURCE_METADATA}"}}
    if reason == "malformed_request":
        status, error = 400, "invalid_request"
    if reason == "insufficient_scope":
        status, error, scope = 403, reason, f'scope="{about}", '
        description = f"the scope {about} is required"
    elif reason == "invalid_claim":
        description = f"the claim {about} is missing or malformed"
    else:
        description = DESCRIPTIONS[reason]
    challenge = f'Bearer error="{error}", error_description="{description}", {scope}{RESOURCE_METADATA}'
    return {"refuse": {"reason": reason, "status": status, "challenge": challenge}}


def response(body, status: int = 200, **headers) -> dict:
    """An HTTP response. Header names are written with underscores."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": status, "headers": names, "body": body}


def metadata(**changes) -> dict:
    good = {"issuer": ISSUER, "jwks_uri": JWKS_URL, "introspection_endpoint": INTROSPECTION_URL}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def network(*keys: dict, **jwks_headers) -> dict:
    """An issuer that publishes these JWKs."""
    return {
        METADATA_URL: response(metadata()),
        JWKS_URL: response({"keys": list(keys)}, **jwks_headers),
    }


USUAL = network(ES.jwk(), RS.jwk(), ED.jwk())
DOWN: dict = {}


def step(expect: dict, token: str | None = None, after: int = 0, **more) -> dict:
    """One step. `after` is the time since the situation began, in seconds."""
    made = {"at": NOW + after, **expect, **more}
    if token is not None:
        made["token"] = token
    return made


def situation(name: str, why: str, *steps: dict, net: dict = USUAL, **more) -> dict:
    """Steps against a verifier that has fetched nothing yet."""
    return {"name": name, "why": why, "network": net, **more, "steps": list(steps)}


def one(name: str, why: str, token: str, expect: dict, net: dict = USUAL, **more) -> dict:
    """A situation with one token."""
    return situation(name, why, step(expect, token), net=net, **more)
