"""A forked child uses nothing that it inherits: not V8, no connection, no lock, no thread.

`os.register_at_fork` tells most children. uWSGI forks without telling Python, so that its own hook is used where it
has one, and every door in looks at the process id (`check`).
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from ._cooperative import green_threads

__all__ = ["check", "cut_off", "forget_in_child", "may_start_threads"]

#: Two processes, because they differ from a fork to the first use after it. What was inherited is forgotten at the fork, where
#: Python tells of it, and not again at the first use: the child may have opened connections of its own in between, through Django.
_forgotten_in = os.getpid()
#: Whose threads the locks are for; only at the first use are they those that will stay.
_used_in, _threads = _forgotten_in, green_threads()
_forgetting: list[Callable[[], None]] = []
#: By process: a lock that another process was holding is never waited for.
_locks: dict[int, threading.Lock] = {}


def forget_in_child(forget: Callable[[], None]) -> None:
    """Has ``forget`` called in a forked child, before anything of Halyard's is used there. It must not wait for anything."""
    _forgetting.append(forget)


def check() -> None:
    """To be called before anything that a parent may have left behind is used."""
    if os.getpid() != _used_in:
        _first_use()


def _first_use() -> None:
    """Workers of gunicorn's put green threads in the place of others after the fork. A lock from before would stop all of them."""
    global _threads, _used_in
    _in_child()
    pid = os.getpid()
    with _locks.setdefault(pid, threading.Lock()):
        if _used_in != pid:
            threads = green_threads()
            if threads != _threads:
                for forget in _forgetting:
                    forget()
                _threads = threads
            _used_in = pid


def _in_child() -> None:
    global _forgotten_in
    pid = os.getpid()
    with _locks.setdefault(pid, threading.Lock()):
        if _forgotten_in != pid:
            for forget in _forgetting:
                forget()
            _forgotten_in = pid


def may_start_threads() -> bool:
    """Whether a thread of ours is safe here: not in the process from which uWSGI forks its workers.

    uWSGI lets go of the interpreter's lock and forks without telling Python. A worker forked in the moment in which another
    thread has that lock waits for it for ever, for that thread does not exist there.
    """
    worker_id = getattr(sys.modules.get("uwsgi"), "worker_id", None)
    return worker_id is None or worker_id() != 0


def cut_off(connection: Any) -> None:
    """Puts the null device in the place of an inherited connection's socket.

    The parent's session goes on, for nothing more can be sent on it from here: no statement, and not the farewell that closing the
    connection sends. The number of the file stays taken, so that whoever still has the connection reaches no other file with it.
    """
    with contextlib.suppress(Exception):  # closed before, or no connection at all
        null = os.open(os.devnull, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        try:
            os.dup2(null, connection.fileno(), inheritable=False)
        finally:
            os.close(null)


def _listen_to_uwsgi() -> None:
    if "uwsgi" in sys.modules:  # the module that uWSGI makes, in its own processes only
        with contextlib.suppress(ImportError):
            from uwsgidecorators import postfork

            postfork(_in_child)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
_listen_to_uwsgi()
