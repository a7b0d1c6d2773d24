"""Signatures that are nearly valid."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils

from .mint import ED, ES, RS, b64, claims, compact, header, jws, token
from .situation import accept, one, refuse

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def situations():
    good = token()
    signing_input, _, signature = good.rpartition(".")
    head, payload = signing_input.split(".")
    raw = ES.sign(signing_input.encode())
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")

    other_payload = b64(compact(claims(scope="admin")))
    other_header = b64(compact(header(ES, x=1)))
    cases = {
        "payload-changed": f"{head}.{other_payload}.{signature}",
        "header-changed": f"{other_header}.{payload}.{signature}",
        "missing": f"{signing_input}.",
        "of-another-token": f"{signing_input}.{token(sub='root').rpartition('.')[2]}",
        "cut": f"{signing_input}.{b64(raw[:-1])}",
        "one-byte-more": f"{signing_input}.{b64(raw + b'x')}",
        "der": f"{signing_input}.{b64(utils.encode_dss_signature(r, s))}",
        "zero": f"{signing_input}.{fixed(0, 0)}",
        "order": f"{signing_input}.{fixed(P256_ORDER, P256_ORDER)}",
        "one": f"{signing_input}.{fixed(1, 1)}",
        "swapped": f"{signing_input}.{fixed(s, r)}",
        "padded": f"{good}==",
        "newline": f"{good}\n",
        "space": f"{good} ",
        "plus-and-slash": f"{signing_input}.+/{signature[2:]}",
        # The last character's low bits carry no data: a lenient decoder ignores them.
        "spare-bits": good[:-1] + chr(ord(good[-1]) + 1),
        "doubled": f"{signing_input}.{b64(raw + raw)}",
    }
    for name, made in cases.items():
        yield one(f"signature-{name}", "RFC 7515 §5.2", made, refuse("bad_signature"))
    malleable = f"{signing_input}.{fixed(r, P256_ORDER - s)}"
    yield one(
        "signature-malleable",
        "(r, n-s) verifies too: a signature must not identify a token",
        malleable,
        accept(),
    )

    rs_input = token(RS).rpartition(".")[0]
    sha512 = RS.private.sign(rs_input.encode(), padding.PKCS1v15(), hashes.SHA512())
    yield one("rs256-sha512", "another hash", f"{rs_input}.{b64(sha512)}", refuse("bad_signature"))
    yield one(
        "rs256-noise", "not a signature", f"{rs_input}.{b64(bytes(range(256)))}", refuse("bad_signature")
    )
    yield one("rs256-zero", "not a signature", f"{rs_input}.{b64(bytes(256))}", refuse("bad_signature"))
    ed_input = token(ED).rpartition(".")[0]
    yield one("eddsa-zero", "not a signature", f"{ed_input}.{b64(bytes(64))}", refuse("bad_signature"))
    yield one(
        "eddsa-of-es256-length",
        "an ES256 signature under EdDSA",
        f"{ed_input}.{signature}",
        refuse("bad_signature"),
    )
    broken = jws(header(ES), claims(), ES)
    head, _, signature = broken.split(".")
    yield one(
        "payload-not-base64",
        "the payload cannot be decoded",
        signed_text(head, "e30=="),
        refuse("malformed"),
    )
    yield one("payload-spare-bits", "RFC 4648 §3.5", signed_text(head, "e31"), refuse("malformed"))


def fixed(r: int, s: int) -> str:
    """An ES256 signature as JWS writes it (RFC 7518 §3.4)."""
    return b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def signed_text(head: str, payload: str) -> str:
    """Signs a payload part that is not base64url of anything."""
    signing_input = f"{head}.{payload}"
    return f"{signing_input}.{b64(ES.sign(signing_input.encode()))}"
