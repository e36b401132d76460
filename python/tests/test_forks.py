"""Nobody gets another user's flags: a child uses no connection of its parent's, however it was forked.

HALYARD_FORKED_CALLS says how many questions are asked in each case; a few hundred, where nobody says.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from absent import without
from ends.servers import Server, missing, served
from support import HERE, python_path, run_script

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="NOT RUN: this system has no fork"),
    pytest.mark.skipif(importlib.util.find_spec("django") is None, reason="NOT RUN: Django is not installed"),
]
CALLS = int(os.environ.get("HALYARD_FORKED_CALLS", "240"))
SETTINGS = """
from shop.settings import *
_one = DATABASES["default"]
"""
CONNECTIONS = {
    "psycopg": "DATABASES = {'default': {**_one, 'CONN_MAX_AGE': 600}}",
    "psycopg2": "DATABASES = {'default': {**_one, 'CONN_MAX_AGE': 600}}",
    "pool": "DATABASES = {'default': {**_one, 'OPTIONS': {'pool': {'min_size': 2, 'max_size': 8, 'timeout': 20}}}}",
}


@pytest.fixture(params=CONNECTIONS)
def env(request: pytest.FixtureRequest, django_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """A project that keeps its connections, with either driver or with Django's pool."""
    module = {"pool": "psycopg_pool"}.get(request.param, request.param)
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"NOT RUN: {module} is not installed")
    if request.param == "pool":
        import django

        if django.VERSION < (5, 1):
            pytest.skip("NOT RUN: this Django has no pools")
    (tmp_path / "kept.py").write_text(SETTINGS + CONNECTIONS[request.param])
    masked = without("psycopg", tmp_path) if request.param == "psycopg2" else {}
    path = python_path(tmp_path, HERE)
    return {**django_env, **masked, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "kept", "CONNECTIONS": request.param}


PROGRAM = """
import multiprocessing, os, sys, threading
from concurrent.futures import ProcessPoolExecutor
import django
django.setup()
from django.db import connection
from halyard.django import flags_for
def right(n):
    flags = flags_for("ada" if n % 2 else f"nobody-{n}")
    return not flags.errors and flags.values() == {"beta": n % 2 == 1, "colour": "blue"}
def session():
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return cursor.fetchone()[0]
calls = int(sys.argv[1])
assert right(1) and right(2)
before = session()
"""
WAYS = {
    "process pool": """
with ProcessPoolExecutor(8, multiprocessing.get_context("fork")) as pool:
    answers = pool.map(right, range(calls), chunksize=5)
    own = [right(n) for n in range(calls // 8)]
    print(all(answers), all(own), session() == before)
""",
    # Each child collects and closes what it has, as an ordinary end of an interpreter does.
    "children that end": """
def child():
    sys.exit(0 if all(right(n) for n in range(calls // 32)) and connection.close() is None else 1)
children = [multiprocessing.get_context("fork").Process(target=child) for _ in range(8)]
for process in children: process.start()
own = [right(n) for n in range(calls // 8)]
for process in children: process.join()
print(all(process.exitcode == 0 for process in children), all(own), session() == before)
""",
    "a fork inside a transaction": """
import logging
from django.db import transaction
logging.disable()
with transaction.atomic():
    assert right(1)
    pid = os.fork()
    if pid == 0:
        # Django refuses, or (4.2) opens a connection of the child's own. Never does it ask on the parent's.
        os._exit(0 if flags_for("ada").errors or (right(1) and session() != before) else 1)
    own = [right(n) for n in range(20)]
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(code == 0, all(own), session() == before)
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_children_of_a_process_that_has_asked_get_right_answers(way, env):
    assert run_script(PROGRAM + WAYS[way], str(CALLS), env=env, timeout=600) == "True True True\n"


def _gunicorn(*more: str) -> Server:
    return Server(
        lambda port, folder: [
            *(sys.executable, "-m", "gunicorn", "--preload", "--bind", f"127.0.0.1:{port}", "--workers", "8"),
            *("--timeout", "120", *more, "shop.wsgi"),
        ],
        ("gunicorn",),
    )


SERVERS = {
    "gunicorn": _gunicorn(),
    "gunicorn with threads": _gunicorn("--threads", "4"),
    "uwsgi": Server(
        lambda port, folder: [
            *(str(Path(sys.executable).with_name("uwsgi")), "--http-socket", f"127.0.0.1:{port}", "--venv", sys.prefix),
            *("--module", "shop.wsgi", "--master", "--processes", "4", "--threads", "3", "--die-on-term"),
        ],
        ("uwsgidecorators",),
    ),
}


@pytest.mark.parametrize("name", SERVERS)
def test_workers_forked_after_a_call_get_right_answers(name, env, tmp_path):
    server = SERVERS[name]
    reason = missing(server)
    if reason is not None:
        pytest.skip(f"NOT RUN: {reason}")
    folder = tmp_path / "server"
    folder.mkdir()
    each_loads = name == "uwsgi" and env["CONNECTIONS"] == "pool"
    if each_loads:
        # The pool has threads of its own, which may not be there where uWSGI forks.
        server = server._replace(command=lambda port, folder: [*SERVERS[name].command(port, folder), "--lazy-apps"])
    # What comes first is what the environment of the project says, and `served` adds to it.
    server = server._replace(env={**env, "SHOP_WARM_UP": "1"})
    with served(server, folder) as running, ThreadPoolExecutor(8) as clients:
        running.wait()
        # uWSGI listens before its workers have loaded, and a worker that is told to end while it loads never ends.
        if each_loads:
            running.wait_for("threads: ", times=4)

        def right(n: int) -> bool:
            user = "ada" if n % 2 else f"nobody-{n}"
            with urllib.request.urlopen(f"{running.url}flags?user={user}", timeout=60) as answer:
                return bool(json.loads(answer.read()) == {"beta": n % 2 == 1, "colour": "blue"})

        answers = list(clients.map(right, range(CALLS)))
    assert answers.count(False) == 0, f"{answers.count(False)} of {CALLS} wrong"
    log = (folder / "log").read_text()
    assert "Traceback" not in log, log
    if name == "uwsgi" and not each_loads:
        # A thread that ran in the moment of this fork would keep the interpreter's lock from a worker for ever.
        assert "threads: MainThread\n" in log, log
