"""Evaluate → statement → rows → evaluate: the loop between the engine and the databases."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import Any

from . import _convert
from ._databases import Pools, log
from ._engine import engine
from ._heap import Definitions, Step
from .errors import DatabaseError
from .flags import Flags

__all__ = ["ask", "evaluate", "evaluate_async", "explain", "explain_async", "finish"]


def evaluate(definitions: Definitions, request: bytes, pools: Pools | None) -> Flags:
    """Without a round trip when the request needs no stored facts; otherwise one, or two when sticky keys are stored."""
    answer = engine().evaluate(definitions, request)
    return finish(definitions, request, answer, pools) if isinstance(answer, Step) else answer


def finish(definitions: Definitions, request: bytes, step: Step, pools: Pools | None) -> Flags:
    """Goes on from an answer that was a step."""
    found: Flags = _loop(lambda text: engine().evaluate(definitions, text), request, step, pools)
    return found


async def evaluate_async(definitions: Definitions, request: bytes, pools: Pools | None) -> Flags:
    """The same; the event loop goes on while a database is asked."""
    answer = engine().evaluate(definitions, request)
    if not isinstance(answer, Step):
        return answer
    found: Flags = await _loop_async(lambda text: engine().evaluate(definitions, text), request, answer, pools)
    return found


def explain(definitions: Definitions, request: bytes, pools: Pools | None) -> dict[str, Any]:
    return _loop(lambda text: engine().explain(definitions, text), request, None, pools)


async def explain_async(definitions: Definitions, request: bytes, pools: Pools | None) -> dict[str, Any]:
    return await _loop_async(lambda text: engine().explain(definitions, text), request, None, pools)


def ask(function: str, call: dict[str, Any], pools: Pools) -> Any:
    """Calls a function of the engine that reads definitions, with the statements it wants."""
    # What matters of a failure is raised, so it is not logged as well.
    request = _convert.encode(call)[1:]
    return _loop(lambda text: engine().ask(function, b"{" + text), request, None, pools, logging.DEBUG)


def _loop(
    ask: Callable[[bytes], Any], request: bytes, step: Any, pools: Pools | None, level: int = logging.WARNING
) -> Any:
    results: dict[str, Any] = {}
    answer: Any = ask(request) if step is None else step
    while isinstance(answer, Step):
        results[answer.name] = _result(answer, pools, level)
        answer = ask(_with_results(request, results))
    return answer


async def _loop_async(
    ask: Callable[[bytes], Any], request: bytes, step: Any, pools: Pools | None, level: int = logging.WARNING
) -> Any:
    results: dict[str, Any] = {}
    answer: Any = ask(request) if step is None else step
    run = getattr(pools, "run_async", None)
    while isinstance(answer, Step):
        if run is not None:
            results[answer.name] = await run(_result, answer, pools, level)
        else:
            results[answer.name] = await asyncio.to_thread(_result, answer, pools, level)
        answer = ask(_with_results(request, results))
    return answer


def _with_results(request: bytes, results: dict[str, Any]) -> bytes:
    return request[:-1] + b',"results":' + _convert.encode(results) + b"}"


def _result(step: Step, pools: Pools | None, level: int) -> dict[str, Any]:
    """The rows, or the failure: the engine says what a fact that could not be loaded means for each flag."""
    if pools is None:
        raise AssertionError("the engine asked for stored facts without a store")
    if step.pause_ms > 0:
        time.sleep(step.pause_ms / 1000 * random.random())
    try:
        return {"rows": [dict(row) for row in pools.run(step.pool, step.text, step.values)]}
    except DatabaseError as error:
        log.log(level, "a statement failed (%s): %s", step.name, error)
        return {"error": {"code": error.code, "message": error.detail, "lost": error.lost}}
