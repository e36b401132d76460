"""Work of asynchronous code that has to be done where Django does its synchronous work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation

from .._cooperative import green_threads

__all__ = ["in_sync_thread"]

Result = TypeVar("Result")


async def in_sync_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """What the function returns, called in the thread that has the request's connections.

    Raises `SynchronousOnlyOperation` beside the threads of gevent and eventlet, where that is none of its own: Django
    refuses to ask a database there, and from Python 3.14 on asgiref waits for such a thread for ever: it is not asked.
    """
    library = green_threads()
    if library is not None and sys.version_info >= (3, 14):
        raise SynchronousOnlyOperation(_refusal(library))
    try:
        return await sync_to_async(function, thread_sensitive=True)(*arguments)
    except SynchronousOnlyOperation as error:
        if library is None:
            raise
        raise SynchronousOnlyOperation(_refusal(library)) from error


def _refusal(library: str) -> str:
    return (
        f"Django's asynchronous views cannot ask a database beside the threads of {library}:"
        " use flags_for or request.flags in a synchronous view, or an ASGI server"
    )
