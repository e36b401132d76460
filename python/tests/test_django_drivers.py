"""Django on psycopg 2, in processes where psycopg 3 cannot be imported; and what both drivers do inside a transaction."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from absent import without
from support import HERE, run_script, run_the_projects_tests

pytest.importorskip("django")
pytestmark = pytest.mark.once

SETTINGS = """
from shop.settings import *

# One connection for everything, as in a project with one database.
DATABASES = {"default": DATABASES["default"]}
"""
SERVER_SIDE = """
DATABASES["default"]["OPTIONS"] = {"server_side_binding": True}
"""


def environment(driver: str, django_env: dict[str, str], folder: Path) -> dict[str, str]:
    """Django takes psycopg 3 where both are installed."""
    pytest.importorskip(driver)
    return {**django_env, **(without("psycopg", folder) if driver == "psycopg2" else {})}


@pytest.fixture
def psycopg2_env(django_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return environment("psycopg2", django_env, tmp_path)


@pytest.fixture(params=["psycopg", "psycopg with server-side binding", "psycopg2"])
def one_database_env(request: pytest.FixtureRequest, django_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    driver, *server_side = request.param.split(" ", 1)
    env = environment(driver, django_env, tmp_path)
    (tmp_path / "one_database.py").write_text(SETTINGS + (SERVER_SIDE if server_side else ""))
    path = f"{tmp_path}{os.pathsep}{env['PYTHONPATH']}"
    return {**env, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "one_database", "EXPECTED_DRIVER": driver}


def test_the_projects_own_tests_pass_on_psycopg_2(psycopg2_env):
    """Among them uncommitted rows, numbers of queries, dict-likes and asynchronous views."""
    run_the_projects_tests(psycopg2_env)


def test_the_example_call_on_psycopg_2(psycopg2_env):
    printed = run_script(
        """
        import django
        django.setup()
        from django.db import connection
        from shop.models import Team
        from halyard import get_all_feature_flags_with_details_rust

        flag_values, reasons, payloads, errors, details = get_all_feature_flags_with_details_rust(
            team=Team.objects.get(id=1),
            distinct_id="ada",
            groups={"company": "acme_corp"},
            property_value_overrides={"email": "user@example.com"},
        )
        print(connection.Database.__name__, flag_values, payloads, errors)
        """,
        env=psycopg2_env,
    )
    assert printed == """psycopg2 {'beta': True, 'colour': 'blue'} {'colour': '{"hex": "#00f"}'} False\n"""


def test_changes_are_polled_on_psycopg_2(psycopg2_env):
    """Hearing of changes takes psycopg 3."""
    printed = run_script(
        """
        import django
        from django.conf import settings
        settings.HALYARD["REFRESH_SECONDS"] = 0
        django.setup()
        from django.db import connection
        from halyard.django import client, flags_for

        def name_it(key):
            with connection.cursor() as cursor:
                cursor.execute("update posthog_featureflag set key = %s where id = 2", [key])

        print("colour" in flags_for("ada"))
        try:
            name_it("color")
            print("color" in flags_for("ada"))
        finally:
            name_it("colour")
        """,
        env=psycopg2_env,
    )
    assert printed == "True\nTrue\n"


def test_texts_that_no_database_stores_on_psycopg_2(psycopg2_env):
    printed = run_script(
        r"""
        import django
        django.setup()
        from halyard.django import flags_for
        for odd in ("a\0b", "half \ud800", "100% of %s, %(p1)s, $1", "it's \\ \" 🙂", "x" * 100_000):
            print(flags_for(odd, groups={odd: odd}).values())
        """,
        env=psycopg2_env,
    )
    assert printed == "{'beta': False, 'colour': 'blue'}\n" * 5


def test_an_unreachable_database_gives_one_clear_line_on_psycopg_2(psycopg2_env):
    nowhere = '{"HOST": "127.0.0.1", "PORT": "1", "NAME": "x", "USER": "x"}'
    done = subprocess.run(
        [sys.executable, "-m", "django", "halyard_explain", "beta", "ada"],
        capture_output=True,
        text=True,
        cwd=HERE,
        env={**os.environ, **psycopg2_env, "HALYARD_TEST_DATABASE": nowhere},
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("CommandError: non-persons reader: ")
    assert "refused" in done.stderr
    assert done.stderr.count("\n") == 1


IN_TRANSACTION = """
import logging, os
import django
from django.conf import settings
settings.HALYARD["CHECK_IN_TRANSACTIONS"] = {check}
settings.HALYARD["LISTEN"] = False
django.setup()
from django.db import connection, transaction
from django.db.utils import DataError, Error, InternalError
from halyard import DatabaseError
from halyard.django import flags_for

logging.getLogger("halyard").addHandler(logging.NullHandler())
assert connection.Database.__name__ == os.environ["EXPECTED_DRIVER"]

def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else None

flags_for("ada")
sql("create temporary table orders (id integer)")

def order_with_flags():
    sql("insert into orders values (1)")
    # From here on to the end of the transaction, statements of ours find no table.
    sql("set local search_path = pg_temp")
    try:
        flags = flags_for("ada")
        print(flags.errors, flags.get("beta").reason, flags.value("colour"))
    except DatabaseError as error:
        print("DatabaseError", error.code)
"""


def in_transaction(script: str, env: dict[str, str], *, check: bool = False) -> str:
    """What a script prints that may order with flags. ``check``: definitions are checked inside transactions."""
    return run_script(IN_TRANSACTION.format(check=check) + script, env=env)


def test_a_statement_that_fails_inside_a_transaction_costs_only_its_flags(one_database_env):
    printed = in_transaction(
        """
with transaction.atomic():
    order_with_flags()
    sql("insert into orders values (2)")
    sql("set local search_path to default")
    print(flags_for("ada").errors)
print(sql("select id from orders"), flags_for("ada").errors)
""",
        one_database_env,
    )
    assert printed == "True database_error blue\nFalse\n[(1,), (2,)] False\n"


def test_definitions_that_cannot_be_checked_inside_a_transaction_are_the_last_good_ones(one_database_env):
    printed = in_transaction(
        """
with transaction.atomic():
    order_with_flags()
print(sql("select id from orders"), flags_for("ada").errors)
""",
        one_database_env,
        check=True,
    )
    assert printed == "True database_error blue\n[(1,)] False\n"


def test_a_transaction_that_had_failed_before_stays_failed(one_database_env):
    printed = in_transaction(
        """
with transaction.atomic():
    sql("insert into orders values (1)")
    try:
        sql("select 1 / 0")
    except DataError:
        pass
    print(flags_for("ada").get("beta").reason)
    try:
        sql("insert into orders values (2)")
    except InternalError as error:
        print("refused", str(error).strip())
print(sql("select id from orders"), flags_for("ada").errors)
""",
        one_database_env,
    )
    assert printed == (
        "database_error\n"
        "refused current transaction is aborted, commands ignored until end of transaction block\n"
        "[] False\n"
    )


def test_no_savepoint_is_left_behind(one_database_env):
    """A savepoint that is gone cannot be rolled back to."""
    printed = in_transaction(
        """
with transaction.atomic():
    print(flags_for("ada").errors)
    try:
        with transaction.atomic():
            sql("rollback to savepoint halyard_statement")
    except Error as error:
        print(str(error).strip())
""",
        one_database_env,
    )
    assert printed == 'False\nsavepoint "halyard_statement" does not exist\n'


def test_a_text_that_the_driver_refuses_leaves_the_transaction_as_it_was(one_database_env):
    printed = in_transaction(
        """
from halyard.django.conf import pools
with transaction.atomic():
    sql("insert into orders values (1)")
    for odd in ("a\\0b", "half \\ud800"):
        try:
            pools().run("persons reader", "select $1::text", [odd])
        except DatabaseError:
            print("refused")
    sql("insert into orders values (2)")
print(sql("select id from orders"))
""",
        one_database_env,
    )
    assert printed == "refused\nrefused\n[(1,), (2,)]\n"


def test_a_project_without_postgresql_needs_no_driver(tmp_path):
    without("psycopg2", tmp_path)
    printed = run_script(
        """
        import django
        from django.conf import settings
        document = {"flags": [{"id": 1, "key": "on", "active": True, "filters": {"groups": [{"properties": []}]}}]}
        settings.configure(INSTALLED_APPS=["halyard.django"], HALYARD={"DEFINITIONS": document})
        django.setup()
        from halyard.django import flags_for
        print(flags_for("ada").values())
        """,
        env=without("psycopg", tmp_path),
    )
    assert printed == "{'on': True}\n"
