"""JupyterHub with OAuthenticator, configured by what its recipe prints."""

import sys
from pathlib import Path

import httpx2

from person import Person
from processes import eventually, free_port, running
from writ import Writ

PROXY = Path(__file__).parent / "apps/node_modules/.bin/configurable-http-proxy"
JUPYTERHUB = Path(sys.executable).parent / "jupyterhub"


def test_jupyterhub_signs_in(writ: Writ, person: Person, tmp_path: Path) -> None:
    port, hub_port = free_port(), free_port()
    app = f"http://127.0.0.1:{port}"
    printed = writ.settings_of_product("jupyterhub", app)
    settings = [
        printed[printed.index("# jupyterhub_config.py") :],
        f"c.JupyterHub.bind_url = {app!r}",
        f"c.JupyterHub.hub_port = {hub_port}",
        f"c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{free_port()}'",
        f"c.ConfigurableHTTPProxy.command = [{str(PROXY)!r}]",
    ]
    (tmp_path / "jupyterhub_config.py").write_text("\n".join(settings))
    with running([JUPYTERHUB], hub_port, "/hub/health", tmp_path, {}):
        # The proxy gets the route to the hub after the hub serves.
        eventually(
            "the hub is behind the proxy", lambda: httpx2.get(f"{app}/hub/health").is_success
        )
        page = person.visit(f"{app}/hub/oauth_login?next=/hub/token")
        assert page.status_code == 200
        assert str(page.url) == f"{app}/hub/token"
        assert "mina" in page.text
