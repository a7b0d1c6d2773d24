"""The real server, a registered client, and a user with a browser."""

import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from os import environ
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from processes import eventually, free_port, running

ROOT = Path(__file__).parents[2]
REDIRECT_URI = "http://127.0.0.1:1/callback"
PASSWORD = "a password for tests"
# RFC 7636 Appendix B.
CODE_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def binary(name: str) -> Path:
    """A binary of `cargo build`."""
    return Path(environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute() / "debug" / name


@dataclass
class Writ:
    """A server with its own database directory, an API, a client and a user."""

    directory: Path
    audience: str
    port: int = field(default_factory=free_port)
    #: The issuer behind a proxy.
    public_url: str = ""
    resource_secret: str = ""
    client: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        talk = self._command(
            "resource create talk --name en=Talk --secret --audience", self.audience
        )
        self.resource_secret = talk["secret"]
        for scope in ["message:read", "message:send"]:
            texts = ["--sentence", "en=Use your messages", "--consequence", "en=It acts as you"]
            self._command(f"scope create {scope} --resource talk", *texts)
        self.client = self._command(
            "client create --grant-type authorization_code --grant-type refresh_token --name Shop",
            "--redirect-uri",
            REDIRECT_URI,
            "--scope",
            "message:read message:send",
        )
        mina = "user create mina --email mina@example.com --email-verified --password-stdin"
        self._command(mina, stdin=PASSWORD)

    @property
    def issuer(self) -> str:
        return self.public_url or f"http://127.0.0.1:{self.port}"

    def register(self, **metadata: Any) -> dict[str, str]:
        """Registers another client and returns its `client_id` and secret."""
        registered: dict[str, str] = self._run(
            ["client", "create", "--json", "-"], stdin=json.dumps(metadata)
        )
        return registered

    def register_product(self, product: str, url: str, *more: str) -> dict[str, str]:
        """Registers stock software by its recipe, and returns its `client_id` and secret."""
        command = f"client create --for {product} --url {url}"
        registered: dict[str, str] = self._command(command, *more)
        return registered

    def settings_of_product(self, product: str, url: str) -> str:
        """Registers stock software by its recipe, and returns what is printed."""
        return self._execute(["client", "create", "--for", product, "--url", url])

    @contextmanager
    def serving(self, *, clock: str | None = None) -> Iterator[None]:
        """Serves until the block ends. `clock` moves the time, such as `-1h`."""
        variables = self._variables()
        if clock:
            # Without the command `faketime`, which would be the parent process of the server.
            [library] = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
            variables |= {"LD_PRELOAD": str(library), "FAKETIME": clock}
        command = [binary("writ"), "serve"]
        with running(command, self.port, "/healthz", self.directory, variables):
            yield

    def rotate_keys(self) -> None:
        """Retires the signing key and the published next one."""
        for _ in range(2):
            self._command("key rotate --alg ES256 --at-once")
        made = {key["kid"] for key in self._command("key list")}

        def published() -> bool:
            jwks = httpx2.get(f"{self.issuer}/jwks").json()
            return made <= {key["kid"] for key in jwks["keys"]}

        # The running server looks twice a second.
        eventually("the server knows the new keys", published)

    def grant(self, scope: str) -> "Grant":
        """Signs the user in and approves these scopes for the client."""
        with httpx2.Client(base_url=self.issuer) as browser:
            page = _follow(browser, browser.get("/authorize", params=self._request(scope)))
            page = _submit(browser, page, "/login", username="mina", password=PASSWORD)
            page = _submit(browser, page, "/consent", scope=scope.split(), decision="approve")
            [code] = parse_qs(urlsplit(_next(page) or "").query)["code"]
        response = self.post(
            "/token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=CODE_VERIFIER,
        )
        return Grant(self, **{name: response[name] for name in ("access_token", "refresh_token")})

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """Sends a request of the client, authenticated with its secret."""
        pair = f"{self.client['client_id']}:{self.client['client_secret']}"
        headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        response = httpx2.post(self.issuer + path, data=form, headers=headers)
        assert response.status_code == 200, response.text
        document: dict[str, Any] = response.json() if response.content else {}
        return document

    def _request(self, scope: str) -> dict[str, str]:
        return {
            "response_type": "code",
            "client_id": self.client["client_id"],
            "redirect_uri": REDIRECT_URI,
            "scope": scope,
            "state": "state",
            "code_challenge": CODE_CHALLENGE,
            "code_challenge_method": "S256",
            "prompt": "consent",
        }

    def _variables(self) -> dict[str, str]:
        """The settings. Those that are no single value are in `writ.toml`."""
        config = self.directory / "writ.toml"
        return {
            **({"WRIT_CONFIG": str(config)} if config.exists() else {}),
            "WRIT__DATABASE__URL": f"sqlite:{self.directory}/writ.sqlite3",
            "WRIT__KEYS__MASTER_KEY_FILE": f"{self.directory}/master.key",
            "WRIT__SERVER__ISSUER": self.issuer,
            "WRIT__SERVER__LISTEN": f"127.0.0.1:{self.port}",
            "WRIT__LOG__FILTER": "warn",
            "WRIT_CREATE": "true",
        }

    def _command(self, words: str, *more: str, stdin: str = "") -> Any:
        return self._run([*words.split(), *more, "--json"], stdin)

    def _run(self, arguments: list[str], stdin: str) -> Any:
        return json.loads(self._execute(arguments, stdin))

    def _execute(self, arguments: list[str], stdin: str = "") -> str:
        finished = subprocess.run(
            [binary("writ"), *arguments],
            cwd=self.directory,
            env={**environ, **self._variables()},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout


@dataclass
class Grant:
    """A grant of the user to the client."""

    writ: Writ
    access_token: str
    refresh_token: str

    def revoke(self) -> None:
        """Revokes the grant with all its tokens (RFC 7009 §2.1)."""
        self.writ.post("/revoke", token=self.refresh_token)


def _submit(
    browser: httpx2.Client, page: httpx2.Response, path: str, **fields: Any
) -> httpx2.Response:
    """Submits a form with these fields and its hidden ones."""
    hidden = {name: _hidden(page, name) for name in ("request", "csrf")}
    return _follow(browser, browser.post(path, data={**hidden, **fields}))


def _hidden(page: httpx2.Response, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return unescape(found[1])


def _follow(browser: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
    """Follows redirects and refreshing pages, up to the redirect URI."""
    for _ in range(10):
        url = _next(page)
        if url is None or url.startswith(REDIRECT_URI):
            return page
        page = browser.get(url)
    raise AssertionError("the browser goes in circles")


def _next(page: httpx2.Response) -> str | None:
    if "location" in page.headers:
        return str(page.headers["location"])
    refresh = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page.text)
    return unescape(refresh[1]) if refresh else None
