from __future__ import annotations

import datetime
import json

import pytest

from halyard import DefinitionsError, EngineMemoryError, FlagResult, Flags, Halyard, HalyardError, configure_engine
from support import document, flag, person_filter

PRO = flag(1, "pro", person_filter("plan", "pro"))
COLOUR = flag(
    2,
    "colour",
    filters={
        "multivariate": {"variants": [{"key": "blue", "rollout_percentage": 100}]},
        "payloads": {"blue": '{"hex": "#00f"}'},
    },
)


@pytest.fixture
def flags(interface) -> Halyard:
    return Halyard(document(PRO, COLOUR))


def test_evaluates_with_the_properties_of_the_call(flags):
    found = flags.evaluate("ada", person_properties={"plan": "pro"})
    assert found.values() == {"pro": True, "colour": "blue"}
    assert flags.evaluate("ada", person_properties={"plan": "free"}).values() == {"pro": False, "colour": "blue"}


def test_results_are_typed_and_say_why(flags):
    result = flags.evaluate("ada", person_properties={"plan": "free"}).get("pro")
    assert isinstance(result, FlagResult)
    assert (result.enabled, result.variant, result.reason, result.condition_index) == (
        False,
        None,
        "no_condition_match",
        0,
    )


def test_payloads_that_hold_json_are_parsed_and_not_shared(flags):
    found = flags.evaluate("ada")
    assert found.payload("colour") == {"hex": "#00f"}
    assert found.get("colour").stored_payload == '{"hex": "#00f"}'
    found.payload("colour")["hex"] = "changed"
    assert flags.evaluate("ada").payload("colour") == {"hex": "#00f"}


def test_answers_of_two_calls_share_nothing_that_can_be_changed(flags):
    first = flags.evaluate("ada").as_tuple()
    second = flags.evaluate("ada").as_tuple()
    first[1]["pro"]["reason"] = "changed"
    first[4]["pro"]["match"]["reason"] = "changed"
    assert second[1]["pro"]["reason"] == "no_condition_match"
    assert flags.evaluate("ada").as_tuple()[4]["pro"]["match"]["reason"] == "no_condition_match"


def test_an_unknown_flag_is_off(flags):
    found = flags.evaluate("ada")
    assert not found.is_enabled("nothing")
    assert found.value("nothing", "fallback") == "fallback"
    assert "nothing" not in found


def test_the_text_of_a_call_may_hold_anything(flags):
    odd = "\0 \u2028 é 🙂 \ud800"
    assert len(flags.evaluate(odd, person_properties={odd: odd, "__proto__": 1, "constructor": 2})) == 2


def test_explains_a_flag(flags):
    explanation = flags.explain("pro", "ada", person_properties={"plan": "free"})
    assert explanation["conditions"][0]["filters"][0]["seen"] == "free"
    assert flags.explain("nothing", "ada")["excluded"] == "unknown"


def test_now_decides_about_dates(interface):
    young = Halyard(document(flag(1, "young", person_filter("seen", "-7d", "is_date_after"))))
    seen = {"seen": "2026-01-05T00:00:00Z"}
    for day, expected in ((10, True), (20, False)):
        now = datetime.datetime(2026, 1, day, tzinfo=datetime.timezone.utc)
        assert young.evaluate("ada", person_properties=seen, now=now).value("young") is expected
    with pytest.raises(ValueError, match="time zone"):
        young.evaluate("ada", now=datetime.datetime(2026, 1, 1))


def test_definitions_may_be_text_or_a_file(tmp_path, interface):
    text = json.dumps(document(PRO))
    (tmp_path / "flags.json").write_text(text)
    for source in (text, text.encode(), tmp_path / "flags.json"):
        assert list(Halyard(source).evaluate("ada").values()) == ["pro"]


def test_definitions_of_another_shape_say_where(interface):
    with pytest.raises(ValueError, match="flags: must be a list, not the number 3"):
        Halyard({"flags": 3})
    with pytest.raises(ValueError, match="not valid JSON"):
        Halyard('{"flags": [')


def test_a_broken_flag_is_left_out_and_listed_or_refused(interface):
    broken = {"id": 9, "key": "broken", "active": True, "filters": {"groups": [{"properties": [3]}]}}
    flags = Halyard(document(PRO, broken))
    assert list(flags.evaluate("ada").values()) == ["pro"]
    (problem,) = flags.problems
    assert problem["flagKey"] == "broken"
    assert problem["path"].startswith("flags[1].filters.groups[0].properties[0]")
    with pytest.raises(DefinitionsError) as refused:
        Halyard(document(PRO, broken), strict=True)
    assert refused.value.path == problem["path"]


def test_a_wrong_call_is_a_type_error_that_names_the_argument(flags):
    with pytest.raises(TypeError, match="argument 'distinct_id': expected str, int or UUID, got float"):
        flags.evaluate(3.5)
    with pytest.raises(TypeError, match="argument 'person_properties': expected dict or None, got list"):
        flags.evaluate("ada", person_properties=[])
    with pytest.raises(TypeError, match="needs 'definitions'"):
        Halyard()


def test_a_closed_halyard_says_so(interface):
    with Halyard(document(PRO)) as flags:
        assert isinstance(flags.evaluate("ada"), Flags)
    with pytest.raises(HalyardError, match="closed"):
        flags.evaluate("ada")


def test_many_definitions_do_not_pile_up(flags):
    for number in range(100):
        assert Halyard(document(flag(1, f"flag-{number}"))).evaluate("ada").values() == {f"flag-{number}": True}
    assert flags.evaluate("ada").value("colour") == "blue"


@pytest.mark.once
def test_an_exhausted_heap_is_an_error_and_the_next_call_works(interface, engine_settings):
    configure_engine(memory_limit_mb=48)
    flags = Halyard(document(PRO))
    assert flags.evaluate("ada", person_properties={"plan": "pro"}).value("pro") is True
    # The first fits the heap's limit as a text, but not beside what is parsed from it; the second not at all.
    for properties in ({"a": [[]] * 4_000_000}, {"a": "x" * 60_000_000}):
        with pytest.raises(EngineMemoryError, match="memory limit"):
            flags.evaluate("ada", person_properties=properties)
        assert flags.evaluate("ada", person_properties={"plan": "pro"}).value("pro") is True
