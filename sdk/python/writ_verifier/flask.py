"""Flask: a decorator that requires a token, an error handler, and the resource metadata.

app = Flask(__name__)
install(app, verifier)

@app.get("/messages")
@protect(verifier, "message:read")
def messages(token: Token) -> str:
    return f"messages of {token.subject}"
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import Flask, Response, jsonify, request

from ._error import VerifyError
from ._token import Token
from ._verifier import Verifier

P = ParamSpec("P")
R = TypeVar("R")


def install(app: Flask, verifier: Verifier) -> None:
    """Turns ``VerifyError`` into a response with its status and challenge, and serves the resource
    metadata (RFC 9728)."""

    def refuse(error: VerifyError) -> tuple[Response, int, dict[str, str]]:
        return jsonify(error.body), error.status, error.headers

    def metadata() -> tuple[Response, int, dict[str, str]]:
        return jsonify(verifier.resource_metadata), 200, {"Access-Control-Allow-Origin": "*"}

    app.register_error_handler(VerifyError, refuse)
    app.add_url_rule(verifier.resource_metadata_path, "writ_resource_metadata", metadata)


def protect(
    verifier: Verifier, scope: str | None = None
) -> Callable[[Callable[Concatenate[Token, P], R]], Callable[P, R]]:
    """Passes the request's token to the view as its first argument. Requires this scope if one is
    given."""

    def decorate(view: Callable[Concatenate[Token, P], R]) -> Callable[P, R]:
        @wraps(view)
        def protected(*args: P.args, **kwargs: P.kwargs) -> R:
            # WSGI joins repeated headers with commas, which no token contains.
            token = verifier.authenticate(request.headers.getlist("Authorization"))
            if scope is not None:
                token.require(scope)
            return view(token, *args, **kwargs)

        return protected

    return decorate
