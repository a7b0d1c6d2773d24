"""The verifier against an issuer in the same process, over real HTTP."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from writ_verifier import Verifier, VerifyError
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


def test_a_good_token_says_who_and_what(issuer: Issuer, verifier: Verifier) -> None:
    builder = issuer.token(TALK).subject("mina").client_id("assistant")
    builder.scope("message:read message:send").actor("billing").actor("assistant")
    token = verifier.verify(builder.sign())
    assert (token.subject, token.client_id) == ("mina", "assistant")
    assert token.scopes == ("message:read", "message:send")
    assert [actor.subject for actor in token.actor] == ["assistant", "billing"]
    assert "auth_time" not in repr(token)


def test_a_rotated_key_is_picked_up_at_once(issuer: Issuer) -> None:
    verifier = Verifier.discover(issuer.url, TALK)
    first = issuer.token(TALK).sign()
    verifier.verify(first)
    for algorithm in ["RS256", "EdDSA", "ES256"]:
        issuer.rotate(algorithm)
        verifier.verify(issuer.token(TALK).sign())
    verifier.verify(first)


def test_strangers_unsigned_tokens_and_id_tokens_are_refused(
    issuer: Issuer, verifier: Verifier
) -> None:
    assert reason(verifier, issuer.token(TALK).unsigned()) == "algorithm_not_allowed"
    assert reason(verifier, issuer.token(TALK).sign_with_foreign_key()) == "bad_signature"
    assert reason(verifier, issuer.token(TALK).header("typ", "JWT").sign()) == "wrong_type"


def test_an_introspecting_verifier_sees_a_revocation(issuer: Issuer, verifier: Verifier) -> None:
    careful = verifier.introspecting("talk", "secret")
    token = issuer.token(TALK).sign()
    issuer.revoke(token)
    verifier.verify(token)
    assert reason(careful, token) == "inactive"
    careful.verify(issuer.token(TALK).sign())
    assert reason(careful, "an-opaque-handle") == "inactive"


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
def test_any_signed_claim_is_taken_or_refused(
    issuer: Issuer, verifier: Verifier, name: str, value: object
) -> None:
    try:
        verifier.verify(issuer.token(TALK).claim(name, value).sign())
    except VerifyError:
        pass


@given(at=st.integers(min_value=0), character=st.characters())
def test_a_changed_token_is_refused(
    issuer: Issuer, verifier: Verifier, at: int, character: str
) -> None:
    good = issuer.token(TALK).sign()
    at %= len(good)
    if good[at] != character:
        reason(verifier, good[:at] + character + good[at + 1 :])


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
def test_an_issuer_is_https_or_loopback(url: str) -> None:
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
def test_other_issuers_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        Verifier.discover(url, TALK)


def test_an_audience_is_needed() -> None:
    with pytest.raises(ValueError, match="audience"):
        Verifier.discover("https://login.example", "")
