"""The header and the shape of a token (RFC 7515, RFC 8725, RFC 9068 §4)."""

import hashlib
import hmac
import json

from .mint import ED, ES, ES2, FOREIGN, LEFT_OUT, RS, b64, claims, compact, header, jws, token
from .situation import accept, one, refuse, situation, step


def confused(alg: str, digest, secret: bytes) -> str:
    """A token under HMAC with a public key as the secret."""
    signing_input = f"{b64(compact(header(RS, alg=alg)))}.{b64(compact(claims()))}"
    mac = hmac.new(secret, signing_input.encode(), digest).digest()
    return f"{signing_input}.{b64(mac)}"


def unsigned(alg: str) -> str:
    return token(head={"alg": alg}).rsplit(".", 1)[0] + "."


def nested(depth: int) -> dict:
    value: dict = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def of_length(length: int) -> str:
    """A valid token of exactly this many bytes."""
    for head_pad in range(4):
        head = {"pad": "x" * head_pad}
        about = (length - len(token(head=head, pad=""))) * 3 // 4
        for pad in range(about - 3, about + 4):
            made = token(head=head, pad="x" * pad)
            if len(made) == length:
                return made
    raise AssertionError(length)


def algorithms():
    yield one("es256", "Writ's default algorithm", token(), accept())
    yield one("rs256", "RFC 9068 §2.1: RS256 must be supported", token(RS), accept())
    yield one("eddsa", "RFC 8037", token(ED), accept())
    for alg in ["none", "None", "NONE", "nOnE"]:
        yield one(f"alg-{alg}-unsigned", "RFC 8725 §3.2", unsigned(alg), refuse("algorithm_not_allowed"))
    yield one(
        "alg-none-signed", "RFC 8725 §3.2", token(head={"alg": "none"}), refuse("algorithm_not_allowed")
    )
    secrets = {
        "pem": RS.public_pem(),
        "modulus": RS.members()["n"].encode(),
        "jwk": json.dumps(RS.jwk()).encode(),
        "empty": b"",
    }
    for name, secret in secrets.items():
        made = confused("HS256", hashlib.sha256, secret)
        yield one(
            f"hs256-with-public-{name}", "key confusion, RFC 8725 §2.1", made, refuse("algorithm_not_allowed")
        )
    made = confused("HS512", hashlib.sha512, RS.public_pem())
    yield one("hs512-with-public-pem", "key confusion", made, refuse("algorithm_not_allowed"))
    for alg in ["RS384", "RS512", "PS256", "ES384", "ES512", "ES256K", "Ed448", "es256", "ES256 ", ""]:
        made = token(head={"alg": alg})
        yield one(
            f"alg-{alg or 'empty'}".strip(),
            "not an accepted algorithm",
            made,
            refuse("algorithm_not_allowed"),
        )
    for name, alg in {"missing": LEFT_OUT, "number": 256, "array": ["ES256"], "null": None}.items():
        made = token(head={"alg": alg})
        yield one(f"alg-{name}", "RFC 7515 §4.1.1: a string", made, refuse("algorithm_not_allowed"))
    why = "a token must not choose how a key is used"
    yield one("rs256-with-es256-kid", why, jws(header(RS, kid=ES.kid), claims(), RS), refuse("unknown_key"))
    yield one("es256-with-rs256-kid", why, jws(header(ES, kid=RS.kid), claims(), ES), refuse("unknown_key"))
    yield one("eddsa-with-es256-kid", why, jws(header(ED, kid=ES.kid), claims(), ED), refuse("unknown_key"))


def types():
    for typ in ["AT+JWT", "application/at+jwt", "Application/AT+jwt"]:
        yield one(
            f"typ-{typ}",
            "RFC 7515 §4.1.9: case-insensitive, prefix optional",
            token(head={"typ": typ}),
            accept(),
        )
    wrong = [
        "JWT",
        "jwt",
        "application/jwt",
        "at+jwt ",
        "at+jwtx",
        "at",
        "id+jwt",
        "logout+jwt",
        "dpop+jwt",
        "application/application/at+jwt",
        "",
    ]
    for typ in wrong:
        made = token(head={"typ": typ})
        yield one(
            f"typ-is-{typ or 'empty'}".strip().replace("jwt ", "jwt-space"),
            "RFC 9068 §4",
            made,
            refuse("wrong_type"),
        )
    for name, typ in {"missing": LEFT_OUT, "null": None, "number": 1, "array": ["at+jwt"]}.items():
        yield one(f"typ-{name}", "RFC 9068 §4", token(head={"typ": typ}), refuse("wrong_type"))
    id_token = jws(
        header(RS, typ="JWT"),
        claims(
            client_id=LEFT_OUT, scope=LEFT_OUT, nonce="n-0S6", azp="shop", at_hash="77QmUPtjPfzWtF2AnpK9RQ"
        ),
        RS,
    )
    yield one("id-token", "an ID token is not an access token", id_token, refuse("wrong_type"))


def jwt_type():
    """A resource server that is registered with the token type JWT."""

    def accepting(name: str, why: str, made: str, expect: dict) -> dict:
        return situation(name, why, step(expect, made), accept_typ_jwt=True)

    for typ in ["JWT", "jwt", "application/JWT", "at+jwt", "application/at+jwt"]:
        yield accepting(
            f"accept-typ-jwt-{typ}", "the setting adds a type", token(head={"typ": typ}), accept()
        )
    for name, typ in {
        "logout": "logout+jwt",
        "userinfo": "userinfo+jwt",
        "missing": LEFT_OUT,
        "empty": "",
    }.items():
        made = token(head={"typ": typ})
        yield accepting(f"accept-typ-jwt-not-{name}", "only JWT is added", made, refuse("wrong_type"))
    # ID tokens that differ from an access token in one claim only. Even the audience is right.
    for claim in ["nonce", "at_hash", "c_hash", "s_hash"]:
        made = token(head={"typ": "JWT"}, **{claim: "77QmUPtjPfzWtF2AnpK9RQ"})
        why = "OpenID Connect Core §2: a claim of ID tokens"
        yield accepting(f"accept-typ-jwt-{claim}", why, made, refuse("wrong_type"))
    made = token(head={"typ": "JWT"}, client_id=LEFT_OUT)
    why = "RFC 9068 §2.2: an access token names its client"
    yield accepting("accept-typ-jwt-no-client-id", why, made, refuse("wrong_type"))
    made = token(nonce="n-0S6")
    yield accepting("accept-typ-jwt-at-jwt-nonce", "with at+jwt the type decides", made, accept())
    made = token(head={"typ": "JWT"}, aud="https://mail.example")
    yield accepting("accept-typ-jwt-aud", "all other checks remain", made, refuse("wrong_audience"))


def critical():
    cases = {"unknown": ["x"], "exp": ["exp"], "b64": ["b64"], "empty": [], "null": None, "text": "exp"}
    for name, crit in cases.items():
        more = {"b64": False} if name == "b64" else {}
        made = token(head={"crit": crit, "x": 1, **more})
        yield one(f"crit-{name}", "RFC 7515 §4.1.11", made, refuse("critical_header"))


def kids():
    for name, kid in {"missing": LEFT_OUT, "null": None, "number": 1, "object": {}}.items():
        yield one(f"kid-{name}", "a key is not guessed", token(head={"kid": kid}), refuse("unknown_key"))
    for name, kid in {
        "empty": "",
        "path": "../../dev/null",
        "sql": "x' UNION SELECT 'k",
        "case": ES.kid.swapcase(),
    }.items():
        yield one(f"kid-{name}", "RFC 8725 §3.10", token(head={"kid": kid}), refuse("unknown_key"))
    jwk = FOREIGN.jwk()
    embedded = jws(header(FOREIGN, jwk=jwk), claims(), FOREIGN)
    yield one("jwk-in-header", "a token must not bring its own key", embedded, refuse("unknown_key"))
    embedded = jws(header(FOREIGN, jwk=jwk, kid=ES.kid), claims(), FOREIGN)
    yield one(
        "jwk-in-header-known-kid", "a token must not bring its own key", embedded, refuse("bad_signature")
    )
    linked = jws(header(FOREIGN, jku="https://evil.example/jwks"), claims(), FOREIGN)
    yield one("jku", "RFC 8725 §3.10: a URL in a token is not fetched", linked, refuse("unknown_key"))
    linked = jws(header(FOREIGN, x5u="https://evil.example/cert", x5c=["MIIB"]), claims(), FOREIGN)
    yield one("x5u", "RFC 8725 §3.10: a URL in a token is not fetched", linked, refuse("unknown_key"))
    yield one("unknown-header", "RFC 7515 §4: others are ignored", token(head={"x": {"y": [1]}}), accept())
    yield one(
        "signed-by-foreign-key",
        "same kid, other key",
        jws(header(ES), claims(), FOREIGN),
        refuse("bad_signature"),
    )
    yield one("unpublished-key", "a key that is not published", token(ES2), refuse("unknown_key"))


def shapes():
    good = token()
    head, payload, signature = good.split(".")
    cases = {
        "empty": "",
        "one-part": head,
        "two-parts": f"{head}.{payload}",
        "four-parts": f"{good}.{signature}",
        "five-parts": f"{good}.{signature}.{signature}",
        "only-dots": "..",
        "json-serialization": json.dumps({"protected": head, "payload": payload, "signature": signature}),
        "space-before": f" {good}",
        "header-padded": f"{head}=.{payload}.{signature}",
        "header-newline": f"{head[:8]}\n{head[8:]}.{payload}.{signature}",
        "header-plus": f"+{head[1:]}.{payload}.{signature}",
        "header-not-ascii": f"é{head[1:]}.{payload}.{signature}",
        "header-with-bearer": f"Bearer {good}",
    }
    for name, made in cases.items():
        yield one(f"shape-{name}", "RFC 7515 §7.1", made, refuse("malformed"))
    quoted = f'"typ":"at+jwt","alg":"ES256","kid":"{ES.kid}"'
    headers = {
        "array": "[]",
        "text": '"at+jwt"',
        "number": "1",
        "null": "null",
        "nothing": "",
        "unclosed": f"{{{quoted}",
        "trailing-data": f"{{{quoted}}}{{}}",
        "trailing-comma": f"{{{quoted},}}",
        "comment": f"{{{quoted}/* */}}",
        "single-quotes": "{'alg':'ES256'}",
        "nan": f'{{{quoted},"x":NaN}}',
        "infinity": f'{{{quoted},"x":-Infinity}}',
        "huge-number": f'{{{quoted},"x":1e999}}',
        "leading-zero": f'{{{quoted},"x":01}}',
        "control-character": f'{{{quoted},"x":"\t"}}',
        "byte-order-mark": b"\xef\xbb\xbf" + f"{{{quoted}}}".encode(),
        "invalid-utf8": f'{{{quoted},"x":"'.encode() + b"\xff" + b'"}',
        "lone-surrogate": f'{{{quoted},"x":"\\ud800"}}',
        "duplicate-alg": f'{{{quoted},"alg":"ES256"}}',
        "duplicate-kid-escaped": f'{{{quoted},"k\\u0069d":"{ES.kid}"}}',
        "duplicate-nested": f'{{{quoted},"x":{{"y":1,"y":1}}}}',
        "too-deep": compact({**header(ES), "x": nested(16)}),
        "very-deep": f'{{{quoted},"x":{"[" * 5000}{"]" * 5000}}}',
    }
    for name, made in headers.items():
        yield one(
            f"header-{name}", "strict JSON (RFC 8259, RFC 7515 §4)", jws(made, claims()), refuse("malformed")
        )
    yield one("header-deep-enough", "16 levels are accepted", token(head={"x": nested(15)}), accept())
    yield one("header-whitespace", "RFC 8259 §2", jws(f" {{ {quoted} }}\n", claims()), accept())


def sizes():
    yield one("size-16384", "the longest that is accepted", of_length(16384), accept())
    yield one("size-16385", "one byte more", of_length(16385), refuse("oversized"))
    yield one("size-20000", "refused before it is parsed", "a" * 20_000, refuse("oversized"))


def situations():
    for group in [algorithms, types, jwt_type, critical, kids, shapes, sizes]:
        yield from group()
