"""One V8 heap: the definitions loaded in it, what they answer, and who holds the interpreter lock meanwhile."""

from __future__ import annotations

import itertools
import json
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, TypedDict

from . import _v8
from ._outcomes import Outcome, outcome_from
from ._settings import EngineSettings
from .errors import DatabaseError, DefinitionsError, EngineError, EngineMemoryError
from .flags import Flags

__all__ = ["Ask", "Definitions", "Heap", "RuntimeReplacedError", "Wish"]

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


class Ask(TypedDict):
    """A statement for a pool."""

    pool: str
    text: str
    values: list[Any]


class Wish:
    """What has to be done before the engine can go on: statements, or a pause."""

    __slots__ = ("asks", "heap", "number", "pause_ms", "read", "slot")

    def __init__(self, heap: Heap, answer: bytes, read: Callable[[bytes], Any]) -> None:
        wish = json.loads(answer[1:])
        self.heap = heap
        #: The conversation's number in the heap.
        self.number: int = wish["conversation"]
        self.asks: list[Ask] = wish.get("ask", [])
        self.pause_ms: float = wish.get("pauseMs", 0)
        #: What the answer at the end means.
        self.read = read
        #: Set by the engine, which knows where the heap is.
        self.slot: Any = None


class RuntimeReplacedError(EngineError):
    """The runtime was replaced in the middle of a conversation, which may begin again."""

    def __init__(self) -> None:
        super().__init__("the engine's runtime was replaced in the middle of a request")


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

    def evaluate(self, definitions: Definitions, request: bytes) -> Flags | Wish:
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

    def _read(self, loaded: _Loaded, answer: bytes) -> Flags | Wish:
        """Flags of an answer, or a wish. Raises what the engine says went wrong."""
        mark = answer[:1]
        if mark == b"?":
            return Wish(self, answer, partial(self._flags, loaded))
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

    def _flags(self, loaded: _Loaded, answer: bytes) -> Flags | Wish:
        flags = loaded.answers.get(answer)
        return self._read(loaded, answer) if flags is None else flags

    def explain(self, definitions: Definitions, request: bytes) -> dict[str, Any] | Wish:
        found: dict[str, Any] | Wish = self._json(self.call("explain", self._load(definitions).prefix + request))
        return found

    def resume(self, wish: Wish, answers: bytes) -> Any:
        """Goes on with a conversation of this heap."""
        text = b'{"conversation":%d,"answers":%s}' % (wish.number, answers)
        answer = self._cross("resume", text, self._settings.release_lock != "never")
        if answer[:1] != b"?":
            return wish.read(answer)
        return Wish(self, answer, wish.read)

    def drop(self, wish: Wish) -> None:
        """Nobody goes on with this conversation."""
        self.call("drop", b"%d" % wish.number)

    def about(self, function: str, definitions: Definitions) -> Any:
        """What ``problems`` and ``references`` say about definitions."""
        return json.loads(self.call(function, b"%d" % self._load(definitions).number))

    def ask(self, function: str, text: bytes) -> Any:
        """A function that answers with JSON, or wants something first."""
        return self._json(self.call(function, text))

    def _json(self, answer: bytes) -> Any:
        if answer[:1] == b"!":
            raise _error(answer)
        return Wish(self, answer, self._json) if answer[:1] == b"?" else json.loads(answer[1:])

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


def _error(answer: bytes) -> Exception:
    error = json.loads(answer[1:])
    if error["name"] == "DefinitionError":
        return DefinitionsError(error["message"], error["path"])
    if error["name"] == "StoreError":
        return DatabaseError(error["pool"], error["message"], error["code"])
    if error["name"] == "SyntaxError":
        return DefinitionsError(f"not valid JSON: {error['message']}")
    return EngineError(f"{error['name']}: {error['message']}")
