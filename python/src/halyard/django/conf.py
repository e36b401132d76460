"""The setting ``HALYARD``: what it may hold, and what is made from it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from .. import contract
from .._engine import configure_engine
from .._fork import check, forget_in_child
from .._projects import REFRESH_SECONDS
from ..client import Halyard
from .databases import DjangoPools, aliases
from .validate import check_value

__all__ = ["DEFAULTS", "apply", "client", "forget", "function", "setting"]

DEFAULTS: dict[str, Any] = {
    # The project's public token; its flags are those of the middleware, the template tags and `halyard.django.flags_for`.
    "PROJECT_TOKEN": None,
    # Instead of the database's: a local-evaluation document, as a dict or the path of a JSON file.
    "DEFINITIONS": None,
    # Pool → alias in DATABASES. Default: PostHog's own aliases where they exist, `default` otherwise.
    "DATABASES": {},
    # How old definitions may get before they are checked.
    "REFRESH_SECONDS": REFRESH_SECONDS,
    # Check definitions at every call inside a transaction, so that a test sees the flags it has just written.
    "CHECK_IN_TRANSACTIONS": True,
    # Hear about changes on a connection of its own.
    "LISTEN": True,
    # Dotted paths of functions of the request: who asks, and what is known about them.
    "DISTINCT_ID": "halyard.django.context.distinct_id",
    "PERSON_PROPERTIES": None,
    "GROUPS": None,
    # The id from before the person logged in, for flags with experience continuity.
    "ANONYMOUS_ID": "halyard.django.visitors.anonymous_id",
    # Name of the cookie for visitors who bring no id of their own; None: they get another id with each request.
    "ANONYMOUS_COOKIE": "halyard_visitor",
    # Who may choose flags by "?halyard=beta,colour:blue": a function of the request, True for everybody, None for nobody.
    "REQUEST_OVERRIDES": None,
    # Whom to tell which flag was seen: "posthog", "opentelemetry", "sentry".
    "REPORT_TO": (),
    # The tables of Halyard in test databases that Django makes.
    "TEST_TABLES": True,
    # The read-only page in Django's admin.
    "ADMIN": True,
    # Offer the original's import path, posthog.models.feature_flag.flag_matching_rust.
    "ORIGINAL_IMPORT_PATH": False,
    # The engine: see `halyard.configure_engine`.
    "ENGINE": {},
}

_lock = threading.Lock()
_client: Halyard | None = None
_pools: DjangoPools | None = None


def setting(name: str) -> Any:
    """The value of a key, whatever it is."""
    given = getattr(settings, "HALYARD", {})
    return given.get(name, DEFAULTS[name]) if isinstance(given, dict) else DEFAULTS[name]


def checked(name: str) -> Any:
    """The value of a key. Raises `ImproperlyConfigured` when the key cannot hold it."""
    value = setting(name)
    check_value(name, value)
    return value


def function(name: str) -> Any:
    """The function that a setting names, or ``None``."""
    value = checked(name)
    return import_string(value) if isinstance(value, str) else value


def pools() -> DjangoPools:
    global _pools
    if _pools is None:
        _pools = DjangoPools(
            aliases(setting("DATABASES"), settings.DATABASES),
            listen=checked("LISTEN"),
            check_in_transactions=checked("CHECK_IN_TRANSACTIONS"),
        )
    return _pools


def apply() -> None:
    """Brings the settings into force; the wrong ones are left to ``manage.py check`` and to first use."""
    try:
        if checked("ENGINE"):
            configure_engine(**setting("ENGINE"))
        contract.configure(pools(), refresh_seconds=checked("REFRESH_SECONDS"))
    except ImproperlyConfigured as error:
        contract.configure(None)
        contract.explain_missing(f"{error}; see manage.py check")


def client() -> Halyard:
    global _client
    check()
    if _client is None:
        with _lock:
            if _client is None:
                _client = _made()
    return _client


def _made() -> Halyard:
    definitions = checked("DEFINITIONS")
    if definitions is not None:
        return from_definitions(definitions)
    token = checked("PROJECT_TOKEN")
    if not token:
        raise ImproperlyConfigured("HALYARD needs 'PROJECT_TOKEN' (the project's public token) or 'DEFINITIONS'")
    return Halyard(database=pools(), token=token, refresh_seconds=checked("REFRESH_SECONDS"))


def from_definitions(definitions: Any) -> Halyard:
    """Of a document, or of the file that a text names. Raises `ImproperlyConfigured` when there is nothing to be had from it."""
    try:
        return Halyard(Path(definitions) if isinstance(definitions, str) else definitions)
    except (OSError, TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"HALYARD['DEFINITIONS']: {error}") from error


def forget(*, setting: str, **_: Any) -> None:
    """``override_settings`` in a test: the next use reads the settings again."""
    global _client, _pools
    if setting in ("HALYARD", "DATABASES"):
        _client = _pools = None
        apply()


def _forget_lock() -> None:
    global _lock
    _lock = threading.Lock()


forget_in_child(_forget_lock)
