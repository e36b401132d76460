"""Ids of people who are not logged in, or were not a moment ago."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

__all__ = ["anonymous_id", "device_id", "give_cookie", "merged", "visitor_id"]

#: What posthog-js sends with the requests of a page, and posthog-python's middleware reads.
HEADER = "X-POSTHOG-DISTINCT-ID"
#: Longer distinct ids are stored nowhere (D22).
_LONGEST = 400
_COOKIE_SECONDS = 365 * 24 * 3600

#: Names inside the session.
_REMEMBERED = "halyard_visitor"
_MERGED = "halyard_merged"


def visitor_id(request: HttpRequest) -> str:
    """The id of somebody who is not logged in, the same as long as the browser keeps what it was given.

    In this order: the header and the cookie of posthog-js, our own cookie, the session that is there already. Who brings none
    of them gets an id that the middleware leaves in a cookie; no session is made.
    """
    for found in _ids(request):
        return found
    session = getattr(request, "session", None)
    key = None if session is None else _usable(session.session_key)
    if session is not None and key is not None:
        # Logging in changes the key and keeps what the session holds.
        session[_REMEMBERED] = key
        return key
    given: str | None = getattr(request, "_halyard_visitor", None)
    if given is None:
        given = request._halyard_visitor = str(uuid.uuid4())  # type: ignore[attr-defined]
    return given


def anonymous_id(request: HttpRequest) -> str | None:
    """The id from before the person logged in: once per session, until an evaluation has made use of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    own = str(user.pk)
    session = getattr(request, "session", None)
    done = None if session is None else session.get(_MERGED)
    for found in _ids(request, before_login=True):
        if found != own:
            return None if found == done else found
    return None


def merged(request: HttpRequest, found: str) -> None:
    """Flags have been evaluated with this anonymous id, so that what has to stay is stored."""
    session = getattr(request, "session", None)
    if session is not None and session.session_key is not None:
        session[_MERGED] = found
        session.pop(_REMEMBERED, None)


def device_id(request: HttpRequest) -> str | None:
    """The device of the browser, for flags that stay the same on it whoever logs in."""
    return _usable(_posthog_cookie(request).get("$device_id"))


def give_cookie(request: HttpRequest, response: HttpResponseBase, name: str | None) -> None:
    """Leaves the id that this request was given in a cookie, if it was given one."""
    given = getattr(request, "_halyard_visitor", None)
    if given is not None and name:
        response.set_cookie(
            name, given, max_age=_COOKIE_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
        )


def _ids(request: HttpRequest, before_login: bool = False) -> Iterator[str]:
    from .conf import setting

    for found in (*_of_browser(request, before_login), request.COOKIES.get(setting("ANONYMOUS_COOKIE") or "")):
        usable = _usable(found)
        if usable is not None:
            yield usable
    session = getattr(request, "session", None)
    remembered = None if session is None else _usable(session.get(_REMEMBERED))
    if remembered is not None:
        yield remembered


def _of_browser(request: HttpRequest, before_login: bool) -> Iterator[Any]:
    if _headers_count():
        yield request.headers.get(HEADER)
    cookie = _posthog_cookie(request)
    # An id that PostHog has been told a person for may be that of whoever was logged in before.
    if not before_login or cookie.get("$user_state") != "identified":
        yield cookie.get("distinct_id")
    yield cookie.get("$device_id")


def _headers_count() -> bool:
    """By the settings of posthog-python's middleware, the old name behind the new one, so that both believe the same."""
    for name in ("POSTHOG_MW_CAPTURE_TRACING_HEADERS", "POSTHOG_MW_TRUST_TRACING_HEADERS"):
        given = getattr(settings, name, None)
        if given is not None:
            return given is True
    return True


def _posthog_cookie(request: HttpRequest) -> Mapping[str, Any]:
    from .conf import setting

    token = setting("PROJECT_TOKEN")
    text = request.COOKIES.get(f"ph_{token}_posthog") if token else None
    if text is None:
        return {}
    try:
        found = json.loads(unquote(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _usable(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    stripped = value.strip()
    return stripped if stripped and len(stripped) <= _LONGEST and stripped.isprintable() else None
