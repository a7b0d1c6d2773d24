"""Each example against the real server: a granted call, a missing scope, an expired token, a
rotated key, a revoked grant."""

import json
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from processes import free_port, running
from writ import ROOT, Grant, Writ, binary

EXAMPLES = ROOT / "examples"
METADATA_PATH = "/.well-known/oauth-protected-resource"
COMMANDS = {
    "rust": [binary("protected-api")],
    "typescript": ["node", EXAMPLES / "typescript/dist/server.js"],
    "python": [sys.executable, "-m", "uvicorn", "api:app", "--log-level", "warning", "--port"],
}


@dataclass
class Setting:
    """The running server and what is registered with it."""

    writ: Writ
    #: A token of this server's that has expired.
    expired: Grant


@dataclass
class Api:
    """A running example."""

    url: str
    setting: Setting

    def get(self, token: str) -> httpx2.Response:
        return httpx2.get(f"{self.url}/messages", headers={"Authorization": f"Bearer {token}"})

    def post(self, token: str) -> httpx2.Response:
        return httpx2.post(f"{self.url}/messages", headers={"Authorization": f"Bearer {token}"})

    def challenge(self, error: str, description: str, scope: str = "") -> str:
        scope = f'scope="{scope}", ' if scope else ""
        metadata = f'resource_metadata="{self.url}{METADATA_PATH}"'
        return f'Bearer error="{error}", error_description="{description}", {scope}{metadata}'


@pytest.fixture(scope="module", params=COMMANDS)
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An example and its server. The API is the audience, so each needs its own server."""
    name, port = request.param, free_port()
    url = f"http://127.0.0.1:{port}"
    writ = Writ(tmp_path_factory.mktemp("writ"), url)
    with writ.serving(clock="-1h"):
        expired = writ.grant("message:read message:send")
    variables = {
        "ISSUER": writ.issuer,
        "AUDIENCE": url,
        "RESOURCE_ID": "talk",
        "RESOURCE_SECRET": writ.resource_secret,
        "PORT": str(port),
    }
    command = COMMANDS[name] + ([str(port)] if name == "python" else [])
    # The API starts first: it must not need its issuer then.
    with running(command, port, METADATA_PATH, EXAMPLES / name, variables), writ.serving():
        yield Api(url, Setting(writ, expired))


def kid(token: str) -> str:
    header: str = token.split(".")[0]
    found: str = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    return found


def test_a_granted_call(api: Api) -> None:
    grant = api.setting.writ.grant("message:read message:send")
    assert api.get(grant.access_token).text.startswith("messages of ")
    assert api.post(grant.access_token).text.startswith("sent as ")


def test_no_token(api: Api) -> None:
    refused = httpx2.get(f"{api.url}/messages")
    metadata = f'Bearer resource_metadata="{api.url}{METADATA_PATH}"'
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, metadata)


def test_a_missing_scope(api: Api) -> None:
    grant = api.setting.writ.grant("message:read")
    assert api.get(grant.access_token).status_code == 200
    refused = api.post(grant.access_token)
    assert refused.status_code == 403
    assert refused.headers["www-authenticate"] == api.challenge(
        "insufficient_scope", "the scope message:send is required", "message:send"
    )


def test_an_expired_token(api: Api) -> None:
    refused = api.get(api.setting.expired.access_token)
    assert refused.status_code == 401
    expected = api.challenge("invalid_token", "the token has expired")
    assert refused.headers["www-authenticate"] == expected


def test_a_rotated_key(api: Api) -> None:
    writ = api.setting.writ
    before = writ.grant("message:read")
    assert api.get(before.access_token).status_code == 200
    writ.rotate_keys()
    after = writ.grant("message:read")
    assert kid(after.access_token) != kid(before.access_token)
    assert api.get(after.access_token).status_code == 200
    assert api.get(before.access_token).status_code == 200


def test_a_revoked_grant(api: Api) -> None:
    grant = api.setting.writ.grant("message:read message:send")
    grant.revoke()
    # Reading checks the signature alone: a token of five minutes outlives its grant by that much.
    assert api.get(grant.access_token).status_code == 200
    # Sending asks the issuer.
    refused = api.post(grant.access_token)
    assert refused.status_code == 401
    expected = api.challenge("invalid_token", "the token is not active")
    assert refused.headers["www-authenticate"] == expected


def test_the_resource_metadata(api: Api) -> None:
    assert httpx2.get(f"{api.url}{METADATA_PATH}").json() == {
        "resource": api.url,
        "authorization_servers": [api.setting.writ.issuer],
        "scopes_supported": ["message:read", "message:send"],
        "bearer_methods_supported": ["header"],
    }
