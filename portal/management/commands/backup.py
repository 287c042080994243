"""`manage.py backup`: everything in the database, in one file."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.backups import taking


class Command(BaseCommand):
    help = (
        "Write everything in the database to one file, while the portal goes on working. It holds"
        " people's data and secrets: keep it as you keep the database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", default="", help="a file; - for standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._take(options["path"])
        except taking.NotMigrated as reason:
            raise CommandError(str(reason)) from reason
        except OSError as error:
            raise CommandError(f"The backup cannot be written: {error}") from error

    def _take(self, path: str) -> None:
        if path == "-":
            rows, where = taking.write(sys.stdout.buffer), "standard output"
        else:
            chosen = Path(path) if path else _default()
            rows, where = taking.take(chosen), str(chosen)
        self.stderr.write(f"{rows:,} rows are in {where}.")


def _default() -> Path:
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"portal-{timezone.now():%Y%m%d-%H%M%S}.backup"
