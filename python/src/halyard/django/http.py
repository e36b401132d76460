"""The request as views see it below the middleware, for type checkers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from django.http import HttpRequest

from ..flags import Flags

__all__ = ["HalyardRequest"]


class HalyardRequest(HttpRequest):
    """``def view(request: HalyardRequest)`` has mypy and pyright know ``request.flags``. For annotations only: Django
    makes the requests.

    A project with a request type of its own inherits from both: ``class Request(HalyardRequest, AuthenticatedRequest)``.
    """

    flags: Flags
    aflags: Callable[[], Awaitable[Flags]]
