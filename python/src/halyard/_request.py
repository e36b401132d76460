"""The evaluation context of one request, checked and as the engine reads it."""

from __future__ import annotations

import datetime
import time
from typing import Any

from . import _convert

__all__ = ["renamed", "request_text"]

#: Types of person properties that may need no conversion.
_PLAIN = (dict, type(None))
_RUNTIMES = ("client", "server", "all")

#: What messages call an argument.
_OWN_NAMES = {
    name: name
    for name in (
        "distinct_id",
        "groups",
        "person_properties",
        "group_properties",
        "flag_keys",
        "hash_key_override",
        "device_id",
        "evaluation_contexts",
    )
}


def renamed(**names: str) -> dict[str, str]:
    """The names of arguments where a caller has others for some."""
    return {**_OWN_NAMES, **names}


def request_text(
    distinct_id: Any,
    groups: Any = None,
    person_properties: Any = None,
    group_properties: Any = None,
    flag_keys: Any = None,
    hash_key_override: Any = None,
    device_id: Any = None,
    runtime: Any = None,
    evaluation_contexts: Any = None,
    now: Any = None,
    store: dict[str, Any] | None = None,
    *,
    skip_writes: bool = False,
    flag: str | None = None,
    strict: bool = False,
    names: dict[str, str] | None = None,
) -> bytes:
    """A JSON object without its opening brace.

    ``names``: what the caller calls its arguments, from `renamed`. ``strict``: ids and group keys must be texts (D106, D107).
    """
    called = _OWN_NAMES.__getitem__ if names is None else names.__getitem__
    # The engine takes an absent member for an absent argument.
    request: dict[str, Any] = {
        "distinctId": distinct_id
        if type(distinct_id) is str
        else _convert.text(distinct_id, called("distinct_id"), number=not strict),
        "now": time.time_ns() // 1_000_000 if now is None else _moment(now),
    }
    if store is not None:
        request["store"] = store
    if groups is not None:
        request["groups"] = _convert.groups(groups, called("groups"), strict=strict)
    if person_properties is not None:
        request["personProperties"] = person_properties
    if group_properties is not None:
        request["groupProperties"] = _convert.properties_by_group(group_properties, called("group_properties"))
    if flag_keys is not None:
        request["flagKeys"] = _convert.texts(flag_keys, called("flag_keys"))
    if hash_key_override is not None:
        request["anonDistinctId"] = _convert.text(
            hash_key_override, called("hash_key_override"), optional=True, number=not strict
        )
    if device_id is not None:
        request["deviceId"] = _convert.text(device_id, called("device_id"), optional=True, number=not strict)
    if runtime is not None:
        if runtime not in _RUNTIMES:
            raise ValueError(f"argument 'runtime': expected 'client', 'server', 'all' or None, got {runtime!r}")
        request["runtime"] = runtime
    if evaluation_contexts is not None:
        request["evaluationContexts"] = _convert.texts(evaluation_contexts, called("evaluation_contexts"))
    if skip_writes:
        request["skipWrites"] = True
    if flag is not None:
        request["flag"] = _convert.text(flag, "key")
    text = _convert.encode_plain(request) if type(person_properties) in _PLAIN else None
    if text is None:
        if person_properties is not None:
            request["personProperties"] = _convert.properties(person_properties, called("person_properties"))
        text = _convert.encode(request)
    return text[1:]


def _moment(now: Any) -> int:
    """A time as milliseconds since the epoch."""
    if isinstance(now, datetime.datetime):
        if now.tzinfo is None:
            raise ValueError("argument 'now': the datetime needs a time zone")
        return int(now.timestamp() * 1000)
    if isinstance(now, (int, float)) and not isinstance(now, bool):
        return int(now * 1000)
    raise TypeError(f"argument 'now': expected an aware datetime or seconds since the epoch, got {type(now).__name__}")
