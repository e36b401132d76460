"""Calls that fail in a worker of a pool of processes: each of Halyard's errors as a caller gets it."""

from __future__ import annotations

import halyard
from ends.app import DOCUMENT
from halyard import _engine


def unreachable(url: str) -> None:
    with halyard.Halyard(database="postgresql://nobody@127.0.0.1:1/none", token="phc_test") as flags:
        flags.evaluate("ada")


def unknown_project(url: str) -> None:
    with halyard.Halyard(database=url, token="phc_nobody") as flags:
        flags.evaluate("ada")


def wrong_definitions(url: str) -> None:
    halyard.Halyard({"flags": [{"id": "x", "key": "a"}]}, strict=True)


def closed(url: str) -> None:
    flags = halyard.Halyard(DOCUMENT)
    flags.close()
    flags.evaluate("ada")


def wrong_argument(url: str) -> None:
    halyard.Halyard(DOCUMENT).evaluate("ada", groups=[])


def engine(url: str) -> None:
    _engine.engine().call("nothing", b"")


def memory(url: str) -> None:
    halyard.configure_engine(memory_limit_mb=64)
    halyard.Halyard(DOCUMENT).evaluate("ada", person_properties={"text": "x" * (65 << 20)})


FAILING = {
    "database": unreachable,
    "project": unknown_project,
    "definitions": wrong_definitions,
    "closed": closed,
    "argument": wrong_argument,
    "engine": engine,
    "memory": memory,
}


def ask(wanted: tuple[str, str]) -> None:
    """``wanted``: which of them, and the URL of a database."""
    which, url = wanted
    FAILING[which](url)
