"""Objects that pose as another, ids that are no text, and sets: what `request.user` and its kin bring along (H45, D106, D107)."""

from __future__ import annotations

import copy
import datetime
import decimal
import pickle
import uuid
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

import halyard
from halyard import Halyard, errors
from halyard.overrides import override_flags
from support import HERE, document, flag, person_filter, python_path, run_script

functional = pytest.importorskip("django.utils.functional")
lazy = functional.SimpleLazyObject

HALF = flag(1, "half", rollout=50)
ID = uuid.UUID(int=5)


class Proxy:
    """As Werkzeug's local objects and wrapt's proxies look from outside."""

    def __init__(self, value):
        self.value = value

    @property
    def __class__(self):
        return type(self.value)


class WerkzeugsProxy(Proxy):
    def _get_current_object(self):
        return self.value


class WraptsProxy(Proxy):
    @property
    def __wrapped__(self):
        return self.value


def posing(value):
    return [lazy(lambda: value), lazy(lambda: lazy(lambda: value)), WerkzeugsProxy(value), WraptsProxy(value)]


@pytest.mark.parametrize("value", ["pro", 5, True, 1.5, decimal.Decimal("2.5"), ID, datetime.date(2026, 1, 2)])
def test_a_posing_value_of_any_type_is_what_it_poses_as(value):
    matching = Halyard(document(flag(1, "it", person_filter("k", [f"{value}".lower()]))))
    for found in [value, *posing(value)]:
        assert matching.evaluate("ada", person_properties={"k": found}).values() == {"it": True}
        inner = [matching.evaluate("ada", person_properties={"k": [item]}).values() for item in (found, value)]
        assert inner[0] == inner[1]


def test_posing_texts_are_taken_wherever_texts_are():
    beta = flag(1, "beta", person_filter("plan", "pro"))
    flags = Halyard(document(beta, flag(2, "other")))
    for text, key in zip(posing("plan"), posing("beta")):
        found = flags.evaluate(
            lazy(lambda: "ada"),
            person_properties=lazy(lambda text=text: {text: lazy(lambda: "pro")}),
            groups={"company": text},
            group_properties=lazy(lambda text=text: {"company": {text: 1}}),
            flag_keys=lazy(lambda key=key: [key]),
            device_id=text,
            hash_key_override=text,
        )
        assert found.values() == {"beta": True}
        assert flags.explain(key, "ada")["key"] == "beta"
        with override_flags({"beta": lazy(lambda: "blue")}):
            assert flags.evaluate("ada").value("beta") == "blue"


def test_numbers_and_uuids_are_ids_by_their_text():
    """H45; the same bucket as the text's."""
    flags = Halyard(document(HALF))
    for number in range(40):
        expected = flags.evaluate(str(number)).values()
        assert flags.evaluate(number).values() == expected
        assert flags.evaluate(lazy(lambda number=number: number)).values() == expected
        found = uuid.UUID(int=number)
        assert flags.evaluate(found).values() == flags.evaluate(str(found)).values()
    sticky = Halyard(document(flag(1, "half", rollout=50, ensure_experience_continuity=True)))
    assert (
        sticky.evaluate("ada", hash_key_override=7).values() == sticky.evaluate("ada", hash_key_override="7").values()
    )


@pytest.mark.parametrize("wrong", [True, 1.5, None, b"ada", lazy(lambda: None), lazy(lambda: True)])
def test_an_id_of_another_type_is_named(wrong):
    with pytest.raises(TypeError, match=r"argument 'distinct_id': expected str, int or UUID, got \w+$"):
        Halyard(document(HALF)).evaluate(wrong)


def test_what_poses_without_saying_as_what_is_refused_by_name():
    with pytest.raises(
        TypeError, match=r"argument 'person_properties\['k'\]': Mock poses as str; pass the value itself"
    ):
        Halyard(document(HALF)).evaluate("ada", person_properties={"k": Mock(spec=str)})
    with pytest.raises(TypeError, match="the value of 'k' cannot be sent as JSON: Mock"):
        Halyard(document(HALF)).evaluate("ada", person_properties={"k": Mock()})


def test_the_originals_function_takes_only_texts_as_ids(seed):
    """D106; lazy texts and tokens are texts."""
    seed.project("phc_test", flag(1, "on"))
    halyard.configure(database=seed.url)
    try:
        team = SimpleNamespace(api_token=lazy(lambda: "phc_test"))
        found = halyard.get_all_feature_flags(lazy(lambda: team), lazy(lambda: "ada"))
        assert found[0] == {"on": True}
        for wrong in (5, ID):
            with pytest.raises(TypeError, match="argument 'distinct_id': expected str, got"):
                halyard.get_all_feature_flags(team, wrong)
        with pytest.raises(TypeError, match=r"argument 'team.api_token': expected str, got int"):
            halyard.get_all_feature_flags(SimpleNamespace(api_token=5), "ada")
    finally:
        halyard.configure(None)


@pytest.mark.parametrize("seed_of_hashes", ["1", "2", "3", "4"])
def test_a_set_is_the_same_list_in_every_process(seed_of_hashes):
    script = """
    from halyard import Halyard, _convert
    from support import document, flag, person_filter
    flags = Halyard(document(flag(1, "it", person_filter("k", '["a","b","c"]'))))
    value = frozenset("cab")
    print(flags.evaluate("u", person_properties={"k": value}).values(), _convert.properties({"k": {3, "b", 20, None}}, "p"))
    """
    printed = run_script(script, env={"PYTHONHASHSEED": seed_of_hashes, "PYTHONPATH": python_path(HERE)})
    assert printed == "{'it': True} {'k': ['b', 20, 3, None]}\n"


ERRORS = [
    halyard.DatabaseError("persons reader", "gone", "08006", lost=True),
    halyard.DefinitionsError("wrong", "flags[0]"),
    halyard.DefinitionsError("wrong"),
    halyard.EngineError("failed"),
    halyard.EngineMemoryError(),
    halyard.HalyardError("closed"),
    halyard.UnknownProjectError("no project"),
]


@pytest.mark.parametrize("error", ERRORS)
def test_errors_survive_pickling_and_copying(error):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for found in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
            assert type(found) is type(error)
            assert str(found) == str(error)
            assert vars(found) == vars(error)


def test_every_error_in_a_worker_reaches_its_parent(seed):
    """What pickle cannot read makes `Pool.map` wait forever: each is raised in a worker, and the next task is still done."""
    script = """
    import multiprocessing, sys
    from ends.failing import FAILING, ask
    if __name__ == "__main__":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            for which in FAILING:
                try:
                    pool.map(ask, [(which, sys.argv[1])])
                except Exception as error:
                    print(type(error).__name__, str(error).split(":")[0], sorted(vars(error)))
    """
    printed = run_script(script, seed.url, env={"PYTHONPATH": python_path(HERE)})
    memory = "the engine used up its memory limit; raise the setting memory_limit_mb or ask for less at once"
    assert printed.splitlines() == [
        "DatabaseError non-persons reader ['code', 'detail', 'lost', 'pool']",
        "UnknownProjectError non-persons reader []",
        "DefinitionsError flags[0].id ['path']",
        "HalyardError this Halyard is closed []",
        "TypeError argument 'groups' []",
        "EngineError the engine is closed, because the interpreter ends []",
        f"EngineMemoryError {memory} []",
    ]


def test_every_public_error_is_among_those_that_reach_a_parent():
    """So that a new one is not forgotten above."""
    assert {type(error).__name__ for error in ERRORS} == set(errors.__all__)
