"""How the engine runs in this process."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["EngineSettings", "named"]


@dataclass(frozen=True)
class EngineSettings:
    """How the engine runs in this process. See `configure_engine`."""

    #: Runtimes that threads share: a number, or 0 for one per core. Each has its own heap and copy of the definitions.
    runtimes: int = 1
    #: When a call gives up the interpreter lock: ``auto``, ``always`` or ``never``. ``auto``: when evaluations of these
    #: definitions take longer than `lock_threshold_ms` on average, or the request is large.
    release_lock: str = "auto"
    lock_threshold_ms: float = 1.0
    #: Calls in quick succession watch for each other instead of waking a core each time (x86-64, more than one core): they
    #: keep a second core busy meanwhile, and for a tenth of a millisecond after.
    busy_poll: bool = True
    #: Heap of one runtime. A call that needs more fails, and the runtime is replaced.
    memory_limit_mb: int = 512
    #: How V8 is reached: ``auto``, ``direct`` or ``public`` (slower, mini-racer's documented interface only).
    interface: str = "auto"

    def __post_init__(self) -> None:
        if not isinstance(self.runtimes, int) or isinstance(self.runtimes, bool) or self.runtimes < 0:
            raise ValueError(f"runtimes must be a number from 0 up, not {self.runtimes!r}")
        if self.release_lock not in ("auto", "always", "never"):
            raise ValueError(f"release_lock must be 'auto', 'always' or 'never', not {self.release_lock!r}")
        if self.interface not in ("auto", "direct", "public"):
            raise ValueError(f"interface must be 'auto', 'direct' or 'public', not {self.interface!r}")
        if not isinstance(self.lock_threshold_ms, (int, float)) or not 0 <= self.lock_threshold_ms < math.inf:
            raise ValueError(f"lock_threshold_ms must be a number from 0 up, not {self.lock_threshold_ms!r}")
        if not isinstance(self.busy_poll, bool):
            raise ValueError(f"busy_poll must be True or False, not {self.busy_poll!r}")
        limit = self.memory_limit_mb
        if not isinstance(limit, int) or isinstance(limit, bool) or not 32 <= limit <= _MOST_MEGABYTES:
            raise ValueError(f"memory_limit_mb must be a whole number from 32 to {_MOST_MEGABYTES}, not {limit!r}")


#: Some terabytes: more than V8 can ever have, and less than its numbers hold.
_MOST_MEGABYTES = 1 << 22


def named(changes: Mapping[Any, Any]) -> dict[str, Any]:
    """The changes, when each is one of the settings. Raises `TypeError` naming those there are."""
    known = [field.name for field in fields(EngineSettings)]
    for name in changes:
        if name not in known:
            raise TypeError(f"there is no setting {name!r}; there are {', '.join(known)}")
    return dict(changes)
