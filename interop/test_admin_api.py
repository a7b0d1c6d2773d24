"""The administration API does what its OpenAPI document says, whatever it is sent."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import httpx2
import pytest

from writ import Writ

SUBJECTS = ["audit", "clients", "groups", "initial-access-tokens", "keys", "resources", "users"]
SCOPE = " ".join(
    f"writ:{subject}:{access}"
    for subject in SUBJECTS
    for access in ("read", "write")
    if (subject, access) != ("audit", "write")
)
CHECKS = [
    "allow_header_conformance",
    "content_type_conformance",
    "ignored_auth",
    "missing_required_header",
    "not_a_server_error",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "unsupported_method",
    "use_after_free",
]


@pytest.fixture
def writ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writ:
    monkeypatch.setenv("WRIT__ADMIN_API__ENABLED", "true")
    return Writ(tmp_path, audience="https://talk.example")


def token(writ: Writ) -> str:
    """An access token with every scope of the API."""
    console = writ.register(
        client_name="Console", grant_types=["client_credentials"], scope=SCOPE, redirect_uris=[]
    )
    pair = f"{console['client_id']}:{console['client_secret']}"
    response = httpx2.post(
        f"{writ.issuer}/token",
        data={"grant_type": "client_credentials", "scope": SCOPE},
        headers={"Authorization": f"Basic {b64encode(pair.encode()).decode()}"},
    )
    assert response.status_code == 200, response.text
    access_token: str = response.json()["access_token"]
    return access_token


def test_no_request_gets_a_response_that_the_document_does_not_describe(
    writ: Writ, tmp_path: Path
) -> None:
    # 428: RFC 6585 §3. 422: an Idempotency-Key that was used before is noticed first.
    statuses = "[checks.missing_required_header]\nexpected-statuses = [400, 404, 422, 428]\n"
    (tmp_path / "schemathesis.toml").write_text(statuses)
    with writ.serving():
        command = [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{writ.issuer}/admin/v1/openapi.json",
            f"--header=Authorization: Bearer {token(writ)}",
            f"--checks={','.join(CHECKS)}",
            "--max-examples=5",
            "--max-time=45",
            "--seed=1",
            "--no-color",
            "--generation-database=none",
        ]
        finished = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
    assert finished.returncode == 0, finished.stdout
