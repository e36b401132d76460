"""What a forked child inherits of Django's connections: nothing that it uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections

from .._fork import cut_off, forget_in_child

__all__ = ["forget_in_children"]

_aliases: set[str] = set()
#: Collected, some drivers would close them; they are kept for ever.
_inherited: list[Any] = []


def forget_in_children(aliases: Iterable[str]) -> None:
    """Has a forked child open connections of its own to these databases, whoever opened the inherited ones.

    A parent and its children on one connection read each other's answers. A transaction that the parent is in cannot be gone on
    with: Django refuses further queries up to the end of its block.
    """
    _aliases.update(aliases)


def _forget() -> None:
    for wrapper in connections.all(initialized_only=True):
        if wrapper.alias not in _aliases or wrapper.vendor != "postgresql":
            continue
        raw, wrapper.connection = wrapper.connection, None
        # Django's pools are private, and new with 5.1: a pool has connections and threads, and a child has not the threads.
        pool = getattr(wrapper, "_connection_pools", {}).pop(wrapper.alias, None)
        for connection in (raw, *tuple(getattr(pool, "_pool", ()))):
            cut_off(connection)
        _inherited.append((raw, pool))
        if wrapper.in_atomic_block:
            wrapper.closed_in_transaction = wrapper.needs_rollback = True


forget_in_child(_forget)
