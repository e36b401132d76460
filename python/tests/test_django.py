"""A real Django project: shop/. Its own tests run in a process of their own, as `manage.py test` would."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from support import HERE, python_path, run_script, run_the_projects_tests

django = pytest.importorskip("django")


def manage(*arguments: str, env: dict[str, str], code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        capture_output=True,
        text=True,
        cwd=HERE,
        env={**os.environ, **env},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


MANAGE = """
import copy, io, json, sys
import django
django.setup()
from django.conf import settings
from django.core.management import CommandError, call_command
from halyard.django import conf

given = {name: getattr(settings, name) for name in ("DATABASES", "HALYARD")}
printed = []
for change, *arguments in json.loads(sys.argv[1]):
    changed = {**copy.deepcopy(given), "json": json}
    exec(change, changed)
    settings.DATABASES, settings.HALYARD = changed["DATABASES"], changed["HALYARD"]
    conf.apply()  # as at start
    output = io.StringIO()
    try:
        call_command(*arguments, stdout=output)
    except CommandError as error:
        output.write(str(error))
    printed.append(output.getvalue())
print(json.dumps(printed))
"""


def manage_each(calls: list[list[str]], env: dict[str, str]) -> list[str]:
    """What each call prints, or its error: a change of the settings, then the command. All in one process, because starting
    Django takes most of the time."""
    printed: list[str] = json.loads(run_script(MANAGE, json.dumps(calls), env=env))
    return printed


def test_the_projects_own_tests_pass(django_env):
    run_the_projects_tests(django_env)


def test_check_is_content_with_the_project(django_env):
    assert "no issues" in manage("check", env=django_env)


WRONG_SETTINGS = {
    "HALYARD['DATABASES'] = {'persons_reader': 'nowhere'}": "halyard.E002",
    "HALYARD['DATABASES'] = {'nobody': 'default'}": "there are persons_reader, persons_writer",
    "DATABASES['replica'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}": "halyard.E003",
    "del DATABASES['replica']": "halyard.W001",
    "HALYARD['DISTINCT_ID'] = 'shop.nothing'": "halyard.E004",
    "del HALYARD['PROJECT_TOKEN']": "halyard.E005",
    "HALYARD['ENGINE'] = {'runtimes': -1}": "halyard.E006",
    "HALYARD['TOKEN'] = 1": "halyard.E001",
    "HALYARD['DATABASES'] = None": "HALYARD['DATABASES'] must be a dict of pool and alias, not None.",
    "HALYARD['DATABASES'] = ['default']": "HALYARD['DATABASES'] must be a dict of pool and alias, not list.",
    "HALYARD['DATABASES'] = {'persons_reader': ['default']}": "['persons_reader'] must be an alias of DATABASES",
    "HALYARD['PROJECT_TOKEN'] = 5": "HALYARD['PROJECT_TOKEN'] must be the project's token as str, not 5.",
    "HALYARD['REFRESH_SECONDS'] = '5'": "HALYARD['REFRESH_SECONDS'] must be a number from 0 up, not '5'.",
    "HALYARD['REFRESH_SECONDS'] = None": "HALYARD['REFRESH_SECONDS'] must be a number from 0 up, not None.",
    "HALYARD['REFRESH_SECONDS'] = -1": "HALYARD['REFRESH_SECONDS'] must be a number from 0 up, not -1.",
    "HALYARD['LISTEN'] = 'no'": "HALYARD['LISTEN'] must be True or False, not 'no'.",
    "HALYARD['CHECK_IN_TRANSACTIONS'] = 1": "HALYARD['CHECK_IN_TRANSACTIONS'] must be True or False, not 1.",
    "HALYARD['DISTINCT_ID'] = None": "HALYARD['DISTINCT_ID'] must be a function of the request or its dotted path, not None.",
    "HALYARD['GROUPS'] = 5": "HALYARD['GROUPS'] must be a function of the request or its dotted path, not 5.",
    "HALYARD['GROUPS'] = 'antigravity_is_absent.f'": "HALYARD['GROUPS'] cannot be imported: No module named",
    "HALYARD['PERSON_PROPERTIES'] = 'shop.settings.nothing'": "HALYARD['PERSON_PROPERTIES'] cannot be imported",
    "HALYARD['PERSON_PROPERTIES'] = 'os.sep'": "HALYARD['PERSON_PROPERTIES'] must be a function of the request.",
    "HALYARD['DEFINITIONS'] = '/nowhere/flags.json'": "HALYARD['DEFINITIONS']: [Errno 2] No such file or directory",
    "HALYARD['DEFINITIONS'] = '/'": "HALYARD['DEFINITIONS']: [Errno 21] Is a directory",
    "HALYARD['DEFINITIONS'] = json.__file__": "HALYARD['DEFINITIONS']: not valid JSON",
    "HALYARD['DEFINITIONS'] = [1]": "HALYARD['DEFINITIONS'] must be a document as dict, or the path of a JSON file, not list.",
    "HALYARD['DEFINITIONS'] = b'[1]'": "HALYARD['DEFINITIONS']: ",
    "HALYARD['DEFINITIONS'] = {'flags': 5}": "HALYARD['DEFINITIONS']: flags: ",
    "HALYARD['DEFINITIONS'] = {}": "HALYARD['DEFINITIONS']: flags: ",
    "HALYARD['DEFINITIONS'] = {'flags': [5]}": "halyard.W003",
    "HALYARD['ENGINE'] = {'memory_limit_mb': 'x'}": "ENGINE']: memory_limit_mb must be a whole number from 32 to 4194304",
    "HALYARD['ENGINE'] = {'memory_limit': 5}": "ENGINE']: there is no setting 'memory_limit'; there are runtimes, release_lock",
    "HALYARD['ENGINE'] = {'busy_poll': 'no'}": "ENGINE']: busy_poll must be True or False, not 'no'.",
    "HALYARD['ENGINE'] = {'lock_threshold_ms': None}": "ENGINE']: lock_threshold_ms must be a number from 0 up, not None.",
    "HALYARD['ENGINE'] = 5": "HALYARD['ENGINE'] must be a dict of arguments of halyard.configure_engine, not 5.",
    "HALYARD = None": "HALYARD must be a dict, not NoneType.",
    "HALYARD = 3": "halyard.E001",
}


@pytest.fixture(scope="module")
def checked(django_env) -> dict[str, str]:
    """What `manage.py check` says about each wrong setting."""
    calls = [[change, "check", "--fail-level", "WARNING"] for change in WRONG_SETTINGS]
    return dict(zip(WRONG_SETTINGS, manage_each(calls, django_env)))


@pytest.mark.parametrize(("change", "message"), WRONG_SETTINGS.items())
def test_check_explains_a_wrong_setting(checked, change, message):
    assert message in checked[change]


START = """
import json, sys
import django
from django.conf import settings
from shop.models import Team
printed = []
{change}
django.setup()
from halyard import HalyardError, get_all_feature_flags
from halyard.django import flags_for
for ask in (lambda: get_all_feature_flags(Team(api_token="phc_test"), "ada"), lambda: flags_for("ada")):
    try:
        print(ask() and "answered")
    except Exception as error:
        print(f"{{type(error).__name__}}: {{error}}")
"""


@pytest.mark.parametrize(
    ("change", "first", "second"),
    [
        (
            "settings.HALYARD['DATABASES'] = None",
            "HalyardError: HALYARD['DATABASES'] must be a dict of pool and alias, not None; see manage.py check",
            "ImproperlyConfigured: HALYARD['DATABASES'] must be a dict of pool and alias, not None",
        ),
        (
            "settings.HALYARD['ENGINE'] = {'runtimes': -1}",
            "HalyardError: HALYARD['ENGINE']: runtimes must be a number from 0 up, not -1; see manage.py check",
            "answered",
        ),
        (
            "settings.HALYARD['REFRESH_SECONDS'] = '5'",
            "HalyardError: HALYARD['REFRESH_SECONDS'] must be a number from 0 up, not '5'; see manage.py check",
            "ImproperlyConfigured: HALYARD['REFRESH_SECONDS'] must be a number from 0 up, not '5'",
        ),
    ],
)
def test_a_wrong_setting_never_keeps_a_project_from_starting(django_env, change, first, second):
    """The calls say what is wrong."""
    script = START.format(change=change).replace("from shop.models import Team\n", "", 1)
    script = script.replace("from halyard import", "from shop.models import Team\nfrom halyard import", 1)
    assert run_script(script, env=django_env) == f"{first}\n{second}\n"


def test_check_explains_a_wrong_setting_that_a_project_starts_with(django_env, tmp_path):
    (tmp_path / "wrong_settings.py").write_text("from shop.settings import *\nHALYARD['TOKEN'] = 1\n")
    env = {**django_env, "DJANGO_SETTINGS_MODULE": "wrong_settings", "PYTHONPATH": python_path(HERE, tmp_path)}
    assert "halyard.E001" in manage("check", env=env, code=1)


def test_halyard_explain_says_how_a_flag_comes_to_its_value(django_env):
    stored, given, as_json = manage_each(
        [
            ["", "halyard_explain", "beta", "ada"],
            ["", "halyard_explain", "beta", "ada", "-p", "plan=free"],
            ["", "halyard_explain", "beta", "ada", "--json"],
        ],
        django_env,
    )
    assert 'beta is true for "ada".' in stored
    assert "    yes   person plan exact pro  (pro, stored)" in stored
    assert 'beta is false for "ada".' in given
    assert "    no    person plan exact pro  (free, from the request)" in given
    assert json.loads(as_json)["key"] == "beta"


def test_the_example_call_of_the_original(django_env):
    """Only the import line differs."""
    printed = run_script(
        f"""
        import sys
        sys.path.insert(0, {str(HERE)!r})
        import django
        django.setup()
        from shop.models import Team
        from halyard import get_all_feature_flags_with_details_rust

        team = Team.objects.get(id=1)
        distinct_id = "user123"

        flag_values, reasons, payloads, errors, details = get_all_feature_flags_with_details_rust(
            team=team,
            distinct_id=distinct_id,
            groups={{"company": "acme_corp"}},
            property_value_overrides={{"email": "user@example.com"}},
        )

        print(f"Feature flags for {{distinct_id}}: {{flag_values}}")
        """,
        env=django_env,
    )
    assert printed == "Feature flags for user123: {'beta': False, 'colour': 'blue'}\n"


def test_an_unreachable_database_gives_one_clear_line(django_env):
    env = {**django_env, "HALYARD_TEST_DATABASE": '{"HOST": "127.0.0.1", "PORT": "1", "NAME": "x", "USER": "x"}'}
    printed = manage("halyard_explain", "beta", "ada", env=env, code=1)
    assert printed.startswith("CommandError: non-persons reader: ")
    assert "refused" in printed
    assert "Traceback" not in printed


def test_announced_changes_are_heard_outside_of_tests(django_env):
    printed = run_script(
        """
        import time
        import django
        django.setup()
        from halyard.django import client, flags_for
        flags_for("ada")
        project = client()._project
        deadline = time.monotonic() + 10
        while not project.is_listening and time.monotonic() < deadline:
            time.sleep(0.02)
        print(project.is_listening)
        """,
        env=django_env,
    )
    assert printed == "True\n"
