"""docs/failure-modes.md at the Python door, with real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

import psycopg
import pytest

from conftest import connection_parts
from halyard import DatabaseError, Databases, Halyard
from support import HERE, Seed, Servers, flag, free_port, person_filter, python_path, run_script, until

FAR_BEHIND = "3600000"

#: A replica cannot know of a lag before it has received what it is behind with, and a second does not count as one.
KNOWS_OF_ITS_LAG = """select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()
 and clock_timestamp() - pg_last_xact_replay_timestamp() > interval '1 second'"""


def project(seed: Seed) -> None:
    """A flag without stored facts, one with, and one with experience continuity."""
    seed.project(
        "phc_test",
        flag(1, "everybody"),
        flag(2, "pro", person_filter("plan", "pro")),
        flag(3, "half", rollout=50, ensure_experience_continuity=True),
    )
    for n in range(8):
        seed.person(f"user-{n}", {"plan": "pro"})


class Traffic:
    """Threads that evaluate all the time, and what they saw."""

    def __init__(self, flags: Halyard, threads: int = 3) -> None:
        self._flags = flags
        self._going = True
        self.reasons: set[str] = set()
        self.wrong: list[str] = []
        self.healthy = 0
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, n: int) -> None:
        while self._going:
            try:
                self._judge(self._flags.evaluate(f"user-{n}", hash_key_override="visitor"))
            except Exception as error:  # noqa: BLE001 - none may come
                self.wrong.append(repr(error))
            time.sleep(0.005)

    def _judge(self, found) -> None:
        if found.value("everybody") is not True:
            self.wrong.append("a flag without stored facts is not on")
        failed = {found.get(key).reason for key in ("pro", "half") if found.get(key).failed}
        self.reasons |= failed
        if failed and not found.errors:
            self.wrong.append("a failure is not told")
        if "pro" in found and not found.get("pro").failed and found.value("pro") is not True:
            self.wrong.append("a stored fact counts as absent")
        self.healthy = 0 if failed else self.healthy + 1

    def heals(self, seconds: float) -> None:
        self.healthy = 0
        until(lambda: self.healthy > 20, seconds, f"not healed: {self.reasons}, {self.wrong[:3]}")

    def stop(self) -> None:
        self._going = False
        for thread in self._threads:
            thread.join()


def test_e160_a_server_killed_under_load_is_reported_and_healed_when_it_is_back():
    servers = Servers("killable")
    try:
        project(Seed(servers.where["url"]))
        with Halyard(database=servers.where["url"], token="phc_test") as flags:
            traffic = Traffic(flags)
            traffic.heals(20)
            servers.do("kill")
            until(lambda: "database_unavailable" in traffic.reasons, 20, "nobody noticed")
            servers.do("back")
            traffic.heals(60)
            traffic.stop()
            assert traffic.wrong == []
            assert traffic.reasons <= {"database_unavailable", "hash_key_override_error"}
            until(lambda: flags.evaluate("ada") and flags._project.state == "fresh", 20, "definitions stay stale")
    finally:
        servers.stop()


def test_e163_statements_that_wait_for_a_lock_are_given_up_and_healed_when_it_is_gone(seed):
    project(seed)
    with Halyard(database=Databases(seed.url, statement_timeout_ms=200), token="phc_test") as flags:
        assert flags.evaluate("user-0").value("pro") is True
        with psycopg.connect(seed.url) as other:
            other.execute("lock table posthog_person in access exclusive mode")
            found = flags.evaluate("user-0")
            assert found.get("pro").reason == "timeout"
            assert found.value("everybody") is True
        assert flags.evaluate("user-0").value("pro") is True


def test_e163_a_database_that_falls_silent_is_reported_in_time_and_healed_when_it_speaks_again(seed):
    project(seed)
    proxy = Servers("proxy", seed.url)
    try:
        pools = Databases(proxy.where["url"], statement_timeout_ms=300)
        flags = Halyard(database=pools, token="phc_test", refresh_seconds=3600)
        assert flags.evaluate("user-0").value("pro") is True
        proxy.do("freeze")
        for _ in range(2):
            begun = time.monotonic()
            found = flags.evaluate("user-0")
            assert time.monotonic() - begun < 8
            assert found.get("pro").failed
            assert found.value("everybody") is True
        assert flags.evaluate("user-0", person_properties={"plan": "pro"}, flag_keys=["pro"]).value("pro") is True
        proxy.do("thaw")
        until(lambda: flags.evaluate("user-0").value("pro") is True, 20, "not healed")
        pools.close()
    finally:
        proxy.stop()


def test_e163_a_server_without_free_connections_is_reported_and_healed_when_it_has_some(server, seed):
    project(seed)
    with psycopg.connect(server.url, autocommit=True) as other:
        other.execute("create role crowded login connection limit 1")
        other.execute("grant pg_read_all_data to crowded")
        url = seed.url.replace("user=halyard", "user=crowded")
        holder = psycopg.connect(url)
        database = {"writer": seed.url, "persons_reader": url, "persons_writer": seed.url}
        with Halyard(database=database, token="phc_test") as flags:
            found = flags.evaluate("user-0")
            assert found.get("pro").reason == "no_more_connections"
            assert found.value("everybody") is True
            holder.close()
            until(lambda: flags.evaluate("user-0").value("pro") is True, 10, "not healed")
        other.execute("drop role crowded")


def test_rule_7_with_the_primary_gone_everything_that_is_only_read_is_right():
    servers = Servers("replica")
    try:
        primary, replica = servers.where["primary"], servers.where["replica"]
        project(Seed(primary))
        servers.do("caughtUp")
        proxy = Servers("proxy", primary)
        database = {"writer": proxy.where["url"], "reader": replica, "persons_reader": replica}
        with Halyard(database=database, token="phc_test", refresh_seconds=0) as flags:
            assert flags.evaluate("user-0").value("pro") is True
            proxy.do("refuse")
            for _ in range(3):
                found = flags.evaluate("user-0")
                assert (found.value("pro"), found.value("everybody")) == (True, True)
            assert flags.evaluate("user-0", hash_key_override="visitor").get("half").reason == "hash_key_override_error"
            proxy.do("accept")
            until(lambda: not flags.evaluate("user-0", hash_key_override="visitor").errors, 20, "not healed")
        proxy.stop()
    finally:
        servers.stop()


def test_h86_a_project_that_is_asked_for_while_the_database_is_away_is_there_when_it_is_back(seed):
    project(seed)
    proxy = Servers("proxy", seed.url)
    proxy.do("refuse")
    with Halyard(database=proxy.where["url"], token="phc_test") as flags:
        with pytest.raises(DatabaseError, match="non-persons reader"):
            flags.evaluate("user-0")
        proxy.do("accept")
        assert flags.evaluate("user-0").value("pro") is True
    proxy.stop()


def test_e160_with_only_the_persons_reader_gone_flags_without_stored_facts_are_right(seed, unreachable):
    project(seed)
    with Halyard(database={"writer": seed.url, "persons_reader": unreachable}, token="phc_test") as flags:
        found = flags.evaluate("user-0")
        assert found.value("everybody") is True
        assert found.get("pro").reason == "database_unavailable"
        assert flags.evaluate("user-0", person_properties={"plan": "pro"}).value("pro") is True


def test_e158_with_only_the_writer_gone_everything_that_is_only_read_is_right(seed, unreachable):
    project(seed)
    database = {"writer": seed.url, "persons_reader": seed.url, "persons_writer": unreachable}
    with Halyard(database=database, token="phc_test") as flags:
        assert flags.evaluate("user-0").value("pro") is True
        found = flags.evaluate("user-0", hash_key_override="visitor")
        assert found.value("pro") is True
        assert found.get("half").reason == "hash_key_override_error"


def test_rule_7_definitions_do_not_depend_on_the_writer(seed, unreachable):
    project(seed)
    database = {"writer": unreachable, "reader": seed.url, "persons_reader": seed.url, "persons_writer": seed.url}
    with Halyard(database=database, token="phc_test", refresh_seconds=0) as flags:
        for _ in range(3):
            assert flags.evaluate("user-0").value("pro") is True


def test_d36_with_a_replica_far_behind_nobody_who_signs_in_sees_another_variant_at_any_process():
    servers = Servers("replica")
    try:
        primary, replica = servers.where["primary"], servers.where["replica"]
        project(Seed(primary))
        servers.do("caughtUp")
        servers.do("delay", FAR_BEHIND)
        database = {"writer": primary, "reader": replica, "persons_reader": replica, "persons_writer": primary}
        with Halyard(database=database, token="phc_test") as flags:
            first = {n: flags.evaluate(f"user-{n}", hash_key_override="visitor").value("half") for n in range(8)}
            again = {n: flags.evaluate(f"user-{n}").value("half") for n in range(8)}
        assert again == first
        with psycopg.connect(replica, autocommit=True) as other:
            until(lambda: other.execute(KNOWS_OF_ITS_LAG).fetchone() == (True,), 20, "the replica is not behind")
        script = """
import json, sys
import halyard
flags = halyard.Halyard(database=json.loads(sys.argv[1]), token="phc_test")
print(json.dumps([flags.evaluate(f"user-{n}").value("half") for n in range(8)]))
"""
        assert json.loads(run_script(script, json.dumps(database))) == [first[n] for n in range(8)]
    finally:
        servers.stop()


#: What a migration may take away and bring back under a running process.
MIGRATIONS = (
    "alter table posthog_person drop column is_deleted",
    "alter table posthog_persondistinctid drop column is_deleted",
    "alter table posthog_evaluationcontext rename to to_come",
    "alter table posthog_person add column is_deleted boolean not null default false",
    "alter table to_come rename to posthog_evaluationcontext",
    "alter table posthog_persondistinctid add column is_deleted boolean not null default false",
)


def test_d30_a_migration_under_a_running_process_is_noticed(seed):
    project(seed)
    with Halyard(database=seed.url, token="phc_test", refresh_seconds=0) as flags:
        assert flags.evaluate("user-0").value("pro") is True
        for statement in MIGRATIONS:
            seed.run(statement)
            time.sleep(1)  # what does not fit has the tables looked at once a second
            found = flags.evaluate("user-0", hash_key_override="visitor")
            assert (found.value("pro"), found.errors) == (True, False), statement


@pytest.fixture
def shop(server):
    """A project in a database of the test's own, and the environment of the Django project in shop/."""
    seed = Seed(server.database())
    project(seed)
    return seed, {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "HALYARD_TEST_DATABASE": json.dumps(connection_parts(seed.url)),
        "PYTHONPATH": python_path(HERE),
    }


def test_d30_a_migration_under_a_django_process_is_noticed(shop):
    seed, env = shop
    script = f"""
import sys, time
import django
django.setup()
import psycopg
from halyard.django import flags_for
assert flags_for("user-0").value("pro") is True
for statement in {MIGRATIONS!r}:
    with psycopg.connect(sys.argv[1], autocommit=True) as other:
        other.execute(statement)
    time.sleep(1)
    found = flags_for("user-0", hash_key_override="visitor")
    assert (found.value("pro"), found.errors) == (True, False), statement
print("right")
"""
    assert run_script(script, seed.url, env=env) == "right\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_d30_a_migration_under_gunicorn_is_noticed_and_so_is_the_end_of_a_connection(shop):
    seed, env = shop
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--threads", "2", "--bind"]
    server = subprocess.Popen(
        [*command, f"127.0.0.1:{port}", "shop.wsgi"],
        cwd=HERE,
        env={**os.environ, **env, "SHOP_WARM_UP": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def answers() -> set[str]:
        url = f"http://127.0.0.1:{port}/flags?user=user-0"
        return {urllib.request.urlopen(url, timeout=10).read().decode() for _ in range(8)}

    def right() -> bool:
        try:
            return all(json.loads(body)["pro"] is True for body in answers())
        except OSError:
            return False

    try:
        until(right, 30, "gunicorn does not answer")
        for statement in MIGRATIONS:
            seed.run(statement)
            until(right, 10, statement)
        seed.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )
        until(right, 10, "not healed after the connections ended")
    finally:
        server.terminate()
        output, _ = server.communicate(timeout=30)
    assert server.returncode == 0, output
