"""Token introspection (RFC 7662)."""

from .mint import AUDIENCE, ISSUER, LEFT_OUT, NOW, changed, token
from .situation import (
    INTROSPECTION_URL,
    METADATA_URL,
    USUAL,
    accept,
    metadata,
    refuse,
    response,
    situation,
    step,
)

HANDLE = "01999999-0000-7000-8000-000000000002.c2VjcmV0"
OTHER = "01999999-0000-7000-8000-000000000003.c2VjcmV0"


def net(document, status: int = 200) -> dict:
    return {**USUAL, INTROSPECTION_URL: response(document, status)}


def active(**changes) -> dict:
    good = {
        "active": True,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "mina",
        "client_id": "shop",
        "scope": "profile:read message:read",
        "exp": NOW + 240,
    }
    return changed(good, changes)


def introspected(name: str, why: str, *steps: dict, net: dict) -> dict:
    return situation(name, why, *steps, net=net, introspecting=True)


def opaque():
    yield introspected("opaque-active", "RFC 7662 §2.2", step(accept(), HANDLE), net=net(active()))
    minimal = active(iss=LEFT_OUT, scope=LEFT_OUT)
    yield introspected(
        "opaque-minimal", "iss and scope are optional", step(accept(scopes=[]), HANDLE), net=net(minimal)
    )
    inactive = {
        "inactive": {"active": False},
        "inactive-but-described": active(active=False),
        "active-text": active(active="true"),
        "active-number": active(active=1),
        "active-missing": active(active=LEFT_OUT),
    }
    for name, document in inactive.items():
        yield introspected(
            f"opaque-{name}",
            "RFC 7662 §2.2: active is a boolean",
            step(refuse("inactive"), HANDLE),
            net=net(document),
        )
    wrong = {
        "aud-other": ({"aud": "https://mail.example"}, refuse("wrong_audience")),
        "aud-missing": ({"aud": LEFT_OUT}, refuse("invalid_claim", "aud")),
        "iss-other": ({"iss": "https://evil.example"}, refuse("wrong_issuer")),
        "exp-missing": ({"exp": LEFT_OUT}, refuse("invalid_claim", "exp")),
        "exp-past": ({"exp": NOW - 60}, refuse("expired")),
        "sub-missing": ({"sub": LEFT_OUT}, refuse("invalid_claim", "sub")),
        "cnf": ({"cnf": {"jkt": "x"}}, refuse("sender_constrained")),
    }
    for name, (changes, expect) in wrong.items():
        yield introspected(
            f"opaque-{name}", "the rules for claims apply", step(expect, HANDLE), net=net(active(**changes))
        )
    down = refuse("unavailable")
    yield introspected("introspection-down", "the issuer is needed", step(down, HANDLE), net=USUAL)
    yield introspected(
        "introspection-401",
        "the credentials are wrong, not the token",
        step(down, HANDLE),
        net=net({"error": "invalid_client"}, 401),
    )
    yield introspected(
        "introspection-not-json", "the response is unusable", step(down, HANDLE), net=net("not JSON")
    )
    without = {**net(active()), METADATA_URL: response(metadata(introspection_endpoint=None))}
    yield introspected("introspection-not-offered", "the issuer is needed", step(down, HANDLE), net=without)


def cached():
    yield introspected(
        "introspection-cache",
        "an active response is cached for 5 s",
        step(accept(), HANDLE, requests={"introspection": 1}),
        step(accept(), HANDLE, after=4, network=net({"active": False}), requests={"introspection": 1}),
        step(refuse("inactive"), HANDLE, after=5, requests={"introspection": 2}),
        net=net(active()),
    )
    yield introspected(
        "introspection-cache-exp",
        "never beyond exp",
        step(accept(expires_at=NOW + 2), HANDLE, requests={"introspection": 1}),
        step(accept(expires_at=NOW + 2), HANDLE, after=1, requests={"introspection": 1}),
        step(
            refuse("inactive"), HANDLE, after=2, network=net({"active": False}), requests={"introspection": 2}
        ),
        net=net(active(exp=NOW + 2)),
    )
    yield introspected(
        "introspection-cache-inactive",
        "an inactive response is cached for 5 s",
        step(refuse("inactive"), HANDLE, requests={"introspection": 1}),
        step(refuse("inactive"), HANDLE, after=4, network=net(active()), requests={"introspection": 1}),
        step(accept(), HANDLE, after=5, requests={"introspection": 2}),
        net=net({"active": False}),
    )
    yield introspected(
        "introspection-cache-refused",
        "so is a response that is refused for another reason",
        step(refuse("wrong_audience"), HANDLE, requests={"introspection": 1}),
        step(refuse("wrong_audience"), HANDLE, after=4, network=net(active()), requests={"introspection": 1}),
        step(accept(), HANDLE, after=5, requests={"introspection": 2}),
        net=net(active(aud="https://mail.example")),
    )
    yield introspected(
        "introspection-cache-by-token",
        "each token has its own response",
        step(accept(), HANDLE, requests={"introspection": 1}),
        step(refuse("inactive"), OTHER, network=net({"active": False}), requests={"introspection": 2}),
        step(accept(), HANDLE, requests={"introspection": 2}),
        net=net(active()),
    )
    yield introspected(
        "introspection-unavailable-is-not-cached",
        "the issuer may be back at once",
        step(refuse("unavailable"), HANDLE, requests={"introspection": 1}),
        step(accept(), HANDLE, network=net(active()), requests={"introspection": 2}),
        net=USUAL,
    )
    yield introspected(
        "introspection-clock-set-back",
        "the age of the response is unknown",
        step(accept(), HANDLE, requests={"introspection": 1}),
        step(accept(), HANDLE, after=-1, requests={"introspection": 2}),
        net=net(active()),
    )
    for name, document, expect in [
        ("active", active(), accept()),
        ("inactive", {"active": False}, refuse("inactive")),
    ]:
        yield introspected(
            f"introspection-together-{name}",
            "single flight",
            step(expect, HANDLE, times=20, requests={"introspection": 1}),
            net=net(document),
        )


def signed():
    bearer = token()
    yield introspected(
        "jwt-active",
        "both the signature and the response are valid",
        step(accept(), bearer),
        net=net(active()),
    )
    yield introspected(
        "jwt-revoked",
        "a valid signature is not enough",
        step(refuse("inactive"), bearer),
        net=net({"active": False}),
    )
    narrow = net(active(scope="message:read message:send"))
    expect = accept(scopes=["message:read"])
    yield introspected(
        "jwt-narrowed",
        "a scope counts if both the token and the response have it",
        step(expect, bearer),
        net=narrow,
    )
    stripped = bearer.rpartition(".")[0] + "."
    yield introspected(
        "jwt-refused-without-request",
        "a token that is refused without the issuer's help costs no request",
        step(refuse("bad_signature"), stripped, requests={"introspection": 0}),
        net=net(active()),
    )


def situations():
    for group in [opaque, cached, signed]:
        yield from group()
