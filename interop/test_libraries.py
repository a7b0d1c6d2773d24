"""Each library goes once through everything, from the issuer's address to the logout."""

import json
import subprocess
import sys
from os import environ
from pathlib import Path
from typing import Any

import pytest

from person import Person
from writ import Writ

APPS = Path(__file__).parent / "apps"
REDIRECT_URI = "http://127.0.0.1:1/callback"
SIGNED_OUT_URI = "http://127.0.0.1:1/signed-out"
COMMANDS = {
    "openid-client": ["node", APPS / "openid_client.mjs"],
    "oauth4webapi": ["node", APPS / "oauth4webapi.mjs"],
    "oidc-client-ts": ["node", APPS / "oidc_client_ts.mjs"],
    "authlib": [sys.executable, APPS / "authlib_app.py"],
}
#: Those without a secret.
PUBLIC = {"oidc-client-ts"}


def converse(command: list[Any], variables: dict[str, str], person: Person) -> Any:
    """Runs an app whose browser is the person's, up to what it learned."""
    app = subprocess.Popen(
        command,
        env={**environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert app.stdin and app.stdout
    try:
        for line in app.stdout:
            said = json.loads(line)
            if "learned" in said:
                return said["learned"]
            came_to = person.open(said["open"], until="http://127.0.0.1:1/")
            app.stdin.write(came_to + "\n")
            app.stdin.flush()
        raise AssertionError(f"the app ended with {app.wait(10)} and learned nothing")
    finally:
        app.kill()
        app.wait()


@pytest.mark.parametrize("library", COMMANDS)
def test_a_library_signs_in_refreshes_and_signs_out(
    library: str, writ: Writ, person: Person
) -> None:
    client = writ.register(
        client_name=library,
        redirect_uris=[REDIRECT_URI],
        post_logout_redirect_uris=[SIGNED_OUT_URI],
        grant_types=["authorization_code", "refresh_token"],
        scope="openid email offline_access message:read",
        rotate_refresh_tokens=True,
        **({"token_endpoint_auth_method": "none"} if library in PUBLIC else {}),
    )
    variables = {
        "ISSUER": writ.issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client.get("client_secret", ""),
        "REDIRECT_URI": REDIRECT_URI,
        "SIGNED_OUT_URI": SIGNED_OUT_URI,
    }
    learned = converse(COMMANDS[library], variables, person)
    assert learned.pop("sub")
    assert learned == {
        "email": "mina@example.com",
        "refreshed": True,
        "signed_out_state": "see you",
        "after_logout": "login_required",
    }
