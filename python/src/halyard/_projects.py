"""Definitions from a database: an immutable snapshot per project, and how it stays fresh."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import OrderedDict
from typing import Any

from . import _conversation
from ._heap import Definitions
from ._listener import listen
from ._pools import Pools, called, log
from .errors import DatabaseError, UnknownProjectError

__all__ = ["Project"]

#: Seconds between version checks while changes are announced.
SAFETY_NET = 30.0
#: Revisions seen inside transactions that are kept; each costs a compilation.
_MOST_REVISIONS = 8


class Project:
    """The flags behind one public token.

    The snapshot is checked against the database at the first call after ``refresh_seconds``, by one thread, while the
    others go on with the one at hand. A change that the database announces is picked up by the next call. While the
    database is away the last good snapshot stays. Inside a transaction every call checks, because rows that only this
    transaction sees are announced to nobody; what it sees is never kept for others.
    """

    def __init__(self, pools: Pools, token: str, refresh_seconds: float = 5.0) -> None:
        self.pools = pools
        self.token = token
        self.refresh_seconds = refresh_seconds
        self.team_id = 0
        self._current: Definitions | None = None
        self._checked = 0.0
        self._stale = False
        self._listening: Any = None
        self._announced = False
        self._by_revision: OrderedDict[str, Definitions] = OrderedDict()
        self._lock = threading.Lock()
        _projects.add(self)

    def definitions(self) -> Definitions:
        """Raises `DatabaseError` when the first load fails, `UnknownProjectError` when there is no such project."""
        if self.pools.inside_transaction():
            try:
                return self._of_transaction()
            except DatabaseError as error:
                if self._current is None:
                    raise
                log.warning("definitions could not be checked, the last good ones stay: %s", error)
                return self._current
        current = self._current
        if current is not None and not self._due():
            return current
        # The first load is waited for; a later check is one thread's business.
        if self._lock.acquire(blocking=current is None):
            try:
                if self._current is None or self._due():
                    self._refresh()
            finally:
                self._lock.release()
        assert self._current is not None
        return self._current

    def would_block(self) -> bool:
        """Whether `definitions` would ask the database."""
        return self._current is None or self._due() or self.pools.inside_transaction()

    def mark_stale(self) -> None:
        """The next call checks."""
        self._stale = True

    def heard(self, team_id: str | None) -> None:
        """The listener has heard of a change."""
        if team_id is None or team_id == str(self.team_id):
            self.mark_stale()

    @property
    def age(self) -> float:
        """Seconds since the snapshot was last known to be current."""
        return time.monotonic() - self._checked

    def _due(self) -> bool:
        if self._stale:
            return True
        heard = self._listening is not None and self._listening.is_healthy()
        return time.monotonic() - self._checked >= (SAFETY_NET if heard else self.refresh_seconds)

    def _refresh(self) -> None:
        begun = time.monotonic()
        self._stale = False
        try:
            if self._current is not None and self._revision() == self._current.revision:
                self._checked = begun
                return
            self._current = self._load()
            self._checked = begun
            if self._announced and self._listening is None:
                self._listening = listen(self.pools, self)
        except DatabaseError as error:
            if self._current is None:
                raise
            # Not at every call while the database is away.
            self._checked = begun
            log.warning("definitions could not be refreshed, the last good ones stay: %s", error)

    def _of_transaction(self) -> Definitions:
        if self.team_id == 0:
            return self._remember(self._load())
        revision = self._revision()
        current = self._current
        if current is not None and current.revision == revision:
            return current
        known = self._by_revision.get(revision or "")
        return known if known is not None else self._remember(self._load())

    def _remember(self, definitions: Definitions) -> Definitions:
        self._by_revision[definitions.revision] = definitions
        while len(self._by_revision) > _MOST_REVISIONS:
            self._by_revision.popitem(last=False)
        return definitions

    def _revision(self) -> str | None:
        call = {
            "store": called(self.pools, self.pools.inside_transaction()),
            "token": self.token,
            "teamId": self.team_id,
        }
        revision: str | None = _conversation.ask("revision", call, self.pools)
        return revision

    def _load(self) -> Definitions:
        found = _conversation.ask(
            "project", {"store": called(self.pools, self.pools.inside_transaction()), "token": self.token}, self.pools
        )
        if found is None:
            raise UnknownProjectError("the database has no project with this token")
        self.team_id = found["teamId"]
        self._announced = True
        text = '{"definitions":' + found["definitions"] + "}"
        return Definitions(text.encode(), revision=found["revision"])


_projects: weakref.WeakSet[Project] = weakref.WeakSet()


def _after_fork() -> None:
    for project in list(_projects):
        project._lock = threading.Lock()
        project._listening = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
