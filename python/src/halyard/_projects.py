"""Definitions from a database: an immutable snapshot per project, and the drive of the machine that keeps it fresh."""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections import OrderedDict, deque
from typing import Any

from . import _conversation, _convert
from ._engine import engine
from ._fork import forget_in_child
from ._heap import Definitions
from ._listener import Listener, listen
from ._pools import Pools, called, log
from .errors import DatabaseError, UnknownProjectError

__all__ = ["REFRESH_SECONDS", "Project"]

#: How old definitions may get before they are checked, where no changes are announced.
REFRESH_SECONDS = 2.0
_UNKNOWN = (
    "non-persons reader: no project has this token; check Halyard's argument 'token', HALYARD['PROJECT_TOKEN'] or the team's "
    "api_token, and the database"
)
#: Revisions seen inside transactions that are kept; each costs a compilation.
_MOST_REVISIONS = 8


class _Known:
    """What the machine knows of a project: its record, as its last answer told it, and when it is to be told something."""

    __slots__ = ("due", "record", "state")

    def __init__(self, answer: dict[str, Any] | None = None) -> None:
        #: The machine's own; kept here, so that it outlives a runtime.
        self.record: Any = None if answer is None else answer["record"]
        self.state: str = "unseen" if answer is None else answer["state"]
        due = None if answer is None else answer["dueAt"]
        #: From when on a call is an event for the machine.
        self.due: float = math.inf if due is None else due / 1000


class Project:
    """The flags behind one public token.

    What happens to it is told to the machine of ``docs/freshness.md``, which says what to do. A look is made by the call that
    finds it due, in its own thread and on its own connection, while the others go on with the snapshot at hand. Inside a
    transaction every call looks, because rows that only this transaction sees are announced to nobody; what it sees is never
    kept for others.
    """

    def __init__(self, pools: Pools, token: str, refresh_seconds: float = REFRESH_SECONDS) -> None:
        self.pools = pools
        self.token = token
        self.refresh_seconds = refresh_seconds
        self._current: Definitions | None = None
        #: What the machine wants to be told with a look, beside the definitions.
        self._held: dict[str, Any] | None = None
        self._team_id: int | None = None
        self._known = _Known()
        #: As it was when nobody was inside the machine.
        self._settled = self._known
        #: What happened since a call last told the machine.
        self._events: deque[str] = deque()
        self._listening: Listener | None = None
        self._by_revision: OrderedDict[str, Definitions] = OrderedDict()
        self._lock = threading.Lock()
        _projects.add(self)

    def definitions(self) -> Definitions:
        """Raises `DatabaseError` when the first load fails, `UnknownProjectError` when there is no such project."""
        if self.pools.inside_transaction():
            return self._of_transaction()
        current = self._current
        if current is not None and not self._events and time.monotonic() < self._known.due:
            return current
        # The first load is waited for; a later look is one thread's business.
        if self._lock.acquire(blocking=current is None):
            try:
                self._attend()
            finally:
                self._lock.release()
        current = self._current
        if current is None:
            raise UnknownProjectError(_UNKNOWN)
        return current

    def would_block(self) -> bool:
        """Whether `definitions` would ask the database."""
        return (
            self._current is None
            or bool(self._events)
            or time.monotonic() >= self._known.due
            or self.pools.inside_transaction()
        )

    def mark_stale(self) -> None:
        """The next call looks."""
        self._happened("announced")

    def heard(self, team_id: str | None) -> None:
        """The definitions of a team have changed; ``None``: those of any team may have, unheard."""
        if team_id is None or self._current is None or team_id == str(self._team_id):
            self._happened("announced")

    def unheard(self) -> None:
        """Changes are not heard of any more."""
        self._happened("rescheduled")

    @property
    def age(self) -> float:
        """Seconds since the snapshot was last known to be current; infinite when there is none."""
        record = self._known.record
        confirmed = None if record is None else record["confirmedAt"]
        return math.inf if confirmed is None else time.monotonic() - confirmed / 1000

    @property
    def state(self) -> str:
        """The state's name in ``docs/freshness.md``."""
        return self._known.state

    @property
    def is_listening(self) -> bool:
        """Whether changes are heard of."""
        listener = self._listening
        return listener is not None and listener.is_healthy()

    def _happened(self, event: str) -> None:
        if event not in self._events:
            self._events.append(event)

    def _attend(self) -> None:
        """Tells the machine what has happened, and does what it says."""
        try:
            while self._events:
                self._tell(self._events.popleft())
            if self._current is None:
                self._tell("wanted")
            elif time.monotonic() >= self._known.due:
                self._tell("due")
        except BaseException:
            # Somebody else may try again, as if nothing had begun.
            self._known = self._settled
            raise
        self._settled = self._known
        # Where nothing can be read there is nothing to hear of either.
        if self._listening is None and self._known.state != "unseen":
            self._listening = listen(self.pools, self)

    def _tell(self, event: str, found: dict[str, Any] | None = None) -> None:
        call: dict[str, Any] = {
            "record": self._known.record,
            "event": event,
            "now": time.monotonic() * 1000,
            "listening": self.is_listening,
            "limits": {"checkAfterMs": self.refresh_seconds * 1000},
        }
        if found is not None and "detail" in found:
            call["detail"] = found["detail"]
        answer = engine().ask("freshness", _convert.encode(call))
        self._known = _Known(answer)
        for action in answer["actions"]:
            if action == "take" and found is not None:
                self._held = found["held"]
                self._team_id = self._held["teamId"]
                self._current = _definitions(found)
            elif action == "forget":
                self._held = self._current = None
            elif action == "tell stale" and found is not None:
                log.warning("definitions are stale, the last good ones stay: %s: %s", found["pool"], found["message"])
            elif action == "tell recovered":
                log.info("definitions are the newest again")
            elif action in ("load", "look"):
                self._look(action, answer["side"])

    def _look(self, action: str, side: str) -> None:
        call: dict[str, Any] = {"store": called(self.pools, False), "token": self.token, "side": side}
        if action == "load":
            found = _conversation.ask("project", call, self.pools)
        else:
            found = _conversation.ask("look", {**call, "held": self._held}, self.pools)
        self._tell(found["event"], found)
        if action == "load" and found["event"] == "failed":
            raise DatabaseError(found["pool"], found["message"], found["code"])

    def _of_transaction(self) -> Definitions:
        """What the caller's transaction sees."""
        current, held = self._current, self._held
        call: dict[str, Any] = {"store": called(self.pools, True), "token": self.token, "holds": current is not None}
        if self._team_id is not None:
            call["teamId"] = self._team_id
            call["known"] = [*self._by_revision, *([] if held is None else [held["revision"]])]
        found = _conversation.ask("lookInside", call, self.pools)
        event = found["event"]
        if event == "confirmed":
            known = self._by_revision.get(found["revision"], current)
            assert known is not None
            return known
        if event == "read":
            return self._remember(found)
        if event == "kept":
            assert current is not None
            log.warning("definitions could not be checked, the last good ones stay: %s", found["message"])
            return current
        if event == "failed":
            raise DatabaseError(found["pool"], found["message"], found["code"])
        raise UnknownProjectError(_UNKNOWN)

    def _remember(self, found: dict[str, Any]) -> Definitions:
        """For later calls that see the same revision."""
        definitions = _definitions(found)
        self._team_id = found["held"]["teamId"]
        self._by_revision[definitions.revision] = definitions
        while len(self._by_revision) > _MOST_REVISIONS:
            self._by_revision.popitem(last=False)
        return definitions


def _definitions(found: dict[str, Any]) -> Definitions:
    text = '{"definitions":' + found["definitions"] + "}"
    return Definitions(text.encode(), revision=found["held"]["revision"])


_projects: weakref.WeakSet[Project] = weakref.WeakSet()


def _after_fork() -> None:
    for project in list(_projects):
        project._lock = threading.Lock()
        project._known = project._settled
        project._listening = None
        # Changes since the fork may not have been heard of.
        project.unheard()


forget_in_child(_after_fork)
