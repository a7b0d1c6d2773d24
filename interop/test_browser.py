"""Apps without a server of their own, in Chromium."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from person import USERNAME
from processes import free_port, running
from writ import PASSWORD, Writ

APPS = Path(__file__).parent / "apps"
_PATIENCE = 30

pytestmark = pytest.mark.skipif(
    not shutil.which("chromedriver"), reason="chromedriver is not installed"
)


@pytest.fixture
def chromium() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"]:
        options.add_argument(argument)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    browser = webdriver.Chrome(options=options, service=service)
    yield browser
    browser.quit()


@contextmanager
def site(files: dict[str, tuple[str, bytes]]) -> Iterator[str]:
    """Serves these files by path, with their media types, and the first at any other path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            media_type, body = files.get(path, files["/"])
            self.send_response(200)
            self.send_header("content-type", media_type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def click(browser: webdriver.Chrome, button: str) -> None:
    WebDriverWait(browser, _PATIENCE).until(lambda b: b.find_elements(By.ID, button))
    browser.find_element(By.ID, button).click()


def state(browser: webdriver.Chrome, expected: str) -> None:
    """Waits until the app says so."""

    def said(browser: webdriver.Chrome) -> bool:
        outputs = browser.find_elements(By.ID, "state")
        return bool(outputs) and expected in outputs[0].text

    WebDriverWait(browser, _PATIENCE).until(said, f"not {expected}: {browser.page_source}")


def sign_in(browser: webdriver.Chrome) -> None:
    """Answers the pages of the server: sign-in, then consent."""
    WebDriverWait(browser, _PATIENCE).until(lambda b: b.find_elements(By.ID, "username"))
    browser.find_element(By.ID, "username").send_keys(USERNAME)
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    click(browser, "login")
    click(browser, "approve")


def test_oidc_client_ts_signs_in_renews_and_signs_out(
    writ: Writ, chromium: webdriver.Chrome
) -> None:
    script = APPS / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
    files = {
        "/": ("text/html", (APPS / "browser_app.html").read_bytes()),
        "/oidc-client-ts.js": ("text/javascript", script.read_bytes()),
    }
    with site(files) as app:
        client = writ.register_product("spa", app)
        settings = {"issuer": writ.issuer, "clientId": client["client_id"]}
        files["/settings.json"] = ("application/json", json.dumps(settings).encode())
        chromium.get(app)
        state(chromium, "signed out")
        click(chromium, "sign-in")
        sign_in(chromium)
        state(chromium, "signed in: mina@example.com")
        click(chromium, "renew")
        state(chromium, "renewed: mina@example.com")
        click(chromium, "sign-out")
        state(chromium, "signed out")
        click(chromium, "check")
        state(chromium, "refused: login_required")


def test_an_mcp_client_in_a_browser_calls_a_tool(
    chromium: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRIT__MCP__ENABLED", "true")
    monkeypatch.setenv("WRIT__REGISTRATION__SCOPES", "openid,offline_access,message:read")
    port = free_port()
    audience = f"http://127.0.0.1:{port}/mcp"
    writ = Writ(tmp_path, audience=audience)
    bundle = tmp_path / "mcp_browser.js"
    esbuild = [APPS / "node_modules/.bin/esbuild", APPS / "mcp_browser.mjs"]
    options = ["--bundle", "--format=esm", "--log-level=warning", f"--outfile={bundle}"]
    subprocess.run([*esbuild, *options], check=True)
    files = {
        "/": ("text/html", (APPS / "mcp_browser.html").read_bytes()),
        "/mcp_browser.js": ("text/javascript", bundle.read_bytes()),
        "/settings.json": ("application/json", json.dumps({"audience": audience}).encode()),
    }
    server = ["node", APPS / "mcp_server.mjs"]
    variables = {"ISSUER": writ.issuer, "AUDIENCE": audience}
    with writ.serving(), running(server, port, "/mcp", tmp_path, variables), site(files) as app:
        chromium.get(app)
        state(chromium, "ready")
        click(chromium, "connect")
        sign_in(chromium)
        state(chromium, "scopes: message:read")
