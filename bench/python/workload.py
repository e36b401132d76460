"""The same flags for both sides: person conditions of the usual kinds, rollouts, variants."""

from __future__ import annotations

import json
from typing import Any

OPERATORS = [
    ("email", "@example.com", "icontains"),
    ("plan", ["pro", "team"], "exact"),
    ("age", "21", "gt"),
    ("country", ["DE", "FR", "NL"], "exact"),
    ("version", "^2\\.", "regex"),
]


def document(count: int) -> dict[str, Any]:
    return {"flags": [flag(number) for number in range(count)], "group_type_mapping": {}, "cohorts": {}}


def flag(number: int) -> dict[str, Any]:
    def test(offset: int) -> dict[str, Any]:
        key, value, operator = OPERATORS[(number + offset) % len(OPERATORS)]
        return {"key": key, "value": value, "operator": operator, "type": "person"}

    filters: dict[str, Any] = {
        "groups": [
            {"properties": [test(0), test(1)], "rollout_percentage": 60},
            {"properties": [test(2)], "rollout_percentage": 30},
            {"properties": [], "rollout_percentage": 10},
        ]
    }
    if number % 3 == 0:
        filters["multivariate"] = {
            "variants": [{"key": "a", "rollout_percentage": 50}, {"key": "b", "rollout_percentage": 50}]
        }
        filters["payloads"] = {"a": json.dumps({"size": number})}
    return {"id": number + 1, "team_id": 1, "key": f"flag-{number}", "name": "", "active": True, "filters": filters}


def person(number: int) -> dict[str, Any]:
    return {
        "email": f"user{number}@example.{'com' if number % 2 else 'org'}",
        "plan": ("free", "pro", "team")[number % 3],
        "age": 18 + number % 50,
        "country": ("DE", "US", "FR", "BR")[number % 4],
        "version": f"{1 + number % 3}.4.1",
    }
