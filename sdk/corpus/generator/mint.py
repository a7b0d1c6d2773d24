"""Fixed test keys and tokens signed with them, valid or not. Deterministic: the bytes never change."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

NOW = 1_790_000_000
ISSUER = "https://login.example"
AUDIENCE = "https://talk.example"


def b64(data: bytes | str) -> str:
    data = data.encode() if isinstance(data, str) else data
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def b64_bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64_int(number: int, length: int) -> str:
    return b64(number.to_bytes(length, "big"))


class Key:
    """A signing key whose `kid` is its RFC 7638 thumbprint."""

    def __init__(self, private, alg: str):
        self.private = private
        self.alg = alg
        canonical = json.dumps(self.members(), sort_keys=True, separators=(",", ":"))
        self.kid = b64(hashlib.sha256(canonical.encode()).digest())

    @classmethod
    def es256(cls, name: str) -> "Key":
        secret = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") >> 1
        return cls(ec.derive_private_key(secret, ec.SECP256R1()), "ES256")

    @classmethod
    def eddsa(cls, name: str) -> "Key":
        secret = hashlib.sha256(name.encode()).digest()
        return cls(ed25519.Ed25519PrivateKey.from_private_bytes(secret), "EdDSA")

    @classmethod
    def rs256(cls) -> "Key":
        pem = Path(__file__).with_name("test-only-rsa-key.pem").read_bytes()
        return cls(load_pem_private_key(pem, None), "RS256")

    def members(self) -> dict:
        """The members that RFC 7638 §3.2 hashes."""
        public = self.private.public_key()
        if self.alg == "ES256":
            point = public.public_numbers()
            return {"kty": "EC", "crv": "P-256", "x": b64_int(point.x, 32), "y": b64_int(point.y, 32)}
        if self.alg == "EdDSA":
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
        numbers = public.public_numbers()
        return {"kty": "RSA", "n": b64_int(numbers.n, 256), "e": b64_int(numbers.e, 3)}

    def jwk(self, **changes) -> dict:
        """The published JWK. A change to None removes the member."""
        jwk = {**self.members(), "kid": self.kid, "alg": self.alg, "use": "sig", **changes}
        return {name: value for name, value in jwk.items() if value is not None}

    def sign(self, message: bytes) -> bytes:
        if self.alg == "ES256":
            scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
            r, s = utils.decode_dss_signature(self.private.sign(message, scheme))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if self.alg == "EdDSA":
            return self.private.sign(message)
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


ES = Key.es256("writ conformance, first key")
ES2 = Key.es256("writ conformance, second key")
ES3 = Key.es256("writ conformance, third key")
FOREIGN = Key.es256("writ conformance, a stranger's key")
ED = Key.eddsa("writ conformance, Ed25519 key")
RS = Key.rs256()

LEFT_OUT = object()


def changed(members: dict, changes: dict) -> dict:
    return {name: value for name, value in {**members, **changes}.items() if value is not LEFT_OUT}


def claims(**changes) -> dict:
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "mina",
        "client_id": "shop",
        "scope": "profile:read message:read",
        "jti": "01999999-0000-7000-8000-000000000001",
        "iat": NOW - 60,
        "auth_time": NOW - 90,
        "exp": NOW + 240,
    }
    return changed(good, changes)


def header(key: Key, **changes) -> dict:
    return changed({"typ": "at+jwt", "alg": key.alg, "kid": key.kid}, changes)


def compact(value) -> bytes:
    """JSON as a signer writes it. Bytes and text stay as they are."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def jws(header_json, payload_json, key: Key = ES) -> str:
    """Signs any header and payload, well-formed or not."""
    signing_input = f"{b64(compact(header_json))}.{b64(compact(payload_json))}"
    return f"{signing_input}.{b64(key.sign(signing_input.encode()))}"


def token(key: Key = ES, head: dict | None = None, **claim_changes) -> str:
    """A valid token with these changes."""
    return jws(header(key, **(head or {})), claims(**claim_changes), key)
