"""The original's page, followed line by line, with the import changed or with the setting not even that.

What it says of building stands in test_wheel.py, of a missing part and of databases that cannot be reached in test_contract.py, of
the interpreter's lock in test_processes.py.
"""

from __future__ import annotations

import json
import re

import pytest

from support import HERE, python_path, run_script

pytest.importorskip("django")

EXAMPLE = """
import django
django.setup()
from posthog.models import Team
from posthog.models.feature_flag.flag_matching_rust import get_all_feature_flags_with_details_rust

team = Team.objects.get(id=1)
distinct_id = "user123"

flag_values, reasons, payloads, errors, details = get_all_feature_flags_with_details_rust(
    team=team,
    distinct_id=distinct_id,
    groups={"company": "acme_corp"},
    property_value_overrides={"email": "user@example.com"},
)

print(f"Feature flags for {distinct_id}: {flag_values}")
"""
#: The same with the import changed, in a project that has a model of the table.
CHANGED = EXAMPLE.replace("from posthog.models import", "from shop.models import").replace(
    "from posthog.models.feature_flag.flag_matching_rust import", "from halyard import"
)
#: What the page tells beside its example: the signature, the types going in and coming out, and a wrong argument.
REST = """
import inspect
parameters = inspect.signature(get_all_feature_flags_with_details_rust).parameters
assert [(each.name, each.default is None) for each in parameters.values()] == [
    ("team", False), ("distinct_id", False), ("groups", True), ("hash_key_override", True), ("property_value_overrides", True),
    ("group_property_value_overrides", True), ("flag_keys", True),
], parameters

found = get_all_feature_flags_with_details_rust(
    team, distinct_id, {"company": "acme_corp"}, "anonymous", {"plan": "pro", "age": 42}, {"company": {"name": "Acme", "seats": 5}},
    ["beta", "colour"],
)
assert isinstance(found, tuple) and len(found) == 5
flag_values, evaluation_reasons, flag_payloads, errors_while_computing_flags, flag_details = found
assert flag_values == {"beta": True, "colour": "blue"}, flag_values
assert {key: each["reason"] for key, each in evaluation_reasons.items()} == {"beta": "condition_match", "colour": "condition_match"}
assert flag_payloads == {"colour": '{"hex": "#00f"}'}, flag_payloads
assert errors_while_computing_flags is False
assert {key: each["match"]["variant"] for key, each in flag_details.items()} == {"beta": None, "colour": "blue"}
assert get_all_feature_flags_with_details_rust(team, distinct_id, flag_keys=["colour"])[0] == {"colour": "blue"}

for wrong in ({"groups": "acme_corp"}, {"property_value_overrides": ["plan"]}, {"group_property_value_overrides": {"company": 5}}):
    try:
        get_all_feature_flags_with_details_rust(team, distinct_id, **wrong)
    except TypeError as error:
        (argument,) = wrong
        assert f"argument '{argument}" in str(error), error
    else:
        raise AssertionError(f"{wrong} was taken")
"""
PRINTED = "Feature flags for user123: {'beta': False, 'colour': 'blue'}\n"


@pytest.fixture
def env(django_env, tmp_path) -> dict[str, str]:
    (tmp_path / "with_path.py").write_text(
        "from shop.settings import *\nHALYARD = {**HALYARD, 'ORIGINAL_IMPORT_PATH': True}\n"
    )
    return {**django_env, "DJANGO_SETTINGS_MODULE": "with_path", "PYTHONPATH": python_path(HERE, tmp_path)}


def test_d106_with_the_import_changed_all_of_the_page_holds(django_env):
    assert run_script(CHANGED + REST, env=django_env) == PRINTED


def test_d106_unchanged_and_beside_posthog_python_all_of_the_page_holds(env):
    pytest.importorskip("posthog")
    assert run_script(EXAMPLE + REST + "\nimport posthog; assert posthog.Posthog", env=env) == PRINTED


def test_d106_the_extension_itself_is_there_under_its_name(env):
    parts = json.loads(env["HALYARD_TEST_DATABASE"])
    url = f"postgresql://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
    printed = run_script(
        """
        import django, json, sys
        django.setup()
        import posthog_feature_flags_rs
        on = {"id": 1, "key": "on", "active": True, "filters": {"groups": [{"properties": []}]}}
        urls = [sys.argv[1]] * 4
        found = posthog_feature_flags_rs.evaluate_all_feature_flags_rust(*urls, 1, 1, "user123", json.dumps({"flags": [on]}))
        print(found[0], len(found))
        """,
        url,
        env=env,
    )
    assert printed == "{'on': True} 5\n"


def test_the_example_runs_unchanged_without_posthog_python(env):
    hide = """
import sys
from importlib.machinery import PathFinder
class Rest:
    find_distributions = PathFinder.find_distributions
    @staticmethod
    def find_spec(name, path=None, target=None):
        return None if name.partition(".")[0] == "posthog" else PathFinder.find_spec(name, path, target)
sys.meta_path[:] = [Rest if finder is PathFinder else finder for finder in sys.meta_path]
"""
    script = hide + EXAMPLE + "\nimport posthog; assert posthog.__spec__.origin == 'halyard'"
    assert run_script(script, env=env) == PRINTED


def test_in_posthogs_own_code_only_the_one_module_is_ours(env, tmp_path):
    package = tmp_path / "posthog" / "models" / "feature_flag"
    package.mkdir(parents=True)
    (tmp_path / "posthog" / "__init__.py").write_text("")
    (tmp_path / "posthog" / "models" / "__init__.py").write_text("from shop.models import Team\n")
    (package / "__init__.py").write_text("theirs = True\n")
    (package / "flag_matching_rust.py").write_text("raise ImportError('posthog_feature_flags_rs module not found')\n")
    script = EXAMPLE + "\nfrom posthog.models.feature_flag import theirs; assert Team.__module__ == 'shop.models'"
    assert run_script(script, env=env) == PRINTED


def test_without_the_setting_there_is_no_such_path(django_env):
    printed = run_script(
        """
        import django
        django.setup()
        for path in ("posthog.models.feature_flag.flag_matching_rust", "posthog_feature_flags_rs"):
            try:
                __import__(path)
            except ModuleNotFoundError as error:
                print(error)
        """,
        env=django_env,
    )
    assert re.fullmatch(r"No module named 'posthog.*'\nNo module named 'posthog_feature_flags_rs'\n", printed), printed
