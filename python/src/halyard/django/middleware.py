"""``request.flags``: the flags of the request's user, evaluated once, at first use."""

from __future__ import annotations

from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.utils.functional import SimpleLazyObject

from ..flags import Flags
from . import client
from .conf import function

__all__ = ["HalyardMiddleware"]


class HalyardMiddleware:
    """Sets ``request.flags``, and ``await request.aflags()`` for asynchronous views. A request that asks for neither costs nothing.

    Both are one snapshot: a flag keeps its value for the length of the request.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        snapshot = _Snapshot(request)
        request.flags = SimpleLazyObject(snapshot.flags)
        request.aflags = snapshot.aflags
        return self.get_response(request)


class _Snapshot:
    def __init__(self, request: Any) -> None:
        self._request = request
        self._flags: Flags | None = None

    def flags(self) -> Flags:
        if self._flags is None:
            context = _context(self._request)
            self._flags = Flags(False, []) if context is None else client().evaluate(**context)
        return self._flags

    async def aflags(self) -> Flags:
        if self._flags is None:
            # The user and the session may come from the database.
            context = await sync_to_async(_context, thread_sensitive=True)(self._request)
            self._flags = Flags(False, []) if context is None else await client().aevaluate(**context)
        return self._flags


def _context(request: Any) -> dict[str, Any] | None:
    distinct_id = function("DISTINCT_ID")(request)
    if distinct_id is None:
        return None
    context = {"distinct_id": distinct_id}
    for name in ("person_properties", "groups"):
        find = function(name.upper())
        if find is not None:
            context[name] = find(request)
    return context
