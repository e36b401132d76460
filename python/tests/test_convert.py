"""D107: what callers may pass, and what becomes of it."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import math
import types
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halyard import _convert

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


class Plan(str, enum.Enum):
    PRO = "pro"


class Level(enum.IntEnum):
    HIGH = 3


class Colour(enum.Enum):
    RED = "red"


@pytest.fixture(params=["orjson", "json"])
def encoder(request, monkeypatch):
    if request.param == "json":
        monkeypatch.setattr(_convert, "orjson", None)
    return request.param


@given(st.dictionaries(st.text(), values))
def test_d107_every_json_value_survives_but_nan_and_infinity(given_properties):
    def without_nan(value):
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, list):
            return [without_nan(item) for item in value]
        if isinstance(value, dict):
            return {key: without_nan(item) for key, item in value.items()}
        return value

    found = json.loads(_convert.encode(_convert.properties(given_properties, "properties")))
    assert found == without_nan(given_properties)


@given(st.text())
def test_texts_with_half_surrogate_pairs_can_be_encoded(text):
    assert json.loads(_convert.encode({"text": text + "\ud800"})) == {"text": text + "\ud800"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (1, 1),
        (2**70, 2**70),
        (1.0, 1.0),
        (math.nan, None),
        (-math.inf, None),
        (None, None),
        (Plan.PRO, "pro"),
        (Level.HIGH, 3),
        (Colour.RED, "red"),
        (decimal.Decimal("1.50"), "1.50"),
        (decimal.Decimal("1E+3"), "1E+3"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (datetime.date(2026, 2, 3), "2026-02-03"),
        (datetime.datetime(2026, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), "2026-02-03T04:05:00+00:00"),
        (datetime.time(4, 5), "04:05:00"),
        ((1, Plan.PRO), [1, "pro"]),
        ({"a": decimal.Decimal(2)}, {"a": "2"}),
    ],
)
def test_d107_values_become_their_json(value, expected, encoder):
    found = json.loads(_convert.encode(_convert.properties({"key": value}, "properties")))
    assert found == {"key": expected}
    assert type(found["key"]) is type(expected)


def test_booleans_stay_booleans(encoder):
    assert _convert.encode(_convert.properties({"on": True, "off": False}, "p")) == b'{"on":true,"off":false}'


def test_floats_keep_their_fraction(encoder):
    assert _convert.encode({"whole": 1.0}) == b'{"whole":1.0}'


class Cart:
    def keys(self):
        return ["total"]

    def __getitem__(self, key):
        return 12


@pytest.mark.parametrize("like", [types.MappingProxyType({"total": 12}), Cart()])
def test_dict_likes_are_converted(like):
    assert _convert.properties(like, "properties") == {"total": 12}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: _convert.text(3, "distinct_id"), "argument 'distinct_id': expected str, got int"),
        (lambda: _convert.properties([], "properties"), "argument 'properties': expected dict or None, got list"),
        (lambda: _convert.properties({1: 2}, "properties"), "argument 'properties': keys must be str, got int 1"),
        (
            lambda: _convert.properties({"a": object()}, "properties"),
            "argument 'properties': the value of 'a' cannot be sent as JSON: object",
        ),
        (
            lambda: _convert.properties({"a": [1, b"x"]}, "properties"),
            r"argument 'properties': the value of 'a\[1\]' cannot be sent as JSON: bytes",
        ),
        (
            lambda: _convert.groups({"company": 5}, "groups", strict=True),
            "argument 'groups': the key of group type 'company' must be str, got int",
        ),
        (
            lambda: _convert.properties_by_group({"company": None}, "group_properties"),
            "argument 'group_properties': the value of 'company' must be a dict, got NoneType",
        ),
        (
            lambda: _convert.properties_by_group({"company": "x"}, "group_properties"),
            r"argument 'group_properties\['company'\]': expected dict or None, got str",
        ),
        (lambda: _convert.texts("abc", "flag_keys"), "argument 'flag_keys': expected a list of str or None, got str"),
        (lambda: _convert.texts([1], "flag_keys"), r"argument 'flag_keys\[0\]': expected str, got int"),
    ],
)
def test_d107_a_wrong_argument_is_named_with_its_type(call, message):
    with pytest.raises(TypeError, match=f"^{message}"):
        call()


def test_a_value_that_contains_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(TypeError, match="nested too deeply"):
        _convert.properties({"a": value}, "properties")
