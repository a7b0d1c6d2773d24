"""Verifies the access tokens that a Writ authorization server issues, for resource servers.

    from writ_verifier import Verifier

    verifier = Verifier.discover("https://login.example", "https://talk.example")
    token = verifier.verify(bearer)
    token.require("message:send")
    print(f"{token.subject} through {token.client_id}")

Adapters: ``writ_verifier.fastapi``, ``writ_verifier.flask``. For the tests of an API:
``writ_verifier.testing``. A verifier is safe to share between threads. Create one.
"""

from ._error import VerifyError
from ._token import Actor, Token
from ._transport import Response, Transport
from ._verifier import Verifier

__all__ = ["Actor", "Response", "Token", "Transport", "Verifier", "VerifyError"]
