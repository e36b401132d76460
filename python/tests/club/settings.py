"""A Django project that lets Django make its test database, and so has no tables of Halyard but those that come by themselves."""

import json
import os

SECRET_KEY = "tests only"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "club.urls"
SILENCED_SYSTEM_CHECKS = ["debug_toolbar.W001"]  # its panel is tested without its middleware
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_URL = "static/"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "debug_toolbar",
    "flags",
    "waffle",
    "rest_framework",
    "halyard.django",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "halyard.django.middleware.HalyardMiddleware",
]
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
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", **json.loads(os.environ["HALYARD_TEST_DATABASE"])},
}
DATABASES["default"]["TEST"] = {"NAME": f"test_club_{os.getpid()}"}
HALYARD = {"PROJECT_TOKEN": "phc_club"}
