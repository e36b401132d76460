"""Hears which projects' definitions changed, on a connection of its own."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from . import _conversation, _convert
from ._cooperative import green_threads
from ._end_of_process import has_ended
from ._engine import engine
from ._fork import forget_in_child, may_start_threads
from ._pools import Pools, called, log

__all__ = ["Listener", "listen"]


class Hearer(Protocol):
    """Whoever wants to know of changes."""

    def heard(self, team_id: str | None) -> None:
        """The definitions of this team have changed; ``None``: those of any team may have, unheard."""

    def unheard(self) -> None:
        """Changes are not heard of any more."""


class Listener:
    """One daemon thread and one connection per store; whether notices are to be relied on is the machine's to say."""

    def __init__(self, pools: Pools, conninfo: str) -> None:
        self.pid = os.getpid()
        #: Weak: whoever forgets to close them shall not have them kept open by this.
        self._pools = weakref.ref(pools)
        self._conninfo = conninfo
        self._hearers: weakref.WeakSet[Hearer] = weakref.WeakSet()
        self._record: Any = None
        self._believed = False
        #: Notices came through this connection and do not any more: another one may hear them.
        self._deaf = False
        #: When the machine is to be told that it is time.
        self._wake_at = float("inf")
        #: Where the schema announces, and how long to wait before connecting again; the machine's to say.
        self._channel = ""
        self._pause = 1.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="halyard-listener", daemon=True)
        self._thread.start()

    def add(self, hearer: Hearer) -> None:
        self._hearers.add(hearer)
        if self._believed:
            # What changed since it was read was announced before anybody listened for it.
            hearer.heard(None)

    def is_healthy(self) -> bool:
        """Whether changes are heard of through it."""
        return self._believed and self._thread.is_alive()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        import psycopg

        with suppress(Exception):
            self._tell("due")
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {self._channel}")
                    self._deaf = False
                    self._tell("began")
                    self._hear(connection)
            except psycopg.Error as error:
                log.debug("not listening for changes, polling instead: %s", error)
            except Exception as error:  # noqa: BLE001 - whatever it is, polling goes on
                if has_ended():
                    return
                log.warning("listening for changes failed, polling instead: %s", error)
            with suppress(Exception):
                self._tell("ended")
            self._stopped.wait(self._pause)

    def _hear(self, connection: Any) -> None:
        while not self._stopped.is_set() and not self._deaf:
            for notice in connection.notifies(timeout=min(1.0, max(self._wake_at - time.monotonic(), 0.01))):
                self._tell("heard", {"text": notice.payload})
            if time.monotonic() >= self._wake_at:
                self._tell("due")

    def _tell(self, event: str, detail: dict[str, Any] | None = None) -> None:
        """Tells the machine what has happened, and does what it says."""
        call: dict[str, Any] = {"event": event, "now": time.monotonic() * 1000}
        if self._record is not None:
            call["record"] = self._record
        if detail is not None:
            call["detail"] = detail
        answer = engine().ask("notices", _convert.encode(call))
        self._record, self._believed = answer["record"], answer["believed"]
        self._wake_at = float("inf") if answer["wakeAt"] is None else answer["wakeAt"] / 1000
        self._channel, self._pause = answer["channel"], answer["pauseMs"] / 1000
        if answer["team"] is not None:
            for hearer in list(self._hearers):
                hearer.heard(str(answer["team"]))
        for action in answer["actions"]:
            if action == "send":
                self._send(answer["awaited"])
            else:
                self._deaf = action == "doubt"
                for hearer in list(self._hearers):
                    if action == "believe":
                        hearer.heard(None)
                    else:
                        hearer.unheard()

    def _send(self, text: str) -> None:
        pools = self._pools()
        if pools is None:
            self.stop()
            return
        try:
            sent = _conversation.ask("sendNotice", {"store": called(pools, False), "text": text}, pools)
        finally:
            # Nobody else uses the connections of this thread.
            getattr(pools, "release_thread", _nothing)()
        if sent["event"] == "failed":
            log.debug("notices cannot be tried out: %s", sent["message"])
        self._tell(sent["event"], sent["detail"])


def _nothing() -> None:
    pass


_listeners: dict[int, Listener] = {}
_lock = threading.Lock()


def listen(pools: Pools, hearer: Hearer) -> Listener | None:
    """Tells of changes until the pools are closed.

    ``None`` where the pools have no connection to listen on or no thread may be started, and beside green threads: psycopg's
    waiting is out of eventlet's view, and out of gevent's where it was imported first, so that it would stop all of them.
    """
    conninfo = getattr(pools, "listen_conninfo", lambda: None)()
    if conninfo is None or not may_start_threads():
        return None
    library = green_threads()
    if library is not None:
        _say_once(
            f"changes are not listened for beside the threads of {library}: definitions are checked at times instead"
        )
        return None
    with _lock:
        listener = _listeners.get(pools.store)
        if listener is None or listener.pid != os.getpid():
            listener = _listeners[pools.store] = Listener(pools, conninfo)
            getattr(pools, "closing", []).append(partial(_stop, pools.store))
    listener.add(hearer)
    return listener


_said: set[str] = set()


def _say_once(text: str) -> None:
    if text not in _said:
        _said.add(text)
        log.info(text)


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


forget_in_child(_after_fork)
