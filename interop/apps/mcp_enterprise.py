"""An MCP client with the official SDK, allowed by an identity provider without a page."""

import asyncio
import json
import secrets
import sys
from os import environ
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth.extensions.identity_assertion import IdentityAssertionOAuthProvider
from mcp.client.streamable_http import streamable_http_client

from mcp_client import Memory, redirect

IDP, AUDIENCE, REDIRECT_URI = environ["IDP"], environ["AUDIENCE"], environ["REDIRECT_URI"]
AT_IDP = (environ["IDP_CLIENT_ID"], environ["IDP_CLIENT_SECRET"])


async def token(form: dict[str, str]) -> dict[str, str]:
    async with httpx2.AsyncClient() as http:
        response = await http.post(f"{IDP}/token", data=form, auth=AT_IDP)
        return response.raise_for_status().json()


async def sign_in() -> str:
    """The user's ID token from the identity provider."""
    request = {
        "response_type": "code",
        "client_id": AT_IDP[0],
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "nonce": secrets.token_urlsafe(),
    }
    await redirect(f"{IDP}/authorize?{urlencode(request)}")
    line = await asyncio.to_thread(sys.stdin.readline)
    [code] = parse_qs(urlsplit(line.strip()).query)["code"]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    return (await token(grant))["id_token"]


async def main() -> None:
    id_token = await sign_in()

    async def assertion(audience: str, resource: str) -> str:
        exchange = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "requested_token_type": "urn:ietf:params:oauth:token-type:id-jag",
            "audience": audience,
            "resource": resource,
            "subject_token": id_token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        }
        return (await token(exchange))["access_token"]

    oauth = IdentityAssertionOAuthProvider(
        server_url=AUDIENCE,
        storage=Memory(),
        client_id=environ["CLIENT_ID"],
        client_secret=environ["CLIENT_SECRET"],
        issuer=environ["ISSUER"],
        assertion_provider=assertion,
    )
    async with (
        httpx2.AsyncClient(auth=oauth, follow_redirects=True) as http,
        Client(streamable_http_client(AUDIENCE, http_client=http)) as client,
    ):
        answer = await client.call_tool("scopes", {})
    print(json.dumps({"learned": {"scopes": answer.content[0].text}}), flush=True)


asyncio.run(main())
