"""The table of docs/django/servers.md: a Django project with a database, under each server itself."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import connection_parts
from ends.servers import Server, apache, missing, served
from support import HERE, Servers, flag, person_filter, python_path, run_script, until

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="NOT RUN: this system has no fork"),
    pytest.mark.skipif(importlib.util.find_spec("django") is None, reason="NOT RUN: Django is not installed"),
]
ASGI = ("flags", "aflags")


def python_module(*command: str, needs: tuple[str, ...], **more: object) -> Server:
    """``{port}`` in the command is the port."""
    return Server(
        lambda port, folder: [sys.executable, "-m", *(part.format(port=port) for part in command)], needs, **more
    )


SERVERS = {
    # Told by SIGTERM, it ends itself by that signal once it has shut down.
    "uvicorn": (
        python_module("uvicorn", "--port", "{port}", "shop.asgi:application", needs=("uvicorn",), stop=signal.SIGINT),
        ASGI,
    ),
    "hypercorn": (
        python_module("hypercorn", "-b", "127.0.0.1:{port}", "shop.asgi:application", needs=("hypercorn",)),
        ASGI,
    ),
    "daphne": (python_module("daphne", "-p", "{port}", "shop.asgi:application", needs=("daphne",)), ASGI),
    "granian": (
        python_module(
            "granian", "--interface", "asginl", "--port", "{port}", "shop.asgi:application", needs=("granian",)
        ),
        ASGI,
    ),
    "granian with WSGI": (
        python_module(
            "granian", "--interface", "wsgi", "--port", "{port}", "shop.wsgi:application", needs=("granian",)
        ),
        ("flags",),
    ),
    "waitress": (
        python_module(
            *("waitress", "--listen", "127.0.0.1:{port}", "shop.wsgi:application"),
            needs=("waitress",),
            stop=signal.SIGINT,
        ),
        ("flags",),
    ),
}


def answers_right(url: str, path: str, n: int) -> bool:
    """Whether somebody gets the flags of theirs; every other one is somebody else."""
    user = ("ada", "bob")[n % 2]
    with urllib.request.urlopen(f"{url}{path}?user={user}", timeout=60) as answer:
        return bool(json.loads(answer.read()) == {"beta": user == "ada", "colour": "blue"})


@pytest.mark.parametrize("name", SERVERS)
def test_django_with_a_database_under(name, django_env, tmp_path):
    server, paths = SERVERS[name]
    if reason := missing(server):
        pytest.skip(f"NOT RUN: {reason}")
    env = {**django_env, "DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONPATH": python_path()}
    with served(server._replace(env=env), tmp_path) as running:
        running.wait()

        def right(n: int) -> bool:
            return answers_right(running.url, paths[n // 2 % len(paths)], n)

        with ThreadPoolExecutor(8) as clients:
            assert all(clients.map(right, range(40)))
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log, log


@pytest.mark.parametrize("daemon", [True, False], ids=["daemons", "embedded"])
def test_django_with_a_database_under_apache(daemon, django_env):
    server = Server(lambda port, folder: [], ("mod_wsgi",))
    if reason := missing(server):
        pytest.skip(f"NOT RUN: {reason}")
    # The database of the tests is its owner's alone.
    sockets = Path(json.loads(django_env["HALYARD_TEST_DATABASE"])["HOST"])
    env = {**django_env, "PYTHONPATH": python_path()}
    server = server._replace(command=apache(daemon, "shop.wsgi", (sockets.owner(), sockets.group())), env=env)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with served(server, folder) as running, ThreadPoolExecutor(8) as clients:
            running.wait()
            assert all(clients.map(lambda n: answers_right(running.url, "flags", n), range(20)))
        log = (folder / "log").read_text()
        assert "Traceback" not in log, log


SEND = "from shop.tasks import ask\nfor n in range(40): ask.delay(('ada', 'bob')[n % 2])"


@pytest.mark.parametrize("pool", ["prefork", "gevent"])
def test_tasks_of_celery_with_a_database_in(pool, django_env, tmp_path):
    for needed in ("celery", *(["gevent"] if pool == "gevent" else [])):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"NOT RUN: {needed} is not installed")
    env = {**os.environ, **django_env, "SHOP_FOLDER": str(tmp_path), "C_FORCE_ROOT": "1"}
    command = [*("-m", "celery", "-A", "shop.tasks", "worker", "-l", "warning"), "--pool", pool, "--concurrency", "3"]
    with (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen([sys.executable, *command], cwd=HERE, env=env, stdout=log, stderr=log)
    try:
        subprocess.run([sys.executable, "-c", SEND], cwd=HERE, env=env, check=True, timeout=240)
        until(lambda: len(list((tmp_path / "answers").glob("*.json"))) == 40, 240, "the tasks are not done")
        worker.terminate()
        assert worker.wait(timeout=240) == 0
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()
    for file in (tmp_path / "answers").glob("*.json"):
        seen = json.loads(file.read_text())
        assert seen["flags"] == {"beta": seen["user"] == "ada", "colour": "blue"}
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_django_behind_a_pooler_in_transaction_mode(seed):
    """It takes LISTEN and delivers nothing."""
    if shutil.which("pgbouncer") is None:
        pytest.skip("NOT RUN: pgbouncer is not installed")
    seed.project("phc_test", flag(1, "first"), flag(2, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})
    pooler = Servers("pooler", seed.url)
    try:
        printed = run_script(
            """
            import sys, threading, time
            import django
            django.setup()
            import psycopg
            from django.db import connection, transaction
            from halyard.django import client, flags_for
            seen = set()
            def work():
                for _ in range(10):
                    flags = flags_for("ada")
                    seen.add((flags.errors, flags.value("pro")))
                connection.close()
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(seen)
            with psycopg.connect(sys.argv[1], autocommit=True) as other:
                other.execute("update posthog_featureflag set key = 'second' where key = 'first'")
            begun = time.monotonic()
            while "second" not in flags_for("ada") and time.monotonic() - begun < 30: time.sleep(0.05)
            with transaction.atomic():
                print(flags_for("ada").values(), client()._project.is_listening)
            """,
            seed.url,
            env={
                "DJANGO_SETTINGS_MODULE": "shop.settings",
                "HALYARD_TEST_DATABASE": json.dumps(
                    {**connection_parts(pooler.where["url"]), "DISABLE_SERVER_SIDE_CURSORS": True}
                ),
                "PYTHONPATH": python_path(HERE),
            },
        )
    finally:
        pooler.stop()
    assert printed == "{(False, True)}\n{'second': True, 'pro': True} False\n"
