"""The four pools by URL, with psycopg 3: connections are kept and used again, and a fork gets its own."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ._fork import check, cut_off, forget_in_child
from ._pools import POOLS, Pools, Row, connection_code, new_store_number
from .errors import DatabaseError

if TYPE_CHECKING:
    import psycopg

__all__ = ["Databases", "databases_from"]

#: Seconds before a server that does not answer counts as unreachable.
CONNECT_TIMEOUT = 5
#: Seconds to wait for a connection when all are in use.
ACQUIRE_TIMEOUT = 2.0
MAX_CONNECTIONS = 10
STATEMENT_TIMEOUT_MS = 3000

#: Seconds that a silent server is waited for longer than for a statement.
_GRACE = 1.0
#: Uses after which a connection prepares a statement.
_PREPARE_AFTER = 5
#: SQLSTATE of a statement that took too long, and of prepared statements that are not there or there already.
_TIMEOUT = "57014"
_LOST_PREPARED = ("26000", "42P05")


class Databases:
    """Four PostgreSQL URLs. Absent ones fall back: persons pools to each other and to the main ones, readers to writers."""

    def __init__(
        self,
        writer: str,
        *,
        reader: str | None = None,
        persons_reader: str | None = None,
        persons_writer: str | None = None,
        max_connections: int = MAX_CONNECTIONS,
        statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
    ) -> None:
        main_reader = reader or writer
        urls = dict(
            zip(POOLS, (persons_reader or persons_writer or main_reader, persons_writer or writer, main_reader, writer))
        )
        self.store = new_store_number()
        self.reader_may_lag = urls["persons reader"] != urls["persons writer"]
        #: To be called when the pools are closed.
        self.closing: list[Callable[[], None]] = []
        by_url: dict[str, _Connections] = {}
        self._pools: dict[str, _Connections] = {}
        for pool, url in urls.items():
            if not isinstance(url, str):
                raise TypeError(
                    f"argument '{pool.replace(' ', '_')}': expected a PostgreSQL URL as str, got {type(url).__name__}"
                )
            if url not in by_url:
                by_url[url] = _Connections(_conninfo(url, pool), max_connections, statement_timeout_ms)
            self._pools[pool] = by_url[url]

    def run(self, pool: str, text: str, values: Sequence[Any]) -> list[Row]:
        """The rows of one statement. Raises `DatabaseError`."""
        return self._pools[pool].run(pool, text, values)

    def inside_transaction(self) -> bool:
        """Never: statements here are not the caller's."""
        return False

    def writes_inside_transaction(self) -> bool:
        """Never, likewise."""
        return False

    def listen_conninfo(self) -> str | None:
        """Changes are announced to connections to the writer; a replica has none to offer."""
        return self._pools["non-persons writer"].conninfo

    def close(self) -> None:
        """Closes the connections that nobody uses; the others close when they are given back."""
        while self.closing:
            self.closing.pop()()
        for connections in set(self._pools.values()):
            connections.close()


class _Connections:
    def __init__(self, conninfo: str, most: int, statement_timeout_ms: int) -> None:
        self.conninfo = conninfo
        self._most = most
        self._statement_timeout_ms = statement_timeout_ms
        #: What a pooler in front of the server may not take; all connections share what one of them learns.
        self._prepare = True
        self._sends_timeout = True
        self._reset()
        _all_connections.add(self)

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._idle: list[psycopg.Connection[Any]] = []
        self._free = threading.BoundedSemaphore(self._most)
        self._closed = False

    def run(self, pool: str, text: str, values: Sequence[Any]) -> list[Row]:
        check()
        if not self._free.acquire(timeout=ACQUIRE_TIMEOUT):
            raise DatabaseError(pool, "no connection became free in time", "53300")
        try:
            while True:
                connection, used_before = self._take(pool)
                try:
                    rows = _execute(connection, pool, text, values)
                except DatabaseError as error:
                    if error.lost:
                        with suppress(Exception):
                            connection.close()
                        # One that lay idle may have been closed at the other end: our statements may be sent twice.
                        if used_before and error.code != _TIMEOUT:
                            continue
                    elif error.code in _LOST_PREPARED and connection.prepare_threshold is not None:
                        # A pooler in transaction mode gave us another server connection. The statement did not run. Others that
                        # were opened before that was known lie idle or are in use.
                        self._prepare = False
                        connection.close()
                        continue
                    else:
                        self._give_back(connection)
                    raise
                except BaseException:
                    # Interrupted inside a statement: the connection's state is unknown.
                    connection.close()
                    raise
                self._give_back(connection)
                return rows
        finally:
            self._free.release()

    def close(self) -> None:
        self._closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __del__(self) -> None:
        with suppress(Exception):
            if self._pid == os.getpid():
                self.close()

    def forked(self) -> None:
        # The parent's connections must not be used here, nor closed, which would end the parent's sessions.
        for connection in self._idle:
            cut_off(connection)
        _inherited.extend(self._idle)
        self._reset()

    def _take(self, pool: str) -> tuple[psycopg.Connection[Any], bool]:
        try:
            return self._idle.pop(), True
        except IndexError:
            return self._connect(pool), False

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        if self._closed or connection.closed:
            connection.close()
        else:
            self._idle.append(connection)

    def _connect(self, pool: str) -> psycopg.Connection[Any]:
        import psycopg

        from ._connection import LimitedConnection

        limited = self._statement_timeout_ms > 0 and self._sends_timeout
        limit: Any = {"options": f"-c statement_timeout={self._statement_timeout_ms}"} if limited else {}
        try:
            connection = LimitedConnection.connect(
                self.conninfo,
                autocommit=True,
                prepare_threshold=_PREPARE_AFTER if self._prepare else None,
                cursor_factory=psycopg.RawCursor,
                row_factory=psycopg.rows.dict_row,
                **limit,
            )
            if self._statement_timeout_ms > 0:
                connection.silence_limit = self._statement_timeout_ms / 1000 + _GRACE
            return connection
        except psycopg.Error as error:
            if limited and "unsupported startup parameter" in str(error):
                # A pooler that takes none; silence still ends a statement.
                self._sends_timeout = False
                return self._connect(pool)
            raise DatabaseError(
                pool, f"cannot connect: {_one_line(error)}", _code(error) or connection_code(error), lost=True
            ) from error


def _execute(connection: psycopg.Connection[Any], pool: str, text: str, values: Sequence[Any]) -> list[Row]:
    import psycopg

    from ._connection import SilenceError

    try:
        return connection.execute(text, values).fetchall()
    except SilenceError as error:
        raise DatabaseError(pool, _one_line(error), _TIMEOUT, lost=True) from error
    except (psycopg.Error, UnicodeError) as error:
        raise DatabaseError(
            pool, _one_line(error), _code(error), lost=connection.closed or connection.broken
        ) from error


def _conninfo(url: str, pool: str) -> str:
    try:
        import psycopg
    except ImportError as error:
        raise ImportError(
            "halyard needs psycopg 3 to read a database: install it with: pip install 'psycopg[binary]>=3.2'"
        ) from error
    try:
        if not url.startswith(("postgres://", "postgresql://")):
            raise ValueError
        given = psycopg.conninfo.conninfo_to_dict(url)
    except (psycopg.Error, ValueError):
        # The URL may hold a password, so it is not shown.
        raise DatabaseError(pool, "not a valid PostgreSQL URL (it must begin with postgresql://)") from None
    defaults: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT, "application_name": "halyard"}
    return psycopg.conninfo.make_conninfo(**{**defaults, **given})


def databases_from(value: Any) -> Pools:
    """What callers may pass as ``database``: a URL, a mapping of URLs, or an object with ``run``."""
    if isinstance(value, str):
        return Databases(value)
    if isinstance(value, Mapping):
        return Databases(**value)
    if hasattr(value, "run") and hasattr(value, "store"):
        return value
    raise TypeError(f"argument 'database': expected a URL, a mapping of URLs or Databases, got {type(value).__name__}")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _code(error: BaseException) -> str | None:
    return getattr(error, "sqlstate", None)


_all_connections: weakref.WeakSet[_Connections] = weakref.WeakSet()
_inherited: list[Any] = []


def _after_fork() -> None:
    for connections in list(_all_connections):
        connections.forked()


forget_in_child(_after_fork)
