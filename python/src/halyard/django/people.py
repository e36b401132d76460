"""Persons that are stored."""

from __future__ import annotations

import json

from .tables import run_batches

__all__ = ["recent_distinct_ids"]


def recent_distinct_ids(most: int) -> list[str]:
    """One distinct id each of the persons that were stored last. None where there is no database."""
    from django.conf import settings

    from . import client
    from .conf import setting
    from .databases import aliases

    call = json.loads(client()._definitions().text)
    team = call.get("definitions", {}).get("teamId")
    if team is None:
        return []
    alias = aliases(setting("DATABASES"), settings.DATABASES)["persons reader"]
    found: list[str] = run_batches("recentPeople", {"teamId": team, "most": most}, alias)
    return found
