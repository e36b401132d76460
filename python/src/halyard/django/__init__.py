"""Halyard in a Django project: add ``halyard.django`` to ``INSTALLED_APPS`` and a ``HALYARD`` setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import overrides
from .._request import request_text

if TYPE_CHECKING:
    from ..client import Halyard
    from ..flags import Flags

__all__ = ["aflags_for", "client", "flags_for"]


def client() -> Halyard:
    """The project's `Halyard`, made from the settings at first use."""
    from .conf import client

    return client()


def flags_for(
    distinct_id: Any,
    *,
    groups: Mapping[str, Any] | None = None,
    person_properties: Mapping[str, Any] | None = None,
    group_properties: Mapping[str, Mapping[str, Any]] | None = None,
    flag_keys: Iterable[str] | None = None,
    hash_key_override: str | None = None,
    device_id: str | None = None,
    runtime: str | None = "server",
    evaluation_contexts: Iterable[str] | None = None,
    now: datetime | float | None = None,
) -> Flags:
    """The flags of a user; arguments as of `Halyard.evaluate`."""
    context = _context(locals())
    from . import seen

    found = _overridden(distinct_id, context)
    if found is None:
        found = client().evaluate(distinct_id, **context)
    return seen.watched(found, distinct_id, groups=groups)


async def aflags_for(
    distinct_id: Any,
    *,
    groups: Mapping[str, Any] | None = None,
    person_properties: Mapping[str, Any] | None = None,
    group_properties: Mapping[str, Mapping[str, Any]] | None = None,
    flag_keys: Iterable[str] | None = None,
    hash_key_override: str | None = None,
    device_id: str | None = None,
    runtime: str | None = "server",
    evaluation_contexts: Iterable[str] | None = None,
    now: datetime | float | None = None,
) -> Flags:
    """`flags_for` in an asynchronous view."""
    context = _context(locals())
    from . import seen

    found = _overridden(distinct_id, context)
    if found is None:
        found = await client().aevaluate(distinct_id, **context)
    return seen.watched(found, distinct_id, groups=groups)


def _context(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """All arguments but the first, by their names, which are those of `Halyard.evaluate`."""
    return {name: value for name, value in arguments.items() if name != "distinct_id"}


def _overridden(distinct_id: Any, context: Mapping[str, Any]) -> Flags | None:
    """What an override in a test says about all flags: no project has to be configured for it, and arguments are
    checked as ever."""
    if not overrides.active():
        return None
    return overrides.fixed(request_text(distinct_id, **context))
