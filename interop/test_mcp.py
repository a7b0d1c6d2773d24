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
