"""django-allauth, with the settings of the recipe."""

from os import environ

from django.urls import include, path

from django_site import PAGES, configure, serve

configure(
    [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ],
    ["allauth.account.middleware.AccountMiddleware"],
    LOGIN_URL="/accounts/oidc/writ/login/",
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    SOCIALACCOUNT_PROVIDERS={
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "writ",
                    "name": "Writ",
                    "client_id": environ["CLIENT_ID"],
                    "secret": environ["CLIENT_SECRET"],
                    "settings": {
                        "server_url": environ["ISSUER"],
                        "oauth_pkce_enabled": not environ["UNBOUND"],
                    },
                }
            ]
        }
    },
)
urlpatterns = [*PAGES, path("accounts/", include("allauth.urls"))]

if __name__ == "__main__":
    serve()
