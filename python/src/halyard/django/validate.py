"""What the keys of the setting ``HALYARD`` may hold, said in one place for ``manage.py check`` and for first use."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .. import _convert
from .._settings import EngineSettings, named

__all__ = ["check_value"]


def check_value(name: str, value: Any) -> None:
    """Raises `ImproperlyConfigured`, naming the key, when it cannot hold this value; imports and opens nothing."""
    problem = _PROBLEMS[name](value)
    if problem is not None:
        raise ImproperlyConfigured(f"HALYARD['{name}']{problem}")


def _must_be(expected: str, value: Any) -> str:
    return f" must be {expected}, not {value!r}" if _is_short(value) else f" must be {expected}, not {_kind(value)}"


def _is_short(value: Any) -> bool:
    return value is None or (isinstance(value, (bool, int, float, str)) and len(repr(value)) < 60)


def _kind(value: Any) -> str:
    return type(value).__name__


def _token(value: Any) -> str | None:
    try:
        _convert.text(value, "PROJECT_TOKEN", optional=True)
    except TypeError:
        return _must_be("the project's token as str", value)
    return None


def _seconds(value: Any) -> str | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if is_number and not math.isnan(value) and value >= 0 else _must_be("a number from 0 up", value)


def _switch(value: Any) -> str | None:
    return None if isinstance(value, bool) else _must_be("True or False", value)


def _function(value: Any) -> str | None:
    is_path = isinstance(value, str) and "." in value
    return None if is_path or callable(value) else _must_be("a function of the request or its dotted path", value)


def _switch_or_function(value: Any) -> str | None:
    return None if isinstance(value, bool) or _function(value) is None else _must_be("True, False or a function", value)


def _cookie(value: Any) -> str | None:
    is_name = isinstance(value, str) and value != "" and value.isascii() and not set(value) & set(' ",;=\\')
    return None if is_name else _must_be("a name for a cookie", value)


def _names(value: Any) -> str | None:
    if isinstance(value, (list, tuple, set, frozenset)) and all(isinstance(name, str) for name in value):
        return None
    return _must_be("a list of names", value)


def _optional(check: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else check(value)


def _definitions(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, str, os.PathLike, bytes)):
        return None
    return _must_be("a document as dict, or the path of a JSON file", value)


def _databases(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return _must_be("a dict of pool and alias", value)
    for pool, alias in value.items():
        if not isinstance(pool, str) or not isinstance(alias, str):
            return f"[{pool!r}] must be an alias of DATABASES, not {alias!r}"
    return None


def _engine(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return _must_be("a dict of arguments of halyard.configure_engine", value)
    try:
        EngineSettings(**named(value))
    except (TypeError, ValueError) as error:
        return f": {error}"
    return None


_PROBLEMS: dict[str, Callable[[Any], str | None]] = {
    "PROJECT_TOKEN": _token,
    "DEFINITIONS": _definitions,
    "DATABASES": _databases,
    "REFRESH_SECONDS": _seconds,
    "CHECK_IN_TRANSACTIONS": _switch,
    "LISTEN": _switch,
    "DISTINCT_ID": _function,
    "PERSON_PROPERTIES": _optional(_function),
    "GROUPS": _optional(_function),
    "ANONYMOUS_ID": _optional(_function),
    "ANONYMOUS_COOKIE": _optional(_cookie),
    "REQUEST_OVERRIDES": _optional(_switch_or_function),
    "REPORT_TO": _names,
    "TEST_TABLES": _switch,
    "ADMIN": _switch_or_function,
    "ORIGINAL_IMPORT_PATH": _switch,
    "ENGINE": _engine,
}
