"""A project's definitions as one JSON document, in and out of the database."""

from __future__ import annotations

import json
from typing import Any

from .._engine import engine
from ..client import Halyard
from .tables import migrate, run_batches, writer_aliases

__all__ = ["export_document", "import_document"]


def import_document(document: bytes | str, token: str, *, remove_others: bool = False) -> dict[str, Any]:
    """Writes a local-evaluation document into the project with this public token, which is made where there is none.

    Flags are told by their key; the same document again changes nothing. All or nothing, except single flags and
    cohorts that cannot be stored: ``{"created", "flags": [{"key", "outcome", "reason"}], "cohorts", "refusedCohorts"}`` says
    so. Raises `DefinitionsError` for what is no such document, `PostHogTablesError` where the tables are PostHog's
    own, and `DatabaseError`.
    """
    text = document if isinstance(document, str) else document.decode("utf-8-sig")
    alias = writer_aliases()[0]
    # Makes the tables, and refuses those of PostHog.
    migrate(alias)
    call = {"document": text, "token": token, "removeOthers": remove_others}
    report: dict[str, Any] = run_batches("importDocument", call, alias)
    return report


def export_document(token: str | None = None) -> str:
    """The definitions as they are stored now, as JSON with two spaces of indentation. ``token``: not the project of
    the settings."""
    from .conf import client, pools

    source = client() if token is None else Halyard(database=pools(), token=token)
    source.refresh()
    answer = engine().call("exportDocument", source._definitions().text)
    return json.dumps(json.loads(answer[1:]), indent=2, ensure_ascii=False)
