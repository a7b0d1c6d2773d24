"""An issuer in the same process, for the tests of an API. It needs no network beyond loopback.

with Issuer() as issuer:
    verifier = Verifier.discover(issuer.url, "https://talk.example")
    valid = issuer.token("https://talk.example").subject("mina").scope("message:read").sign()
    expired = issuer.token("https://talk.example").expired().sign()
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from . import _base64url as base64url
from ._json import parse_object

_GENERATE: dict[str, Callable[[], Any]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


class _SigningKey:
    def __init__(self, algorithm: str) -> None:
        self.algorithm = algorithm
        self._signer = jwt.get_algorithm_by_name(algorithm)
        self._private = _GENERATE[algorithm]()
        jwk: dict[str, str] = self._signer.to_jwk(self._private.public_key(), True)
        hashed = ("kty", "crv", "x", "y", "n", "e")
        members: dict[str, str] = {name: jwk[name] for name in hashed if name in jwk}
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
        #: RFC 7638 thumbprint.
        self.kid = base64url.encode(hashlib.sha256(canonical).digest())
        self.jwk: dict[str, str] = {**members, "kid": self.kid, "alg": algorithm, "use": "sig"}

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message, self._private)


class Issuer:
    """An issuer on a free loopback port: metadata, JWKS and introspection. A context manager."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self._keys = [_SigningKey(algorithm)]
        self._revoked: set[str] = set()
        self._minted = 0
        #: While set, every response is a 503.
        self.is_down = False
        #: How many times the JWKS was requested.
        self.jwks_requests = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._respond(*issuer._get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                authorization = self.headers.get("Authorization", "")
                self._respond(*issuer._post(self.path, authorization, body))

            def _respond(self, status: int, document: dict[str, Any]) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keeps the output of tests clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        #: The issuer identifier.
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, audience: str) -> "TokenBuilder":
        """A valid token for ``audience`` with a lifetime of five minutes, to be changed and
        signed."""
        self._minted += 1
        return TokenBuilder(self._keys[-1], self.url, audience, f"token-{self._minted}")

    def rotate(self, algorithm: str = "ES256") -> None:
        """Adds a key and signs with it from now on. Old keys stay published."""
        self._keys.append(_SigningKey(algorithm))

    def withdraw_old_keys(self) -> None:
        """Stops publishing all keys but the current one."""
        self._keys = self._keys[-1:]

    def revoke(self, token: str) -> None:
        """Revokes a token: introspection reports it as inactive."""
        self._revoked.add(token)

    def _get(self, path: str) -> tuple[int, dict[str, Any]]:
        if self.is_down:
            return 503, {}
        well_known = ("oauth-authorization-server", "openid-configuration")
        if path in (f"/.well-known/{name}" for name in well_known):
            return 200, {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "introspection_endpoint": f"{self.url}/introspect",
            }
        if path == "/jwks":
            self.jwks_requests += 1
            return 200, {"keys": [key.jwk for key in self._keys]}
        return 404, {}

    def _post(self, path: str, authorization: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Returns the token's own claims, unless it was revoked."""
        if self.is_down:
            return 503, {}
        if path != "/introspect":
            return 404, {}
        if not authorization.startswith("Basic "):
            return 401, {}
        token = parse_qs(body.decode()).get("token", [""])[0]
        parts = token.split(".")
        payload = base64url.decode(parts[1]) if len(parts) == 3 else None
        claims = parse_object(payload) if payload is not None else None
        if claims is None or token in self._revoked:
            return 200, {"active": False}
        return 200, {**claims, "active": True}


class TokenBuilder:
    """Builds an access token. It is valid unless changed."""

    def __init__(self, key: _SigningKey, issuer: str, audience: str, jti: str) -> None:
        now = int(time.time())
        self._key = key
        self._header: dict[str, Any] = {"typ": "at+jwt", "alg": key.algorithm, "kid": key.kid}
        self._claims: dict[str, Any] = {
            "iss": issuer,
            "aud": audience,
            "sub": "alice",
            "client_id": "shop",
            "scope": "",
            "jti": jti,
            "iat": now,
            "auth_time": now,
            "exp": now + 300,
        }

    def subject(self, subject: str) -> Self:
        """Sets ``sub``. The default is ``alice``."""
        return self.claim("sub", subject)

    def client_id(self, client_id: str) -> Self:
        """Sets ``client_id``. The default is ``shop``."""
        return self.claim("client_id", client_id)

    def scope(self, scope: str) -> Self:
        """Sets ``scope``, space-delimited. The default is empty."""
        return self.claim("scope", scope)

    def actor(self, subject: str) -> Self:
        """Sets the current actor in ``act``. An actor that was set earlier becomes the prior actor
        (RFC 8693 §4.1)."""
        prior = {"act": self._claims["act"]} if "act" in self._claims else {}
        return self.claim("act", {"sub": subject, **prior})

    def expired(self) -> Self:
        """Sets ``exp`` to an hour ago."""
        return self.claim("exp", int(time.time()) - 3600)

    def claim(self, name: str, value: object) -> Self:
        """Sets any claim to any value."""
        self._claims[name] = value
        return self

    def without(self, name: str) -> Self:
        """Removes a claim."""
        self._claims.pop(name, None)
        return self

    def header(self, name: str, value: object) -> Self:
        """Sets any header parameter to any value, such as ``typ`` to ``JWT``."""
        self._header[name] = value
        return self

    def sign(self) -> str:
        """Signs with the issuer's current key."""
        signing_input = self._signing_input()
        return f"{signing_input}.{base64url.encode(self._key.sign(signing_input.encode()))}"

    def sign_with_foreign_key(self) -> str:
        """Signs with a key that the issuer does not publish, under the current key's ``kid``."""
        self._key = _SigningKey(self._key.algorithm)
        return self.sign()

    def unsigned(self) -> str:
        """Sets ``alg`` to ``none`` and leaves the signature empty."""
        return f"{self.header('alg', 'none')._signing_input()}."

    def _signing_input(self) -> str:
        parts = (json.dumps(part).encode() for part in (self._header, self._claims))
        return ".".join(map(base64url.encode, parts))
