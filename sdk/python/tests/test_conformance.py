"""The corpus that all Writ verifiers run: ``sdk/corpus/corpus.json``."""

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from writ_verifier import Response, Verifier, VerifyError
from writ_verifier._transport import TransportError

PATH = Path(__file__).parents[2] / "corpus/corpus.json"
CORPUS = json.loads(PATH.read_text())


class World:
    """The time and the network of one situation."""

    def __init__(self) -> None:
        self.now = 0
        self.network: dict[str, Any] = {}
        self.requests: list[str] = []
        self._lock = threading.Lock()

    def enter(self, now: int, network: int | None) -> None:
        self.now = now
        if network is not None:
            self.network = CORPUS["networks"][network]

    def transport(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Response:
        with self._lock:
            self.requests.append(url)
        sent = self.network.get(url)
        if sent is None:
            raise TransportError("unreachable")
        content = sent["body"]
        text = content if isinstance(content, str) else json.dumps(content)
        return Response(sent["status"], text.encode(), sent["headers"])


def outcome(verifier: Verifier, step: dict[str, Any]) -> dict[str, Any]:
    try:
        if "authorization" in step:
            token = verifier.authenticate(step["authorization"])
        else:
            token = verifier.verify(step["token"])
        if "require" in step:
            token.require(step["require"])
    except VerifyError as refusal:
        refused = {
            "reason": refusal.reason,
            "status": refusal.status,
            "challenge": refusal.challenge,
        }
        return {"refuse": refused}
    return {
        "accept": {
            "subject": token.subject,
            "client_id": token.client_id,
            "scopes": list(token.scopes),
            "actors": [actor.subject for actor in token.actor],
            "expires_at": token.expires_at,
        }
    }


@pytest.mark.parametrize("situation", CORPUS["situations"], ids=lambda made: made["name"])
def test_situation(situation: dict[str, Any]) -> None:
    world = World()
    verifier = Verifier.discover(
        situation["issuer"],
        CORPUS["audience"],
        transport=world.transport,
        clock=lambda: world.now,
        in_background=lambda task: task(),
        accept_typ_jwt=situation.get("accept_typ_jwt", False),
        max_lifetime=situation.get("max_lifetime", 24 * 60 * 60),
    )
    if situation.get("introspecting"):
        verifier = verifier.introspecting("talk", "secret")
    world.enter(0, situation["network"])
    for step in situation["steps"]:
        world.enter(step["at"], step.get("network"))
        expected = {name: step[name] for name in ("accept", "refuse") if name in step}
        times = step.get("times", 1)
        with ThreadPoolExecutor(times) as pool:
            together = [pool.submit(outcome, verifier, step) for _ in range(times)]
            for actual in together:
                assert actual.result() == expected
        for what, count in step.get("requests", {}).items():
            end = {"jwks": "/jwks", "introspection": "/introspect"}[what]
            assert sum(url.endswith(end) for url in world.requests) == count, what


def test_the_corpus_is_there() -> None:
    assert len(CORPUS["situations"]) >= 150
