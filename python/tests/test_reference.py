"""Whatever users can import is documented: `npm run docs` makes the reference of it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

MODULES = (
    "halyard",
    "halyard.django",
    "halyard.django.context",
    "halyard.django.foreign",
    "halyard.django.gates",
    "halyard.django.http",
    "halyard.django.middleware",
    "halyard.django.seen",
    "halyard.django.test",
    "halyard.pytest_plugin",
)


def public(module: str) -> Iterator[tuple[str, Any]]:
    """Every public name of a module, and every public method of its classes."""
    exported = importlib.import_module(module)
    yield module, exported
    for name in exported.__all__:
        value = getattr(exported, name)
        yield f"{module}.{name}", value
        if not inspect.isclass(value):
            continue
        for member, own in vars(value).items():
            if not member.startswith("_") and (inspect.isfunction(own) or isinstance(own, property)):
                yield f"{module}.{name}.{member}", own


def said(name: str, value: Any) -> bool:
    """A dataclass without a text of its own has its signature as one."""
    text = value.__doc__ or inspect.getdoc(value) or ""
    return text != "" and not text.startswith(f"{name.rpartition('.')[2]}(")


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_says_what_it_is(module):
    names = dict(public(module))
    assert len(names) > 1
    bare = [name for name, value in names.items() if not said(name, value)]
    assert bare == []
