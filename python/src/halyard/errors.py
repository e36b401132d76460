"""What Halyard raises beside the built-in `TypeError`, `ValueError` and `ImportError`. All survive pickling and copying."""

from __future__ import annotations

__all__ = [
    "DatabaseError",
    "DefinitionsError",
    "EngineError",
    "EngineMemoryError",
    "HalyardError",
    "UnknownProjectError",
]


class HalyardError(Exception):
    """Every error of Halyard's own."""


class EngineError(HalyardError, RuntimeError):
    """The engine failed in a way that is not the caller's doing."""


class EngineMemoryError(EngineError, MemoryError):
    """The engine's memory limit was reached. The runtime has been replaced; the next call works again."""

    # Pickle makes an exception from its `args`, so the defaults below are what a process on the other side leaves out.
    def __init__(
        self,
        message: str = "the engine used up its memory limit; raise the setting memory_limit_mb or ask for less at once",
    ) -> None:
        super().__init__(message)


class DefinitionsError(HalyardError, ValueError):
    """Flag definitions that cannot be used. `path` says where, such as ``flags[3].filters.groups[0].properties``."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message, path)
        self.path = path

    def __str__(self) -> str:
        message, path = self.args
        return f"{path}: {message}" if path else message


class DatabaseError(HalyardError, RuntimeError):
    """A database could not do what it was asked. `pool` is its name in the router, such as ``persons reader``."""

    def __init__(self, pool: str, message: str, code: str | None = None, lost: bool = False) -> None:
        super().__init__(pool, message, code, lost)
        self.pool = pool
        #: The database's own words, without the pool.
        self.detail = message
        #: SQLSTATE, where the server gave one.
        self.code = code
        #: Whether the connection is gone.
        self.lost = lost

    def __str__(self) -> str:
        return f"{self.pool}: {self.detail}"


class UnknownProjectError(HalyardError, LookupError):
    """The database has no project with this token or team id."""
