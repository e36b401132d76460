"""One statement on a connection of Django's, without harm to the transaction that the caller may be in."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from django.db import Error

from .._pools import Row

__all__ = ["rows_of"]

_SAVEPOINT = "halyard_statement"
#: A transaction in which a statement has failed, as PostgreSQL's client library numbers it for both drivers.
_FAILED = 3


def rows_of(connection: Any, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a statement with ``%(name)s`` placeholders. Raises what Django raises.

    PostgreSQL refuses everything that follows a failed statement up to the end of the transaction, and turns the commit into a
    rollback. A flag that cannot be read must not cost the caller what he has written, so inside a transaction the statement stands
    behind a savepoint: in the same round trip where the driver sends parameters as text, as Django has it by default.
    """
    with connection.cursor() as cursor:
        if connection.get_autocommit():
            cursor.execute(text, parameters)
            return _fetched(cursor)
        try:
            return _behind_savepoint(cursor, text, parameters)
        except Error:
            # What the driver refused never got to the server: going back to a savepoint that is not there would fail the
            # transaction. In a transaction that had failed before there is none either, and it stays failed.
            if connection.connection is not None and connection.connection.info.transaction_status == _FAILED:
                with contextlib.suppress(Error):
                    cursor.execute(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}; RELEASE SAVEPOINT {_SAVEPOINT}")
            raise


def _behind_savepoint(cursor: Any, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    # Not at the top: it imports a driver, and a project with definitions of its own need not have one.
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    begin, end = f"SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}"
    as_text = hasattr(cursor, "mogrify")
    if as_text and is_psycopg3:
        cursor.execute(f"{begin}; {text}; {end}", parameters)
        cursor.nextset()
        return _fetched(cursor)
    if as_text:  # psycopg 2 keeps the last result only
        cursor.execute(f"{begin}; {text}", parameters)
    else:
        cursor.execute(begin)
        cursor.execute(text, parameters)
    rows = _fetched(cursor)
    cursor.execute(end)
    return rows


def _fetched(cursor: Any) -> list[Row]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor.fetchall()]
