"""A whole Django project, for the servers that Django brings or that want one."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from ends.app import DOCUMENT

with contextlib.suppress(ImportError):
    import changed  # noqa: F401 - a file for the reloader to look at

SECRET_KEY = "for tests"
DEBUG = True
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["halyard.django"]
MIDDLEWARE = ["halyard.django.middleware.HalyardMiddleware"]
HALYARD: dict[str, Any] = {"DEFINITIONS": DOCUMENT, "DISTINCT_ID": lambda request: "ada"}
ROOT_URLCONF = __name__
USE_TZ = True


def view(request: HttpRequest) -> HttpResponse:
    assert len(request.flags) == 1  # type: ignore[attr-defined]
    return HttpResponse(str(os.getpid()))


urlpatterns = [path("", view)]
