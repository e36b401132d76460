"""`orjson` is optional: without it, every answer and every refusal is the same."""

from __future__ import annotations

import base64
import collections
import dataclasses
import datetime
import decimal
import enum
import os
import pickle
import subprocess
import sys
import types
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from absent import without
from halyard import Halyard
from support import HERE, document, flag, person_filter


class Text(str):
    def __str__(self) -> str:
        return "not the value"


class Properties(dict[str, Any]):
    pass


class Plan(str, enum.Enum):
    PRO = "pro"


class Level(enum.IntEnum):
    HIGH = 3


class Colour(enum.Enum):
    RED = "red"
    DAY = datetime.date(2026, 2, 3)
    WEIGHT = decimal.Decimal("1.50")
    NOTHING = None
    MANY = ("a", 1)
    PLAN = Plan.PRO


class Other(enum.Enum):
    COLOUR = Colour.RED


class Number(int):
    pass


class Fraction(float):
    pass


@dataclasses.dataclass
class Address:
    street: str


class __proxy__:
    """Looks like a lazy text of Django."""

    def __str__(self) -> str:
        return "lazy ü"


def nested(levels: int, inner: Any = 1) -> Any:
    for level in range(levels):
        inner = [inner] if level % 2 else {"in": inner}
    return inner


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


Point = collections.namedtuple("Point", "x y")

VALUES: dict[str, Any] = {
    "half a surrogate pair": "\ud800",
    "halves in the wrong order": "\udc00\ud800",
    "halves of one pair": "\ud83d\ude42",
    "control characters": "\0\x01\x1f\x7f\x80\x9f",
    "what JSON escapes": '"\\/\b\f\n\r\t',
    "line separators": "\u2028\u2029\ufeff\uffff",
    "beyond the basic plane": "🙂\U0010ffff",
    "a long text": "é" * 100_000,
    "the largest double integer": 2**53,
    "one more": 2**53 + 1,
    "63 bits": 2**63 - 1,
    "64 bits": 2**64 - 1,
    "65 bits": 2**64,
    "negative, 64 bits": -(2**63),
    "negative, 65 bits": -(2**63) - 1,
    "larger than a double": 10**400,
    "more digits than Python writes": 10**5000,
    "whole float": 1.0,
    "negative zero": -0.0,
    "smallest float": 5e-324,
    "largest float": 1.7976931348623157e308,
    "where the exponent begins": [1e15, 1e16, 1e17, 1e21, 1e22, 1e-4, 1e-5, 1e-6, 1e-7],
    "NaN": float("nan"),
    "infinities": [float("inf"), -float("inf")],
    "NaN far inside": {"a": [{"b": float("nan")}]},
    "booleans": [True, False, None],
    "Decimal": decimal.Decimal("1.50"),
    "Decimal that is no number": [decimal.Decimal("NaN"), decimal.Decimal("sNaN"), decimal.Decimal("-Infinity")],
    "UUID": uuid.UUID(int=7),
    "datetime without a zone": datetime.datetime(2026, 2, 3, 4, 5, 6, 7),
    "datetime with a zone": datetime.datetime(
        2026, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=45))
    ),
    "datetime of UTC": datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc),
    "date": datetime.date(2026, 2, 3),
    "time": datetime.time(4, 5, 6, 7),
    "time with a zone": datetime.time(4, 5, tzinfo=datetime.timezone.utc),
    "timedelta": datetime.timedelta(1),
    "text enum": Plan.PRO,
    "int enum": Level.HIGH,
    "enums": list(Colour),
    "enum of an enum": Other.COLOUR,
    "enums as keys": {Plan.PRO: 1},
    "other enums as keys": {Colour.RED: 1},
    "text subclass": Text("value"),
    "text subclass as key": {Text("key"): Text("value")},
    "int subclass": Number(7),
    "float subclass": Fraction(7.0),
    "dict subclass": Properties(a=1),
    "ordered dict": collections.OrderedDict(a=1),
    "default dict": collections.defaultdict(list, a=[1]),
    "read-only dict": types.MappingProxyType({"a": 1}),
    "lazy text": __proxy__(),
    "lazy text inside": {"a": [__proxy__()]},
    "lazy text as key": {__proxy__(): 1},
    "tuple": (1, (2, "3")),
    "named tuple": Point(1, 2),
    "set": {7},
    "frozen set": frozenset([1.0]),
    "dataclass": Address("x"),
    "dataclass inside": [{"a": Address("x")}],
    "bytes": b"x",
    "bytes inside": {"a": [b"x"]},
    "complex": 1j,
    "range": range(3),
    "class": int,
    "number as key": {1: 2},
    "None as key": {None: 1},
    "UUID as key": {uuid.UUID(int=1): 1},
    "date as key": {datetime.date(2026, 1, 1): 1},
    "number as key inside": {"a": [{1: 2}]},
    "names with a meaning in JavaScript": {"__proto__": 1, "constructor": 2, "": 3},
    "half a surrogate pair as key": {"\ud800": 1},
    "empty": [{}, [], "", ()],
    "brackets in a text": "[{" * 500,
    "99 levels": nested(99),
    "100 levels": nested(100),
    "101 levels": nested(101),
    "300 levels": nested(300),
    "many lists": [[]] * 200,
    "contains itself": endless(),
}

CONTEXTS: dict[str, Callable[[], dict[str, Any]]] = {
    **{name: lambda value=value: {"person_properties": {"value": value}} for name, value in VALUES.items()},
    "no properties": lambda: {"person_properties": None},
    "properties of a subclass": lambda: {"person_properties": Properties(value=Text("x"))},
    "properties that are a list": lambda: {"person_properties": [1]},
    "a key that is no text": lambda: {"person_properties": {b"value": 1}},
    "a distinct id with half a surrogate pair": lambda: {"distinct_id": "a\ud800"},
    "a distinct id of a subclass": lambda: {"distinct_id": Text("ada")},
    "a distinct id that is an enum": lambda: {"distinct_id": Plan.PRO},
    "a lazy distinct id": lambda: {"distinct_id": __proxy__()},
    "a distinct id that is a UUID": lambda: {"distinct_id": uuid.UUID(int=1)},
    "group keys": lambda: {"groups": {"company": 5, Plan.PRO: uuid.UUID(int=1), "\ud800": [1.0], "x": float("nan")}},
    "a group key that is no JSON": lambda: {"groups": {"company": Address("x")}},
    "group properties": lambda: {"groups": {"company": "a"}, "group_properties": {"company": {"value": 2**70}}},
    "group properties that are no JSON": lambda: {"group_properties": {"company": {"value": b"x"}}},
    "group properties that are none": lambda: {"group_properties": {"company": None}},
    "other texts": lambda: {"hash_key_override": Text("a"), "device_id": Plan.PRO, "evaluation_contexts": ("\ud800",)},
    "a time": lambda: {"now": datetime.datetime(2026, 2, 3, tzinfo=datetime.timezone.utc)},
    "a time that is none": lambda: {"now": float("nan")},
}

#: What the engine makes of a value: as it is, as a text, as a number, as a date.
FLAGS = document(
    *(
        flag(number, f"flag-{number}", person_filter("value", value, operator))
        for number, (operator, value) in enumerate(
            [
                ("is_set", "is_set"),
                ("exact", ["true", "1", "1.0", "pro", "red", "value", "1.50"]),
                ("icontains", "e"),
                ("regex", r"^-?\d+(\.\d+)?(e[+-]?\d+)?$"),
                ("regex", r"\\ud|\\u00|[ \"]"),
                ("gt", "0"),
                ("is_date_after", "2026-01-01"),
            ],
            1,
        )
    ),
    flag(
        20,
        "group",
        {"key": "value", "value": "1", "operator": "icontains", "type": "group", "group_type_index": 0},
        filters={"aggregation_group_type_index": 0},
    ),
    group_type_mapping={"0": "company"},
)


def outcome(flags: Halyard, context: dict[str, Any]) -> str:
    """What a caller gets, in ASCII: `True` and `1.0` are not `1` there. A flag is explained for the value that was seen."""
    context = {"now": 1_770_000_000, "distinct_id": "ada", **context}
    try:
        return ascii(
            (
                flags.evaluate(**context).as_tuple(),
                [flags.explain(key, **context) for key in ("flag-1", "group")],
            )
        )
    except Exception as error:  # noqa: BLE001 - what is raised belongs to the outcome
        return ascii((type(error).__name__, str(error)))


def serve() -> None:
    """Answers contexts line by line in a process without orjson: pickled ones, or names from `CONTEXTS`."""
    try:
        import orjson  # noqa: F401
    except ImportError:
        print("ready", flush=True)
    flags = Halyard(FLAGS)
    for line in sys.stdin:
        asked = pickle.loads(base64.b64decode(line))
        print(outcome(flags, CONTEXTS[asked]() if isinstance(asked, str) else asked), flush=True)


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    pytest.importorskip("orjson", reason="there is nothing to compare with: orjson is not installed")
    return without("orjson", tmp_path_factory.mktemp("without_orjson"))


@pytest.fixture(scope="module")
def flags() -> Halyard:
    return Halyard(FLAGS)


@pytest.fixture(scope="module")
def ask(env: dict[str, str]) -> Iterator[Callable[[Any], str]]:
    """A process without orjson that answers."""
    other = subprocess.Popen(
        [sys.executable, "-c", "import test_without_orjson as module; module.serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == "ready\n"

    def ask(asked: Any) -> str:
        print(base64.b64encode(pickle.dumps(asked)).decode(), file=other.stdin, flush=True)
        return other.stdout.readline().removesuffix("\n")

    yield ask
    other.stdin.close()
    assert other.wait(timeout=30) == 0
    other.stdout.close()


@pytest.mark.parametrize("name", CONTEXTS)
def test_the_same_outcome_of_unusual_values(flags, ask, name):
    assert outcome(flags, CONTEXTS[name]()) == ask(name)


texts = st.text() | st.text(st.sampled_from('aé€🙂\0\n"\\\ud800\udc00\u2028'))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    texts,
    st.builds(Text, texts),
    st.builds(Number, st.integers()),
    st.builds(Fraction, st.floats()),
    st.decimals(),
    st.uuids(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.none() | st.just(datetime.timezone.utc)),
    st.sampled_from([*Plan, *Level, *Colour]),
    st.just(b"refused"),
)
keys = st.one_of(texts, st.builds(Text, texts), st.just(Plan.PRO))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner, max_size=3).map(tuple),
        st.builds(Point, inner, inner),
        st.dictionaries(keys, inner),
        st.dictionaries(keys, inner, max_size=3).map(Properties),
        st.dictionaries(st.sampled_from(["a", Colour.RED, 1, None]), inner, max_size=1),
    ),
    max_leaves=8,
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(value=values, more=st.dictionaries(keys, scalars, max_size=2), distinct_id=texts)
def test_the_same_outcome_of_any_properties(flags, ask, value, more, distinct_id):
    context = {"person_properties": {**more, "value": value}, "distinct_id": distinct_id}
    assert outcome(flags, context) == ask(context)


@pytest.mark.once
@pytest.mark.parametrize("file", ["test_client.py", "test_convert.py", "test_contract.py", "test_conformance.py"])
def test_the_other_tests_pass(env, file):
    # Filling V8's heap takes half a minute, and is the same work with both encoders.
    chosen = ["-k", "not exhausted_heap", str(HERE / file)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", *chosen],
        capture_output=True,
        text=True,
        cwd=HERE.parent,
        # Those tests are not to be counted into this run's file.
        env={name: value for name, value in {**os.environ, **env}.items() if name != "HALYARD_TALLY"},
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    if " passed" not in done.stdout:
        pytest.skip(done.stdout.strip())
