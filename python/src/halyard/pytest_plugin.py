"""The pytest fixture `flags`: flags with values that a test says, back to nothing after it. Loaded by pytest where
halyard is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .overrides import override_flags

__all__ = ["FlagsOfTest", "flags"]


class FlagsOfTest:
    """The flags of one test. At first all are off, and nothing needs a database; what is said later wins.

    ``flags["beta"] = True`` sets one, ``flags.set(beta=True, colour="blue")`` several.
    """

    def __init__(self) -> None:
        self._in_force: list[override_flags] = []
        self.reset()

    def set(
        self, values: Mapping[str, Any] | None = None, /, *, payloads: Mapping[str, Any] | None = None, **more: Any
    ) -> None:
        """Values as of `override_flags`: true, false, a variant's key, or ``None`` for a flag that does not exist."""
        self._override(values, payloads=payloads, only=False, **more)

    def define(self, definitions: Any) -> None:
        """Has the flags evaluated by a local-evaluation document: a dict, JSON text, or a `Path`. It takes the place
        of all so far."""
        self._override(definitions=definitions)

    def evaluate(self) -> None:
        """Has flags evaluated as ever, by the project's own definitions. It takes the place of all so far."""
        self._end()

    def reset(self) -> None:
        """All flags off, as at the beginning."""
        self._end()
        self._override()

    def __setitem__(self, key: str, value: Any) -> None:
        self.set({key: value})

    def __delitem__(self, key: str) -> None:
        """The flag does not exist."""
        self.set({key: None})

    def _override(self, *values: Any, **named: Any) -> None:
        # Here, so that pytest starts no slower in projects that do not use the fixture.
        from .overrides import override_flags

        override = override_flags(*values, **named)
        override.enable()
        self._in_force.append(override)

    def _end(self) -> None:
        while self._in_force:
            self._in_force.pop().disable()


@pytest.fixture
def flags() -> Iterator[FlagsOfTest]:
    """Flags with values that the test says: see `FlagsOfTest`."""
    made = FlagsOfTest()
    try:
        yield made
    finally:
        made._end()
