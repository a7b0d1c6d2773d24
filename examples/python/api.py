"""The smallest protected API in Python: reading needs one scope; sending needs another, and a token
that was not revoked a moment ago.

    uvicorn api:app
"""

from os import environ
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse

from writ_verifier import Token, Verifier
from writ_verifier.fastapi import install, protect

verifier = Verifier.discover(
    environ["ISSUER"], environ["AUDIENCE"], scopes_supported=["message:read", "message:send"]
)
careful = verifier.introspecting(environ["RESOURCE_ID"], environ["RESOURCE_SECRET"])

app = FastAPI(default_response_class=PlainTextResponse)
install(app, verifier)


@app.get("/messages")
def read(token: Annotated[Token, Depends(protect(verifier, "message:read"))]) -> str:
    return f"messages of {token.subject}"


@app.post("/messages")
def send(token: Annotated[Token, Depends(protect(careful, "message:send"))]) -> str:
    return f"sent as {token.subject}"
