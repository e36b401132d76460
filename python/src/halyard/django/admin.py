"""The project's flags in Django's admin, to read: which there are, how one comes to its value for somebody, and who is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.apps.registry import Apps
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path

from ..errors import HalyardError
from . import client
from .conf import setting
from .documents import export_document
from .people import recent_distinct_ids

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["FlagAdmin"]

#: How many people are looked at for who is in; each is an evaluation.
MOST_PEOPLE = 50


class Flag(models.Model):
    """What the admin takes for a model. It stands in a registry of its own, so that Django looks for no table of it."""

    key: models.CharField[str, str] = models.CharField(max_length=400, primary_key=True)

    class Meta:
        apps = Apps()
        app_label = "halyard"
        managed = False
        verbose_name = "flag"
        verbose_name_plural = "flags"


class FlagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For superusers, because an explanation shows what is known of a person; ``HALYARD["ADMIN"]`` may name a function
    of the request that
    says who else."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="halyard_flag_changelist"),
            path("<path:key>/", view(self.flag_view), name="halyard_flag_change"),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        from .conf import function

        allowed = function("ADMIN")
        return bool(allowed(request)) if callable(allowed) else bool(getattr(request.user, "is_superuser", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Every flag with its state and its conditions in short."""
        return self._page(
            request, "admin/halyard/flags.html", "Flags", {"flags": [_summary(flag) for flag in self._flags(request)]}
        )

    def flag_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """One flag: ``?distinct_id=`` explains it, ``?people=1`` lists who is in among the people seen last."""
        flag = next((each for each in self._flags(request) if each.get("key") == key), None)
        if flag is None:
            raise Http404(f"there is no flag '{key}'")
        asked = request.GET.get("distinct_id", "").strip()
        found: dict[str, Any] = {
            "flag": _summary(flag),
            "distinct_id": asked,
            "filters": json.dumps(flag.get("filters"), indent=2),
        }
        try:
            if asked:
                found["explanation"] = client().explain(key, asked)["text"]
            if "people" in request.GET:
                found["people"], found["looked_at"] = _who_is_in(key)
        except HalyardError as error:
            found["problem"] = str(error)
        return self._page(request, "admin/halyard/flag.html", key, found)

    def _flags(self, request: HttpRequest) -> list[dict[str, Any]]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            document = json.loads(export_document())
        except (HalyardError, ImproperlyConfigured) as error:
            self.message_user(request, str(error), level="ERROR")
            return []
        return sorted(
            (flag for flag in document["flags"] if isinstance(flag, dict) and not flag.get("deleted")),
            key=lambda flag: str(flag.get("key")),
        )

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        everywhere = self.admin_site.each_context(request)
        return TemplateResponse(request, template, {**everywhere, "title": title, "opts": self.opts, **context})


def _summary(flag: dict[str, Any]) -> dict[str, Any]:
    filters = flag.get("filters")
    filters = filters if isinstance(filters, dict) else {}
    variants = (filters.get("multivariate") or {}).get("variants") or []
    return {
        "key": flag.get("key"),
        "name": flag.get("name") or "",
        "active": flag.get("active", True),
        "conditions": len(filters.get("groups") or []),
        "variants": ", ".join(str(variant.get("key")) for variant in variants if isinstance(variant, dict)),
        "sticky": bool(flag.get("ensure_experience_continuity")),
    }


def _who_is_in(key: str) -> tuple[list[tuple[str, Any]], int]:
    ids = recent_distinct_ids(MOST_PEOPLE)
    values = ((distinct_id, client().evaluate(distinct_id, flag_keys=[key]).value(key, False)) for distinct_id in ids)
    return [(distinct_id, value) for distinct_id, value in values if value is not False], len(ids)


if setting("ADMIN"):
    admin.site.register(Flag, FlagAdmin)
