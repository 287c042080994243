"""`manage.py restore`: the database becomes what a backup says."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal import audit
from portal.backups import archive, restoring


class Command(BaseCommand):
    help = "Replace everything in the database by a backup. Stop web, worker and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="a file of `manage.py backup`; - for standard input")
        parser.add_argument("--yes", action="store_true", help="overwrite without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["yes"] or restoring.is_empty() or self._is_sure(options["path"])):
            raise CommandError("Nothing was changed.")
        try:
            rows, made_at = _restore(options["path"])
        except (archive.Unreadable, restoring.TooNew) as reason:
            raise CommandError(f"{reason} Nothing was changed.") from reason
        audit.record("backup.restored", detail={"made_at": made_at})
        self.stdout.write(f"{rows:,} rows are back, as of {made_at}. {_chain()}")

    def _is_sure(self, path: str) -> bool:
        if path == "-" or not sys.stdin.isatty():
            raise CommandError("The database is not empty. Say --yes to replace all that is in it.")
        self.stdout.write("Everything in the database will be replaced by the backup.")
        return input("Write yes to go on: ").strip().lower() == "yes"


def _restore(path: str) -> tuple[int, str]:
    if path != "-":
        return restoring.restore(Path(path)), archive.head(Path(path)).made_at
    with tempfile.NamedTemporaryFile(prefix="portal-backup-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        return restoring.restore(Path(copy.name)), archive.head(Path(copy.name)).made_at


def _chain() -> str:
    """Signed with `SECRET_KEY`, so another key here shows at once."""
    try:
        return f"The audit log holds: {audit.verify()} events."
    except audit.Broken as where:
        return f"The audit log does not hold ({where}) Is SECRET_KEY the one it was written with?"
