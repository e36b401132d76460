"""Halyard in a Django project: add ``halyard.django`` to ``INSTALLED_APPS`` and a ``HALYARD`` setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..client import Halyard
    from ..flags import Flags

__all__ = ["aflags_for", "client", "flags_for"]


def client() -> Halyard:
    """The project's `Halyard`, made from the settings at first use."""
    from .conf import client

    return client()


def flags_for(distinct_id: str, **context: Any) -> Flags:
    """The flags of a user; ``context`` as in `Halyard.evaluate`."""
    return client().evaluate(distinct_id, **context)


async def aflags_for(distinct_id: str, **context: Any) -> Flags:
    """`flags_for` in an asynchronous view."""
    return await client().aevaluate(distinct_id, **context)
