"""Flags in Django REST framework: a permission and a throttle."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.throttling import UserRateThrottle

from .._outcomes import Value
from .gates import flags_of, is_open

__all__ = ["FlagPermission", "FlagThrottle", "flag_permission"]


class FlagPermission(BasePermission):  # type: ignore[misc]
    """Lets a request in while a flag is on. The view names it: ``flag_key``, and if wanted ``flag_value``;
    ``flag_hides = True`` answers 404
    and not 403."""

    message = "This is not available to you."

    def has_permission(self, request: Any, view: Any) -> bool:
        key = getattr(view, "flag_key", None)
        if not isinstance(key, str):
            raise TypeError(f"{type(view).__name__} needs a flag_key for FlagPermission")
        return self._let_in(request, key, getattr(view, "flag_value", None), getattr(view, "flag_hides", False))

    def _let_in(self, request: Any, key: str, value: Value | None, hides: bool) -> bool:
        # The request of Django REST framework hands on what it does not have itself.
        if is_open(flags_of(request), key, value):
            return True
        if hides:
            raise Http404(f"the flag '{key}' is off")
        return False


def flag_permission(key: str, value: Value | None = None, *, hides: bool = False) -> type[FlagPermission]:
    """A permission class for one flag: ``permission_classes = [flag_permission("beta")]``."""

    class Permission(FlagPermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            return self._let_in(request, key, value, hides)

    return Permission


class FlagThrottle(UserRateThrottle):  # type: ignore[misc]
    """A rate that a flag's variant names. The view has ``throttle_flag`` and ``throttle_rates_by_value = {"fast":
    "1000/hour"}``; other values
    have the scope's rate, and a flag whose value is mapped to ``None`` is not throttled."""

    scope = "user"

    def allow_request(self, request: Any, view: Any) -> bool:
        rates = getattr(view, "throttle_rates_by_value", {})
        value = flags_of(request).value(getattr(view, "throttle_flag", ""))
        if value in rates:
            rate = rates[value]
            if rate is None:
                return True
            # A history of its own for each rate: a person whose flag changes begins anew.
            self.scope = f"{self.scope}-{value}"
            self.rate = rate
            self.num_requests, self.duration = self.parse_rate(rate)
        allowed: bool = super().allow_request(request, view)
        return allowed
