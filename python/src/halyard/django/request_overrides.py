"""Flags that a tester chooses for his own browser, by query string or cookie. Off unless
``HALYARD["REQUEST_OVERRIDES"]`` says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .conf import function

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

    from .._outcomes import Value

__all__ = ["PARAMETER", "chosen", "keep"]

#: ``?halyard=beta,colour:blue,old:off`` and, from then on, the cookie of the same name; ``?halyard=`` ends it.
PARAMETER = "halyard"
_LONGEST = 2_000


def chosen(request: HttpRequest) -> dict[str, Value]:
    """Flag key → value. Empty for everybody who may not."""
    text = _text(request)
    if not text or not _may(request):
        return {}
    pairs = map(_pair, text.split(","))
    return {key: value for key, value in pairs if key}


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Has the browser remember what its query string chose, up to its end."""
    asked: Any = request.GET.get(PARAMETER)
    if asked is None or len(asked) > _LONGEST or not _may(request):
        return
    if asked:
        response.set_cookie(PARAMETER, asked, secure=request.is_secure(), httponly=True, samesite="Lax")
    else:
        response.delete_cookie(PARAMETER, samesite="Lax")


def _text(request: HttpRequest) -> str:
    # Where it is off, and that is nearly everywhere, nothing is read.
    if function("REQUEST_OVERRIDES") in (None, False):
        return ""
    asked = request.GET.get(PARAMETER)
    text = request.COOKIES.get(PARAMETER, "") if asked is None else asked
    return text if isinstance(text, str) and len(text) <= _LONGEST else ""


def _may(request: HttpRequest) -> bool:
    allowed = function("REQUEST_OVERRIDES")
    return bool(allowed(request)) if callable(allowed) else allowed is True


def _pair(part: str) -> tuple[str, Value]:
    key, _, value = part.strip().partition(":")
    return key, {"": True, "on": True, "off": False}.get(value, value)
