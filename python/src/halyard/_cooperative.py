"""Green threads of gevent and eventlet: all in one thread of the system, where whoever waits out of their view stops everybody."""

from __future__ import annotations

import sys

__all__ = ["green_threads"]


def green_threads() -> str | None:
    """The library that has put its threads in the place of the system's, as gunicorn's gevent workers do. Imports none."""
    gevent = sys.modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched("threading"):
        return "gevent"
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None and eventlet.is_monkey_patched("thread"):
        return "eventlet"
    return None
