"""Rows as PostHog's SDKs and console write them."""

import json

from django.db import connection


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchone() if cursor.description else None


def project(*keys, token="phc_club"):
    """A project whose flags are on for everybody; its team's id."""
    (organization,) = sql("insert into posthog_organization default values returning id")
    (number,) = sql("insert into posthog_project (organization_id) values (%s) returning id", organization)
    (team,) = sql(
        "insert into posthog_team (id, api_token, project_id, organization_id) values (%s, %s, %s, %s) returning id",
        number,
        token,
        number,
        organization,
    )
    for key in keys:
        flag(team, key)
    return team


def flag(team, key, filters=None, sticky=False):
    filters = filters or {"groups": [{"properties": [], "rollout_percentage": 100}]}
    sql(
        "insert into posthog_featureflag (team_id, key, filters, ensure_experience_continuity) values (%s, %s, %s, %s)",
        team,
        key,
        json.dumps(filters),
        sticky,
    )


def person(team, *distinct_ids, **properties):
    (number,) = sql(
        "insert into posthog_person (team_id, properties) values (%s, %s) returning id", team, json.dumps(properties)
    )
    for distinct_id in distinct_ids:
        sql(
            "insert into posthog_persondistinctid (team_id, distinct_id, person_id) values (%s, %s, %s)",
            team,
            distinct_id,
            number,
        )
    return number


def forget():
    """For tests that commit: Django flushes the tables of models only."""
    sql("truncate posthog_organization, posthog_person, posthog_persondistinctid cascade")
