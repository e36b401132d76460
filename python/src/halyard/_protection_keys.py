"""Rights to memory that V8 protects by the processor's keys, where somebody else has started V8 with that protection."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any

__all__ = ["rights"]

_KEYS = range(1, 16)
_found: list[Any] = []


def _library() -> Any:
    """The C library, where it and the processor know keys; ``None`` elsewhere."""
    if not _found:
        _found.append(None)
        with contextlib.suppress(AttributeError, OSError, TypeError):
            library = ctypes.CDLL(None)
            # Asking a processor without keys for the rights to one would end the process, so the kernel is asked first.
            key = library.pkey_alloc(0, 0)
            if key >= 0:
                library.pkey_free(key)
                _found[0] = (library.pkey_get, library.pkey_set)
    return _found[0]


@contextlib.contextmanager
def rights() -> Iterator[None]:
    """The rights to every key for this thread, and for the threads it makes meanwhile, which keep them."""
    functions = _library()
    if functions is None:
        yield
        return
    get, set_ = functions
    before = {key: get(key) for key in _KEYS}
    for key in _KEYS:
        set_(key, 0)
    try:
        yield
    finally:
        for key, right in before.items():
            set_(key, right)
