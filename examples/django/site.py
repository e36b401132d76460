"""Flags in a Django project, evaluated in its own process from the project's database. A whole project in one file:

DATABASE_URL=postgresql://… HALYARD_TOKEN=phc_… python examples/django/site.py runserver
"""

from __future__ import annotations

import os
import sys

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, JsonResponse
from django.urls import path
from psycopg.conninfo import conninfo_to_dict

database = conninfo_to_dict(os.environ.get("DATABASE_URL", ""))

settings.configure(
    DEBUG=True,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["halyard.django"],
    MIDDLEWARE=["halyard.django.middleware.HalyardMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database.get("dbname"),
            "USER": database.get("user"),
            "PASSWORD": database.get("password"),
            "HOST": database.get("host"),
            "PORT": database.get("port"),
        }
    },
    HALYARD={
        "PROJECT_TOKEN": os.environ.get("HALYARD_TOKEN"),
        # A project with users needs neither: the default is the user who is logged in, or the session.
        "DISTINCT_ID": f"{__name__}.user_of",
        "PERSON_PROPERTIES": f"{__name__}.properties_of",
    },
)
django.setup()


def user_of(request: HttpRequest) -> str | None:
    return request.GET.get("user")


def properties_of(request: HttpRequest) -> dict[str, object]:
    return {"signed_in": True}


def checkout(request: HttpRequest) -> JsonResponse:
    # Evaluated at the first question, once per request.
    new = request.flags.is_enabled("new-checkout")
    return JsonResponse({"checkout": "new" if new else "old", "colour": request.flags.value("button-colour")})


urlpatterns = [path("checkout", checkout)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
