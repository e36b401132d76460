"""Runtimes and what is loaded in them: which one a thread uses, what survives a fork, and who holds the interpreter lock."""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from . import _v8
from ._outcomes import Outcome, outcome_from
from .errors import DatabaseError, DefinitionsError, EngineError, EngineMemoryError

__all__ = ["Definitions", "EngineSettings", "Step", "configure_engine", "engine"]

#: Definitions loaded in one runtime at the same time; the one unused for longest makes room.
_MOST_LOADED = 64
#: Requests of more bytes than this give up the interpreter lock whatever was measured before.
_LARGE = 32_768
#: V8 ends the process over a text of half a gibibyte.
_LONGEST = 256 << 20


@dataclass(frozen=True)
class EngineSettings:
    """How the engine runs in this process. See `configure_engine`."""

    #: Runtimes that threads share: a number, or 0 for one per core. Each has its own heap and copy of the definitions.
    runtimes: int = 1
    #: When a call gives up the interpreter lock: ``auto``, ``always`` or ``never``. ``auto``: when evaluations of these
    #: definitions take longer than `lock_threshold_ms` on average, or the request is large.
    release_lock: str = "auto"
    lock_threshold_ms: float = 1.0
    #: Heap of one runtime. A call that needs more fails, and the runtime is replaced.
    memory_limit_mb: int = 512
    #: How V8 is reached: ``auto``, ``direct`` or ``public`` (slower, mini-racer's documented interface only).
    interface: str = "auto"

    def __post_init__(self) -> None:
        if not isinstance(self.runtimes, int) or self.runtimes < 0:
            raise ValueError(f"runtimes must be a number from 0 up, not {self.runtimes!r}")
        if self.release_lock not in ("auto", "always", "never"):
            raise ValueError(f"release_lock must be 'auto', 'always' or 'never', not {self.release_lock!r}")
        if self.interface not in ("auto", "direct", "public"):
            raise ValueError(f"interface must be 'auto', 'direct' or 'public', not {self.interface!r}")
        if not self.memory_limit_mb >= 32:
            raise ValueError(f"memory_limit_mb must be at least 32, not {self.memory_limit_mb!r}")


class Definitions:
    """Flag definitions of one project at one revision, as the engine's ``load`` takes them."""

    _numbers = itertools.count(1)

    def __init__(self, text: bytes, *, revision: str = "") -> None:
        self.text = text
        self.revision = revision
        self.number = next(Definitions._numbers)

    @classmethod
    def from_document(
        cls, document: bytes, *, team_id: int | None = None, stored: bool = False, references: bytes = b"{}"
    ) -> Definitions:
        """From the JSON text of a document with ``flags``. ``stored``: flag filters name their target by id."""
        team = b"" if team_id is None else b'"team_id":%d,' % team_id
        flag = b"true" if stored else b"false"
        return cls(b'{%s"stored":%s,"references":%s,"document":%s}' % (team, flag, references, document))


@dataclass(frozen=True)
class Step:
    """A statement to run before the evaluation can go on."""

    name: str
    pool: str
    text: str
    values: list[Any]
    prepare: str | None
    pause_ms: float


class _Loaded:
    """Definitions in one runtime: their number there, what its answers mean, and what evaluating them costs."""

    __slots__ = ("cost", "number", "outcomes", "prefix")

    def __init__(self, number: int) -> None:
        self.number = number
        self.prefix = b'{"program":%d,' % number
        self.outcomes: dict[str, Outcome] = {}
        #: Seconds of one evaluation, as a moving average.
        self.cost = 0.0


class _Slot:
    """A runtime and its lock. Re-entrant, because a signal handler may evaluate between two calls of the same thread."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self._runtime: _v8.Runtime | None = None
        self._loaded: OrderedDict[int, _Loaded] = OrderedDict()
        #: `step` without giving up the interpreter lock; only where the rule may ask for that.
        self._kept_step: Callable[[bytes], str] | None = None
        self._threshold = settings.lock_threshold_ms / 1000 if settings.release_lock == "auto" else float("inf")

    def evaluate(self, definitions: Definitions, request: bytes) -> tuple[bool, list[Outcome]] | Step:
        """``request``: a JSON object without its opening brace."""
        loaded = self._loaded.get(definitions.number) if len(self._loaded) == 1 else None
        if loaded is None:
            loaded = self._load(definitions)
        text = loaded.prefix + request
        step = self._kept_step
        if step is not None and loaded.cost < self._threshold and len(text) < _LARGE:
            begun = perf_counter()
            try:
                answer = step(text)
            except EngineMemoryError:
                self.close()
                raise
            took = perf_counter() - begun
            # Rises slowly and falls fast, so that a busy machine's single slow call does not count as a long evaluation.
            loaded.cost += (took - loaded.cost) * (0.05 if took > loaded.cost else 0.5)
        else:
            # A call without the lock measures mostly the wait to get it back, so it says nothing about the cost;
            # letting the old measurement fade makes room for a new one now and then.
            loaded.cost *= 0.99
            answer = self._crossing("step", text, self.settings.release_lock != "never")
        mark = answer[0]
        outcomes = loaded.outcomes
        try:
            if mark == "0":
                return False, [outcomes[code] for code in answer[1:]]
            if mark == "1":
                return True, [outcomes[code] for code in answer[1:]]
        except KeyError:
            self._describe(loaded, answer[1:])
            return mark == "1", [outcomes[code] for code in answer[1:]]
        if mark == "?":
            return _step(answer)
        raise _error(answer)

    def explain(self, definitions: Definitions, request: bytes) -> dict[str, Any] | Step:
        answer = self.call("explain", self._load(definitions).prefix + request)
        return _step(answer) if answer[0] == "?" else json.loads(answer[1:])

    def about(self, function: str, definitions: Definitions) -> Any:
        """What ``problems`` and ``references`` say about definitions."""
        return json.loads(self.call(function, b"%d" % self._load(definitions).number))

    def ask(self, function: str, text: bytes) -> Any:
        """A function that answers with JSON or wants a step first."""
        answer = self.call(function, text)
        return _step(answer) if answer[0] == "?" else json.loads(answer[1:])

    def call(self, function: str, text: bytes) -> str:
        """Any function of the bundle; gives up the interpreter lock."""
        answer = self._crossing(function, text, True)
        if answer[:1] == "!":
            raise _error(answer)
        return answer

    def close(self) -> None:
        runtime, self._runtime = self._runtime, None
        self._kept_step = None
        self._loaded.clear()
        if runtime is not None:
            _v8.forget(runtime)
            runtime.close()

    def _crossing(self, function: str, text: bytes, release_lock: bool) -> str:
        # A text that V8 cannot hold at all would end the process instead of failing the call.
        if len(text) > min(self.settings.memory_limit_mb << 20, _LONGEST):
            raise EngineMemoryError()
        runtime = self._runtime
        if runtime is None:
            runtime = self._runtime = _v8.new_runtime(self.settings.interface, self.settings.memory_limit_mb << 20)
            _v8.keep_open(runtime, self.lock)
            if self.settings.release_lock != "always":
                self._kept_step = runtime.kept("step")
        try:
            return runtime.call(function, text, release_lock)
        except EngineMemoryError:
            self.close()
            raise

    def _load(self, definitions: Definitions) -> _Loaded:
        loaded = self._loaded.get(definitions.number)
        if loaded is None:
            loaded = _Loaded(int(self.call("load", definitions.text)))
            self._loaded[definitions.number] = loaded
            while len(self._loaded) > _MOST_LOADED:
                _, oldest = self._loaded.popitem(last=False)
                self.call("unload", b"%d" % oldest.number)
        elif len(self._loaded) > 1:
            self._loaded.move_to_end(definitions.number)
        return loaded

    def _describe(self, loaded: _Loaded, codes: str) -> None:
        wanted = "".join({code for code in codes if code not in loaded.outcomes})
        call = json.dumps({"program": loaded.number, "codes": wanted}).encode()
        for described in json.loads(self.call("describe", call)):
            loaded.outcomes[described["code"]] = outcome_from(described)


class Engine:
    """The runtimes of this process."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self._reset()
        _engines.append(self)

    def _reset(self) -> None:
        self.pid = os.getpid()
        count = self.settings.runtimes or os.cpu_count() or 1
        self._slots = [_Slot(self.settings) for _ in range(count)]
        self._only = self._slots[0] if count == 1 else None
        self._next = itertools.count()

    def evaluate(self, definitions: Definitions, request: bytes) -> tuple[bool, list[Outcome]] | Step:
        slot = self._only
        if slot is None:
            return self._with_slot(lambda slot: slot.evaluate(definitions, request))
        with slot.lock:
            return slot.evaluate(definitions, request)

    def explain(self, definitions: Definitions, request: bytes) -> dict[str, Any] | Step:
        return self._with_slot(lambda slot: slot.explain(definitions, request))

    def about(self, function: str, definitions: Definitions) -> Any:
        return self._with_slot(lambda slot: slot.about(function, definitions))

    def ask(self, function: str, text: bytes) -> Any:
        return self._with_slot(lambda slot: slot.ask(function, text))

    def call(self, function: str, text: bytes) -> str:
        """Any function of the bundle, for tests and tools."""
        answer: str = self._with_slot(lambda slot: slot.call(function, text))
        return answer

    def close(self) -> None:
        """Lets go of every heap; a later call makes new ones."""
        for slot in self._slots:
            with slot.lock:
                slot.close()

    def _with_slot(self, work: Callable[[_Slot], Any]) -> Any:
        """The first free runtime, or a wait for the one whose turn it is."""
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
_engine_lock = threading.Lock()


def engine() -> Engine:
    """The engine of this process, made at first use."""
    global _engine
    if _engine is None:
        with _engine_lock:
            if _engine is None:
                _engine = Engine(_settings)
    return _engine


def configure_engine(**changes: Any) -> EngineSettings:
    """Sets how the engine runs in this process: the fields of `EngineSettings`. Later calls replace the runtimes."""
    global _engine, _settings
    with _engine_lock:
        _settings = replace(_settings, **changes)
        old, _engine = _engine, None
    if old is not None:
        _engines.remove(old)
        old.close()
    return _settings


def _step(answer: str) -> Step:
    step = json.loads(answer[1:])
    return Step(step["step"], step["pool"], step["text"], step["values"], step.get("name"), step.get("pauseMs", 0))


def _error(answer: str) -> Exception:
    error = json.loads(answer[1:])
    if error["name"] == "DefinitionError":
        return DefinitionsError(error["message"], error["path"])
    if error["name"] == "StoreError":
        return DatabaseError(error["pool"], error["message"], error["code"])
    if error["name"] == "SyntaxError":
        return DefinitionsError(f"not valid JSON: {error['message']}")
    return EngineError(f"{error['name']}: {error['message']}")


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
    _engine_lock = threading.Lock()
    for known in _engines:
        known._reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
