"""``request.flags``: the flags of the request's user, evaluated once, at first use."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import SynchronousOnlyOperation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from .. import overrides
from ..flags import Flags
from . import client, request_overrides, seen, visitors
from .conf import setting
from .context import evaluation_context
from .sync_thread import in_sync_thread

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

__all__ = ["HalyardMiddleware"]


class HalyardMiddleware:
    """Sets ``request.flags``, and ``await request.aflags()`` for asynchronous views. A request that asks for neither
    costs nothing.

    Both are one snapshot: a flag keeps its value for the length of the request.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        snapshot = Snapshot(request)
        request.flags = SimpleLazyObject(snapshot.flags)  # type: ignore[attr-defined]
        request.aflags = snapshot.aflags  # type: ignore[attr-defined]
        if self._is_async:
            return self._answer(request, snapshot)
        response: HttpResponseBase = self.get_response(request)
        snapshot.leave(response)
        return response

    async def _answer(self, request: HttpRequest, snapshot: Snapshot) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)
        snapshot.leave(response)
        return response


class Snapshot:
    """The flags of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._flags: Flags | None = None

    def flags(self) -> Flags:
        """Evaluated at first use. Raises `SynchronousOnlyOperation` in an asynchronous view, where waiting would stop
        the event loop."""
        if self._flags is None:
            if _inside_event_loop():
                raise SynchronousOnlyOperation(
                    "request.flags cannot be evaluated in an asynchronous view: use 'flags = await request.aflags()'"
                )
            found, context = self._begin()
            if found is None:
                found = client().evaluate(**context)
            self._end(found, context)
        assert self._flags is not None
        return self._flags

    async def aflags(self) -> Flags:
        """`flags` without stopping the event loop."""
        if self._flags is None:
            # The user and the session may come from the database.
            found, context = await in_sync_thread(self._begin)
            if found is None:
                found = await client().aevaluate(**context)
            await in_sync_thread(self._end, found, context)
        assert self._flags is not None
        return self._flags

    def leave(self, response: HttpResponseBase) -> None:
        """What the browser has to remember, once flags have been asked for."""
        if self._flags is not None:
            # A cache between us and the browser must not give one visitor's page to another.
            patch_vary_headers(response, ("Cookie",))
            visitors.give_cookie(self._request, response, setting("ANONYMOUS_COOKIE"))
        request_overrides.keep(self._request, response)

    def _begin(self) -> tuple[Flags | None, dict[str, Any]]:
        """The flags where nothing has to be evaluated, and the context of the evaluation."""
        fixed = overrides.fixed()
        if fixed is not None:
            # Neither user nor session is looked at.
            return fixed, {}
        context = evaluation_context(self._request)
        return (overrides.apply(Flags(False, [])), {}) if context is None else (None, context)

    def _end(self, found: Flags, context: dict[str, Any]) -> None:
        if "hash_key_override" in context and not found.errors and not overrides.active():
            visitors.merged(self._request, context["hash_key_override"])
        values = request_overrides.chosen(self._request)
        if values:
            found = overrides.laid_over(found, values)
        self._flags = seen.watched(found, context.get("distinct_id"), self._request, context.get("groups"))


def _inside_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
