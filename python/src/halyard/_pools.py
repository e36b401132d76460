"""What the package asks of databases, whoever has their connections."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

__all__ = ["POOLS", "Pools", "Row", "called", "connection_code", "log", "may_lag", "new_store_number"]

log = logging.getLogger("halyard")

#: The pools as errors name them.
POOLS = ("persons reader", "persons writer", "non-persons reader", "non-persons writer")

Row = Mapping[str, Any]

_store_numbers = itertools.count(1)


def new_store_number() -> int:
    """Different for every set of pools in this process."""
    return next(_store_numbers)


class Pools(Protocol):
    """Where statements go. Whoever brings connections of his own may leave out all but ``store`` and ``run``."""

    #: Tells the engine which stores are the same.
    store: int
    #: The persons reader is not the persons writer, so it may not have yet what was just written.
    reader_may_lag: bool
    #: To be called when the pools are closed.
    closing: list[Callable[[], None]]

    def run(self, pool: str, text: str, values: Sequence[Any]) -> list[Row]:
        """Runs a statement with ``$1`` placeholders on the pool of that name. Raises `DatabaseError`."""

    def inside_transaction(self) -> bool:
        """Whether the caller may see definitions that others cannot."""

    def writes_inside_transaction(self) -> bool:
        """Whether what is written to the persons writer may be rolled back."""

    def close(self) -> None: ...


def called(pools: Pools, isolated: bool | None = None) -> dict[str, Any]:
    """What a call to the engine says about the pools.

    ``isolated``: what is read or written may be seen by nobody else; default: whether what is written may be rolled back.
    """
    found: dict[str, Any] = {"number": pools.store}
    if may_lag(pools):
        found["readerMayLag"] = True
    if isolated is None:
        isolated = bool(getattr(pools, "writes_inside_transaction", _never)())
    if isolated:
        found["isolated"] = True
    return found


def connection_code(error: BaseException) -> str:
    """The SQLSTATE of a connection that could not be made, which libpq does not tell."""
    crowded = ("too many clients", "too many connections", "remaining connection slots")
    return "53300" if any(words in str(error) for words in crowded) else "08001"


def may_lag(pools: Pools) -> bool:
    return getattr(pools, "reader_may_lag", False)


def _never() -> bool:
    return False
