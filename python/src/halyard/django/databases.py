"""The four pools over Django's own connections: its transactions, its query log, its tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections
from django.utils.connection import ConnectionDoesNotExist

from .._fork import check
from .._placeholders import named_placeholders
from .._pools import POOLS, Row, connection_code, new_store_number
from ..errors import DatabaseError
from .inherited import forget_in_children
from .rows import rows_of
from .sync_thread import in_sync_thread
from .validate import check_value

__all__ = ["ALIASES", "DjangoPools", "aliases"]

#: PostHog's aliases (D112).
ALIASES = {
    "persons reader": "persons_db_reader",
    "persons writer": "persons_db_writer",
    "non-persons reader": "replica",
    "non-persons writer": "default",
}

#: Names of the pools inside the setting.
SETTING_NAMES = {pool.replace(" ", "_").replace("-", "_"): pool for pool in POOLS}

_CONNECTION_PARAMETERS = (
    "dbname", "user", "password", "host", "port", "service", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey",
)  # fmt: skip


def aliases(given: Mapping[str, str], databases: Mapping[str, Any]) -> dict[str, str]:
    """Pool → alias. A named alias has to exist; PostHog's become ``default`` where they do not (D112)."""
    check_value("DATABASES", given)
    chosen = {pool: alias if alias in databases else "default" for pool, alias in ALIASES.items()}
    for name, alias in given.items():
        pool = SETTING_NAMES.get(name)
        if pool is None:
            raise ImproperlyConfigured(
                f"HALYARD['DATABASES'] has the pool '{name}'; there are {', '.join(SETTING_NAMES)}"
            )
        if alias not in databases:
            known = ", ".join(sorted(databases))
            raise ImproperlyConfigured(f"HALYARD['DATABASES']['{name}'] is '{alias}'; DATABASES has {known}")
        chosen[pool] = alias
    return chosen


class DjangoPools:
    def __init__(self, chosen: Mapping[str, str], *, listen: bool = True, check_in_transactions: bool = True) -> None:
        self.store = new_store_number()
        self._aliases = dict(chosen)
        forget_in_children(chosen.values())
        self.reader_may_lag = chosen["persons reader"] != chosen["persons writer"]
        #: To be called when the pools are closed.
        self.closing: list[Callable[[], None]] = []
        self._listen = listen
        self._check_in_transactions = check_in_transactions

    def run(self, pool: str, text: str, values: Sequence[Any]) -> list[Row]:
        check()
        alias = self._aliases[pool]
        try:
            connection = connections[alias]
        except ConnectionDoesNotExist as error:
            raise DatabaseError(pool, str(error)) from error
        if connection.vendor != "postgresql":
            raise DatabaseError(pool, f"the database '{alias}' is {connection.vendor}, not PostgreSQL")
        parameters = {f"p{index}": value for index, value in enumerate(values, 1)}
        try:
            return _rows(connection, named_placeholders(text), parameters)
        except (Error, UnicodeError, ValueError) as error:
            cause = error.__cause__ or error
            code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
            lost = _is_lost(connection)
            raise DatabaseError(
                pool,
                f"{' '.join(str(error).split())} (database '{alias}')",
                code or (connection_code(error) if lost else None),
                lost,
            ) from error

    async def run_async(self, function: Any, *arguments: Any) -> Any:
        """In the thread that has the request's connections. Raises `SynchronousOnlyOperation` where that is none of its own."""
        return await in_sync_thread(function, *arguments)

    def writes_inside_transaction(self) -> bool:
        return self._inside("persons writer")

    def inside_transaction(self) -> bool:
        if not self._check_in_transactions:
            return False
        # A TransactionTestCase commits what it writes, and an answer from before would be another test's.
        return _testing() or self._inside("non-persons reader") or self._inside("persons reader")

    def _inside(self, pool: str) -> bool:
        check()
        alias = self._aliases[pool]
        return alias in connections and getattr(connections[alias], "in_atomic_block", False)

    def listen_conninfo(self) -> str | None:
        """``None`` also in tests: a connection of ours would be in the way when the test database is dropped."""
        check()
        connection = connections[self._aliases["non-persons writer"]]
        if not self._listen or _testing() or connection.vendor != "postgresql":
            return None
        try:
            from psycopg.conninfo import make_conninfo
        except ImportError:  # Django may use psycopg 2: then there is polling
            return None
        given = connection.get_connection_params()
        return make_conninfo(
            application_name="halyard", **{name: given[name] for name in _CONNECTION_PARAMETERS if given.get(name)}
        )

    def release_thread(self) -> None:
        """Closes the connections of a thread that Django knows nothing of."""
        for alias in set(self._aliases.values()):
            if alias in connections:
                connections[alias].close()

    def close(self) -> None:
        """Django closes its connections itself."""
        while self.closing:
            self.closing.pop()()


def _rows(connection: Any, text: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of a statement, on a new connection where the server has dropped the one at hand.

    Django lets go of a dropped connection between requests only, which a command or a thread of its own has not. Inside a
    transaction the loss is told: what the caller has written there is gone, and no other connection must hide that.
    """
    pool = getattr(connection, "pool", None)  # Django's, since 5.1: what comes out of it has been used before
    used_before = connection.connection is not None or pool is not None
    try:
        return rows_of(connection, text, parameters)
    except Error:
        dropped = used_before and connection.connection is not None and _is_lost(connection)
        if not dropped or connection.in_atomic_block or not connection.autocommit:
            raise
    connection.close()
    if pool is not None:
        pool.check()  # the others in there were most likely dropped with it
    # Ours may all be sent twice.
    return rows_of(connection, text, parameters)


def _is_lost(connection: Any) -> bool:
    return connection.connection is None or bool(getattr(connection.connection, "closed", False))


def _testing() -> bool:
    """Whether Django's test environment is set up; looks without importing it."""
    utils = sys.modules.get("django.test.utils")
    return utils is not None and hasattr(getattr(utils, "_TestState", None), "saved_data")
