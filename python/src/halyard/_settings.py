"""How the engine runs in this process."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EngineSettings"]


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
        if not isinstance(self.runtimes, int) or self.runtimes < 0:
            raise ValueError(f"runtimes must be a number from 0 up, not {self.runtimes!r}")
        if self.release_lock not in ("auto", "always", "never"):
            raise ValueError(f"release_lock must be 'auto', 'always' or 'never', not {self.release_lock!r}")
        if self.interface not in ("auto", "direct", "public"):
            raise ValueError(f"interface must be 'auto', 'direct' or 'public', not {self.interface!r}")
        if not self.memory_limit_mb >= 32:
            raise ValueError(f"memory_limit_mb must be at least 32, not {self.memory_limit_mb!r}")
