"""Requests-OAuthlib in Flask: OAuth 2.0 alone, and the user from userinfo."""

from os import environ
from urllib.parse import urlsplit

environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # read when it is imported

from flask import Flask, redirect, request, session
from requests_oauthlib import OAuth2Session

ISSUER, APP, UNBOUND = environ["ISSUER"], environ["APP"], environ["UNBOUND"]
app = Flask("script")
app.secret_key = "of no account"


def client(**more):
    return OAuth2Session(
        environ["CLIENT_ID"],
        redirect_uri=f"{APP}/callback",
        scope=["openid", "profile", "email"],
        pkce=None if UNBOUND else "S256",
        **more,
    )


@app.get("/open")
def open_to_all():
    return {}


@app.get("/private")
def private():
    if "email" in session:
        return {"email": session["email"]}
    oauth = client()
    url, session["state"] = oauth.authorization_url(f"{ISSUER}/authorize")
    session["verifier"] = getattr(oauth, "_code_verifier", None)
    return redirect(url)


@app.get("/callback")
def callback():
    oauth = client(state=session["state"])
    oauth._code_verifier = session["verifier"]
    oauth.fetch_token(
        f"{ISSUER}/token",
        client_secret=environ["CLIENT_SECRET"],
        authorization_response=request.url,
    )
    session["email"] = oauth.get(f"{ISSUER}/userinfo").json()["email"]
    return redirect("/private")


app.run("127.0.0.1", urlsplit(APP).port)
