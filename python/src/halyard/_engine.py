"""The engine of this process: which heap a thread uses, and what survives a fork."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ._end_of_process import forget, keep_open
from ._fork import check, forget_in_child
from ._heap import Definitions, Heap, RuntimeReplacedError, Wish
from ._settings import EngineSettings, named
from .errors import EngineMemoryError
from .flags import Flags

__all__ = ["Engine", "configure_engine", "engine"]


class _Slot:
    """A heap, made at first use, and its lock: re-entrant, because a signal handler may evaluate in the middle of a call."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self.lock = threading.RLock()
        self.heap: Heap | None = None
        #: Calls begun and not ended, one inside the other; what they drop is closed when the last has ended.
        self._depth = 0
        self._dropped: list[Heap] = []

    def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """``work`` with the heap and the arguments."""
        self._depth += 1
        try:
            heap = self.heap or self._make()
            try:
                found = work(heap, *arguments)
                if type(found) is Wish:
                    found.slot = self
                return found
            except EngineMemoryError:
                self._drop(heap)
                raise
        finally:
            self._depth -= 1
            if self._dropped:
                self._close_dropped()

    def close(self) -> None:
        if self.heap is not None:
            self._drop(self.heap)
        self._close_dropped()

    def _make(self) -> Heap:
        made = Heap(self._settings)
        if self.heap is not None:  # a signal handler was faster
            made.close()
            return self.heap
        keep_open(made.runtime, self.lock)
        self.heap = made
        return made

    def _drop(self, heap: Heap) -> None:
        if self.heap is heap:
            self.heap = None
        if heap not in self._dropped:
            self._dropped.append(heap)

    def _close_dropped(self) -> None:
        while self._depth == 0 and self._dropped:
            heap = self._dropped.pop()
            forget(heap.runtime)
            heap.close()


class Engine:
    """The runtimes of this process."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self._reset()
        _engines.append(self)

    def _reset(self) -> None:
        count = self.settings.runtimes or os.cpu_count() or 1
        self._slots = [_Slot(self.settings) for _ in range(count)]
        self._only = self._slots[0] if count == 1 else None
        self._next = itertools.count()

    def evaluate(self, definitions: Definitions, request: bytes, who: Any = None) -> Flags | Wish:
        """``who``: whose stored facts are asked for; of several runtimes always the same one remembers them."""
        check()
        slot = self._only
        if slot is None:
            if who is None:
                return self._with_slot(lambda slot: slot.run(Heap.evaluate, definitions, request))
            slot = self._slots[hash(who) % len(self._slots)]
        with slot.lock:
            return slot.run(Heap.evaluate, definitions, request)

    def explain(self, definitions: Definitions, request: bytes) -> dict[str, Any] | Wish:
        return self._with_slot(lambda slot: slot.run(Heap.explain, definitions, request))

    def about(self, function: str, definitions: Definitions) -> Any:
        return self._with_slot(lambda slot: slot.run(Heap.about, function, definitions))

    def ask(self, function: str, text: bytes) -> Any:
        return self._with_slot(lambda slot: slot.run(Heap.ask, function, text))

    def resume(self, wish: Wish, answers: bytes) -> Any:
        """Goes on with a conversation, in the runtime that began it. Raises `RuntimeReplacedError` where that has gone."""
        check()
        check()
        slot = wish.slot
        if slot not in self._slots:
            raise RuntimeReplacedError()
        with slot.lock:
            if slot.heap is not wish.heap:
                raise RuntimeReplacedError()
            return slot.run(Heap.resume, wish, answers)

    def drop(self, wish: Wish) -> None:
        """Ends a conversation that nobody goes on with."""
        check()
        slot = wish.slot
        if slot in self._slots:
            with slot.lock:
                if slot.heap is wish.heap:
                    slot.run(Heap.drop, wish)

    def reports(self, wish: Wish) -> list[str]:
        """The failures that conversations of a wish's runtime survived since it was last asked."""
        slot = wish.slot
        if slot not in self._slots:
            return []
        with slot.lock:
            found: list[str] = slot.run(Heap.ask, "reports", b"") if slot.heap is wish.heap else []
            return found

    def call(self, function: str, text: bytes) -> bytes:
        """Any function of the bundle, for tests and tools."""
        answer: bytes = self._with_slot(lambda slot: slot.run(Heap.call, function, text))
        return answer

    def close(self) -> None:
        """Lets go of every heap; a later call makes new ones."""
        for slot in self._slots:
            with slot.lock:
                slot.close()

    def _with_slot(self, work: Callable[[_Slot], Any]) -> Any:
        """The first free runtime, or a wait for the one whose turn it is."""
        check()
        turn = next(self._next)
        count = len(self._slots)
        for offset in range(count):
            slot = self._slots[(turn + offset) % count]
            if slot.lock.acquire(blocking=False):
                break
        else:
            slot = self._slots[turn % count]
            slot.lock.acquire()
        try:
            return work(slot)
        finally:
            slot.lock.release()

    def _locks(self) -> list[Any]:
        return [slot.lock for slot in self._slots]


_engines: list[Engine] = []
_settings = EngineSettings()
_engine: Engine | None = None
#: Re-entrant, as that of a slot.
_engine_lock = threading.RLock()


def engine() -> Engine:
    """The engine of this process, made at first use."""
    global _engine
    found = _engine
    if found is None:
        with _engine_lock:
            found = _engine
            if found is None:
                found = _engine = Engine(_settings)
    return found


def configure_engine(**changes: Any) -> EngineSettings:
    """Sets how the engine runs in this process: the fields of `EngineSettings`. Later calls replace the runtimes."""
    global _engine, _settings
    check()
    with _engine_lock:
        _settings = replace(_settings, **named(changes))
        old, _engine = _engine, None
    if old is not None:
        _engines.remove(old)
        old.close()
    return _settings


# A fork waits until no thread is inside V8, so that the child does not inherit a half-done call.
_held: list[Any] = []


def _before_fork() -> None:
    _engine_lock.acquire()
    _held.extend(lock for known in _engines for lock in known._locks())
    for lock in _held:
        lock.acquire()


def _after_fork_in_parent() -> None:
    for lock in _held:
        lock.release()
    _held.clear()
    _engine_lock.release()


def _after_fork_in_child() -> None:
    global _engine_lock
    _held.clear()
    _engine_lock = threading.RLock()
    for known in _engines:
        known._reset()


forget_in_child(_after_fork_in_child)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent)
