"""The original's page, followed line by line: its import path and its example, in processes of their own."""

from __future__ import annotations

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
PRINTED = "Feature flags for user123: {'beta': False, 'colour': 'blue'}\n"


@pytest.fixture
def env(django_env, tmp_path) -> dict[str, str]:
    (tmp_path / "with_path.py").write_text(
        "from shop.settings import *\nHALYARD = {**HALYARD, 'ORIGINAL_IMPORT_PATH': True}\n"
    )
    return {**django_env, "DJANGO_SETTINGS_MODULE": "with_path", "PYTHONPATH": python_path(HERE, tmp_path)}


def test_the_example_runs_unchanged_beside_posthog_python(env):
    pytest.importorskip("posthog")
    assert run_script(EXAMPLE + "\nimport posthog; assert posthog.Posthog", env=env) == PRINTED


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
        try:
            from posthog.models.feature_flag.flag_matching_rust import get_all_feature_flags_with_details_rust
        except ModuleNotFoundError as error:
            print(error)
        """,
        env=django_env,
    )
    assert printed.startswith("No module named 'posthog")
