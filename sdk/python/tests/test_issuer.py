"""The verifier with an issuer in the same process, over HTTP."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from writ_verifier import Response, Token, Verifier, VerifyError
from writ_verifier.testing import Issuer

TALK = "https://talk.example"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def verifier(issuer: Issuer) -> Verifier:
    return Verifier.discover(issuer.url, TALK)


def reason(verifier: Verifier, token: str) -> str:
    with pytest.raises(VerifyError) as refusal:
        verifier.verify(token)
    return refusal.value.reason


def test_token_has_the_claims_of_the_access_token(issuer: Issuer, verifier: Verifier) -> None:
    builder = issuer.token(TALK).subject("mina").client_id("assistant")
    builder.scope("message:read message:send").actor("billing").actor("assistant")
    token = verifier.verify(builder.sign())
    assert (token.subject, token.client_id) == ("mina", "assistant")
    assert token.scopes == ("message:read", "message:send")
    assert [actor.subject for actor in token.actor] == ["assistant", "billing"]
    assert "auth_time" not in repr(token)


def test_new_key_is_found_at_once_when_kid_unknown(issuer: Issuer) -> None:
    verifier = Verifier.discover(issuer.url, TALK)
    first = issuer.token(TALK).sign()
    verifier.verify(first)
    for algorithm in ["RS256", "EdDSA", "ES256"]:
        issuer.rotate(algorithm)
        verifier.verify(issuer.token(TALK).sign())
    verifier.verify(first)


def test_token_is_refused_when_not_an_access_token_of_the_issuer(
    issuer: Issuer, verifier: Verifier
) -> None:
    assert reason(verifier, issuer.token(TALK).unsigned()) == "algorithm_not_allowed"
    assert reason(verifier, issuer.token(TALK).sign_with_foreign_key()) == "bad_signature"
    assert reason(verifier, issuer.token(TALK).header("typ", "JWT").sign()) == "wrong_type"


def test_token_is_refused_at_once_when_revoked_and_introspected(
    issuer: Issuer, verifier: Verifier
) -> None:
    introspecting = verifier.introspecting("talk", "secret")
    token = issuer.token(TALK).sign()
    issuer.revoke(token)
    verifier.verify(token)
    assert reason(introspecting, token) == "inactive"
    introspecting.verify(issuer.token(TALK).sign())
    assert reason(introspecting, "an-opaque-handle") == "inactive"


def test_keys_are_refreshed_in_the_background(issuer: Issuer) -> None:
    now = 1_790_000_000
    tasks = []
    verifier = Verifier.discover(
        issuer.url, TALK, clock=lambda: now, in_background=lambda task: tasks.append(task)
    )
    token = issuer.token(TALK).claim("iat", now).claim("exp", now + 10_000).sign()
    verifier.verify(token)
    before = issuer.jwks_requests
    now += 300
    verifier.verify(token)
    assert (len(tasks), issuer.jwks_requests) == (1, before)
    tasks.pop()()
    assert issuer.jwks_requests == before + 1


def test_keys_are_used_as_long_as_configured_when_issuer_unavailable() -> None:
    now = 1_790_000_000
    with Issuer() as issuer:
        verifier = Verifier.discover(
            issuer.url,
            TALK,
            clock=lambda: now,
            in_background=lambda task: task(),
            stale_if_error=3600,
        )
        token = issuer.token(TALK).claim("iat", now).claim("exp", now + 10_000).sign()
        verifier.verify(token)
        issuer.is_down = True
        now += 3600 + 299
        verifier.verify(token)
        now += 1
        assert reason(verifier, token) == "unavailable"


def test_concurrent_introspections_of_one_token_share_one_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The response is held back until all other callers wait for it."""
    callers = 8
    waiting = threading.Semaphore(0)

    class CountingFuture(Future[Token]):
        def result(self, timeout: float | None = None) -> Token:
            waiting.release()
            return super().result(timeout)

    monkeypatch.setattr("writ_verifier._introspection.Future", CountingFuture)
    issuer = "https://login.example"
    requests = []

    def transport(method: str, url: str, *_: object) -> Response:
        if method == "GET":
            metadata = {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/jwks",
                "introspection_endpoint": f"{issuer}/introspect",
            }
            document = {"keys": []} if url.endswith("/jwks") else metadata
            return Response(200, json.dumps(document).encode())
        requests.append(url)
        for _ in range(callers - 1):
            assert waiting.acquire(timeout=60)
        return Response(200, b'{"active": false}')

    verifier = Verifier.discover(issuer, TALK, transport=transport)
    introspecting = verifier.introspecting("talk", "secret")
    with ThreadPoolExecutor(callers) as pool:
        reasons = list(pool.map(lambda _: reason(introspecting, "handle"), range(callers)))
    assert (reasons, len(requests)) == (["inactive"] * callers, 1)


@given(token=st.text(max_size=200) | st.binary(max_size=99).map(lambda data: data.decode("latin1")))
def test_any_text_is_refused(verifier: Verifier, token: str) -> None:
    reason(verifier, token)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)
CLAIMS = ["iss", "aud", "sub", "client_id", "scope", "exp", "nbf", "iat", "jti", "act", "cnf"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(CLAIMS), value=json_values)
def test_signed_token_with_any_claim_is_accepted_or_refused(
    issuer: Issuer, verifier: Verifier, name: str, value: object
) -> None:
    try:
        verifier.verify(issuer.token(TALK).claim(name, value).sign())
    except VerifyError:
        pass


@given(at=st.integers(min_value=0), character=st.characters())
def test_changed_token_is_refused(
    issuer: Issuer, verifier: Verifier, at: int, character: str
) -> None:
    valid = issuer.token(TALK).sign()
    at %= len(valid)
    if valid[at] != character:
        reason(verifier, valid[:at] + character + valid[at + 1 :])


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example",
        "https://login.example/tenant/",
        "http://localhost:8400",
        "http://127.0.0.1:8400",
        "http://[::1]:8400",
    ],
)
def test_issuer_is_accepted_when_https_or_loopback(url: str) -> None:
    Verifier.discover(url, TALK)


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example",
        "http://127.0.0.1.login.example",
        "ftp://login.example",
        "https://login.example?a=b",
        "https://login.example#fragment",
        "https://user:password@login.example",
        "https://login.example:port",
        "login.example",
        "",
    ],
)
def test_issuer_is_refused_otherwise(url: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        Verifier.discover(url, TALK)


def test_audience_must_not_be_empty() -> None:
    with pytest.raises(ValueError, match="audience"):
        Verifier.discover("https://login.example", "")
