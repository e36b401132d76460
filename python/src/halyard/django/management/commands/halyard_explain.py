from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from halyard.django import client
from halyard.errors import HalyardError


class Command(BaseCommand):
    help = "Explains how a flag comes to its value for a user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the flag's key")
        parser.add_argument("distinct_id", help="the user's distinct id")
        parser.add_argument(
            "--property",
            "-p",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a person property (JSON or text)",
        )
        parser.add_argument(
            "--group", "-g", action="append", default=[], metavar="TYPE=KEY", help="a group of the user"
        )
        parser.add_argument("--json", action="store_true", help="print the whole explanation as JSON")

    def handle(self, *, key: str, distinct_id: str, **options: Any) -> None:
        try:
            explanation = client().explain(
                key,
                distinct_id,
                person_properties={name: _value(text) for name, text in _pairs(options["property"], "--property")},
                groups=dict(_pairs(options["group"], "--group")),
            )
        except HalyardError as error:
            raise CommandError(str(error)) from error
        if explanation.get("excluded") == "unknown":
            raise CommandError(f"There is no flag {key}.")
        if options["json"]:
            self.stdout.write(json.dumps(explanation, indent=2, ensure_ascii=False))
            return
        for line in _lines(explanation):
            self.stdout.write(line)


def _pairs(texts: list[str], option: str) -> list[tuple[str, str]]:
    pairs = [tuple(text.split("=", 1)) for text in texts]
    for pair in pairs:
        if len(pair) != 2:
            raise CommandError(f"{option} takes NAME=VALUE, not '{pair[0]}'")
    return pairs  # type: ignore[return-value]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _lines(explanation: dict[str, Any]) -> list[str]:
    key, result = explanation["key"], explanation["result"]
    if result is None:
        return [f"{key}: takes no part ({explanation['excluded']})"]
    value = result["variant"] or ("on" if result["enabled"] else "off")
    lines = [
        f"{key}: {value}",
        f"reason: {result['reason']}" + (f" ({result['description']})" if result["description"] else ""),
    ]
    lines += [_missing(missing, key) for missing in explanation.get("missing", ())]
    if explanation.get("dependsOn"):
        lines.append(f"depends on: {', '.join(explanation['dependsOn'])}")
    if "holdout" in explanation:
        lines.append(f"holdout: {_bucket(explanation['holdout'])}")
    for condition in explanation["conditions"]:
        lines.append(f"condition {condition['index'] + 1}: {condition['outcome']}")
        for test in condition["filters"]:
            seen = json.dumps(test["seen"], ensure_ascii=False) if "seen" in test else "nothing"
            expected = json.dumps(test.get("expected"), ensure_ascii=False)
            lines.append(
                f"  {test['outcome']}: {test['key']} {test['operator']} {expected}, seen {seen} ({test['source']})"
            )
        if "rollout" in condition:
            lines.append(f"  rollout: {_bucket(condition['rollout'])}")
        if "variant" in condition:
            lines.append(f"  variant: {condition['variant']['key']} (point {condition['variant']['point']:.6f})")
    return lines


def _missing(missing: dict[str, Any], key: str) -> str:
    if "key" in missing:
        what = f"the flag {missing['key']} (id {missing['id']}) is left out, because its definition cannot be used"
    else:
        what = f"there is no flag with the id {missing['id']}"
    return f"missing: {what}" + ("" if missing["askedBy"] == key else f"; {missing['askedBy']} asks about it")


def _bucket(bucket: dict[str, Any]) -> str:
    where = "inside" if bucket["inside"] else "outside"
    return f"{where} {bucket['percentage']} % (point {bucket['point']:.6f} of '{bucket['subject']}')"
