"""Apache with mod_auth_openidc: a folder that only people who sign in may see."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

import httpx2

from person import Person
from processes import free_port, running
from writ import Writ

MODULES = Path("/usr/lib/apache2/modules")
CONFIGURATION = Template("""
ServerRoot $root
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $root/apache.pid
ErrorLog $root/error.log
DocumentRoot $root/public
$modules
$user
OIDCProviderMetadataURL $issuer/.well-known/openid-configuration
OIDCClientID $client_id
OIDCClientSecret $client_secret
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCRedirectURI $app/callback
OIDCScope "openid email offline_access"
OIDCPKCEMethod S256
OIDCCryptoPassphrase of-no-account
OIDCRemoteUserClaim email
<Location />
    AuthType openid-connect
    Require valid-user
    Header set X-User "expr=%{REMOTE_USER}"
    Header set X-Access-Token "expr=%{reqenv:OIDC_access_token}"
</Location>
<Location /open.txt>
    AuthType None
    Require all granted
</Location>
""")


@contextmanager
def apache(writ: Writ, port: int) -> Iterator[str]:
    """Runs Apache as no service, from a directory of its own, and says its address."""
    app = f"http://127.0.0.1:{port}"
    client = writ.register(
        client_name="Apache",
        redirect_uris=[f"{app}/callback"],
        post_logout_redirect_uris=[f"{app}/open.txt"],
        grant_types=["authorization_code", "refresh_token"],
        scope="openid email offline_access",
    )
    modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "headers", "auth_openidc"]
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        root.chmod(0o755)
        (root / "public").mkdir()
        for name, text in {"private.txt": "for members", "open.txt": "for all"}.items():
            (root / "public" / name).write_text(text)
        configuration = CONFIGURATION.substitute(
            root=root,
            port=port,
            app=app,
            issuer=writ.issuer,
            client_id=client["client_id"],
            client_secret=client["client_secret"],
            modules="\n".join(f"LoadModule {it}_module {MODULES}/mod_{it}.so" for it in modules),
            # Apache does not work as root.
            user="User www-data\nGroup www-data" if os.getuid() == 0 else "",
        )
        (root / "apache.conf").write_text(configuration)
        command = ["/usr/sbin/apache2", "-f", root / "apache.conf", "-D", "FOREGROUND"]
        with running(command, port, "/open.txt", root, {}):
            yield app


def test_a_folder_is_guarded_refreshed_and_signed_out_of(writ: Writ, person: Person) -> None:
    with apache(writ, free_port()) as app:
        private = f"{app}/private.txt"
        assert httpx2.get(private).headers["location"].startswith(f"{writ.issuer}/authorize?")

        page = person.visit(private)
        assert (page.status_code, page.text) == (200, "for members")
        assert page.headers["x-user"] == "mina@example.com"

        before = page.headers["x-access-token"]
        refreshed = person.visit(f"{app}/callback?refresh={private}&access_token={before}")
        assert (refreshed.status_code, refreshed.text) == (200, "for members")
        assert refreshed.headers["x-access-token"] not in ("", before)

        out = person.visit(f"{app}/callback?logout={app}/open.txt")
        assert (out.status_code, out.text) == (200, "for all")
        again = person.open(private, until=f"{writ.issuer}/login")
        assert again, "the session at Writ is over, too"
