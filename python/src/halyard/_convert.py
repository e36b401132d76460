"""Python values to JSON, once for all callers. A caller's mistake is a `TypeError` that names the argument and the key."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import math
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

try:
    import orjson
except ImportError:  # an optional package: the standard library does the same, more slowly
    orjson = None  # type: ignore[assignment]

__all__ = ["encode", "encode_plain", "groups", "properties", "properties_by_group", "text", "texts"]

#: What orjson would write in ways of its own, it hands back.
_PLAIN_ONLY = (
    0
    if orjson is None
    else orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_PLAIN = frozenset((str, bool, type(None)))
_LARGEST = 2**53
#: Deeper than any property in use; the engine refuses deeper ones too.
_DEEPEST = 100


def encode(value: Any) -> bytes:
    """Compact JSON of plain values, as UTF-8."""
    if orjson is not None:
        try:
            return orjson.dumps(value)
        except TypeError:  # half a surrogate pair, or an integer of more than 64 bits
            pass
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def encode_plain(value: Any) -> bytes | None:
    """Compact JSON of a value in one go, when all of it is what the functions below would leave as it is.

    ``None`` when it is not, or might not be: then they convert it, or say what is wrong.
    """
    if orjson is None:
        return None
    try:
        found: bytes = orjson.dumps(value, None, _PLAIN_ONLY)
    except TypeError:
        return None
    if len(found) < 2 * _DEEPEST:  # too short for so many pairs of brackets
        return found
    return found if found.count(b"[") + found.count(b"{") < _DEEPEST else None


def text(value: Any, argument: str, *, optional: bool = False, number: bool = False) -> str | None:
    """A text argument. ``number``: an id, so that numbers and UUIDs are taken for their text (H45)."""
    if type(value) is str:
        return value
    value = unwrapped(value, argument)
    if value is None and optional:
        return None
    if isinstance(value, str) or _is_lazy(value):
        return _plain_text(value)
    if number and isinstance(value, int) and not isinstance(value, bool):
        return format(value, "d")
    if number and isinstance(value, uuid.UUID):
        return str(value)
    expected = ("str, int or UUID" if number else "str") + (" or None" if optional else "")
    raise TypeError(f"argument '{argument}': expected {expected}, got {_name(value)}")


def texts(value: Any, argument: str) -> list[str] | None:
    """An argument that is a list of texts, or ``None``."""
    value = unwrapped(value, argument)
    if value is None:
        return None
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"argument '{argument}': expected a list of str or None, got {_name(value)}")
    return [text(item, f"{argument}[{index}]") or "" for index, item in enumerate(value)]


def groups(value: Any, argument: str, *, strict: bool = False) -> dict[str, Any] | None:
    """Group type → group key. ``strict``: keys must be texts (D107); otherwise any JSON, and the engine ignores what is no key."""
    value = unwrapped(value, argument)
    if value is None:
        return None
    found: dict[str, Any] = {}
    for key, item in _items(value, argument):
        item = item if type(item) is str else unwrapped(item, f"{argument}['{key}']")
        if strict and not isinstance(item, (str, uuid.UUID)) and not _is_lazy(item):
            raise TypeError(f"argument '{argument}': the key of group type '{key}' must be str, got {_name(item)}")
        found[key] = item if type(item) is str else _converted(item, argument, key, 0)
    return found


def properties(value: Any, argument: str) -> dict[str, Any] | None:
    """Properties: any dict-like with text keys, values as JSON."""
    value = unwrapped(value, argument)
    if value is None:
        return None
    found = {}
    for key, item in _items(value, argument):
        kind = type(item)
        if kind in _PLAIN or (kind is int and -_LARGEST < item < _LARGEST):
            found[key] = item
        else:
            found[key] = _converted(item, argument, key, 0)
    return found


def properties_by_group(value: Any, argument: str) -> dict[str, dict[str, Any]] | None:
    """Group type → properties."""
    value = unwrapped(value, argument)
    if value is None:
        return None
    return {key: properties(item, f"{argument}['{key}']") or {} for key, item in _items(value, argument, inner=True)}


def _items(value: Any, argument: str, inner: bool = False) -> Iterable[tuple[str, Any]]:
    """Members of a dict or of anything like one. By key, because ``dict(QueryDict)`` would give lists."""
    if type(value) is dict:
        members: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, Mapping) or (hasattr(value, "keys") and hasattr(value, "__getitem__")):
        members = [(key, value[key]) for key in value.keys()]
    else:
        raise TypeError(f"argument '{argument}': expected dict or None, got {_name(value)}")
    for key, item in members:
        if type(key) is not str:
            key = unwrapped(key, argument)
            if not isinstance(key, str) and not _is_lazy(key):
                raise TypeError(f"argument '{argument}': keys must be str, got {_name(key)} {key!r}")
            key = _plain_text(key)
        if inner and item is None:
            raise TypeError(f"argument '{argument}': the value of '{key}' must be a dict, got NoneType")
        yield key, item


def _converted(value: Any, argument: str, key: str, depth: int) -> Any:
    """One property value as plain JSON."""
    while isinstance(value, enum.Enum):
        value = value.value
    if value.__class__ is not type(value):
        return _converted(unwrapped(value, f"{argument}['{key}']"), argument, key, depth)
    if value is None or isinstance(value, (bool, str)):
        return _plain_text(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None  # D107: JSON has neither NaN nor infinity
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value) if value.is_finite() else None
    if isinstance(value, uuid.UUID) or _is_lazy(value):
        return _plain_text(value)
    if depth < _DEEPEST:
        if isinstance(value, (list, tuple, set, frozenset)):
            found = [_converted(item, argument, f"{key}[{index}]", depth + 1) for index, item in enumerate(value)]
            # A set has another order in every process, and the answer must not: it becomes a list ordered by JSON text.
            return found if isinstance(value, (list, tuple)) else sorted(found, key=encode)
        if isinstance(value, Mapping):
            return {
                name: _converted(item, argument, f"{key}.{name}", depth + 1)
                for name, item in _items(value, f"{argument}['{key}']")
            }
    elif isinstance(value, (list, tuple, set, frozenset, Mapping)):
        raise TypeError(f"argument '{argument}': the value of '{key[:80]}' is nested too deeply")
    raise TypeError(f"argument '{argument}': the value of '{key}' cannot be sent as JSON: {_name(value)}")


def unwrapped(value: Any, argument: str) -> Any:
    """What stands behind an object that poses as another, such as Django's ``SimpleLazyObject``; any other value as it is."""
    for _ in range(_DEEPEST):
        if value.__class__ is type(value):
            return value
        for unwrap in _UNWRAPPING:
            try:
                value = unwrap(value)
                break
            except AttributeError:
                continue
        else:
            break
    raise TypeError(f"argument '{argument}': {_name(value)} poses as {value.__class__.__name__}; pass the value itself")


def _wrapped_by_django(value: Any) -> Any:
    """Of a ``LazyObject``: how it is pickled is documented, and names the object."""
    if not any(base.__name__ == "LazyObject" for base in type(value).__mro__):
        raise AttributeError
    return value.__reduce__()[1][0]


#: Django, Werkzeug, and wrapt with its kin: each raises `AttributeError` for what is not of its kind.
_UNWRAPPING: tuple[Callable[[Any], Any], ...] = (
    _wrapped_by_django,
    lambda value: type(value)._get_current_object(value),
    lambda value: type(value).__wrapped__.__get__(value),
)


def _plain_text(value: Any) -> str:
    """A `str` proper, without the subclass: `str()` of a `TextChoices` member is its value, of other enums not."""
    if isinstance(value, enum.Enum):
        value = value.value
    return value if type(value) is str else str.__str__(value) if isinstance(value, str) else str(value)


def _is_lazy(value: Any) -> bool:
    """Django's lazy strings; recognised without importing Django."""
    return type(value).__name__ == "__proxy__"


def _name(value: Any) -> str:
    return type(value).__name__
