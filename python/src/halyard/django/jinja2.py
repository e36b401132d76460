"""Flags in Jinja templates. In the function that makes the environment: ``add_flags(environment)``; then ``{% if
flag("beta") %}``."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, pass_context

from .._outcomes import Payload, Value
from ..flags import Flags
from .gates import flags_of, is_open

__all__ = ["add_flags"]


def add_flags(environment: Environment) -> Environment:
    """Adds the globals ``flag(key, value=None)``, ``flag_value(key, default=False)`` and ``flag_payload(key,
    default=None)``. They look at
    the template's ``request``, which Django's backend hands to it."""
    environment.globals.update(flag=_flag, flag_value=_flag_value, flag_payload=_flag_payload)
    return environment


@pass_context
def _flag(context: Any, key: str, value: Value | None = None) -> bool:
    return is_open(_flags(context), key, value)


@pass_context
def _flag_value(context: Any, key: str, default: Any = False) -> Any:
    return _flags(context).value(key, default)


@pass_context
def _flag_payload(context: Any, key: str, default: Any = None) -> Payload:
    found: Payload = _flags(context).payload(key, default)
    return found


def _flags(context: Any) -> Flags:
    return flags_of(context.get("request"))
