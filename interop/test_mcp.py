"""The Model Context Protocol: servers and clients with its SDKs, in every combination."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from person import Person
from processes import free_port, running
from test_libraries import REDIRECT_URI, converse
from writ import Writ

APPS = Path(__file__).parent / "apps"
SERVERS = {
    "python": [sys.executable, APPS / "mcp_server.py"],
    "typescript": ["node", APPS / "mcp_server.mjs"],
}
CLIENTS = {
    "python": [sys.executable, APPS / "mcp_client.py"],
    "typescript": ["node", APPS / "mcp_client.mjs"],
}


@pytest.fixture(params=SERVERS)
def server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The URL of an MCP server, whose issuer lets clients register themselves."""
    monkeypatch.setenv("WRIT__MCP__ENABLED", "true")
    monkeypatch.setenv("WRIT__REGISTRATION__SCOPES", "openid,offline_access,message:read")
    port = free_port()
    audience = f"http://127.0.0.1:{port}/mcp"
    writ = Writ(tmp_path, audience=audience)
    variables = {"ISSUER": writ.issuer, "AUDIENCE": audience}
    with writ.serving(), running(SERVERS[request.param], port, "/mcp", tmp_path, variables):
        yield audience


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_that_knows_only_the_server_calls_a_tool_and_refreshes(
    client: str, server: str, person: Person
) -> None:
    variables = {"AUDIENCE": server, "REDIRECT_URI": REDIRECT_URI}
    learned = converse(CLIENTS[client], variables, person)
    for scopes in (learned["scopes"], learned["scopes_after_refresh"]):
        assert "message:read" in scopes.split()
    assert learned["refreshed"]


def test_a_client_that_its_identity_provider_allows_calls_a_tool(
    tmp_path: Path, person: Person
) -> None:
    port = free_port()
    audience = f"http://127.0.0.1:{port}/mcp"
    for folder in ["idp", "writ"]:
        (tmp_path / folder).mkdir()
    idp = Writ(tmp_path / "idp", audience="https://talk.example")
    writ = Writ(tmp_path / "writ", audience=audience)
    exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    wiki = idp.register(
        client_name="Wiki",
        redirect_uris=[REDIRECT_URI],
        grant_types=["authorization_code", exchange],
        scope="openid",
    )
    jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    agent = writ.register(client_name="Wiki", grant_types=[jwt_bearer], scope="message:read")
    (tmp_path / "idp/writ.toml").write_text(f"""
        [[identity_assertions.allowed]]
        audience = "{writ.issuer}"
        resources = ["{audience}"]
        scope = "message:read"
        email = true
        clients = {{ "{wiki["client_id"]}" = "{agent["client_id"]}" }}
    """)
    (tmp_path / "writ/writ.toml").write_text(f"""
        [outgoing]
        allow_loopback = true
        [[identity_assertions.trusted_issuers]]
        issuer = "{idp.issuer}"
        email_domains = ["example.com"]
    """)
    variables = {
        "AUDIENCE": audience,
        "ISSUER": writ.issuer,
        "CLIENT_ID": agent["client_id"],
        "CLIENT_SECRET": agent["client_secret"],
        "IDP": idp.issuer,
        "IDP_CLIENT_ID": wiki["client_id"],
        "IDP_CLIENT_SECRET": wiki["client_secret"],
        "REDIRECT_URI": REDIRECT_URI,
    }
    command = [sys.executable, APPS / "mcp_enterprise.py"]
    with idp.serving(), writ.serving():
        with running(SERVERS["python"], port, "/mcp", tmp_path, variables):
            assert converse(command, variables, person) == {"scopes": "message:read"}
