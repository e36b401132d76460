"""What may be reached only while a flag is on: views, URL patterns, and the views of Django REST framework and Jinja
(modules beside)."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404
from django.urls import URLPattern, URLResolver
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from .._outcomes import Value
    from ..flags import Flags

__all__ = ["FlagRequiredMixin", "flag_required", "flagged_patterns", "flags_of", "is_open"]

View = TypeVar("View", bound=Callable[..., Any])
Fallback = str | Callable[..., Any] | None


def flag_required(key: str, value: Value | None = None, *, fallback: Fallback = None) -> Callable[[View], View]:
    """A decorator: the view answers while the flag is on, or has this ``value``; otherwise `Http404`, or the view
    ``fallback`` (a callable or
    a dotted path) answers in its place. For synchronous and asynchronous views; ``method_decorator`` takes it to methods.
    """
    _check(key)

    def decorate(view: View) -> View:
        if iscoroutinefunction(view):

            @functools.wraps(view)
            async def asynchronous(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
                if is_open(await _aflags_of(request), key, value):
                    return await view(request, *arguments, **named)
                other = _fallback(fallback, key)
                answer = (
                    other(request, *arguments, **named)
                    if _is_async(other)
                    else sync_to_async(other)(request, *arguments, **named)
                )
                return await cast("Awaitable[Any]", answer)

            return cast("View", asynchronous)

        @functools.wraps(view)
        def synchronous(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            if is_open(flags_of(request), key, value):
                return view(request, *arguments, **named)
            other = _fallback(fallback, key)
            if _is_async(other):
                raise ImproperlyConfigured(
                    f"flag_required('{key}'): the fallback of a synchronous view must be one too"
                )
            return other(request, *arguments, **named)

        return cast("View", synchronous)

    return decorate


class FlagRequiredMixin:
    """A class-based view behind a flag, synchronous or asynchronous. ``flag_key``, and if wanted ``flag_value`` and
    ``flag_fallback``, as of
    `flag_required`."""

    flag_key: str = ""
    flag_value: Value | None = None
    flag_fallback: Fallback = None

    @classmethod
    def as_view(cls, **initial: Any) -> Callable[..., HttpResponseBase]:
        key = initial.get("flag_key", cls.flag_key)
        if not key:
            raise ImproperlyConfigured(f"{cls.__name__} needs a flag_key")
        view: Callable[..., HttpResponseBase] = super().as_view(**initial)  # type: ignore[misc]
        value = initial.get("flag_value", cls.flag_value)
        # Not bound: a function given as attribute of the class is no method.
        fallback = initial.get("flag_fallback", vars(cls).get("flag_fallback", cls.flag_fallback))
        if isinstance(fallback, staticmethod):
            fallback = fallback.__func__
        return flag_required(key, value, fallback=fallback)(view)


def flagged_patterns(
    key: str, patterns: Iterable[Any], value: Value | None = None, *, fallback: Fallback = None
) -> list[Any]:
    """URL patterns, and what they include, behind a flag: ``urlpatterns = [*flagged_patterns("beta", [path(…), …])]``."""
    return [_flagged(pattern, flag_required(key, value, fallback=fallback)) for pattern in patterns]


def is_open(flags: Flags, key: str, value: Value | None = None) -> bool:
    """Whether the flag is on, or has the value."""
    return flags.is_enabled(key) if value is None else flags.value(key) == value


def flags_of(request: Any) -> Flags:
    """``request.flags``. Raises `ImproperlyConfigured` where the middleware is missing."""
    found = getattr(request, "flags", None)
    if found is None:
        raise ImproperlyConfigured(
            "flags of a request need 'halyard.django.middleware.HalyardMiddleware' in MIDDLEWARE"
        )
    return cast("Flags", found)


async def _aflags_of(request: Any) -> Flags:
    if not hasattr(request, "aflags"):
        flags_of(request)
    return cast("Flags", await request.aflags())


def _flagged(pattern: Any, gate: Callable[[Any], Any]) -> Any:
    if isinstance(pattern, URLPattern):
        return URLPattern(pattern.pattern, gate(pattern.callback), pattern.default_args, pattern.name)
    if isinstance(pattern, URLResolver):
        inner = [_flagged(each, gate) for each in pattern.url_patterns]
        return URLResolver(pattern.pattern, inner, pattern.default_kwargs, pattern.app_name, pattern.namespace)
    raise TypeError(f"flagged_patterns takes path(), re_path() and include(), not {type(pattern).__name__}")


def _fallback(given: Fallback, key: str) -> Callable[..., Any]:
    if given is None:
        raise Http404(f"the flag '{key}' is off")
    return import_string(given) if isinstance(given, str) else given


def _is_async(view: Callable[..., Any]) -> bool:
    return bool(iscoroutinefunction(view))


def _check(key: Any) -> None:
    if not isinstance(key, str):
        raise TypeError(f"flag_required takes a flag's key: @flag_required('beta'), not {type(key).__name__}")
