"""Who saw which value of which flag: a Django signal, and reports to other libraries on top of it.

A flag is seen when somebody asks for it by name: ``flags.is_enabled("beta")``, a template tag, a gate. Asking for all
values at once is
not seeing one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.dispatch import Signal

from .._outcomes import Outcome
from ..flags import Flags

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["REPORTS", "flag_called", "forget", "reports", "watched"]

#: Sent at the first look at a flag of an evaluation, with ``key``, ``distinct_id`` (``None``: nobody asks), ``result``
#: (`FlagResult`, or
#: ``None`` for a flag that took no part) and ``request`` (``None`` outside of one). A receiver that fails is logged.
flag_called = Signal()

#: What ``HALYARD["REPORT_TO"]`` may hold: the library and our module that reports to it.
REPORTS = {
    "posthog": "halyard.django.reports.to_posthog",
    "opentelemetry": "halyard.django.reports.to_opentelemetry",
    "sentry": "halyard.django.reports.to_sentry",
}

_connected: tuple[str, ...] | None = None


def watched(flags: Flags, distinct_id: Any, request: HttpRequest | None = None, groups: Any = None) -> Flags:
    """The flags, telling the signal what is looked at; the same object while nobody listens."""
    if _connected is None:
        _connect()
    if not flag_called.has_listeners():
        return flags

    def tell(key: str, outcome: Outcome | None) -> None:
        flag_called.send_robust(
            sender=Flags,
            key=key,
            distinct_id=None if distinct_id is None else str(distinct_id),
            result=None if outcome is None else outcome.result,
            request=request,
            groups=groups,
        )

    return _Watched(flags, tell)


def reports() -> tuple[str, ...]:
    """The names in ``REPORT_TO``. Raises `ImproperlyConfigured` for one that we do not know or whose library is missing."""
    from .conf import checked

    names = tuple(checked("REPORT_TO"))
    for name in names:
        if name not in REPORTS:
            raise ImproperlyConfigured(f"HALYARD['REPORT_TO'] has '{name}'; there are {', '.join(REPORTS)}")
        try:
            import_module(REPORTS[name])
        except ImportError as error:
            raise ImproperlyConfigured(
                f"HALYARD['REPORT_TO'] has '{name}', and it cannot be imported: {error}"
            ) from error
    return names


def forget(**_: Any) -> None:
    """The settings have changed: the next use reads them again."""
    global _connected
    for name in _connected or ():
        flag_called.disconnect(dispatch_uid=f"halyard {name}")
    _connected = None


def _connect() -> None:
    global _connected
    names = reports()
    for name in names:
        report = import_module(REPORTS[name]).report
        flag_called.connect(report, weak=False, dispatch_uid=f"halyard {name}")
    _connected = names


class _Watched(Flags):
    __slots__ = ("_looked_at", "_tell")

    def __init__(self, flags: Flags, tell: Callable[[str, Outcome | None], None]) -> None:
        super().__init__(flags.errors, flags._outcomes)
        self._tell = tell
        self._looked_at: set[str] = set()

    def _read(self, key: str) -> Outcome | None:
        outcome = super()._read(key)
        if key not in self._looked_at:
            self._looked_at.add(key)
            self._tell(key, outcome)
        return outcome
