from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from halyard._engine import engine
from halyard._heap import Definitions
from halyard.django.conf import setting
from halyard.django.documents import import_document
from halyard.errors import HalyardError


class Command(BaseCommand):
    help = "Writes flags and cohorts of a file, as halyard_export or PostHog's /flags/definitions gives it, into the project."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file; - reads the standard input")
        parser.add_argument("--token", help="the project's public token; default: HALYARD['PROJECT_TOKEN']")
        parser.add_argument(
            "--remove-others", action="store_true", help="mark the project's flags that the file lacks as deleted"
        )

    def handle(self, *, file: str, token: str | None, remove_others: bool, **_: Any) -> None:
        token = token or setting("PROJECT_TOKEN")
        if not token:
            raise CommandError("Say which project: --token TOKEN, or HALYARD['PROJECT_TOKEN'].")
        try:
            document = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            report = import_document(document, token, remove_others=remove_others)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except (HalyardError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from error
        for line in _lines(report, file):
            self.stdout.write(line)
        for problem in engine().about("problems", Definitions.from_document(document.removeprefix(b"\xef\xbb\xbf"))):
            self.stdout.write(f"  left out of evaluation: {problem['path']}: {problem['message']}")


def _lines(report: dict[str, Any], file: str) -> list[str]:
    outcomes = [flag["outcome"] for flag in report["flags"]]
    counts = [
        f"{outcomes.count(name)} {name}"
        for name in ("created", "updated", "unchanged", "refused", "removed")
        if name in outcomes
    ]
    lines = [f"{file}: {len(outcomes)} flags ({', '.join(counts) or 'none'}) and {report['cohorts']} cohorts"]
    if report["created"]:
        lines.append("A new project was made for them.")
    lines += [f"  refused: {flag['key']}: {flag['reason']}" for flag in report["flags"] if "reason" in flag]
    lines += [f"  refused: cohort {refused['cohort']}: {refused['reason']}" for refused in report["refusedCohorts"]]
    return lines
