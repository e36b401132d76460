"""A connection that the server has dropped is opened again by the very call that finds it so (docs/failure-modes.md)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress

import psycopg
import pytest

import test_forks
from conftest import connection_parts
from halyard import Halyard
from support import HERE, Seed, Servers, flag, person_filter, python_path, run_script, until

pytest.importorskip("django")
pytestmark = pytest.mark.once
#: A project that keeps its connections: with psycopg 3, psycopg 2, and Django's pool.
env = test_forks.env

DROPPED = """
import logging
import django
from django.conf import settings
settings.HALYARD["CHECK_IN_TRANSACTIONS"] = False
django.setup()
from django.db import Error, connection, transaction
from halyard.django import flags_for

told = []
logging.getLogger("halyard").addHandler(handler := logging.Handler())
handler.emit = lambda record: told.append(record.getMessage())
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
def right():
    flags = flags_for("ada")
    return not flags.errors and flags.value("beta")
def session():
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return cursor.fetchone()[0]
other = connection.copy()
other.settings_dict = {**other.settings_dict, "OPTIONS": {}}  # no pool
def drop():
    with other.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity"  # and waits for that
            " where datname = current_database() and pid <> pg_backend_pid() and application_name <> 'halyard'"
        )
"""


def test_e160_a_command_goes_on_when_its_connection_was_dropped_and_needs_no_close_old_connections(env):
    printed = run_script(
        DROPPED
        + """
assert right()
for _ in range(3):
    before = session()
    drop()
    print(right(), session() != before, told)
""",
        env=env,
    )
    assert printed == "True True []\n" * 3


def test_e160_inside_a_transaction_the_loss_of_the_connection_is_told(env):
    """On another connection the caller would go on without what he has written."""
    printed = run_script(
        DROPPED
        + """
assert right()
with connection.cursor() as cursor:
    cursor.execute("create table if not exists lost_orders (id integer)")
try:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("insert into lost_orders values (1)")
        drop()
        for _ in range(2):
            flags = flags_for("ada")
            print(flags.get("beta").reason, flags.value("colour"))
        with connection.cursor() as cursor:
            cursor.execute("insert into lost_orders values (2)")
    print("committed")
except Error:
    print("the caller hears of it")
connection.close()
print(right())
with connection.cursor() as cursor:
    cursor.execute("select count(*) from lost_orders")
    print(cursor.fetchone()[0])
    cursor.execute("drop table lost_orders")
""",
        env=env,
    )
    assert printed == "database_unavailable blue\n" * 2 + "the caller hears of it\nTrue\n0\n"


def test_e160_after_a_restart_of_the_server_the_first_call_is_right():
    """A thread that is no request's, with Django's connection, and pools of our own."""
    servers = Servers("killable")
    url = servers.where["url"]
    seed = Seed(url)
    seed.project("phc_test", flag(1, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})
    script = """
import sys, threading
import django
django.setup()
from halyard.django import flags_for
def work():
    for _ in sys.stdin:
        flags = flags_for("ada")
        print(flags.value("pro"), flags.errors, flush=True)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    own = {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "HALYARD_TEST_DATABASE": json.dumps(connection_parts(url)),
        "PYTHONPATH": python_path(HERE),
    }
    command = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert command.stdin is not None
    assert command.stdout is not None

    def answer_of_the_command() -> str:
        command.stdin.write("\n")
        return command.stdout.readline()

    def is_back() -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return True
        return False

    with Halyard(database=url, token="phc_test", refresh_seconds=3600) as flags:
        for _ in range(2):
            found = flags.evaluate("ada")
            assert (found.value("pro"), found.errors) == (True, False)
            assert answer_of_the_command() == "True False\n"
            servers.do("kill")
            servers.do("back")
            until(is_back, 60, "the server does not come back")
        found = flags.evaluate("ada")
        assert (found.value("pro"), found.errors) == (True, False)
        assert answer_of_the_command() == "True False\n"
    command.stdin.close()
    assert command.wait(timeout=60) == 0
    command.stdout.close()
    servers.stop()
