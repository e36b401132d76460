"""A connection of psycopg's that does not wait for a silent server for ever. For those who have psycopg: it is imported here."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg

__all__ = ["LimitedConnection", "SilenceError"]


class SilenceError(psycopg.OperationalError):
    """The server did not answer; the connection is of no more use."""


class LimitedConnection(psycopg.Connection[Any]):
    """The server ends a statement at its time-out, unless it, or the network before it, has fallen silent."""

    #: Seconds to wait for an answer; ``None``: for ever.
    silence_limit: float | None = None

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        if self.silence_limit is not None:
            gen = _until(gen, time.monotonic() + self.silence_limit)
        return super().wait(gen, *args, **options)


def _until(gen: Generator[Any, Any, Any], deadline: float) -> Generator[Any, Any, Any]:
    """The same, as long as there is time. Whoever drives it sends something false now and then while the server says nothing."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                gen.close()
                raise SilenceError("the server stopped answering")
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value
