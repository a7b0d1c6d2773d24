"""An MCP client with the official SDK, which knows the server's URL and nothing else."""

import asyncio
import json
import sys
from os import environ
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata


class Memory:
    """Keeps what was learned."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


async def redirect(url: str) -> None:
    print(json.dumps({"open": url}), flush=True)


async def callback() -> AuthorizationCodeResult:
    line = await asyncio.to_thread(sys.stdin.readline)
    query = parse_qs(urlsplit(line.strip()).query)
    [code], [state], [iss] = query["code"], query["state"], query["iss"]
    return AuthorizationCodeResult(code=code, state=state, iss=iss)


async def main() -> None:
    memory = Memory()
    metadata = OAuthClientMetadata(
        client_name="Agent",
        redirect_uris=[environ["REDIRECT_URI"]],
        token_endpoint_auth_method="none",
    )
    oauth = OAuthClientProvider(environ["AUDIENCE"], metadata, memory, redirect, callback)
    async with (
        httpx2.AsyncClient(auth=oauth, follow_redirects=True) as http,
        Client(streamable_http_client(environ["AUDIENCE"], http_client=http)) as client,
    ):
        first = await client.call_tool("scopes", {})
        before = memory.tokens.access_token
        memory.tokens.access_token = "expired"
        oauth.context.token_expiry_time = 1
        second = await client.call_tool("scopes", {})
        learned = {
            "scopes": first.content[0].text,
            "scopes_after_refresh": second.content[0].text,
            "refreshed": memory.tokens.access_token not in (before, "expired"),
        }
    print(json.dumps({"learned": learned}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
