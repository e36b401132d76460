"""A small Django project over the test database that HALYARD_TEST_DATABASE names."""

import json
import os

import django

_WANTED = os.environ.get("HALYARD_TEST_DJANGO", django.get_version())
assert django.get_version() == _WANTED, f"This is Django {django.get_version()}, and {_WANTED} is to be tested."

SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["*"]
DEBUG = False
USE_TZ = True
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "halyard.django",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "halyard.django.middleware.HalyardMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
_DATABASE = {"ENGINE": "django.db.backends.postgresql", **json.loads(os.environ["HALYARD_TEST_DATABASE"])}
DATABASES = {
    "default": _DATABASE,
    "replica": {**_DATABASE, "TEST": {"MIRROR": "default"}},
    "persons_db_reader": _DATABASE,
    "persons_db_writer": _DATABASE,
}
HALYARD = {"PROJECT_TOKEN": "phc_test", "DISTINCT_ID": "shop.views.distinct_id"}
