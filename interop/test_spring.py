"""Spring Security in Spring Boot 3 and 4, configured by properties: sign-in, and an API."""

import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from person import Person
from processes import free_port, running
from writ import Writ

PROJECT = Path(__file__).parent / "apps" / "spring"


@pytest.mark.skipif(not shutil.which("mvn"), reason="there is no Maven on this machine")
@pytest.mark.parametrize("boot", ["3.5.7", "4.0.7"])
def test_spring_signs_in_and_protects_an_api(
    boot: str, writ: Writ, person: Person, tmp_path: Path
) -> None:
    build = ["mvn", "--quiet", "--batch-mode", f"-Dboot={boot}", f"-Dtarget={tmp_path}", "package"]
    subprocess.run(build, cwd=PROJECT, check=True)
    port = free_port()
    app = f"http://127.0.0.1:{port}"
    client = writ.register_product("spring", app)
    variables = {
        "SERVER_PORT": str(port),
        "ISSUER": writ.issuer,
        "AUDIENCE": writ.audience,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
    }
    with running(["java", "-jar", tmp_path / "app-1.jar"], port, "/open", tmp_path, variables):
        page = person.visit(f"{app}/private")
        assert (page.status_code, page.json()) == (200, {"email": "mina@example.com"}), page.text
        for scope, status in [("message:read", 200), ("message:send", 403)]:
            bearer = {"Authorization": f"Bearer {writ.grant(scope).access_token}"}
            assert httpx2.get(f"{app}/api/me", headers=bearer).status_code == status
        assert httpx2.get(f"{app}/api/me").status_code == 401
