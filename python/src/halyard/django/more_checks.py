"""What ``manage.py check`` says about the settings of what stands around evaluation."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from .conf import setting
from .seen import reports

__all__ = ["check_additions"]


def check_additions(app_configs: Any = None, **_: Any) -> list[Any]:
    return [*_reports(), *_functions(), *_cookie()]


def _reports() -> list[Any]:
    names = setting("REPORT_TO")
    if isinstance(names, str) or not isinstance(names, (list, tuple, set, frozenset)):
        return [checks.Error("HALYARD['REPORT_TO'] must be a list of names.", id="halyard.E010")]
    try:
        reports()
    except ImproperlyConfigured as error:
        return [checks.Error(f"{error}.", id="halyard.E010")]
    return []


def _functions() -> list[Any]:
    found = []
    for name, kinds in (("ANONYMOUS_ID", ()), ("REQUEST_OVERRIDES", (bool,)), ("ADMIN", (bool,))):
        value = setting(name)
        if value is None or isinstance(value, kinds):
            continue
        try:
            usable = callable(import_string(value) if isinstance(value, str) else value)
        except ImportError as error:
            found.append(checks.Error(f"HALYARD['{name}'] cannot be imported: {error}.", id="halyard.E011"))
            continue
        if not usable:
            found.append(checks.Error(f"HALYARD['{name}'] must be a function of the request.", id="halyard.E011"))
    return found


def _cookie() -> list[Any]:
    name = setting("ANONYMOUS_COOKIE")
    if name is None or (isinstance(name, str) and name and name.isascii() and not set(name) & set(' ",;=\\')):
        return []
    return [checks.Error(f"HALYARD['ANONYMOUS_COOKIE'] is no name for a cookie: {name!r}.", id="halyard.E012")]
