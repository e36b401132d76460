"""The table of docs/django/servers.md: a Django project with a database, under each server itself."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from ends.servers import Server, missing, served
from support import HERE, python_path, until

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


@pytest.mark.parametrize("name", SERVERS)
def test_django_with_a_database_under(name, django_env, tmp_path):
    server, paths = SERVERS[name]
    if reason := missing(server):
        pytest.skip(f"NOT RUN: {reason}")
    env = {**django_env, "DJANGO_SETTINGS_MODULE": "shop.settings", "PYTHONPATH": python_path()}
    with served(server._replace(env=env), tmp_path) as running:
        running.wait()

        def right(n: int) -> bool:
            user, path = ("ada", "bob")[n % 2], paths[n // 2 % len(paths)]
            with urllib.request.urlopen(f"{running.url}{path}?user={user}", timeout=60) as answer:
                return bool(json.loads(answer.read()) == {"beta": user == "ada", "colour": "blue"})

        with ThreadPoolExecutor(8) as clients:
            assert all(clients.map(right, range(40)))
    log = (tmp_path / "log").read_text()
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
