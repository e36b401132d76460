"""Calls that fail in a worker of a pool of processes."""

from __future__ import annotations

import halyard
from ends.app import DOCUMENT


def ask(wanted: str) -> None:
    if wanted == "database":
        with halyard.Halyard(database="postgresql://nobody@127.0.0.1:1/none", token="phc_test") as flags:
            flags.evaluate("ada")
    halyard.configure_engine(memory_limit_mb=64)
    halyard.Halyard(DOCUMENT).evaluate("ada", person_properties={"text": "x" * (65 << 20)})
