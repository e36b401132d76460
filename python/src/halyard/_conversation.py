"""Drives what the engine begins: runs the statements it asks for, waits where it says so, and hands the rows back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from . import _convert
from ._engine import engine
from ._heap import Ask, Definitions, RuntimeReplacedError, Wish
from ._pools import Pools, log, may_lag
from .errors import DatabaseError
from .flags import Flags

__all__ = ["ask", "evaluate", "evaluate_async", "explain", "finish"]


def evaluate(definitions: Definitions, request: bytes, pools: Pools | None, distinct_id: Any) -> Flags:
    """Without a round trip when the request needs no stored facts; otherwise one, or two when sticky keys are stored."""
    who = _remembered(pools, distinct_id)
    found: Flags = _converse(lambda: engine().evaluate(definitions, request, who), None, pools)
    return found


def finish(definitions: Definitions, request: bytes, wish: Wish, pools: Pools | None) -> Flags:
    """Goes on from an answer that was a wish, where no reader lags."""
    found: Flags = _converse(lambda: engine().evaluate(definitions, request), wish, pools)
    return found


async def evaluate_async(definitions: Definitions, request: bytes, pools: Pools | None, distinct_id: Any) -> Flags:
    """The same as `evaluate`; the event loop goes on while a database is asked."""
    who = _remembered(pools, distinct_id)
    found: Flags = await _converse_async(lambda: engine().evaluate(definitions, request, who), pools)
    return found


def explain(definitions: Definitions, request: bytes, pools: Pools | None) -> dict[str, Any]:
    found: dict[str, Any] = _converse(lambda: engine().explain(definitions, request), None, pools)
    return found


def ask(function: str, call: dict[str, Any], pools: Pools) -> Any:
    """Calls a function of the engine that reads definitions, with the statements it wants."""
    text = _convert.encode(call)
    return _converse(lambda: engine().ask(function, text), None, pools)


def _converse(begin: Callable[[], Any], first: Any, pools: Pools | None) -> Any:
    answer = begin() if first is None else first
    if not isinstance(answer, Wish):
        return answer
    drive = _Drive(begin, pools)
    while isinstance(answer, Wish):
        try:
            answer = drive.resumed(answer, drive.fulfilled(answer))
        except BaseException:
            engine().drop(answer)
            raise
    drive.tell()
    return answer


async def _converse_async(begin: Callable[[], Any], pools: Pools | None) -> Any:
    answer = begin()
    if not isinstance(answer, Wish):
        return answer
    drive = _Drive(begin, pools)
    run = getattr(pools, "run_async", None) or asyncio.to_thread
    while isinstance(answer, Wish):
        try:
            answer = drive.resumed(answer, await run(drive.fulfilled, answer))
        except BaseException:
            engine().drop(answer)
            raise
    drive.tell()
    return answer


class _Drive:
    """One conversation, whoever waits for it."""

    def __init__(self, begin: Callable[[], Any], pools: Pools | None) -> None:
        if pools is None:
            raise AssertionError("the engine asked for stored facts without a store")
        self._begin = begin
        self._pools = pools
        self._begun_again = False
        #: The last wish of which a statement failed.
        self._failed: Wish | None = None

    def fulfilled(self, wish: Wish) -> bytes:
        """Does what is wished. The answers as JSON."""
        if wish.pause_ms > 0:
            time.sleep(wish.pause_ms / 1000)
        return _convert.encode([self._answer(wish, one) for one in wish.asks])

    def resumed(self, wish: Wish, answers: bytes) -> Any:
        try:
            return engine().resume(wish, answers)
        except RuntimeReplacedError:
            # Another call used up the memory of the runtime. Every statement may be sent twice.
            if self._begun_again:
                raise
            self._begun_again = True
            return self._begin()

    def tell(self) -> None:
        """Logs what the conversation survived: a failure that it mended is none."""
        if self._failed is not None:
            for report in engine().reports(self._failed):
                log.warning("a statement failed: %s", report)

    def _answer(self, wish: Wish, ask: Ask) -> dict[str, Any]:
        """The rows, or the failure: the engine says what that means."""
        try:
            return {"rows": [dict(row) for row in self._pools.run(ask["pool"], ask["text"], ask["values"])]}
        except DatabaseError as error:
            self._failed = wish
            return {"error": {"code": error.code, "message": error.detail, "lost": error.lost}}


def _remembered(pools: Pools | None, distinct_id: Any) -> str | None:
    """Whose sticky keys the runtime that stored them has to be asked about."""
    return str(distinct_id) if pools is not None and may_lag(pools) else None
