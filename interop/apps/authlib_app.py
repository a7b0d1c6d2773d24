"""Authlib's Flask integration: an app with a login, a callback and a logout."""

import json
import sys
from os import environ
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, session

environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
app = Flask("shop")
app.secret_key = "of no account"
oauth = OAuth(app)
oauth.register(
    "writ",
    client_id=environ["CLIENT_ID"],
    client_secret=environ["CLIENT_SECRET"],
    server_metadata_url=f"{environ['ISSUER']}/.well-known/openid-configuration",
    client_kwargs={
        "scope": "openid email offline_access message:read",
        "code_challenge_method": "S256",
    },
)


@app.get("/login")
def login():
    return oauth.writ.authorize_redirect(environ["REDIRECT_URI"])


@app.get("/look")
def look():
    return oauth.writ.authorize_redirect(environ["REDIRECT_URI"], prompt="none")


@app.get("/callback")
def callback():
    try:
        session["tokens"] = tokens = oauth.writ.authorize_access_token()
    except OAuthError as error:
        return {"error": error.error}
    return {"id_token": tokens["userinfo"], "userinfo": oauth.writ.userinfo(token=tokens)}


@app.get("/refresh")
def refresh():
    before = session["tokens"]
    after = oauth.writ.fetch_access_token(
        grant_type="refresh_token", refresh_token=before["refresh_token"]
    )
    oauth.writ.userinfo(token=after)
    return {"refreshed": after["access_token"] != before["access_token"]}


@app.get("/logout")
def logout():
    question = {
        "id_token_hint": session["tokens"]["id_token"],
        "post_logout_redirect_uri": environ["SIGNED_OUT_URI"],
        "state": "see you",
    }
    endpoint = oauth.writ.load_server_metadata()["end_session_endpoint"]
    return "", 302, {"Location": f"{endpoint}?{urlencode(question)}"}


def say(what: dict) -> None:
    print(json.dumps(what), flush=True)


def through(client, path: str) -> str:
    """Sends the person's browser where the app's page leads, and says on which URL it came back."""
    say({"open": client.get(path).headers["Location"]})
    return sys.stdin.readline().strip()


with app.test_client() as client:

    def returned(path: str) -> dict:
        return client.get(f"/callback?{urlsplit(through(client, path)).query}").get_json()

    signed_in = returned("/login")
    assert signed_in["id_token"]["sub"] == signed_in["userinfo"]["sub"]
    refreshed = client.get("/refresh").get_json()
    signed_out = parse_qs(urlsplit(through(client, "/logout")).query)
    say(
        {
            "learned": {
                "sub": signed_in["userinfo"]["sub"],
                "email": signed_in["userinfo"]["email"],
                "signed_out_state": signed_out["state"][0],
                "after_logout": returned("/look")["error"],
                **refreshed,
            }
        }
    )
