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
        text = explanation.pop("text")
        if options["json"]:
            text = json.dumps(explanation, indent=2, ensure_ascii=False) + "\n"
        self.stdout.write(text, ending="")


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
