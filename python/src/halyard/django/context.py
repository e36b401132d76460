"""What a request says about its user, unless the settings name other functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import visitors
from .conf import function

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["distinct_id", "evaluation_context"]


def distinct_id(request: HttpRequest) -> str | None:
    """The primary key of a user who is logged in, else `visitor_id`."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return str(user.pk)
    return visitors.visitor_id(request)


def evaluation_context(request: HttpRequest) -> dict[str, Any] | None:
    """The arguments of `Halyard.evaluate` for a request, as the settings say; ``None`` when nobody asks: then there
    are no flags."""
    asking = function("DISTINCT_ID")(request)
    if asking is None:
        return None
    context = {"distinct_id": asking}
    for argument, name in (
        ("person_properties", "PERSON_PROPERTIES"),
        ("groups", "GROUPS"),
        ("hash_key_override", "ANONYMOUS_ID"),
    ):
        find = function(name)
        found = None if find is None else find(request)
        if found is not None:
            context[argument] = found
    device = visitors.device_id(request)
    if device is not None:
        context["device_id"] = device
    if context.get("hash_key_override") == str(asking):
        del context["hash_key_override"]
    return context
