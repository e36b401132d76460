"""One program for every server: it asks for flags and says which process answered.

V8 starts with the first request, in the thread that the server has for it; with ENDS_AT=import at once, before a server forks.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import halyard

DOCUMENT = {
    "flags": [
        {"id": 1, "key": "half", "active": True, "filters": {"groups": [{"properties": [], "rollout_percentage": 50}]}}
    ]
}
_made: list[halyard.Halyard] = []


def flags() -> halyard.Halyard:
    if not _made:
        _made.append(halyard.Halyard(DOCUMENT))
    return _made[0]


def answer() -> bytes:
    values = {flags().evaluate(f"user-{number}").value("half") for number in range(12)}
    assert values == {True, False}, values
    return str(os.getpid()).encode()


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    body = answer()
    time.sleep(0.002)  # so that other workers are asked too
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


async def app(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    if scope["type"] == "lifespan":
        for part in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{part}.complete"})
        return
    body = answer()
    await flags().aevaluate("user-1")
    await asyncio.sleep(0.002)
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if os.environ.get("ENDS_AT") == "import":
    answer()
