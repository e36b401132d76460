"""What becomes of runtimes when the process ends or forks."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING, Any

from ._fork import check, forget_in_child

if TYPE_CHECKING:
    from ._v8 import Runtime

__all__ = ["forget", "has_ended", "keep_open"]

_open: list[tuple[Runtime, Any]] = []
_inherited: list[Any] = []
_thread = threading.local()
_ended = False


def keep_open(runtime: Runtime, lock: Any) -> None:
    """Closes the runtime when the interpreter ends, under its lock. V8 hangs or aborts otherwise."""
    _open.append((runtime, lock))


def forget(runtime: Runtime) -> None:
    """The runtime was closed before."""
    _open[:] = [entry for entry in _open if entry[0] is not runtime]


def has_ended() -> bool:
    """Whether the interpreter is ending: what a thread of ours cannot do any more is nobody's fault."""
    return _ended


def _close_all() -> None:
    global _ended
    check()
    _ended = True
    for runtime, lock in _open:
        # A daemon thread may still be inside V8; then leaving it alone is the only safe thing.
        if lock.acquire(timeout=1):
            try:
                runtime.close()
            finally:
                lock.release()
    _open.clear()


class _EndOfThread:
    """Closes everything when the thread ends whose local variable it is."""

    def __del__(self) -> None:
        _close_all()


def _after_fork() -> None:
    # What was made before the fork hangs or aborts in the child, even when it is collected: it is kept for ever.
    _inherited.extend(_open)
    _open.clear()
    # A child of a thread ends with that thread, without `atexit`, and only once V8's threads have ended too.
    if not hasattr(_thread, "end"):
        _thread.end = _EndOfThread()


atexit.register(_close_all)
forget_in_child(_after_fork)
