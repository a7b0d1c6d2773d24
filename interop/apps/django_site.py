"""A Django site with a page that only users who sign in may see."""

from os import environ
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.management import call_command
from django.http import HttpRequest, JsonResponse
from django.urls import path

DJANGO = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]


@login_required
def private(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"email": request.user.email})


def open_to_all(request: HttpRequest) -> JsonResponse:
    return JsonResponse({})


PAGES = [path("private", private), path("open", open_to_all)]


def configure(apps: list[str], middleware: list[str], **more: Any) -> None:
    """Settings of a site in the working directory, whose URLs are those of the main module."""
    settings.configure(
        DEBUG=True,
        SECRET_KEY="of no account",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="__main__",
        INSTALLED_APPS=[*DJANGO, *apps],
        MIDDLEWARE=[*MIDDLEWARE, *middleware],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}},
        LOGIN_REDIRECT_URL="/private",
        **more,
    )
    django.setup()


def serve() -> None:
    call_command("migrate", verbosity=0)
    call_command("runserver", urlsplit(environ["APP"]).netloc, use_reloader=False, verbosity=0)
