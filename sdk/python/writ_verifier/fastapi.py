"""FastAPI: a dependency that requires a token, an exception handler, and the resource metadata.

app = FastAPI()
install(app, verifier)

@app.get("/messages")
def messages(token: Annotated[Token, Depends(protect(verifier, "message:read"))]) -> str:
    return f"messages of {token.subject}"
"""

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from ._error import VerifyError
from ._token import Token
from ._verifier import Verifier


def install(app: FastAPI, verifier: Verifier) -> None:
    """Turns ``VerifyError`` into a response with its status and challenge, and serves the resource
    metadata (RFC 9728)."""

    def refuse(_: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, VerifyError):
            raise error
        return JSONResponse(error.body, error.status, error.headers)

    def metadata() -> JSONResponse:
        return JSONResponse(
            verifier.resource_metadata, headers={"Access-Control-Allow-Origin": "*"}
        )

    app.add_exception_handler(VerifyError, refuse)
    app.add_api_route(verifier.resource_metadata_path, metadata, include_in_schema=False)


def protect(verifier: Verifier, scope: str | None = None) -> Callable[[Request], Token]:
    """A dependency: the token of the request, with this scope if one is given.

    FastAPI runs it in its thread pool, so fetching keys never blocks the event loop.
    """

    def dependency(request: Request) -> Token:
        token = verifier.authenticate(request.headers.getlist("authorization"))
        if scope is not None:
            token.require(scope)
        return token

    return dependency
