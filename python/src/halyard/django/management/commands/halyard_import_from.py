from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from halyard.django.conf import setting
from halyard.django.documents import import_document
from halyard.django.foreign import SOURCES, Converted
from halyard.errors import HalyardError


class Command(BaseCommand):
    help = "Writes the flags of another library's tables into the project, and says what has no counterpart."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", choices=sorted(SOURCES))
        parser.add_argument("--token", help="the project's public token; default: HALYARD['PROJECT_TOKEN']")
        parser.add_argument("--print", action="store_true", help="print the document and write nothing")

    def handle(self, *, source: str, token: str | None, **options: Any) -> None:
        token = token or setting("PROJECT_TOKEN")
        try:
            converted: Converted = SOURCES[source]()
        except (ImportError, ImproperlyConfigured, LookupError, RuntimeError) as error:
            raise CommandError(f"{source} is not installed in this project: {error}") from error
        if options["print"]:
            self.stdout.write(json.dumps(converted.document, indent=2, ensure_ascii=False))
        elif not token:
            raise CommandError("Say which project: --token TOKEN, or HALYARD['PROJECT_TOKEN'].")
        else:
            try:
                report = import_document(json.dumps(converted.document), token)
            except HalyardError as error:
                raise CommandError(str(error)) from error
            for flag in report["flags"]:
                self.stdout.write(
                    f"{flag['outcome']}: {flag['key']}" + (f": {flag['reason']}" if "reason" in flag else "")
                )
        for key, problem in converted.left_out:
            self.stderr.write(f"left out: {key}: {problem}")
