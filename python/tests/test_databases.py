from __future__ import annotations

import asyncio
import threading
import time

import psycopg
import pytest

from halyard import DatabaseError, Databases, Halyard
from support import flag, person_filter


@pytest.fixture
def pools(seed):
    databases = Databases(seed.url, max_connections=2)
    yield databases
    databases.close()


def test_connections_are_used_again(pools):
    pids = {pools.run("persons reader", "select pg_backend_pid()::text as pid", [])[0]["pid"] for _ in range(5)}
    assert len(pids) == 1


def test_equal_urls_share_connections(pools):
    names = ("persons reader", "persons writer", "non-persons reader", "non-persons writer")
    assert len({pools.run(name, "select pg_backend_pid()::text as pid", [])[0]["pid"] for name in names}) == 1


def test_a_connection_that_broke_while_idle_is_replaced(pools, seed):
    (row,) = pools.run("persons reader", "select pg_backend_pid()::text as pid", [])
    seed.run("select pg_terminate_backend(%s)", int(row["pid"]))
    (again,) = pools.run("persons reader", "select pg_backend_pid()::text as pid", [])
    assert again["pid"] != row["pid"]


def test_a_failing_statement_leaves_the_connection_usable(pools):
    with pytest.raises(DatabaseError, match=r"^persons reader: ") as failed:
        pools.run("persons reader", "select 1/0 as x", [])
    assert failed.value.code == "22012"
    assert pools.run("persons reader", "select $1::text as x", ["a"]) == [{"x": "a"}]


def test_no_more_connections_than_allowed(pools, monkeypatch):
    monkeypatch.setattr("halyard._databases.ACQUIRE_TIMEOUT", 0.2)
    busy = [
        threading.Thread(target=pools.run, args=("persons reader", "select pg_sleep(1)::text", [])) for _ in range(2)
    ]
    for thread in busy:
        thread.start()
    time.sleep(0.2)
    with pytest.raises(DatabaseError, match="no connection became free"):
        pools.run("persons reader", "select 1", [])
    for thread in busy:
        thread.join()


def until_listening(flags):
    flags.evaluate("ada")
    deadline = time.monotonic() + 10
    while not flags._project.is_listening:
        assert time.monotonic() < deadline, "the listener does not come up"
        time.sleep(0.02)
    flags.evaluate("ada")


def test_one_statement_per_call_for_stored_facts(seed, monkeypatch):
    seed.project("phc_test", flag(1, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})
    with Halyard(database=seed.url, token="phc_test", refresh_seconds=60) as flags:
        until_listening(flags)
        statements = []
        run = Databases.run
        monkeypatch.setattr(Databases, "run", lambda *call: statements.append(call) or run(*call))
        assert flags.evaluate("ada").value("pro") is True
        assert len(statements) == 1
        flags.evaluate("ada", person_properties={"plan": "free"})
        assert len(statements) == 1


def test_announced_changes_are_heard_without_polling(seed):
    seed.project("phc_test", flag(1, "old"))
    with Halyard(database=seed.url, token="phc_test", refresh_seconds=3600) as flags:
        until_listening(flags)
        assert flags.evaluate("ada").values() == {"old": True}
        seed.flag(flag(2, "new"))
        deadline = time.monotonic() + 10
        while flags.evaluate("ada").values() != {"old": True, "new": True}:
            assert time.monotonic() < deadline, "the change was not heard"
            time.sleep(0.02)


def test_the_last_good_definitions_stay_while_the_database_is_away(server, seed, caplog):
    seed.project("phc_test", flag(1, "everybody"))
    flags = Halyard(database=seed.url, token="phc_test", refresh_seconds=0)
    assert flags.evaluate("ada").values() == {"everybody": True}
    name = psycopg.conninfo.conninfo_to_dict(seed.url)["dbname"]
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
    assert flags.evaluate("ada").values() == {"everybody": True}
    assert "the last good ones stay" in caplog.text
    flags.close()


def test_the_event_loop_goes_on_while_a_database_is_asked(seed):
    seed.project("phc_test", flag(1, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})

    class Slow(Databases):
        def run(self, pool, text, values):
            super().run(pool, "select pg_sleep(0.2)::text", [])
            return super().run(pool, text, values)

    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        ticking = asyncio.create_task(tick())
        async with Halyard(database=Slow(seed.url), token="phc_test") as flags:
            found = await asyncio.gather(*(flags.aevaluate("ada") for _ in range(3)))
        ticking.cancel()
        return ticks, found

    ticks, found = asyncio.run(main())
    assert all(flags.value("pro") is True for flags in found)
    assert ticks > 30
