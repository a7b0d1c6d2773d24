"""mozilla-django-oidc, with the settings of the recipe."""

from os import environ

from django.urls import include, path

from django_site import PAGES, configure, serve

ISSUER = environ["ISSUER"]
configure(
    ["mozilla_django_oidc"],
    [],
    LOGIN_URL="/oidc/authenticate/",
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    OIDC_RP_CLIENT_ID=environ["CLIENT_ID"],
    OIDC_RP_CLIENT_SECRET=environ["CLIENT_SECRET"],
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES="openid profile email",
    OIDC_USE_PKCE=True,
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{ISSUER}/authorize",
    OIDC_OP_TOKEN_ENDPOINT=f"{ISSUER}/token",
    OIDC_OP_USER_ENDPOINT=f"{ISSUER}/userinfo",
    OIDC_OP_JWKS_ENDPOINT=f"{ISSUER}/jwks",
)
urlpatterns = [*PAGES, path("oidc/", include("mozilla_django_oidc.urls"))]

if __name__ == "__main__":
    serve()
