"""The configurations of deploy/proxies, each as it is, in front of a node and one that is down."""

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from processes import eventually, free_port, running_at
from writ import CODE_CHALLENGE, REDIRECT_URI, ROOT, Writ

CADDY = ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config"]
NGINX = ["/usr/sbin/nginx", "-g", "daemon off; error_log stderr; pid nginx.pid;", "-p", ".", "-c"]
PROXIES = {
    "Caddyfile": CADDY,
    "nginx.conf": NGINX,
    "haproxy.cfg": ["/usr/sbin/haproxy", "-db", "-f"],
}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the certificate of `localhost`, its key, and both in one file."""
    directory: Path = tmp_path_factory.mktemp("certificate")
    certificate, key = directory / "writ.pem", directory / "writ.key"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*request, *subject, "-keyout", key, "-out", certificate], check=True)
    (directory / "writ-with-key.pem").write_text(certificate.read_text() + key.read_text())
    # Proxies that do not run as root read them, too.
    directory.chmod(0o755)
    key.chmod(0o644)
    return directory


@pytest.fixture(params=PROXIES)
def proxied(
    request: pytest.FixtureRequest,
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Writ]:
    """A server whose issuer is the address of the proxy."""
    port = free_port()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "writ.pem"))
    monkeypatch.setenv("WRIT__SERVER__TRUSTED_PROXIES", "127.0.0.0/8")
    writ = Writ(tmp_path, "https://talk.example", public_url=f"https://localhost:{port}")
    configuration = (ROOT / "deploy" / "proxies" / request.param).read_text()
    for shipped, tested in {
        "8443": str(port),
        "8400": str(writ.port),
        "8401": str(free_port()),
        "id.example.com": "localhost",
        "/etc/ssl": str(certificate),
        # Caddy's administration listens at a fixed port.
        "auto_https": "admin off\n\tauto_https",
    }.items():
        configuration = configuration.replace(shipped, tested)
    file = tmp_path / request.param
    file.write_text(configuration)
    command = [*PROXIES[request.param], str(file)]
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    with writ.serving(), running_at(f"{writ.issuer}/jwks", command, tmp_path, home):
        yield writ


def test_sign_in_and_long_state_pass(proxied: Writ) -> None:
    assert proxied.grant("message:read").refresh_token
    parameters = {"client_id": proxied.client["client_id"], "state": "s" * 7000}
    response = httpx2.get(f"{proxied.issuer}/authorize", params=parameters)
    assert response.status_code == 303, response.text
    assert "s" * 7000 in response.headers["location"], "the state is returned"


def test_documents_and_error_page_pass_while_the_database_is_locked(proxied: Writ) -> None:
    database = sqlite3.connect(proxied.directory / "writ.sqlite3", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    node = f"http://127.0.0.1:{proxied.port}"
    eventually("the node is not ready", lambda: _get(f"{node}/readyz") == 503)
    for path in ["/jwks", "/.well-known/openid-configuration"]:
        assert _get(proxied.issuer + path) == 200, path
    metadata = httpx2.get(f"{proxied.issuer}/.well-known/openid-configuration").json()
    form = {
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": "message:read",
        "code_challenge": CODE_CHALLENGE,
        "code_challenge_method": "S256",
    }
    pair = (proxied.client["client_id"], proxied.client["client_secret"])

    def our_refusal() -> bool:
        # The node waits for the lock first.
        url = metadata["pushed_authorization_request_endpoint"]
        response = httpx2.post(url, data=form, auth=pair, timeout=30)
        return "retry-after" in response.headers and "temporarily_unavailable" in response.text

    eventually("the refusal of the node passes", our_refusal)
    database.execute("ROLLBACK")
    eventually("the node is ready", lambda: _get(f"{proxied.issuer}/readyz") == 200)


def _get(url: str) -> int:
    return httpx2.get(url, timeout=30).status_code
