"""What becomes of runtimes when the process ends or forks."""

from __future__ import annotations

import atexit
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._v8 import Runtime

__all__ = ["forget", "keep_open"]

_open: list[tuple[Runtime, Any]] = []
_inherited: list[Any] = []


def keep_open(runtime: Runtime, lock: Any) -> None:
    """Closes the runtime when the interpreter ends, under its lock. V8 hangs or aborts otherwise."""
    _open.append((runtime, lock))


def forget(runtime: Runtime) -> None:
    """The runtime was closed before."""
    _open[:] = [entry for entry in _open if entry[0] is not runtime]


def _close_all() -> None:
    for runtime, lock in _open:
        # A daemon thread may still be inside V8; then leaving it alone is the only safe thing.
        if lock.acquire(timeout=1):
            try:
                runtime.close()
            finally:
                lock.release()
    _open.clear()


def _after_fork() -> None:
    # What was made before the fork hangs or aborts in the child, even when it is collected: it is kept for ever.
    _inherited.extend(_open)
    _open.clear()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
