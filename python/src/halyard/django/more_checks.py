"""What ``manage.py check`` says about the settings of what stands around evaluation."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from .conf import checked, setting
from .seen import reports

__all__ = ["check_additions"]


def check_additions(app_configs: Any = None, **_: Any) -> list[Any]:
    return [*_reports(), *_functions()]


def _reports() -> list[Any]:
    try:
        checked("REPORT_TO")
    except ImproperlyConfigured:
        return []  # said by the checks of what each key may hold
    try:
        reports()
    except ImproperlyConfigured as error:
        return [checks.Error(f"{error}.", id="halyard.E010")]
    return []


def _functions() -> list[Any]:
    found = []
    for name in ("ANONYMOUS_ID", "REQUEST_OVERRIDES", "ADMIN"):
        value = setting(name)
        if not isinstance(value, str) or "." not in value:
            continue
        try:
            usable = callable(import_string(value))
        except Exception as error:  # noqa: BLE001 - whatever the project's own module raises
            reason = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
            found.append(checks.Error(f"HALYARD['{name}'] cannot be imported: {reason}.", id="halyard.E004"))
            continue
        if not usable:
            found.append(checks.Error(f"HALYARD['{name}'] must be a function of the request.", id="halyard.E004"))
    return found
