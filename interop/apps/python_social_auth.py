"""Python Social Auth in Django, with the settings of the recipe."""

from os import environ

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from social_core.actions import do_auth

from django_site import PAGES, configure, serve

configure(
    ["social_django"],
    [],
    LOGIN_URL="/sign-in",
    AUTHENTICATION_BACKENDS=["social_core.backends.open_id_connect.OpenIdConnectAuth"],
    SOCIAL_AUTH_OIDC_OIDC_ENDPOINT=environ["ISSUER"],
    SOCIAL_AUTH_OIDC_KEY=environ["CLIENT_ID"],
    SOCIAL_AUTH_OIDC_SECRET=environ["CLIENT_SECRET"],
    SOCIAL_AUTH_OIDC_USE_PKCE=True,
)

# It reads the settings.
from social_django.utils import psa  # noqa: E402


@psa("social:complete")
def sign_in(request: HttpRequest, backend: str) -> HttpResponse:
    """What the package's own view does for a button that posts."""
    return do_auth(request.backend, redirect_name="next")


urlpatterns = [
    *PAGES,
    path("sign-in", sign_in, {"backend": "oidc"}),
    path("", include("social_django.urls", namespace="social")),
]

if __name__ == "__main__":
    serve()
