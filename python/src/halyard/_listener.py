"""Hears which projects' definitions changed, on a connection of its own."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from ._pools import Pools, log

__all__ = ["listen"]

#: The channel on which the schema announces; the payload is the team id.
CHANNEL = "halyard_definitions"
_LONGEST_PAUSE = 30.0


class Hearer(Protocol):
    """Whoever wants to know of changes."""

    def heard(self, team_id: str | None) -> None:
        """The definitions of this team have changed; ``None``: those of any team may have."""


class Listener:
    """One daemon thread and one connection per store."""

    def __init__(self, conninfo: str) -> None:
        self.pid = os.getpid()
        self._conninfo = conninfo
        self._hearers: weakref.WeakSet[Hearer] = weakref.WeakSet()
        self._healthy = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="halyard-listener", daemon=True)
        self._thread.start()

    def add(self, hearer: Hearer) -> None:
        self._hearers.add(hearer)

    def is_healthy(self) -> bool:
        return self._healthy and self._thread.is_alive()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        import psycopg

        pause = 1.0
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    # Changes made before we listened were announced to nobody.
                    self._mark(None)
                    self._healthy, pause = True, 1.0
                    self._hear(connection)
            except psycopg.Error as error:
                self._healthy = False
                log.debug("not listening for changes, polling instead: %s", error)
            self._stopped.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _hear(self, connection: Any) -> None:
        while not self._stopped.is_set():
            for notice in connection.notifies(timeout=1.0):
                self._mark(notice.payload)

    def _mark(self, team_id: str | None) -> None:
        for hearer in list(self._hearers):
            hearer.heard(team_id)


_listeners: dict[int, Listener] = {}
_lock = threading.Lock()


def listen(pools: Pools, hearer: Hearer) -> Listener | None:
    """Tells of changes until the pools are closed. ``None`` where the pools have no connection to listen on."""
    conninfo = getattr(pools, "listen_conninfo", lambda: None)()
    if conninfo is None:
        return None
    with _lock:
        listener = _listeners.get(pools.store)
        if listener is None or listener.pid != os.getpid():
            listener = _listeners[pools.store] = Listener(conninfo)
            getattr(pools, "closing", []).append(partial(_stop, pools.store))
    listener.add(hearer)
    return listener


def _stop(store: int) -> None:
    with _lock:
        listener = _listeners.pop(store, None)
    if listener is not None:
        listener.stop()
        if listener.pid == os.getpid():
            with suppress(RuntimeError):
                listener._thread.join(timeout=3)


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _listeners.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
