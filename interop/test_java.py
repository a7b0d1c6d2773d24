"""Frameworks in Java, configured by properties: sign-in, and an API."""

import shutil
import subprocess
from pathlib import Path

import httpx2
import pytest

from person import Person
from processes import free_port, running
from writ import Writ

APPS = Path(__file__).parent / "apps"
#: The project and its recipe, what Maven defines, the program, and the variable of its port.
FRAMEWORKS = {
    "quarkus": ("quarkus", {}, "quarkus-app/quarkus-run.jar", "QUARKUS_HTTP_PORT"),
    "spring-boot-3": ("spring", {"boot": "3.5.7"}, "app-1.jar", "SERVER_PORT"),
    "spring-boot-4": ("spring", {"boot": "4.0.7"}, "app-1.jar", "SERVER_PORT"),
}


@pytest.mark.skipif(not shutil.which("mvn"), reason="there is no Maven on this machine")
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_signs_in_and_protects_an_api(
    framework: str, writ: Writ, person: Person, tmp_path: Path
) -> None:
    project, properties, program, port_variable = FRAMEWORKS[framework]
    definitions = [f"-D{name}={value}" for name, value in properties.items()]
    build = ["mvn", "--quiet", "--batch-mode", f"-Dtarget={tmp_path}", *definitions, "package"]
    subprocess.run(build, cwd=APPS / project, check=True)
    port = free_port()
    app = f"http://127.0.0.1:{port}"
    client = writ.register_product(project, app)
    variables = {
        port_variable: str(port),
        "ISSUER": writ.issuer,
        "AUDIENCE": writ.audience,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
    }
    with running(["java", "-jar", tmp_path / program], port, "/open", tmp_path, variables):
        page = person.visit(f"{app}/private")
        assert (page.status_code, page.json()) == (200, {"email": "mina@example.com"}), page.text
        for scope, status in [("message:read", 200), ("message:send", 403)]:
            bearer = {"Authorization": f"Bearer {writ.grant(scope).access_token}"}
            assert httpx2.get(f"{app}/api/me", headers=bearer).status_code == status
        assert httpx2.get(f"{app}/api/me").status_code == 401
