"""The library that carries V8: mini-racer's, as a package and as the C interface of its one pinned version."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ._protection_keys import rights

__all__ = [
    "ERRORS", "FUNCTION", "MINI_RACER", "OUT_OF_MEMORY", "SHARED_MEMORY", "STRING", "TERMINATED", "Library", "Value", "message_of",
    "mini_racer", "open_library", "rights_to_v8", "start_v8",
]  # fmt: skip

#: The one version whose C interface is known.
MINI_RACER = "0.14.1"


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
_rights: Callable[[], AbstractContextManager[None]] = nullcontext


def start_v8() -> Any:
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


def rights_to_v8() -> AbstractContextManager[None]:
    """What a thread needs for making and closing a runtime."""
    return _rights()


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
#: Kinds of values; from `ERRORS` on they are failures.
STRING, FUNCTION, SHARED_MEMORY, ERRORS, OUT_OF_MEMORY, TERMINATED = 5, 100, 101, 200, 202, 204


class Value(ctypes.Structure):
    """What the library hands out: a union, read here as the pointer to a text, its length and the kind."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("pointer", _VOID_P), ("length", _SIZE), ("type", _U8))


class Library:
    """The loaded library, twice: functions of ``free`` give up the interpreter lock, those of ``keep`` hold it."""

    def __init__(self) -> None:
        name = start_v8()._name
        self.free, self.keep = ctypes.CDLL(name), ctypes.PyDLL(name)
        for library in (self.free, self.keep):
            for function, (arguments, result) in _SIGNATURES.items():
                found = getattr(library, function)  # AttributeError: the check reports it
                found.argtypes, found.restype = arguments, result
        #: Copies bytes; `ctypes.string_at` without its Python layer.
        self.copy = ctypes.PYFUNCTYPE(ctypes.py_object, _VOID_P, ctypes.c_ssize_t)(
            ("PyBytes_FromStringAndSize", ctypes.pythonapi)
        )


_library: Library | None = None


def open_library() -> Library:
    """Opened at first use. Raises what a library of another version gives cause for, such as `AttributeError`."""
    global _library
    if _library is None:
        _library = Library()
    return _library


def message_of(value: Value) -> str:
    """The first line of a failure."""
    if value.type < ERRORS or not value.pointer:
        return f"unexpected kind of value {value.type}"
    return ctypes.string_at(value.pointer, value.length).decode("utf-8", "replace").split("\n")[0]
