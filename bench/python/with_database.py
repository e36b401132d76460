"""Per call with 1, 10 and 100 flags: all properties in the call, and stored ones from PostgreSQL.

python with_database.py URL [--seconds 1]    URL: a database with Halyard's schema, which gets a project per run
"""

from __future__ import annotations

import argparse
import json
import time
import uuid
from collections.abc import Callable

import psycopg
import workload

from halyard import Halyard


def seed(url: str, count: int) -> str:
    """A project with so many flags and 200 persons; returns its token."""
    token = f"phc_bench_{uuid.uuid4().hex}"
    with psycopg.connect(url) as connection:

        def one(sql: str, *values: object) -> int:
            row = connection.execute(sql, values).fetchone()
            assert row is not None
            return row[0]

        organization = one("insert into posthog_organization default values returning id")
        project = one("insert into posthog_project (organization_id) values (%s) returning id", organization)
        team = one(
            "insert into posthog_team (api_token, project_id, organization_id) values (%s, %s, %s) returning id",
            token,
            project,
            organization,
        )
        for flag in workload.document(count)["flags"]:
            connection.execute(
                "insert into posthog_featureflag (team_id, key, filters) values (%s, %s, %s)",
                (team, flag["key"], json.dumps(flag["filters"])),
            )
        for number in range(200):
            person = one(
                "insert into posthog_person (team_id, properties) values (%s, %s) returning id",
                team,
                json.dumps(workload.person(number)),
            )
            connection.execute(
                "insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (%s, %s, %s)",
                (team, f"user-{number}", person),
            )
    return token


def mean_us(call: Callable[[int], object], seconds: float) -> float:
    for number in range(200):
        call(number)
    calls, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for number in range(200):
            call(number)
        calls += 200
    return (time.perf_counter() - begun) / calls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=1.0, help="per measurement")
    given = parser.parse_args()
    persons = [workload.person(number) for number in range(200)]
    print("flags  in the call us  stored us")
    for count in (1, 10, 100):
        with Halyard(database=given.url, token=seed(given.url, count), refresh_seconds=60) as flags:
            inline = mean_us(lambda n: flags.evaluate(f"user-{n}", person_properties=persons[n]), given.seconds)  # noqa: B023
            stored = mean_us(lambda n: flags.evaluate(f"user-{n}"), given.seconds)  # noqa: B023
        print(f"{count:5}  {inline:14.1f}  {stored:9.1f}")


if __name__ == "__main__":
    main()
