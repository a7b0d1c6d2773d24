"""A verifier that also asks the issuer (RFC 7662)."""

from .mint import AUDIENCE, ISSUER, LEFT_OUT, NOW, changed, token
from .situation import (
    INTROSPECTION_URL,
    METADATA_URL,
    USUAL,
    accept,
    answer,
    metadata,
    refuse,
    situation,
    step,
)

HANDLE = "01999999-0000-7000-8000-000000000002.c2VjcmV0"


def net(document, status: int = 200) -> dict:
    return {**USUAL, INTROSPECTION_URL: answer(document, status)}


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


def asked(name: str, why: str, *steps: dict, net: dict) -> dict:
    return situation(name, why, *steps, net=net, introspecting=True)


def opaque():
    yield asked("opaque-active", "RFC 7662 §2.2", step(accept(), HANDLE), net=net(active()))
    minimal = active(iss=LEFT_OUT, scope=LEFT_OUT)
    yield asked(
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
        yield asked(
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
        yield asked(
            f"opaque-{name}", "judged like a JWT's claims", step(expect, HANDLE), net=net(active(**changes))
        )
    down = refuse("unavailable")
    yield asked("introspection-down", "nothing can be said", step(down, HANDLE), net=USUAL)
    yield asked(
        "introspection-401",
        "our credentials are wrong, not the token",
        step(down, HANDLE),
        net=net({"error": "invalid_client"}, 401),
    )
    yield asked("introspection-not-json", "nothing can be said", step(down, HANDLE), net=net("not JSON"))
    without = {**net(active()), METADATA_URL: answer(metadata(introspection_endpoint=None))}
    yield asked("introspection-not-offered", "nothing can be said", step(down, HANDLE), net=without)


def cached():
    yield asked(
        "introspection-cache",
        "an active answer is believed for 5 s",
        step(accept(), HANDLE, requests={"introspection": 1}),
        step(accept(), HANDLE, after=4, network=net({"active": False}), requests={"introspection": 1}),
        step(refuse("inactive"), HANDLE, after=5, requests={"introspection": 2}),
        net=net(active()),
    )
    yield asked(
        "introspection-cache-exp",
        "never beyond exp",
        step(accept(expires_at=NOW + 2), HANDLE, requests={"introspection": 1}),
        step(accept(expires_at=NOW + 2), HANDLE, after=1, requests={"introspection": 1}),
        step(
            refuse("inactive"), HANDLE, after=2, network=net({"active": False}), requests={"introspection": 2}
        ),
        net=net(active(exp=NOW + 2)),
    )
    yield asked(
        "introspection-inactive-is-not-cached",
        "made-up tokens must not fill the cache",
        step(refuse("inactive"), HANDLE, requests={"introspection": 1}),
        step(accept(), HANDLE, network=net(active()), requests={"introspection": 2}),
        net=net({"active": False}),
    )


def signed():
    bearer = token()
    yield asked(
        "jwt-active", "both the signature and the answer are good", step(accept(), bearer), net=net(active())
    )
    yield asked(
        "jwt-revoked",
        "a good signature is not enough",
        step(refuse("inactive"), bearer),
        net=net({"active": False}),
    )
    narrow = net(active(scope="message:read message:send"))
    expect = accept(scopes=["message:read"])
    yield asked(
        "jwt-narrowed",
        "a scope counts when both the token and the answer have it",
        step(expect, bearer),
        net=narrow,
    )
    stripped = bearer.rpartition(".")[0] + "."
    yield asked(
        "jwt-bad-is-not-asked-about",
        "what is no good by itself is not worth a question",
        step(refuse("bad_signature"), stripped, requests={"introspection": 0}),
        net=net(active()),
    )


def situations():
    for group in [opaque, cached, signed]:
        yield from group()
