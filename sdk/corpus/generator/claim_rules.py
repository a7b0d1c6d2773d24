"""The payload and its claims (RFC 9068 §4, RFC 7519 §4.1)."""

from .headers import nested
from .mint import AUDIENCE, ES, ISSUER, LEFT_OUT, NOW, claims, compact, header, jws, token
from .situation import accept, one, refuse


def payloads():
    members = compact(claims()).decode()[1:-1]
    cases = {
        "array": "[]",
        "text": '"mina"',
        "number": "1",
        "null": "null",
        "nothing": "",
        "unclosed": f"{{{members}",
        "trailing-data": f"{{{members}}}x",
        "nan": f'{{{members},"x":NaN}}',
        "huge-number": f'{{{members},"x":-1e999}}',
        "huge-integer": f'{{{members},"x":1{"0" * 400}}}',
        "byte-order-mark": b"\xef\xbb\xbf" + f"{{{members}}}".encode(),
        "invalid-utf8": f'{{{members},"x":"'.encode() + b"\xc3\x28" + b'"}',
        "lone-surrogate": f'{{{members},"x":"\\udc00"}}',
        "lone-surrogate-name": f'{{{members},"\\ud800x":1}}',
        "duplicate-exp": f'{{{members},"exp":{NOW + 10_000}}}',
        "duplicate-exp-before": f'{{"exp":{NOW - 10_000},{members}}}',
        "duplicate-scope": f'{{{members},"scope":"admin"}}',
        "duplicate-sub-escaped": f'{{{members},"s\\u0075b":"root"}}',
        "duplicate-nested": f'{{{members},"x":[{{"y":1,"y":2}}]}}',
        "duplicate-proto": f'{{{members},"__proto__":1,"__proto__":2}}',
        "too-deep": compact({**claims(), "x": nested(16)}),
        "very-deep": f'{{{members},"x":{"[" * 5000}{"]" * 5000}}}',
    }
    for name, made in cases.items():
        yield one(f"payload-{name}", "strict JSON (RFC 8259)", jws(header(ES), made), refuse("malformed"))
    yield one("payload-deep-enough", "16 levels are accepted", token(x=nested(15)), accept())
    same = f'{{{members},"x":{{"a":1}},"y":{{"a":1}}}}'
    yield one("payload-same-name-elsewhere", "not a duplicate", jws(header(ES), same), accept())
    proto = f'{{{members},"__proto__":{{"sub":"root"}},"constructor":1}}'
    yield one("payload-proto", "an ordinary member name", jws(header(ES), proto), accept())
    escaped = f"{{{members}}}".replace('"mina"', '"m\\u0069na"')
    yield one("payload-escapes", "RFC 8259 §7", jws(header(ES), escaped), accept())


def issuers():
    wrong = {
        "other": "https://evil.example",
        "slash": f"{ISSUER}/",
        "case": ISSUER.upper(),
        "http": ISSUER.replace("https", "http"),
        "port": f"{ISSUER}:443",
        "longer": f"{ISSUER}.evil.example",
        "empty": "",
    }
    for name, iss in wrong.items():
        yield one(f"iss-{name}", "RFC 9068 §4: an exact match", token(iss=iss), refuse("wrong_issuer"))
    for name, iss in {"missing": LEFT_OUT, "null": None, "number": 1, "array": [ISSUER]}.items():
        yield one(f"iss-{name}", "RFC 7519 §4.1.1", token(iss=iss), refuse("invalid_claim", "iss"))


def audiences():
    good = {"array-of-one": [AUDIENCE], "array": ["https://mail.example", AUDIENCE]}
    for name, aud in good.items():
        yield one(f"aud-{name}", "RFC 7519 §4.1.3", token(aud=aud), accept())
    wrong = {
        "other": "https://mail.example",
        "slash": f"{AUDIENCE}/",
        "case": AUDIENCE.upper(),
        "prefix": AUDIENCE[:-1],
        "longer": f"{AUDIENCE}.evil.example",
        "empty": "",
        "empty-array": [],
        "array-of-others": ["https://mail.example", f"{AUDIENCE}/"],
        "client": "shop",
    }
    for name, aud in wrong.items():
        yield one(f"aud-{name}", "RFC 9068 §4", token(aud=aud), refuse("wrong_audience"))
    bad = {"missing": LEFT_OUT, "null": None, "number": 1, "object": {AUDIENCE: True}, "mixed": [AUDIENCE, 1]}
    for name, aud in bad.items():
        yield one(f"aud-{name}", "RFC 7519 §4.1.3", token(aud=aud), refuse("invalid_claim", "aud"))


def times():
    not_dates = {"null": None, "text": str(NOW + 240), "true": True, "object": {}, "negative": -1}
    for claim in ["exp", "nbf", "iat"]:
        for name, value in not_dates.items():
            made = token(**{claim: value})
            yield one(f"{claim}-{name}", "RFC 7519 §2: a NumericDate", made, refuse("invalid_claim", claim))
    for claim in ["exp", "iat"]:
        made = token(**{claim: LEFT_OUT})
        yield one(f"{claim}-missing", "RFC 9068 §2.2", made, refuse("invalid_claim", claim))
    yield one("exp-29s-ago", "30 s of leeway", token(exp=NOW - 29), accept(expires_at=NOW - 29))
    yield one("exp-30s-ago", "the leeway's end", token(exp=NOW - 30), refuse("expired"))
    yield one("exp-an-hour-ago", "RFC 7519 §4.1.4", token(exp=NOW - 3600), refuse("expired"))
    yield one("exp-zero", "1970", token(exp=0), refuse("expired"))
    yield one("exp-fraction", "RFC 7519 §2 allows it", token(exp=NOW + 240.75), accept())
    far = jws(header(ES), compact(claims()).replace(str(NOW + 240).encode(), b"1e15"))
    yield one("exp-far-future", "no issuer allows it", far, refuse("excessive_lifetime"))
    yield one("nbf-past", "RFC 7519 §4.1.5", token(nbf=NOW - 60), accept())
    yield one("nbf-in-30s", "30 s of leeway", token(nbf=NOW + 30), accept())
    yield one("nbf-in-31s", "beyond the leeway", token(nbf=NOW + 31), refuse("not_yet_valid"))
    yield one("iat-in-30s", "30 s of leeway", token(iat=NOW + 30), accept())
    yield one("iat-in-31s", "beyond the leeway", token(iat=NOW + 31), refuse("issued_in_future"))
    yield one("iat-far-future", "year 2100", token(iat=4_102_444_800), refuse("issued_in_future"))


def lifetimes():
    day = NOW - 60 + 24 * 60 * 60
    yield one("lifetime-a-day", "the longest that the server allows", token(exp=day), accept(expires_at=day))
    too_long = refuse("excessive_lifetime")
    yield one("lifetime-over-a-day", "a leaked key signed it", token(exp=day + 1), too_long)
    yield one("lifetime-iat-zero", "a leaked key signed it", token(iat=0), too_long)
    old = token(iat=NOW - 200_000, exp=NOW - 60)
    yield one("lifetime-expired", "the expiry comes first", old, refuse("expired"))
    yield one("lifetime-configured", "a shorter limit of the API", token(), accept(), max_lifetime=300)
    longer = token(exp=NOW + 241)
    yield one("lifetime-over-configured", "a shorter limit of the API", longer, too_long, max_lifetime=300)


def subjects_and_clients():
    for claim in ["sub", "client_id", "jti"]:
        for name, value in {"missing": LEFT_OUT, "null": None, "number": 1, "array": ["mina"]}.items():
            made = token(**{claim: value})
            yield one(f"{claim}-{name}", "RFC 9068 §2.2", made, refuse("invalid_claim", claim))
    yield one("sub-korean", "any Unicode text", token(sub="김민아"), accept(subject="김민아"))
    made = token(sub="shop", auth_time=LEFT_OUT)
    yield one("client-credentials", "RFC 9068 §2.2: sub is the client", made, accept(subject="shop"))
    yield one("unknown-claim", "RFC 7519 §4: others are ignored", token(tenant={"id": 7}), accept())
    for name, cnf in {
        "jkt": {"jkt": "0ZcOCORZNYy"},
        "x5t": {"x5t#S256": "bwcK0esc3ACC"},
        "null": None,
    }.items():
        made = token(cnf=cnf)
        yield one(f"cnf-{name}", "RFC 9449, RFC 8705: not a bearer token", made, refuse("sender_constrained"))


def actors():
    chain = {"sub": "assistant", "act": {"sub": "billing", "iss": ISSUER}}
    yield one("act", "RFC 8693 §4.1", token(act={"sub": "assistant"}), accept(actors=["assistant"]))
    yield one(
        "act-chain",
        "RFC 8693 §4.1: the current actor first",
        token(act=chain),
        accept(actors=["assistant", "billing"]),
    )
    bad = {
        "null": None,
        "text": "assistant",
        "no-sub": {"client_id": "assistant"},
        "sub-number": {"sub": 1},
        "chain-null": {"sub": "a", "act": None},
        "chain-no-sub": {"sub": "a", "act": {"act": {"sub": "b"}}},
    }
    for name, act in bad.items():
        yield one(f"act-{name}", "RFC 8693 §4.1", token(act=act), refuse("invalid_claim", "act"))


def situations():
    for group in [payloads, issuers, audiences, times, lifetimes, subjects_and_clients, actors]:
        yield from group()
