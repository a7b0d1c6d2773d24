"""The adapters for FastAPI and Flask behave alike."""

import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient
from flask import Flask
from werkzeug.datastructures import Headers

import writ_verifier.fastapi as for_fastapi
import writ_verifier.flask as for_flask
from writ_verifier import Token, Verifier
from writ_verifier.testing import Issuer

TALK = "https://talk.example/api"
PASSWORD = "urn:writ:acr:password"
METADATA_PATH = "/.well-known/oauth-protected-resource/api"
METADATA = f'resource_metadata="https://talk.example{METADATA_PATH}"'

Get = Callable[[str, list[str]], tuple[int, str | None, Any]]


def with_fastapi(verifier: Verifier) -> Get:
    app = FastAPI()
    for_fastapi.install(app, verifier)

    @app.get("/messages", response_class=PlainTextResponse)
    def messages(
        token: Annotated[Token, Depends(for_fastapi.protect(verifier, "message:read"))],
    ) -> str:
        return token.subject

    @app.get("/late")
    def late(token: Annotated[Token, Depends(for_fastapi.protect(verifier))]) -> None:
        token.require("message:send")

    @app.get("/payments")
    def payments(token: Annotated[Token, Depends(for_fastapi.protect(verifier))]) -> None:
        token.require_authentication([PASSWORD], max_age=300)

    client = TestClient(app)

    def get(path: str, authorization: list[str]) -> tuple[int, str | None, Any]:
        headers = [("Authorization", value) for value in authorization]
        response = client.get(path, headers=headers)
        is_json = response.headers["content-type"] == "application/json"
        body = response.json() if is_json else response.text
        return response.status_code, response.headers.get("www-authenticate"), body

    return get


def with_flask(verifier: Verifier) -> Get:
    app = Flask("talk")
    for_flask.install(app, verifier)

    @app.get("/messages")
    @for_flask.protect(verifier, "message:read")
    def messages(token: Token) -> str:
        return token.subject

    @app.get("/late")
    @for_flask.protect(verifier)
    def late(token: Token) -> str:
        token.require("message:send")
        return ""

    @app.get("/payments")
    @for_flask.protect(verifier)
    def payments(token: Token) -> str:
        token.require_authentication([PASSWORD], max_age=300)
        return ""

    client = app.test_client()

    def get(path: str, authorization: list[str]) -> tuple[int, str | None, Any]:
        headers = Headers([("Authorization", value) for value in authorization])
        response = client.get(path, headers=headers)
        body = response.json if response.is_json else response.text
        return response.status_code, response.headers.get("WWW-Authenticate"), body

    return get


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(params=[with_fastapi, with_flask])
def get(request: pytest.FixtureRequest, issuer: Issuer) -> Get:
    verifier = Verifier.discover(issuer.url, TALK, scopes_supported=["message:read"])
    app: Get = request.param(verifier)
    return app


def bearer(issuer: Issuer, scope: str) -> list[str]:
    return [f"Bearer {issuer.token(TALK).scope(scope).sign()}"]


def test_request_is_accepted_when_scope_granted(get: Get, issuer: Issuer) -> None:
    assert get("/messages", bearer(issuer, "message:read")) == (200, None, "alice")


def test_request_is_challenged_when_authentication_old_or_by_another_method(
    get: Get, issuer: Issuer
) -> None:
    def get_payments(age: int, acr: str = PASSWORD) -> tuple[int, str | None, Any]:
        token = issuer.token(TALK).claim("acr", acr).claim("auth_time", int(time.time()) - age)
        return get("/payments", [f"Bearer {token.sign()}"])

    assert get_payments(300)[0] == 200
    for status, challenge, _ in [get_payments(340), get_payments(0, "urn:example:other")]:
        assert status == 401
        assert challenge == (
            'Bearer error="insufficient_user_authentication", '
            'error_description="a more recent or another authentication is required", '
            f'acr_values="{PASSWORD}", max_age="300", {METADATA}'
        )


def test_request_is_refused_with_challenge_when_scope_missing(get: Get, issuer: Issuer) -> None:
    description = "the scope message:read is required"
    assert get("/messages", bearer(issuer, "message:send")) == (
        403,
        f'Bearer error="insufficient_scope", error_description="{description}", '
        f'scope="message:read", {METADATA}',
        {"error": "insufficient_scope", "error_description": description},
    )


def test_handler_may_require_a_scope_itself(get: Get, issuer: Issuer) -> None:
    status, challenge, _ = get("/late", bearer(issuer, "message:read"))
    assert status == 403
    assert challenge is not None and 'scope="message:send"' in challenge


def test_request_is_refused_when_token_missing_repeated_or_expired(
    get: Get, issuer: Issuer
) -> None:
    assert get("/messages", [])[:2] == (401, f"Bearer {METADATA}")
    assert get("/messages", ["Basic YTpi"])[0] == 401
    assert get("/messages", bearer(issuer, "message:read") * 2)[0] == 400
    _, challenge, _ = get("/messages", [f"Bearer {issuer.token(TALK).expired().sign()}"])
    assert challenge is not None and "the token has expired" in challenge


def test_response_is_503_without_challenge_when_issuer_unavailable(
    get: Get, issuer: Issuer
) -> None:
    issuer.is_down = True
    try:
        assert get("/messages", bearer(issuer, "message:read"))[:2] == (503, None)
    finally:
        issuer.is_down = False


def test_resource_metadata_is_served_at_the_url_in_challenges(get: Get, issuer: Issuer) -> None:
    assert get(METADATA_PATH, []) == (
        200,
        None,
        {
            "resource": TALK,
            "authorization_servers": [issuer.url],
            "scopes_supported": ["message:read"],
            "bearer_methods_supported": ["header"],
        },
    )
