"""Halyard's tables in the databases that Django makes for tests."""

from __future__ import annotations

from typing import Any

from django.db import connections

__all__ = ["make_tables"]

#: Databases that have them: Django sends its signal after every flush too.
_made: set[tuple[str, str]] = set()


def make_tables(using: str, **_: Any) -> None:
    """Receives ``post_migrate``. Does something in tests only, and nothing where the tables are PostHog's own or the
    setting is off."""
    from .conf import setting
    from .databases import _testing
    from .tables import PostHogTablesError, migrate, writer_aliases

    connection = connections[using]
    if not setting("TEST_TABLES") or not _testing() or connection.vendor != "postgresql" or setting("DEFINITIONS"):
        return
    place = (using, str(connection.settings_dict["NAME"]))
    if place in _made or using not in writer_aliases():
        return
    try:
        migrate(using)
    except PostHogTablesError:
        pass
    _made.add(place)
