"""One V8 heap: the definitions loaded in it, what they answer, and who holds the interpreter lock meanwhile."""

from __future__ import annotations

import itertools
import json
from collections import OrderedDict
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from . import _v8
from ._outcomes import Outcome, outcome_from
from ._settings import EngineSettings
from .errors import DatabaseError, DefinitionsError, EngineError, EngineMemoryError
from .flags import Flags

__all__ = ["Definitions", "Heap", "Step"]

#: Definitions loaded at the same time; the one unused for longest makes room.
_MOST_LOADED = 64
#: Outcomes in the answers that are kept for the next request with the same answer.
_MOST_KEPT = 20_000
#: Requests of more bytes than this give up the interpreter lock whatever was measured before.
_LARGE = 32_768
#: V8 ends the process over a text of half a gibibyte.
_LONGEST = 256 << 20


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

    __slots__ = ("answers", "cost", "number", "outcomes", "prefix")

    def __init__(self, number: int) -> None:
        self.number = number
        self.prefix = b'{"program":%d,' % number
        #: By the character that stands for them.
        self.outcomes: dict[str, Outcome] = {}
        #: By the engine's answer: most requests have an answer that another one had before.
        self.answers: dict[bytes, Flags] = {}
        #: Seconds of one evaluation, as a moving average.
        self.cost = 0.0


class Heap:
    """Not for use by two threads at once: the caller holds a lock. A signal handler may call in the middle of a call."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self.runtime = _v8.new_runtime(settings.interface, settings.memory_limit_mb << 20, settings.busy_poll)
        self._loaded: OrderedDict[int, _Loaded] = OrderedDict()
        #: `step` without giving up the interpreter lock; only where the rule may ask for that.
        self._step = None if settings.release_lock == "always" else self.runtime.kept("step")
        self._threshold = settings.lock_threshold_ms / 1000 if settings.release_lock == "auto" else float("inf")

    def evaluate(self, definitions: Definitions, request: bytes) -> Flags | Step:
        """``request``: a JSON object without its opening brace."""
        loaded = self._loaded.get(definitions.number) if len(self._loaded) == 1 else None
        if loaded is None:
            loaded = self._load(definitions)
        text = loaded.prefix + request
        step = self._step
        if step is not None and loaded.cost < self._threshold and len(text) < _LARGE:
            begun = perf_counter()
            answer = step(text)
            took = perf_counter() - begun
            # Rises slowly and falls fast, so that a busy machine's single slow call does not count as a long evaluation.
            loaded.cost += (took - loaded.cost) * (0.05 if took > loaded.cost else 0.5)
        else:
            # A call without the lock measures mostly the wait to get it back, so it says nothing about the cost;
            # letting the old measurement fade makes room for a new one now and then.
            loaded.cost *= 0.99
            answer = self._cross("step", text, self._settings.release_lock != "never")
        flags = loaded.answers.get(answer)
        return self._read(loaded, answer) if flags is None else flags

    def _read(self, loaded: _Loaded, answer: bytes) -> Flags | Step:
        """Flags of an answer that is seen for the first time, or a step. Raises what the engine says went wrong."""
        mark = answer[:1]
        if mark == b"?":
            return _step(answer)
        if mark not in (b"0", b"1"):
            raise _error(answer)
        codes = answer[1:].decode()
        try:
            outcomes = [loaded.outcomes[code] for code in codes]
        except KeyError:
            self._describe(loaded, codes)
            outcomes = [loaded.outcomes[code] for code in codes]
        answers = loaded.answers
        if len(answers) * (len(codes) + 1) > _MOST_KEPT:
            answers.clear()
        flags = answers[answer] = Flags(mark == b"1", outcomes)
        return flags

    def explain(self, definitions: Definitions, request: bytes) -> dict[str, Any] | Step:
        answer = self.call("explain", self._load(definitions).prefix + request)
        return _step(answer) if answer[:1] == b"?" else json.loads(answer[1:])

    def about(self, function: str, definitions: Definitions) -> Any:
        """What ``problems`` and ``references`` say about definitions."""
        return json.loads(self.call(function, b"%d" % self._load(definitions).number))

    def ask(self, function: str, text: bytes) -> Any:
        """A function that answers with JSON or wants a step first."""
        answer = self.call(function, text)
        return _step(answer) if answer[:1] == b"?" else json.loads(answer[1:])

    def call(self, function: str, text: bytes) -> bytes:
        """Any function of the bundle; gives up the interpreter lock."""
        answer = self._cross(function, text, True)
        if answer[:1] == b"!":
            raise _error(answer)
        return answer

    def close(self) -> None:
        self.runtime.close()

    def _cross(self, function: str, text: bytes, release_lock: bool) -> bytes:
        # A text that V8 cannot hold at all would end the process instead of failing the call.
        if len(text) > min(self._settings.memory_limit_mb << 20, _LONGEST):
            raise EngineMemoryError()
        return self.runtime.call(function, text, release_lock)

    def _load(self, definitions: Definitions) -> _Loaded:
        loaded = self._loaded.get(definitions.number)
        if loaded is None:
            number = int(self.call("load", definitions.text))
            # A signal handler may have loaded them too in the meantime; what it has seen of them stays.
            loaded = self._loaded.setdefault(definitions.number, _Loaded(number))
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


def _step(answer: bytes) -> Step:
    step = json.loads(answer[1:])
    return Step(step["step"], step["pool"], step["text"], step["values"], step.get("name"), step.get("pauseMs", 0))


def _error(answer: bytes) -> Exception:
    error = json.loads(answer[1:])
    if error["name"] == "DefinitionError":
        return DefinitionsError(error["message"], error["path"])
    if error["name"] == "StoreError":
        return DatabaseError(error["pool"], error["message"], error["code"])
    if error["name"] == "SyntaxError":
        return DefinitionsError(f"not valid JSON: {error['message']}")
    return EngineError(f"{error['name']}: {error['message']}")
