"""Green threads of gevent and eventlet, under real servers: nothing stops all of them, and what they cannot do is said."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import connection_parts
from ends.servers import Server, missing, served
from support import Seed, flag, person_filter, python_path, until

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="NOT RUN: this system has no fork"),
    pytest.mark.skipif(importlib.util.find_spec("django") is None, reason="NOT RUN: Django is not installed"),
]
EVENTLET = """
import eventlet
eventlet.monkey_patch()
import os, signal, sys
from eventlet import wsgi
from shop.wsgi import application
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), application)
"""
#: Made before gunicorn forks and gevent takes the place of threads.
PRELOADED = """
import json, os
from urllib.parse import parse_qs
from halyard import Halyard
flags = Halyard(database=os.environ["DATABASE"], token="phc_test")
flags.evaluate("warm-up")
def application(environ, start):
    body = json.dumps(flags.evaluate(parse_qs(environ["QUERY_STRING"])["user"][0]).values()).encode()
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
"""


def gunicorn(*more: str) -> Server:
    return Server(
        lambda port, folder: [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gevent", *more)
        ],
        ("gunicorn", "gevent"),
    )


SERVERS = {
    "gevent": gunicorn("shop.wsgi"),
    "eventlet": Server(lambda port, folder: [sys.executable, "-W", "ignore", "-c", EVENTLET, str(port)], ("eventlet",)),
}


@pytest.fixture
def seed(seed: Seed) -> Seed:
    seed.project("phc_test", flag(1, "everybody"), flag(2, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})
    return seed


def ask(url: str) -> dict[str, bool]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        found: dict[str, bool] = json.loads(answer.read())
        return found


def all_right(url: str) -> bool:
    """Many questions of two users at the same time."""
    users = ["ada", "bob"] * 20
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda user: ask(f"{url}?user={user}"), users))
    return answers == [{"everybody": True, "pro": user == "ada"} for user in users]


@pytest.mark.parametrize("library", SERVERS)
def test_django_beside_green_threads(library, seed, tmp_path):
    if reason := missing(SERVERS[library]):
        pytest.skip(f"NOT RUN: {reason}")
    (tmp_path / "shown.py").write_text("from shop.settings import *\nDEBUG = True\n")
    env = {
        "DJANGO_SETTINGS_MODULE": "shown",
        "HALYARD_TEST_DATABASE": json.dumps(connection_parts(seed.url)),
        "PYTHONPATH": python_path(tmp_path),
    }
    with served(SERVERS[library]._replace(env=env), tmp_path) as running:
        running.wait()
        assert all_right(f"{running.url}flags")
        # Changes are seen without being listened for, which would stop all threads of eventlet's.
        seed.run("update posthog_featureflag set key = 'all' where key = 'everybody'")
        until(lambda: "all" in ask(f"{running.url}flags?user=ada"), 30, "the change was not seen")
        with pytest.raises(urllib.error.HTTPError) as failed:
            ask(f"{running.url}aflags?user=ada")
        with failed.value as refused:
            assert f"beside the threads of {library}" in refused.read().decode()


def test_what_was_made_before_gevent_took_the_place_of_threads_stops_nobody(seed, tmp_path):
    server = gunicorn("--preload", "preloaded")
    if reason := missing(server):
        pytest.skip(f"NOT RUN: {reason}")
    (tmp_path / "preloaded.py").write_text(PRELOADED)
    with served(server._replace(env={"DATABASE": seed.url}), tmp_path) as running:
        running.wait()
        assert all_right(running.url)
