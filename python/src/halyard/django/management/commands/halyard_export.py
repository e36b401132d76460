from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from halyard.django.documents import export_document
from halyard.errors import HalyardError


class Command(BaseCommand):
    help = "Writes the project's flags and cohorts as the JSON that halyard_import and the setting DEFINITIONS read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--token", help="the project's public token; default: HALYARD['PROJECT_TOKEN']")
        parser.add_argument("--output", "-o", metavar="FILE", help="write here and not to the standard output")

    def handle(self, *, token: str | None, output: str | None, **_: Any) -> None:
        try:
            document = export_document(token)
            if output is None:
                self.stdout.write(document)
            else:
                Path(output).write_text(document + "\n", encoding="utf-8")
        except HalyardError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
