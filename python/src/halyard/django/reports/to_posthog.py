"""``$feature_flag_called`` events through posthog-python's own client, as its flags would send them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import posthog
from django.conf import settings

from ..._fork import forget_in_child

if TYPE_CHECKING:
    from ..._outcomes import FlagResult

__all__ = ["forget", "report"]

#: Combinations of user, flag and value that are remembered as sent, as many as posthog-python has users.
MOST_REMEMBERED = 50_000

_lock = threading.Lock()
_sent: OrderedDict[tuple[Any, ...], None] = OrderedDict()


def report(
    *, key: str, distinct_id: str | None, result: FlagResult | None, groups: dict[str, str] | None = None, **_: Any
) -> None:
    """Once per user, flag, value and groups in this process; a value that an override fixed is nobody's."""
    if distinct_id is None or (result is not None and result.reason == "override"):
        return
    value = None if result is None else result.value
    if _is_known((distinct_id, key, value, *sorted((groups or {}).items()))):
        return
    properties: dict[str, Any] = {
        "$feature_flag": key,
        "$feature_flag_response": value,
        f"$feature/{key}": value,
        "locally_evaluated": True,
    }
    if result is not None:
        properties |= {
            "$feature_flag_id": result.flag_id,
            "$feature_flag_version": result.version,
            "$feature_flag_reason": result.description,
            "$feature_flag_has_experiment": result.has_experiment,
        }
        if result.payload is not None:
            properties["$feature_flag_payload"] = result.payload
    else:
        properties["$feature_flag_error"] = "flag_missing"
    # The client of posthog-python's own middleware, where the project has one; else the module's.
    client: Any = getattr(settings, "POSTHOG_MW_CLIENT", None) or posthog
    client.capture("$feature_flag_called", distinct_id=distinct_id, properties=properties, groups=groups or {})


def forget() -> None:
    """Sends what has been sent again, for tests."""
    with _lock:
        _sent.clear()


def _is_known(call: tuple[Any, ...]) -> bool:
    with _lock:
        if call in _sent:
            _sent.move_to_end(call)
            return True
        _sent[call] = None
        if len(_sent) > MOST_REMEMBERED:
            _sent.popitem(last=False)
        return False


def _forget_lock() -> None:
    global _lock
    _lock = threading.Lock()


forget_in_child(_forget_lock)
