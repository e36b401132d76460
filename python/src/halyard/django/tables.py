"""Halyard's own tables in a Django database, with the statements that the engine brings along. PostHog's are never touched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import Error, connections, transaction

from .._engine import engine
from .._placeholders import named_placeholders
from ..errors import DatabaseError, HalyardError

__all__ = ["PostHogTablesError", "migrate", "run_batches", "writer_aliases"]


class PostHogTablesError(HalyardError):
    """The tables of this database are PostHog's own."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        super().__init__(f"the tables in the database '{alias}' belong to PostHog, and Halyard does not change them")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.alias,)


def migrate(alias: str) -> list[str]:
    """Brings the tables up to date, all or nothing. The names of the migrations that ran now.

    Raises `PostHogTablesError`, and `DatabaseError` naming the database when it cannot be reached or refuses.
    """
    found = run_batches("migrate", {}, alias)
    if found.get("theirs"):
        raise PostHogTablesError(alias)
    ran: list[str] = found["ran"]
    return ran


def run_batches(function: str, call: Mapping[str, Any], alias: str) -> Any:
    """Work that the engine describes in batches of statements, in one transaction of the database."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        raise DatabaseError("writer", f"the database '{alias}' is {connection.vendor}, not PostgreSQL")
    answers: list[list[list[dict[str, Any]]]] = []
    try:
        with transaction.atomic(using=alias):
            while True:
                text = json.dumps({**call, "answers": answers}).encode()
                answer = engine().call(function, text).decode("utf-8", "surrogatepass")
                if answer.startswith("="):
                    return json.loads(answer[1:])
                answers.append([_rows(connection, **statement) for statement in json.loads(answer[1:])])
    except Error as error:
        raise DatabaseError("writer", f"{' '.join(str(error).split())} (database '{alias}')") from error


def writer_aliases() -> list[str]:
    """The databases that hold Halyard's tables: one, or persons in another."""
    from django.conf import settings

    from .conf import setting
    from .databases import aliases

    chosen = aliases(setting("DATABASES"), settings.DATABASES)
    return list(dict.fromkeys(chosen[pool] for pool in ("non-persons writer", "persons writer")))


def _rows(connection: Any, text: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        if values:
            cursor.execute(named_placeholders(text), {f"p{index}": value for index, value in enumerate(values, 1)})
        else:
            # As it stands: a percent sign in it is no placeholder.
            cursor.execute(text)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]
