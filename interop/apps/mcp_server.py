"""An MCP server with the official SDK and our verifier, as in docs/mcp.md."""

from os import environ
from urllib.parse import urlsplit

import anyio
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from writ_verifier import Verifier, VerifyError

ISSUER, AUDIENCE = environ["ISSUER"], environ["AUDIENCE"]
verifier = Verifier.discover(ISSUER, AUDIENCE)


class WritTokens:
    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            verified = await anyio.to_thread.run_sync(verifier.verify, token)
        except VerifyError:
            return None
        return AccessToken(
            token=token,
            client_id=verified.client_id,
            scopes=list(verified.scopes),
            expires_at=verified.expires_at,
            resource=AUDIENCE,
            subject=verified.subject,
        )


server = MCPServer(
    "Messages",
    token_verifier=WritTokens(),
    auth=AuthSettings(
        issuer_url=ISSUER,
        resource_server_url=AUDIENCE,
        required_scopes=["message:read"],
        validate_token_resource=True,
    ),
)


@server.tool()
def scopes() -> str:
    """The scopes of the caller's token."""
    token = get_access_token()
    assert token
    return " ".join(token.scopes)


server.run("streamable-http", host="127.0.0.1", port=urlsplit(AUDIENCE).port)
