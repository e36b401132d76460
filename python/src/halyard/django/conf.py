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
    # The engine: see `halyard.configure_engine`.
    "ENGINE": {},
}

_lock = threading.Lock()
_client: Halyard | None = None
_pools: DjangoPools | None = None


def setting(name: str) -> Any:
    given = getattr(settings, "HALYARD", {})
    return given.get(name, DEFAULTS[name]) if isinstance(given, dict) else DEFAULTS[name]


def function(name: str) -> Any:
    """The function that a setting names, or ``None``."""
    value = setting(name)
    return import_string(value) if isinstance(value, str) else value


def pools() -> DjangoPools:
    global _pools
    if _pools is None:
        _pools = DjangoPools(
            aliases(setting("DATABASES"), settings.DATABASES),
            listen=setting("LISTEN"),
            check_in_transactions=setting("CHECK_IN_TRANSACTIONS"),
        )
    return _pools


def apply() -> None:
    """Brings the settings into force; the wrong ones are left to ``manage.py check`` and to first use."""
    try:
        if setting("ENGINE"):
            configure_engine(**setting("ENGINE"))
        contract.configure(pools(), refresh_seconds=setting("REFRESH_SECONDS"))
    except (ImproperlyConfigured, TypeError, ValueError):
        contract.configure(None)


def client() -> Halyard:
    global _client
    check()
    if _client is None:
        with _lock:
            if _client is None:
                _client = _made()
    return _client


def _made() -> Halyard:
    definitions = setting("DEFINITIONS")
    if definitions is not None:
        return Halyard(Path(definitions) if isinstance(definitions, str) else definitions)
    token = setting("PROJECT_TOKEN")
    if not token:
        raise ImproperlyConfigured("HALYARD needs 'PROJECT_TOKEN' (the project's public token) or 'DEFINITIONS'")
    return Halyard(database=pools(), token=token, refresh_seconds=setting("REFRESH_SECONDS"))


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
