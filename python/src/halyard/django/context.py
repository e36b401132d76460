"""What a request says about its user, unless the settings name other functions."""

from __future__ import annotations

from typing import Any

__all__ = ["distinct_id"]


def distinct_id(request: Any) -> str | None:
    """The primary key of a user who is logged in, else the key of the session, else ``None``: no flags."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.pk)
    session = getattr(request, "session", None)
    if session is None:
        return None
    if session.session_key is None:
        session.create()
    return str(session.session_key)
