"""Everything that knows about V8: one runtime behind ``call(function, text) -> text``, all texts in UTF-8.

Two implementations. `DirectRuntime` calls the C interface of the pinned ``mini-racer`` wheel, without its event loop: a
call costs a tenth. That interface is private, so it is checked at first use, and `PublicRuntime` takes over when the
check fails.
"""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from importlib import metadata, resources
from typing import Any, Protocol

from ._fork import forget_in_child
from ._mailbox import MEMORY_BYTES, Mailbox, is_supported
from ._protection_keys import rights
from .errors import EngineError, EngineMemoryError

__all__ = ["FUNCTIONS", "MINI_RACER", "Runtime", "check_direct", "new_runtime"]

#: The one version whose C interface is known.
MINI_RACER = "0.14.1"

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

_CLOSED = "the engine is closed, because the interpreter ends"
_HINT = "install it with: pip install 'mini-racer==" + MINI_RACER + "' (on Alpine Linux add the package gcompat)"


class Runtime(Protocol):
    """One V8 heap with the engine in it. Not for use by two threads at once: the caller holds a lock."""

    def call(self, function: str, text: bytes, release_lock: bool) -> bytes:
        """Calls a function of the bundle.

        Raises `EngineMemoryError` when the heap is exhausted; the runtime is then of no use any more.
        """

    def kept(self, function: str) -> Callable[[bytes], bytes] | None:
        """A function of the bundle that keeps the interpreter lock; ``None`` where calls always give it up."""

    def close(self) -> None: ...


def mini_racer() -> Any:
    """The package that carries V8. Its pinned version makes Python 3.14 and later warn when it is imported, which must not
    become an error of those who run with ``-W error``."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Due to '_pack_'", DeprecationWarning)
        import py_mini_racer
    return py_mini_racer


#: What V8 is started with. Its write protection of compiled code by memory protection keys stays off: the rights to such a
#: key belong to a thread, and neither a thread that was there before V8 nor a signal handler has them. Closing a runtime
#: from there would be a segmentation fault (docs/decisions/end-of-process.md).
_V8_FLAGS = ("--single-threaded", "--no-memory-protection-keys")

_started = False
#: Needed for making and closing a runtime.
_rights: Callable[[], AbstractContextManager[None]] = nullcontext


def _start_v8() -> Any:
    """The library, with V8 started in it once for the whole process. Whoever uses mini-racer first chooses V8's flags."""
    global _rights, _started
    package = mini_racer()
    try:
        return package.init_mini_racer(flags=_V8_FLAGS)
    except package.LibAlreadyInitializedError:
        if not _started:
            _rights = rights
        return package.init_mini_racer(ignore_duplicate_init=True)
    finally:
        _started = True


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


# --- direct ---------------------------------------------------------------------------------------------------------

_VOID_P, _U64, _SIZE, _U8 = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_size_t, ctypes.c_uint8
_SIGNATURES: dict[str, tuple[list[Any], Any]] = {
    "mr_init_context": ([_VOID_P], _U64),
    "mr_free_context": ([_U64], None),
    "mr_make_js_callback": ([_U64, _U64], _VOID_P),
    "mr_get_object_item": ([_U64, _VOID_P, _VOID_P], _VOID_P),
    "mr_set_object_item": ([_U64, _VOID_P, _VOID_P, _VOID_P], _VOID_P),
    "mr_call_function": ([_U64, _VOID_P, _VOID_P, _VOID_P, _U64], _U64),
    "mr_array_push": ([_U64, _VOID_P, _VOID_P], _VOID_P),
    "mr_alloc_string_val": ([_U64, ctypes.c_char_p, _U64, _U8], _VOID_P),
    "mr_free_value": ([_U64, _VOID_P], None),
    "mr_set_hard_memory_limit": ([_U64, _SIZE], None),
    "mr_hard_memory_limit_reached": ([_U64], ctypes.c_bool),
}
_STRING, _FUNCTION, _SHARED_MEMORY, _ERRORS, _OUT_OF_MEMORY, _TERMINATED = 5, 100, 101, 200, 202, 204


class _Value(ctypes.Structure):
    """What the library hands out: a union, read here as the pointer to a text, its length and the kind."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("pointer", _VOID_P), ("length", _SIZE), ("type", _U8))


class _Library:
    """The loaded library, twice: functions of ``free`` give up the interpreter lock, those of ``keep`` hold it."""

    def __init__(self) -> None:
        name = _start_v8()._name
        self.free, self.keep = ctypes.CDLL(name), ctypes.PyDLL(name)
        for library in (self.free, self.keep):
            for function, (arguments, result) in _SIGNATURES.items():
                found = getattr(library, function)  # AttributeError: the check reports it
                found.argtypes, found.restype = arguments, result
        #: Copies bytes; `ctypes.string_at` without its Python layer.
        self.copy = ctypes.PYFUNCTYPE(ctypes.py_object, _VOID_P, ctypes.c_ssize_t)(
            ("PyBytes_FromStringAndSize", ctypes.pythonapi)
        )


_library: _Library | None = None
_checked: list[str | None] = []
_library_lock = threading.Lock()


def _open_library() -> _Library:
    global _library
    if _library is None:
        _library = _Library()
    return _library


def check_direct() -> str | None:
    """Why the direct interface cannot be used here; ``None`` when it can. Looks once per process."""
    with _library_lock:
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
        ours = _Value.pointer.offset, _Value.length.offset, _Value.length.size, _Value.type.offset, _Value.type.size
        if layout != [ours, ctypes.sizeof(_Value)]:
            return f"values are laid out differently: {layout}"
        _open_library()
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
        library = _open_library()
        self._library = library
        self._pid = os.getpid()
        with _rights():
            self._context = library.free.mr_init_context(ctypes.cast(library.keep.mr_free_value, _VOID_P))
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
            with _rights():
                self._library.free.mr_free_context(context)

    def _text(self, text: bytes) -> int:
        return self._library.keep.mr_alloc_string_val(self._context, text, len(text), _STRING)

    def _set_push(self, target: int, function: int) -> None:
        done = self._library.free.mr_set_object_item(self._context, target, self._text(b"push"), function)
        self._library.keep.mr_free_value(self._context, done)

    def _compile(self, body: str) -> int:
        handle = self._library.free.mr_array_push(self._context, self._compiler, self._text(body.encode()))
        value = _Value.from_address(handle)
        if value.type != _FUNCTION:
            raise EngineError(f"the engine does not compile: {_message(value)}")
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
        memory = _Value.from_address(handle)
        if memory.type != _SHARED_MEMORY or memory.length != MEMORY_BYTES:
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
        push, read, copy = library.mr_array_push, _Value.from_address, self._library.copy

        def call(text: bytes) -> bytes:
            argument = allocate(context, text, len(text), _STRING)
            try:
                answer = push(context, target, argument)
                if answer is None:
                    raise EngineError(_CLOSED)
                try:
                    value = read(answer)
                    if value.type != _STRING:
                        raise self._error(value)
                    found: bytes = copy(value.pointer, value.length)
                    return found
                finally:
                    release(context, answer)
            finally:
                release(context, argument)

        return call

    def _error(self, value: _Value) -> EngineError:
        exhausted = value.type in (_OUT_OF_MEMORY, _TERMINATED)
        if exhausted or self._library.free.mr_hard_memory_limit_reached(self._context):
            return EngineMemoryError()
        return EngineError(f"the engine failed: {_message(value)}")


def _message(value: _Value) -> str:
    if value.type < _ERRORS or not value.pointer:
        return f"unexpected kind of value {value.type}"
    return ctypes.string_at(value.pointer, value.length).decode("utf-8", "replace").split("\n")[0]


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
        _start_v8()
        made: list[Any] = []
        # In a thread of its own: inside a running event loop, MiniRacer would take that loop for its own work.
        maker = threading.Thread(target=lambda: made.append(_outcome(py_mini_racer.MiniRacer)))
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
            with _rights():
                racer.close()


def _outcome(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except BaseException as error:  # noqa: BLE001 - raised again by the thread that asked
        return error


def _after_fork() -> None:
    global _library_lock
    _library_lock = threading.Lock()


forget_in_child(_after_fork)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=lambda: _library_lock.acquire(), after_in_parent=lambda: _library_lock.release())
