"""Flags with fixed values, for tests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import _convert
from ._outcomes import FlagResult, Outcome
from .flags import Flags

__all__ = ["override_flags"]

_stack: list[_Override] = []


class _Override:
    def __init__(self, values: Mapping[str, Any], payloads: Mapping[str, Any], only: bool) -> None:
        self.only = only
        self.absent = {key for key, value in values.items() if value is None}
        self.outcomes = {
            key: _outcome(key, value, payloads.get(key)) for key, value in values.items() if value is not None
        }


@contextlib.contextmanager
def override_flags(
    flags: Mapping[str, Any] | None = None,
    /,
    *,
    payloads: Mapping[str, Any] | None = None,
    only: bool = True,
    **more: Any,
) -> Iterator[None]:
    """Gives flags fixed values while it lasts, in every thread of the process: a context manager and a decorator.

    Values: true, false, a variant's key, or ``None`` for a flag that does not exist. With ``only``, the default, flags that
    are not named are off and neither definitions nor a database are needed; without it they are evaluated as ever.
    """
    override = _Override({**(flags or {}), **more}, payloads or {}, only)
    _stack.append(override)
    try:
        yield
    finally:
        _stack.remove(override)


def active() -> bool:
    return bool(_stack)


def fixed() -> Flags | None:
    """The whole answer, when an override that stands for all flags is in force."""
    if not any(override.only for override in _stack):
        return None
    return apply(Flags(False, []))


def answer(evaluate: Callable[[], Flags]) -> Flags:
    """The answer under the overrides in force; evaluates only where they do not stand for all flags."""
    found = fixed()
    return apply(evaluate()) if found is None else found


def apply(flags: Flags) -> Flags:
    """The flags with the overrides in force laid over them; inner ones win."""
    outcomes = {outcome.key: outcome for outcome in flags._outcomes}
    for override in _stack:
        if override.only:
            outcomes = {}
        for key in override.absent:
            outcomes.pop(key, None)
        outcomes.update(override.outcomes)
    return Flags(flags.errors, list(outcomes.values()))


def _outcome(key: str, value: Any, payload: Any) -> Outcome:
    value = _convert.unwrapped(value, f"override of '{key}'")
    if isinstance(value, str):
        value = _convert.text(value, f"override of '{key}'")
    if not isinstance(value, (bool, str)):
        raise TypeError(f"override of '{key}': expected bool, a variant as str, or None, got {type(value).__name__}")
    result = FlagResult(
        key=key,
        enabled=value is not False,
        variant=value if isinstance(value, str) else None,
        reason="override",
        condition_index=None,
        description="Overridden for a test",
        flag_id=0,
        version=0,
        has_experiment=False,
        failed=False,
        _payload=payload,
    )
    return Outcome(result, payload is not None)
