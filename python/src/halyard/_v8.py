"""The runtimes of V8: one stands behind ``call(function, text) -> text``, all texts in UTF-8.

Two implementations. `DirectRuntime` calls the C interface of the pinned ``mini-racer`` wheel, without its event loop: a
call costs a tenth. That interface is private, so it is checked at first use, and `PublicRuntime` takes over when the
check fails.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata, resources
from typing import Any, Protocol

try:
    import ctypes
except ImportError as error:
    raise ImportError(
        f"Halyard needs ctypes, which cannot be loaded here ({error}). In a subinterpreter of Python 3.12 it never can: "
        "evaluate in the main interpreter, or use another version of Python."
    ) from error

from ._fork import forget_in_child
from ._mailbox import MEMORY_BYTES, Mailbox, is_supported
from ._v8_library import (
    FUNCTION,
    MINI_RACER,
    OUT_OF_MEMORY,
    SHARED_MEMORY,
    STRING,
    TERMINATED,
    Value,
    message_of,
    mini_racer,
    open_library,
    rights_to_v8,
    start_v8,
)
from .errors import EngineError, EngineMemoryError

__all__ = ["FUNCTIONS", "DirectRuntime", "PublicRuntime", "Runtime", "bundle", "check_direct", "new_runtime"]

#: What the bundle offers on its global ``halyard``; see packages/embed/src/index.ts.
FUNCTIONS = (
    "load",
    "unload",
    "problems",
    "references",
    "project",
    "look",
    "lookInside",
    "freshness",
    "notices",
    "sendNotice",
    "loadReferences",
    "resume",
    "drop",
    "reports",
    "step",
    "describe",
    "explain",
    "part",
    "migrations",
    "migrate",
    "importDocument",
    "exportDocument",
    "recentPeople",
)

_STARTING = "V8 is being started, so this signal handler cannot evaluate: evaluate once before signals come"
_CLOSED = "the engine is closed, because the interpreter ends"
_HINT = "install it with: pip install 'mini-racer==" + MINI_RACER + "' (on Alpine Linux add the package gcompat)"


class _StartingError(EngineError):
    """Of a signal handler that evaluates in the moment in which the code that it interrupts starts V8."""


class Runtime(Protocol):
    """One V8 heap with the engine in it. Not for use by two threads at once: the caller holds a lock."""

    def call(self, function: str, text: bytes, release_lock: bool) -> bytes:
        """Calls a function of the bundle.

        Raises `EngineMemoryError` when the heap is exhausted; the runtime is then of no use any more.
        """

    def kept(self, function: str) -> Callable[[bytes], bytes] | None:
        """A function of the bundle that keeps the interpreter lock; ``None`` where calls always give it up."""

    def close(self) -> None: ...


def bundle() -> str:
    """The compiled engine, as the build put it beside this file."""
    file = resources.files("halyard").joinpath("engine.js")
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ImportError(
            "halyard is installed without its engine (engine.js): build it with 'npm run build:python' in Halyard's "
            "repository and install the wheel from python/dist"
        ) from None


def new_runtime(kind: str, memory_limit: int, busy_poll: bool = False) -> Runtime:
    """Makes a runtime. ``kind``: ``direct``, ``public``, or ``auto`` for direct where its check passes.

    ``busy_poll``: calls in quick succession go through a `Mailbox`, where the direct interface and the machine allow it.
    """
    if kind == "public":
        return PublicRuntime(memory_limit)
    if kind == "direct":
        reason = check_direct()
        if reason is not None:
            raise ImportError(f"the direct interface to V8 cannot be used: {reason}")
        return DirectRuntime(memory_limit, busy_poll=busy_poll)
    return DirectRuntime(memory_limit, busy_poll=busy_poll) if check_direct() is None else PublicRuntime(memory_limit)


#: Re-entrant, as that of a slot.
_library_lock = threading.RLock()
_starting = False
_started = False


@contextmanager
def _alone_at_first() -> Iterator[None]:
    """For making what may be the first runtime of the process: V8 makes a part of itself with it, and two at once end the process.

    Raises `EngineError` in a signal handler that interrupts the making of the first one.
    """
    global _starting, _started
    if _started:
        yield
        return
    with _library_lock:
        if _starting:
            raise _StartingError(_STARTING)
        _starting = True
        try:
            yield
            _started = True
        finally:
            _starting = False


# --- direct ---------------------------------------------------------------------------------------------------------

_checked: list[str | None] = []


def check_direct() -> str | None:
    """Why the direct interface cannot be used here; ``None`` when it can. Looks once per process.

    Raises `EngineError` in a signal handler that interrupts the look.
    """
    if not _checked:
        with _alone_at_first():
            if not _checked:
                _checked.append(_check_direct())
    return _checked[0]


def _check_direct() -> str | None:
    try:
        installed = metadata.version("mini-racer")
        if installed != MINI_RACER:
            return f"mini-racer {installed} is installed, its interface is known for {MINI_RACER} only"
        raw = mini_racer()._dll._RawValue
        layout = [(raw.value.offset, raw.len.offset, raw.len.size, raw.type.offset, raw.type.size), ctypes.sizeof(raw)]
        ours = Value.pointer.offset, Value.length.offset, Value.length.size, Value.type.offset, Value.type.size
        if layout != [ours, ctypes.sizeof(Value)]:
            return f"values are laid out differently: {layout}"
        open_library()
        runtime = DirectRuntime(
            64 << 20,
            source="globalThis.halyard={echo:(t)=>t+t,fail:()=>{throw Error('no')}}",
            functions=("echo", "fail"),
        )
        try:
            for text in ("", "a\0b", "ü€🙂", "x" * 100_000):
                for release in (False, True):
                    if runtime.call("echo", text.encode(), release) != (text + text).encode():
                        return "a text did not come back as it was sent"
            try:
                runtime.call("fail", b"", False)
                return "an error was not reported"
            except EngineError:
                pass
        finally:
            runtime.close()
    except _StartingError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the public interface takes over
        return f"{type(error).__name__}: {error}"
    return None


class DirectRuntime:
    """V8 through the C interface. The only crossing is ``object.push(text) -> text``: a call of a function named push."""

    def __init__(
        self,
        memory_limit: int,
        source: str | None = None,
        functions: tuple[str, ...] = FUNCTIONS,
        busy_poll: bool = False,
    ) -> None:
        library = open_library()
        self._library = library
        self._pid = os.getpid()
        with rights_to_v8():
            self._context = library.free.mr_init_context(ctypes.cast(library.keep.mr_free_value, ctypes.c_void_p))
        library.free.mr_set_hard_memory_limit(self._context, memory_limit)
        context, free = self._context, library.free
        any_function = free.mr_make_js_callback(context, 1)
        # Function.push = Function, so that pushing a source to Function compiles it.
        self._compiler = free.mr_get_object_item(context, any_function, self._text(b"constructor"))
        self._set_push(self._compiler, self._compiler)
        self._holder = free.mr_array_push(context, self._compiler, self._text(b""))
        self._run(bundle() if source is None else source)
        self._calls = {name: self._entry(name) for name in functions}
        self._mailbox = self._make_mailbox() if busy_poll and is_supported() else None

    def call(self, function: str, text: bytes, release_lock: bool) -> bytes:
        if self._mailbox is not None:
            self._mailbox.leave()
        calls = self._calls.get(function)
        if calls is None:
            raise EngineError(_CLOSED)
        return calls[release_lock](text)

    def kept(self, function: str) -> Callable[[bytes], bytes] | None:
        return self._calls[function][False] if self._mailbox is None or function != "step" else self._mailbox.call

    def close(self) -> None:
        context, self._context = self._context, 0
        # A context made before a fork must never be touched in the child.
        if context and os.getpid() == self._pid:
            self._calls = {}
            if self._mailbox is not None:
                self._mailbox.close()
            self._mailbox = None
            with rights_to_v8():
                self._library.free.mr_free_context(context)

    def _text(self, text: bytes) -> int:
        return self._library.keep.mr_alloc_string_val(self._context, text, len(text), STRING)

    def _set_push(self, target: int, function: int) -> None:
        done = self._library.free.mr_set_object_item(self._context, target, self._text(b"push"), function)
        self._library.keep.mr_free_value(self._context, done)

    def _compile(self, body: str) -> int:
        handle = self._library.free.mr_array_push(self._context, self._compiler, self._text(body.encode()))
        value = Value.from_address(handle)
        if value.type != FUNCTION:
            raise EngineError(f"the engine does not compile: {message_of(value)}")
        return handle

    def _run(self, source: str) -> None:
        self._set_push(self._holder, self._compile(source + "\n;return ''"))
        self._caller(self._holder, self._library.free)(b"")

    def _value(self, expression: str) -> int:
        """A handle of what a JavaScript expression gives."""
        self._set_push(self._holder, self._compile(f"return {expression}"))
        handle: int = self._library.free.mr_array_push(self._context, self._holder, self._text(b""))
        return handle

    def _make_mailbox(self) -> Mailbox | None:
        handle = self._value("halyard.mailbox.memory")
        memory = Value.from_address(handle)
        if memory.type != SHARED_MEMORY or memory.length != MEMORY_BYTES:
            return None
        context, start = self._context, self._library.keep.mr_call_function
        serve, this, arguments = self._compile("halyard.mailbox.serve()"), self._holder, self._value("[]")
        # The context's callback gets the number it is given here and the result: `mr_free_value` of this very context.
        push = self._calls["step"][False]
        mailbox = Mailbox(
            memory.pointer, push, lambda: start(context, serve, this, arguments, context), lambda: self._settle(push)
        )
        return mailbox if mailbox.works() else None

    def _settle(self, push: Callable[[bytes], bytes]) -> None:
        push(b"")  # behind whatever V8's thread does now
        if self._library.free.mr_hard_memory_limit_reached(self._context):
            raise EngineMemoryError()

    def _entry(self, name: str) -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
        target = self._value(f"{{push:(text)=>halyard.{name}(text)}}")
        return self._caller(target, self._library.keep), self._caller(target, self._library.free)

    def _caller(self, target: int, library: ctypes.CDLL) -> Callable[[bytes], bytes]:
        context = self._context
        allocate, release = self._library.keep.mr_alloc_string_val, self._library.keep.mr_free_value
        push, read, copy = library.mr_array_push, Value.from_address, self._library.copy

        def call(text: bytes) -> bytes:
            argument = allocate(context, text, len(text), STRING)
            try:
                answer = push(context, target, argument)
                if answer is None:
                    raise EngineError(_CLOSED)
                try:
                    value = read(answer)
                    if value.type != STRING:
                        raise self._error(value)
                    found: bytes = copy(value.pointer, value.length)
                    return found
                finally:
                    release(context, answer)
            finally:
                release(context, argument)

        return call

    def _error(self, value: Value) -> EngineError:
        exhausted = value.type in (OUT_OF_MEMORY, TERMINATED)
        if exhausted or self._library.free.mr_hard_memory_limit_reached(self._context):
            return EngineMemoryError()
        return EngineError(f"the engine failed: {message_of(value)}")


# --- public ---------------------------------------------------------------------------------------------------------


class PublicRuntime:
    """V8 through mini-racer's documented interface."""

    def __init__(self, memory_limit: int) -> None:
        try:
            py_mini_racer = mini_racer()
        except ImportError as error:
            raise ImportError(f"halyard needs the package mini-racer, which carries V8; {_HINT}") from error
        self._pid = os.getpid()
        self._failure = py_mini_racer.JSEvalException
        self._exhausted = (py_mini_racer.JSOOMException, py_mini_racer._exc.JSTerminatedException)
        made: list[Any] = []
        # In a thread of its own: inside a running event loop, MiniRacer would take that loop for its own work.
        maker = threading.Thread(target=lambda: made.append(_outcome(py_mini_racer.MiniRacer)))
        with _alone_at_first():
            start_v8()
            maker.start()
            maker.join()
        if isinstance(made[0], BaseException):
            raise made[0]
        self._racer = made[0]
        self._racer.set_hard_memory_limit(memory_limit)
        self._racer.eval(bundle() + "\n;0")
        self._calls = {name: self._racer.eval(f"(text)=>halyard.{name}(text)") for name in FUNCTIONS}

    def call(self, function: str, text: bytes, release_lock: bool) -> bytes:
        del release_lock  # it always waits for another thread
        called = self._calls.get(function)
        if called is None:
            raise EngineError(_CLOSED)
        try:
            return str(called(text.decode("utf-8"))).encode("utf-8", "replace")
        except self._exhausted:
            raise EngineMemoryError() from None
        except self._failure as error:
            if self._racer.was_hard_memory_limit_reached():
                raise EngineMemoryError() from None
            raise EngineError(f"the engine failed: {error}") from error

    def kept(self, function: str) -> None:
        return None

    def close(self) -> None:
        racer, self._racer = self._racer, None
        if racer is not None and os.getpid() == self._pid:
            self._calls = {}
            with rights_to_v8():
                racer.close()


def _outcome(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except BaseException as error:  # noqa: BLE001 - raised again by the thread that asked
        return error


def _after_fork() -> None:
    global _library_lock, _starting
    _library_lock = threading.RLock()
    _starting = False


forget_in_child(_after_fork)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=lambda: _library_lock.acquire(), after_in_parent=lambda: _library_lock.release())
