"""docs/freshness.md at the Python door, with real servers."""

from __future__ import annotations

import logging
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

import halyard
from halyard import DatabaseError, Databases, Halyard, UnknownProjectError
from halyard._engine import engine
from support import Seed, Servers, flag, person_filter, until

FAR_BEHIND = "3600000"


@pytest.fixture
def replicated():
    servers = Servers("replica")
    yield servers
    servers.stop()


def behind(servers: Servers, token: str) -> Halyard:
    """Flags whose readers are the replica."""
    primary, replica = servers.where["primary"], servers.where["replica"]
    database = {"writer": primary, "reader": replica, "persons_reader": replica, "persons_writer": primary}
    return Halyard(database=database, token=token)


def rename(seed: Seed, old: str, new: str) -> None:
    seed.run("update posthog_featureflag set key = %s where team_id = %s and key = %s", new, seed.team_id, old)


def keys(flags: Halyard) -> list[str]:
    return list(flags.evaluate("ada").values())


def test_after_a_notice_the_writer_is_asked_and_a_lagging_reader_takes_nothing_back(replicated):
    seed = Seed(replicated.where["primary"])
    seed.project("phc_test", flag(1, "first"))
    replicated.do("caughtUp")
    replicated.do("delay", FAR_BEHIND)
    with behind(replicated, "phc_test") as flags:
        assert keys(flags) == ["first"]
        until(lambda: flags._project.is_listening, 10, "notices are not believed in")
        keys(flags)
        rename(seed, "first", "second")
        assert until(lambda: keys(flags) == ["second"], 10, "the change was not heard") < 2
        # Looks at the reader, which knows only of the older definitions.
        for _ in range(3):
            flags._project._known.due = 0
            assert keys(flags) == ["second"]
            assert flags._project.state == "fresh"


def test_a_new_project_is_found_where_the_reader_lags(replicated):
    seed = Seed(replicated.where["primary"])
    seed.project("phc_other", flag(1, "other"))
    replicated.do("caughtUp")
    replicated.do("delay", FAR_BEHIND)
    with behind(replicated, "phc_new") as flags:
        with pytest.raises(UnknownProjectError):
            flags.evaluate("ada")
        until(lambda: flags._project.is_listening, 10, "notices are not believed in")
        seed.project("phc_new", flag(2, "new"))

        def found() -> bool:
            try:
                return keys(flags) == ["new"]
            except UnknownProjectError:
                return False

        until(found, 10, "the new project is not found")


def test_an_unknown_token_is_remembered_and_asked_again_when_a_notice_comes(seed, monkeypatch):
    statements = []
    run = Databases.run
    monkeypatch.setattr(Databases, "run", lambda *call: statements.append(call) or run(*call))
    with Halyard(database=seed.url, token="phc_late") as flags:
        for _ in range(5):
            with pytest.raises(UnknownProjectError):
                flags.evaluate("ada")
        assert sum("t.api_token" in text for _, _, text, _ in statements) == 1
        until(lambda: flags._project.is_listening, 10, "notices are not believed in")
        seed.project("phc_late", flag(1, "late"))

        def found() -> bool:
            try:
                return keys(flags) == ["late"]
            except UnknownProjectError:
                return False

        assert until(found, 10, "the new project is not found") < 4


def test_without_notices_a_change_is_seen_after_two_seconds(seed):
    seed.project("phc_test", flag(1, "first"))
    seed.run("drop trigger halyard_definitions on posthog_featureflag")
    with Halyard(database=seed.url, token="phc_test") as flags:
        assert keys(flags) == ["first"]
        rename(seed, "first", "second")
        assert until(lambda: keys(flags) == ["second"], 10, "the change was not seen") < 4
        assert not flags._project.is_listening


def test_a_connection_that_falls_silent_is_replaced_and_notices_are_believed_in_again(seed):
    seed.project("phc_test", flag(1, "first"))
    proxy = Servers("proxy", seed.url)
    database = Databases(proxy.where["url"], statement_timeout_ms=300)
    try:
        flags = Halyard(database=database, token="phc_test")
        assert keys(flags) == ["first"]
        until(lambda: flags._project.is_listening, 10, "notices are not believed in")
        before = listening(seed)
        proxy.do("freeze")
        # As if half a minute were over since notices were tried out.
        listener = flags._project._listening
        listener._record["wakeAt"] = listener._wake_at = 0
        until(lambda: not flags._project.is_listening, 20, "notices are believed in")
        proxy.do("thaw")
        until(lambda: flags._project.is_listening, 20, "notices are not believed in again")
        assert listening(seed).isdisjoint(before)
        rename(seed, "first", "second")
        assert until(lambda: keys(flags) == ["second"], 10, "the change was not heard") < 2
    finally:
        database.close()
        proxy.stop()


def listening(seed: Seed) -> set[int]:
    """The server's processes behind connections that listen."""
    sql = "select array_agg(pid) from pg_stat_activity where datname = current_database() and query ilike %s"
    (found,) = seed.run(sql, "listen %")
    return set(found)


def test_behind_a_pooler_that_swallows_notices_a_change_is_seen_all_the_same(seed):
    if shutil.which("pgbouncer") is None:
        pytest.skip("pgbouncer is not installed")
    seed.project("phc_test", flag(1, "first"))
    pooler = Servers("pooler", seed.url)
    try:
        database = Databases(pooler.where["url"])
        flags = Halyard(database=database, token="phc_test")
        assert keys(flags) == ["first"]
        until(lambda: flags._project._listening is not None, 5, "nobody listens")
        until(lambda: flags._project._listening._record is not None, 5, "nothing was tried out")
        for n in range(3):
            rename(seed, "first" if n == 0 else f"change-{n}", f"change-{n + 1}")
            assert until(lambda n=n: keys(flags) == [f"change-{n + 1}"], 20, "the change was not seen") < 5
        # Statements that are prepared after their fifth use, which the pooler loses.
        seed.person("ada", {"plan": "pro"})
        seed.flag(flag(2, "pro", person_filter("plan", "pro")))
        until(lambda: "pro" in keys(flags), 20, "the flag was not seen")
        with ThreadPoolExecutor(3) as busy:
            found = list(busy.map(lambda _: flags.evaluate("ada"), range(240)))
        assert {(flags.value("pro"), flags.errors) for flags in found} == {(True, False)}
        assert not flags._project.is_listening
        database.close()
    finally:
        pooler.stop()


def test_the_age_grows_while_nobody_can_say_and_that_is_told_once(seed, server, caplog):
    caplog.set_level(logging.INFO, logger="halyard")
    seed.project("phc_test", flag(1, "everybody"))
    flags = Halyard(database=seed.url, token="phc_test", refresh_seconds=0.05)
    keys(flags)
    name = psycopg.conninfo.conninfo_to_dict(seed.url)["dbname"]
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"alter database {name} allow_connections false")
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
            (name,),
        )
        until(lambda: keys(flags) and flags._project.state == "stale", 5, "nobody noticed")
        begun = flags._project.age
        time.sleep(2.2)
        assert keys(flags) == ["everybody"]
        assert flags._project.age > begun + 2
        connection.execute(f"alter database {name} allow_connections true")
    until(lambda: keys(flags) and flags._project.state == "fresh", 20, "it does not recover")
    assert flags._project.age < 2
    assert caplog.text.count("the last good ones stay") == 1
    assert caplog.text.count("the newest again") == 1
    flags.close()


def test_h86_an_outage_is_never_an_unknown_token(unreachable):
    with Halyard(database=unreachable, token="phc_test") as flags:
        for _ in range(2):
            with pytest.raises(DatabaseError, match="non-persons reader"):
                flags.evaluate("ada")
        assert flags._project.state == "unseen"


def test_d43_cohorts_that_cannot_be_read_are_those_read_last(seed):
    members = {"properties": {"type": "AND", "values": [{"type": "AND", "values": [person_filter("plan", "pro")]}]}}
    in_cohort = {"key": "id", "value": 1, "type": "cohort"}
    seed.project("phc_test", flag(1, "first", in_cohort), cohorts=({"id": 1, "filters": members},))
    with Halyard(database=seed.url, token="phc_test", refresh_seconds=0) as flags:
        asked = {"person_properties": {"plan": "pro"}}
        assert flags.evaluate("ada", **asked).values() == {"first": True}
        seed.run("alter table posthog_cohort rename column filters to elsewhere")
        seed.run("alter table posthog_cohort rename to posthog_cohort_away")
        rename(seed, "first", "second")
        found = flags.evaluate("ada", **asked)
        # The flags are as old as their cohorts: a revision without cohorts cannot be told, so the last good ones stay.
        assert list(found.values().values()) == [True]
        assert found.errors is False


def test_definitions_and_conversations_outlive_the_runtime(seed):
    seed.project("phc_test", flag(1, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})

    class Replacing(Databases):
        """Has the runtime replaced in the middle of a conversation, as another call does that uses up its memory."""

        replace = False

        def run(self, pool, text, values):
            rows = super().run(pool, text, values)
            if self.replace and "x.person" in text:
                type(self).replace = False
                engine().close()
            return rows

    pools = Replacing(seed.url)
    flags = Halyard(database=pools, token="phc_test", refresh_seconds=60)
    assert flags.evaluate("ada").value("pro") is True
    loads = []
    for _ in range(3):
        Replacing.replace = True
        loads.append(flags.evaluate("ada").value("pro"))
    assert loads == [True] * 3
    assert flags._project.state == "fresh"
    pools.close()


def test_calls_that_are_interrupted_leave_no_conversation_behind(seed):
    seed.project("phc_test", flag(1, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})

    class Interrupted(Databases):
        interrupt = False

        def run(self, pool, text, values):
            if self.interrupt and "x.person" in text:
                raise KeyboardInterrupt
            return super().run(pool, text, values)

    pools = Interrupted(seed.url)
    flags = Halyard(database=pools, token="phc_test", refresh_seconds=3600)
    assert flags.evaluate("ada").value("pro") is True
    pools.interrupt = True
    # More than there may be at the same time.
    for _ in range(10_100):
        with pytest.raises(KeyboardInterrupt):
            flags.evaluate("ada")
    pools.interrupt = False
    assert flags.evaluate("ada").value("pro") is True
    pools.close()


def test_the_rows_of_another_question_are_refused(seed):
    """As where a careless fork has two processes read from one connection."""
    seed.project("phc_test", flag(1, "pro", person_filter("plan", "pro")))
    seed.person("ada", {"plan": "pro"})

    class Mixed(Databases):
        last = None

        def run(self, pool, text, values):
            rows = super().run(pool, text, values)
            if "x.person" not in text:
                return rows
            given, self.last = self.last or rows, rows
            return given

    pools = Mixed(seed.url)
    flags = Halyard(database=pools, token="phc_test", refresh_seconds=3600)
    assert flags.evaluate("ada").value("pro") is True
    other = flags.evaluate("bob")
    assert other.value("pro") is False
    assert other.errors is True
    pools.close()


def test_several_runtimes_remember_the_same_user_in_the_same_one(replicated, engine_settings):
    seed = Seed(replicated.where["primary"])
    seed.project("phc_test", flag(1, "half", rollout=50, ensure_experience_continuity=True))
    for n in range(12):
        seed.person(f"user-{n}", {})
    replicated.do("caughtUp")
    replicated.do("delay", FAR_BEHIND)
    halyard.configure_engine(runtimes=3)
    with behind(replicated, "phc_test") as flags:
        for n in range(12):
            first = flags.evaluate(f"user-{n}", hash_key_override="visitor").value("half")
            assert {flags.evaluate(f"user-{n}").value("half") for _ in range(4)} == {first}
