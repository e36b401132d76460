from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from halyard.django.tables import migrate, writer_aliases
from halyard.errors import HalyardError


class Command(BaseCommand):
    help = "Makes Halyard's tables, or brings them up to date. Tables of PostHog are left alone."
    requires_system_checks: list[str] = []  # noqa: RUF012 (as Django declares it)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--database", metavar="ALIAS", help="only this database; default: the writers of HALYARD['DATABASES']"
        )

    def handle(self, *, database: str | None, verbosity: int, **_: Any) -> None:
        for alias in [database] if database else writer_aliases():
            try:
                ran = migrate(alias)
            except HalyardError as error:
                raise CommandError(str(error)) from error
            for name in ran:
                self.stdout.write(f"{alias}: {name}")
            if not ran and verbosity > 0:
                self.stdout.write(f"{alias}: up to date")
