"""Frameworks with pages of their own, registered by their recipe where there is one."""

import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from person import Person
from processes import free_port, running
from writ import Writ

APPS = Path(__file__).parent / "apps"
#: What runs the app, and its recipe.
FRAMEWORKS = {
    "auth-js": (["node", APPS / "auth_js_app.mjs"], "auth-js"),
    "django-allauth": ([sys.executable, APPS / "django_allauth.py"], "django-allauth"),
    "express-openid-connect": (["node", APPS / "express_app.mjs"], "express"),
    "mozilla-django-oidc": (
        [sys.executable, APPS / "mozilla_django_oidc_app.py"],
        "mozilla-django-oidc",
    ),
    "passport-openidconnect": (["node", APPS / "passport_app.mjs"], "passport"),
    "python-social-auth": (
        [sys.executable, APPS / "python_social_auth.py"],
        "python-social-auth",
    ),
    "requests-oauthlib": (
        [sys.executable, APPS / "requests_oauthlib_app.py"],
        "requests-oauthlib",
    ),
}
#: Those that send neither PKCE nor a nonce without the setting of their recipe.
UNBOUND = ["django-allauth", "passport-openidconnect", "requests-oauthlib"]


def assert_signs_in(
    command: list[str | Path],
    recipe: str,
    writ: Writ,
    person: Person,
    cwd: Path,
    *,
    unbound: bool = False,
) -> None:
    port = free_port()
    app = f"http://127.0.0.1:{port}"
    client = writ.register_product(recipe, app, *(["--unbound"] if unbound else []))
    variables = {
        "UNBOUND": "1" if unbound else "",
        "APP": app,
        "ISSUER": writ.issuer,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
    }
    with running(command, port, "/open", cwd, variables):
        page = person.visit(f"{app}/private")
        assert (page.status_code, page.json()) == (200, {"email": "mina@example.com"}), page.text
        assert httpx2.get(f"{app}/private").status_code != 200


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_signs_in(framework: str, writ: Writ, person: Person, tmp_path: Path) -> None:
    command, recipe = FRAMEWORKS[framework]
    assert_signs_in(command, recipe, writ, person, tmp_path)


@pytest.mark.parametrize("framework", UNBOUND)
def test_a_framework_without_pkce_and_nonce_signs_in_when_registered_as_unbound(
    framework: str, writ: Writ, person: Person, tmp_path: Path
) -> None:
    command, recipe = FRAMEWORKS[framework]
    assert_signs_in(command, recipe, writ, person, tmp_path, unbound=True)


def has_go() -> bool:
    """Whether there is a Go that fetches the version that a module needs (1.21 or newer)."""
    if not shutil.which("go"):
        return False
    asked = subprocess.run(["go", "env", "GOTOOLCHAIN"], capture_output=True, check=False)
    return bool(asked.stdout.strip())


@pytest.mark.skipif(not has_go(), reason="there is no Go 1.21 on this machine")
@pytest.mark.parametrize("library", ["go-oidc", "zitadel-oidc"])
def test_a_go_library_signs_in(library: str, writ: Writ, person: Person, tmp_path: Path) -> None:
    program, source = tmp_path / library, APPS / library.replace("-", "_")
    subprocess.run(["go", "build", "-o", program, "."], cwd=source, check=True)
    assert_signs_in([program], library, writ, person, tmp_path)


@pytest.mark.skipif(not shutil.which("oauth2-proxy"), reason="oauth2-proxy is not installed")
def test_oauth2_proxy_guards_a_page(writ: Writ, person: Person, tmp_path: Path) -> None:
    (tmp_path / "private").write_text("for members")
    port = free_port()
    app = f"http://127.0.0.1:{port}"
    client = writ.register_product("oauth2-proxy", app)
    command = [
        "oauth2-proxy",
        "--provider=oidc",
        f"--oidc-issuer-url={writ.issuer}",
        f"--client-id={client['client_id']}",
        f"--client-secret={client['client_secret']}",
        f"--redirect-url={app}/oauth2/callback",
        "--code-challenge-method=S256",
        "--email-domain=*",
        f"--http-address=127.0.0.1:{port}",
        "--cookie-secret=0123456789abcdef",
        "--cookie-secure=false",
        "--skip-provider-button",
        f"--upstream=file://{tmp_path}/#/",
    ]
    with running(command, port, "/ping", tmp_path, {}):
        page = person.visit(f"{app}/private")
        assert (page.status_code, page.text) == (200, "for members")
        email = person.visit(f"{app}/oauth2/userinfo").json()["email"]
        assert email == "mina@example.com"
